"""A second maker of export bundles and proofs, from the format alone: what the verifier is tried with.

It shares no code with the platform's own writer or with the verifier. The tree is the recursive definition of
RFC 6962, the signatures are those of `cryptography` and gmalg.
"""

from __future__ import annotations

import hashlib
import json
import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from gmalg import SM2

ORIGIN = "govvoice/00112233aabbccdd"
PERSONAL = (
    "salt",
    "actor_name",
    "object_name",
    "address",
    "peer_address",
    "forwarded_for",
    "user_agent",
    "session",
    "text_sha256",
    "details",
)
SM2_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
SM2_USER = b"1234567812345678"
Hash = Callable[[bytes], bytes]
HASHES: dict[str, Hash] = {
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sm3": lambda data: hashlib.new("sm3", data).digest(),
}


def jcs(value: Any) -> bytes:
    """RFC 8785 for values without floats and without names beyond U+FFFF."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def root(hashed: Hash, leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1 over leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashed(b"")
    k = split(len(leaves))
    return hashed(b"\x01" + root(hashed, leaves[:k]) + root(hashed, leaves[k:]))


def split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def frontier(hashed: Hash, leaves: Sequence[bytes]) -> list[bytes]:
    """The roots of the perfect subtrees, the largest first."""
    found, at, size = [], 0, len(leaves)
    while at < size:
        take = 1 << (size - at).bit_length() - 1
        found.append(root(hashed, leaves[at : at + take]))
        at += take
    return found


def inclusion(hashed: Hash, seq: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) < 2:
        return []
    k = split(len(leaves))
    if seq < k:
        return [*inclusion(hashed, seq, leaves[:k]), root(hashed, leaves[k:])]
    return [*inclusion(hashed, seq - k, leaves[k:]), root(hashed, leaves[:k])]


def consistency(hashed: Hash, first: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """PROOF and SUBPROOF of RFC 6962 section 2.1.2."""
    if first in (0, len(leaves)):
        return [] if whole or not first else [root(hashed, leaves)]
    k = split(len(leaves))
    if first <= k:
        return [*consistency(hashed, first, leaves[:k], whole), root(hashed, leaves[k:])]
    return [*consistency(hashed, first - k, leaves[k:], whole=False), root(hashed, leaves[:k])]


class Ed25519:
    algorithm = "ed25519"

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        der = serialization.Encoding.DER
        self.spki = self._key.public_key().public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


class Sm2:
    algorithm = "sm2"

    def __init__(self) -> None:
        secret, self._public = SM2().generate_keypair()
        self._key = SM2(secret, SM2_USER, self._public)
        self.spki = SM2_SPKI + self._public

    def sign(self, message: bytes) -> bytes:
        r, s = self._key.sign(message)
        return bytes(r).rjust(32, b"\0") + bytes(s).rjust(32, b"\0")


Signer = Ed25519 | Sm2


@cache
def usual_signers() -> tuple[Signer, ...]:
    """One of each kind, the same for all tests: making keys takes its time."""
    return Ed25519(), Sm2()


def key_id(signer: Signer) -> str:
    return hashlib.sha256(signer.spki).hexdigest()[:16]


def signatures(signers: Sequence[Signer], message: bytes) -> list[dict[str, str]]:
    return [
        {
            "key_id": key_id(signer),
            "algorithm": signer.algorithm,
            "signature": signer.sign(message).hex(),
        }
        for signer in signers
    ]


def event(seq: int, **values: Any) -> dict[str, Any]:
    """A flat event of schema 2, as a line of events.jsonl, without its `personal`."""
    return {
        "seq": seq,
        "schema": 2,
        "id": 1000 + seq,
        "at": f"2026-11-21T08:{seq // 60 % 60:02}:{seq % 60:02}.{seq % 1000000:06}Z",
        "xid": 700 + seq,
        "action": "broadcast.edited",
        "outcome": "succeeded",
        "code": "",
        "status": 200,
        "actor_kind": "staff",
        "actor_id": "7",
        "actor_role": "播报编辑",
        "organisation": "市政务服务中心",
        "auth_method": "password+totp",
        "object_type": "broadcast",
        "object_id": "BB-0001",
        "request_id": f"request-{seq}",
        "characters": None,
        "sealed_sha256": "",
        "salt": str(uuid.UUID(int=seq + 1)),
        "actor_name": "李编辑",
        "object_name": '停水"通知"',
        "address": "10.1.2.3",
        "peer_address": None,
        "forwarded_for": "",
        "user_agent": "Firefox",
        "session": "0f" * 16,
        "text_sha256": "",
        "details": {"revision": seq, "note": "停水\n通知"},
        **values,
    }


def flat_event(seq: int, **values: Any) -> dict[str, Any]:
    """An event of schema 1: everything flat, nothing committed to."""
    later = ("auth_method", "sealed_sha256", "salt", "session")
    flat = {name: value for name, value in event(seq, **values).items() if name not in later}
    return {**flat, "schema": 1, "text_sha256": ""}


def canonical_fields(line: dict[str, Any]) -> dict[str, Any]:
    """What the leaf of an event is made of."""
    if line["schema"] == 1:
        return {name: value for name, value in line.items() if name != "seq"}
    sealed = {name: value for name, value in line.items() if name not in ("seq", *PERSONAL)}
    covered = jcs({name: line[name] for name in PERSONAL})
    return {**sealed, "personal": {name: hashed(covered).hex() for name, hashed in HASHES.items()}}


def leaf(hashed: Hash, line: dict[str, Any]) -> bytes:
    return hashed(b"\x00" + jcs(canonical_fields(line)))


@dataclass
class Log:
    """Events with their leaves, and heads over them; anything may be forged before it is written."""

    events: list[dict[str, Any]] = field(default_factory=list)
    signers: Sequence[Signer] = field(default_factory=usual_signers)
    heads: list[dict[str, Any]] = field(default_factory=list)
    origin: str = ORIGIN

    def __post_init__(self) -> None:
        self.leaves = {name: [leaf(hashed, one) for one in self.events] for name, hashed in HASHES.items()}

    @classmethod
    def of(cls, size: int, *sizes: int, **more: Any) -> Log:
        """A log of so many events with heads at these sizes, and at its end."""
        log = cls([event(seq) for seq in range(size)], **more)
        for at in (*sizes, size):
            log.add_head(at)
        return log

    def add_head(self, size: int, **values: Any) -> dict[str, Any]:
        number = len(self.heads)
        signed = {
            "schema": 2,
            "number": number,
            "at": f"2026-11-21T09:{number // 60:02}:{number % 60:02}.000000Z",
            "origin": self.origin,
            "size": size,
            "root_sha256": root(HASHES["sha256"], self.leaves["sha256"][:size]).hex(),
            "root_sm3": root(HASHES["sm3"], self.leaves["sm3"][:size]).hex(),
            "previous": head_hash(self.heads[-1]) if self.heads else "00" * 32,
            **values,
        }
        self.heads.append(self.signed(signed))
        return self.heads[-1]

    def signed(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "signatures": signatures(self.signers, signed_bytes(fields))}

    def keys(self) -> list[dict[str, str]]:
        return [
            {
                "key_id": key_id(signer),
                "algorithm": signer.algorithm,
                "public": signer.spki.hex(),
                "since": "2026-11-01T00:00:00.000000Z",
            }
            for signer in self.signers
        ]

    def head_file(self, path: Path) -> Path:
        path.write_bytes(b"".join(jcs(head) + b"\n" for head in self.heads))
        return path

    def members(self, start: int = 0, wanted: Sequence[int] | None = None) -> dict[str, bytes]:
        """The bundle's members but manifest and its signature; `wanted`: the places of a filtered export."""
        end = int(self.heads[-1]["size"])
        lines = [self.events[seq] for seq in (range(start, end) if wanted is None else wanted)]
        steps = [one for one in self.events[start:end] if one["action"] == "clock.step"]
        heads = [head for head in self.heads if head["size"] >= start]
        while start and len(heads) > 1 and heads[1]["size"] == start:
            heads.pop(0)
        before = {
            name: [node.hex() for node in frontier(hashed, self.leaves[name][:start])]
            for name, hashed in HASHES.items()
        }
        return {
            "keys.json": jcs(self.keys()),
            "heads.jsonl": b"".join(jcs(head) + b"\n" for head in heads),
            "frontier.json": jcs({"start": start, **before}),
            "leaves.sha256": b"".join(self.leaves["sha256"][start:end]),
            "leaves.sm3": b"".join(self.leaves["sm3"][start:end]),
            "events.jsonl": b"".join(jcs(shown(one)) + b"\n" for one in lines),
            "steps.jsonl": b"".join(jcs(shown(one)) + b"\n" for one in steps),
        }

    def manifest(self, members: dict[str, bytes], **values: Any) -> dict[str, Any]:
        start = json.loads(members["frontier.json"])["start"]
        size, events = int(self.heads[-1]["size"]), members["events.jsonl"].count(b"\n")
        return {
            "format": "govvoice-audit-1",
            "kind": "export",
            "origin": self.origin,
            "made_at": "2026-11-21T10:00:00.000000Z",
            "made_by": "王审计",
            "filter": {},
            "redacted": False,
            "start": start,
            "size": size,
            "events": events,
            "complete": events == size - start,
            "files": {
                name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
                for name, data in members.items()
            },
            **values,
        }

    def write(self, path: Path, members: dict[str, bytes] | None = None, **values: Any) -> Path:
        """A zip with a manifest that is right for these members, forged or not, and signed."""
        members = self.members() if members is None else members
        manifest = self.manifest(members, **values)
        signed = signatures(self.signers, b"govvoice-manifest-1\n" + jcs(manifest))
        return write_zip(path, {**members, "manifest.json": jcs(manifest), "manifest.sig": jcs(signed)})


def shown(line: dict[str, Any], *, redacted: bool = False) -> dict[str, Any]:
    """An event as a line of events.jsonl."""
    if line["schema"] == 1:
        return {"seq": line["seq"], "schema": 1, "redacted": True} if redacted else line
    fields = {"seq": line["seq"], **canonical_fields(line)}
    return fields if redacted else {**fields, **{name: line[name] for name in PERSONAL}}


def signed_bytes(head: dict[str, Any]) -> bytes:
    fields = {name: value for name, value in head.items() if name != "signatures"}
    return b"govvoice-tree-head-2\n" + jcs(fields)


def head_hash(head: dict[str, Any]) -> str:
    return hashlib.sha256(signed_bytes(head)).hexdigest()


def write_zip(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path
