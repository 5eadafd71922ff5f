"""How long an auditor's machine needs for an export: `python -m benchmarks.audit_verify [--events N]`.

Makes an export of 1,000,000 events (schema 2, 1 kB each, a head for every 1,000, each signed with Ed25519 and
SM2) and has audit/offline/audit-verify.py check it whole, in a process of its own on one core: canonical
form, personal fields against their hashes, both trees, every signature, the chain, the manifest. Reported are
its seconds by the clock and of the processor, and the largest memory it held. Then the same for a redacted
copy.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from gmalg import SM2

from audit.offline import PROGRAM, program

EVENTS, HEAD_EVERY = 1_000_000, 1000
ORIGIN = "govvoice/benchmark0000000"
PERSONAL = ("salt", "actor_name", "object_name", "address", "peer_address", "forwarded_for")
PERSONAL += ("user_agent", "session", "text_sha256", "details")
SM2_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
MEASURED = """
import resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


@dataclass(frozen=True)
class Keys:
    """The two that sign, with the list of them that the export holds."""

    ed25519: Ed25519PrivateKey
    sm2: Any
    listed: list[dict[str, str]]

    def signatures(self, message: bytes) -> list[dict[str, str]]:
        r, s = self.sm2.sign(message)
        signed = {
            "ed25519": self.ed25519.sign(message),
            "sm2": bytes(r).rjust(32, b"\0") + bytes(s).rjust(32, b"\0"),
        }
        return [
            {
                "key_id": key["key_id"],
                "algorithm": key["algorithm"],
                "signature": signed[key["algorithm"]].hex(),
            }
            for key in self.listed
        ]


def make_keys() -> Keys:
    ed25519 = Ed25519PrivateKey.generate()
    secret, public = SM2().generate_keypair()
    ed25519_spki = ed25519.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    spki = {"ed25519": ed25519_spki, "sm2": SM2_SPKI + public}
    listed = [
        {"key_id": hashlib.sha256(der).hexdigest()[:16], "algorithm": name, "public": der.hex(), "since": ""}
        for name, der in spki.items()
    ]
    return Keys(ed25519, SM2(secret, b"1234567812345678", public), listed)


def jcs(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def instant(milliseconds: int) -> str:
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"2026-11-21T{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}000Z"


def event(seq: int) -> dict[str, Any]:
    return {
        "schema": 2,
        "id": seq + 1,
        "at": instant(seq),
        "xid": seq + 700,
        "action": "speech.requested",
        "outcome": "succeeded",
        "code": "",
        "status": 200,
        "actor_kind": "client",
        "actor_id": "hotline-12345",
        "actor_role": "",
        "organisation": "市政务服务中心",
        "auth_method": "api_key",
        "object_type": "speech",
        "object_id": f"SP-{seq:09}",
        "request_id": f"{seq:032x}",
        "characters": 36,
        "sealed_sha256": f"{seq:064x}",
        "salt": str(uuid.UUID(int=seq)),
        "actor_name": "12345 热线",
        "object_name": "停水通知",
        "address": "10.1.2.3",
        "peer_address": "10.0.0.1",
        "forwarded_for": "10.1.2.3",
        "user_agent": "hotline/3.1",
        "session": f"{seq:032x}",
        "text_sha256": f"{seq + 1:064x}",
        "details": {"voice": "zhibei", "format": "wav", "cached": True, "seconds": 6.25, "emotion": "中性"},
    }


class Export:
    """The members of an export as they grow, kept in files beside each other."""

    def __init__(self, folder: Path, verifier: Any, keys: Keys) -> None:
        self.folder, self.keys = folder, keys
        self.hashes = verifier.HASHES
        self.trees = {name: verifier.Tree(hashed) for name, hashed in self.hashes.items()}
        self.previous, self.heads = "00" * 32, 0

    def make(self, events: int) -> None:
        names = ("events.jsonl", "redacted.jsonl", "heads.jsonl", "leaves.sha256", "leaves.sm3")
        files = {name: (self.folder / name).open("wb") for name in names}
        for seq in range(events):
            self._add(seq, files)
            if (seq + 1) % HEAD_EVERY == 0 or seq + 1 == events:
                files["heads.jsonl"].write(self._head(seq + 1))
        for file in files.values():
            file.close()

    def _add(self, seq: int, files: dict[str, Any]) -> None:
        fields = event(seq)
        covered = jcs({name: fields[name] for name in PERSONAL})
        sealed = {name: value for name, value in fields.items() if name not in PERSONAL}
        sealed["personal"] = {name: hashed(covered).hex() for name, hashed in self.hashes.items()}
        for name, hashed in self.hashes.items():
            leaf = hashed(b"\x00" + jcs(sealed))
            self.trees[name].grow(leaf)
            files[f"leaves.{name}"].write(leaf)
        files["events.jsonl"].write(jcs({**fields, **sealed, "seq": seq}) + b"\n")
        files["redacted.jsonl"].write(jcs({**sealed, "seq": seq}) + b"\n")

    def _head(self, size: int) -> bytes:
        signed = {
            "schema": 2,
            "number": self.heads,
            "at": instant(1000 * self.heads),
            "origin": ORIGIN,
            "size": size,
            "root_sha256": self.trees["sha256"].root().hex(),
            "root_sm3": self.trees["sm3"].root().hex(),
            "previous": self.previous,
        }
        message = b"govvoice-tree-head-2\n" + jcs(signed)
        self.previous, self.heads = hashlib.sha256(message).hexdigest(), self.heads + 1
        return jcs({**signed, "signatures": self.keys.signatures(message)}) + b"\n"

    def zipped(self, events: int, lines: str) -> Path:
        (self.folder / "keys.json").write_bytes(jcs(self.keys.listed))
        (self.folder / "frontier.json").write_bytes(jcs({"start": 0, "sha256": [], "sm3": []}))
        names = ("keys.json", "frontier.json", "heads.jsonl", "leaves.sha256", "leaves.sm3")
        sources = {**{name: self.folder / name for name in names}, "events.jsonl": self.folder / lines}
        manifest = jcs(
            {
                "format": "govvoice-audit-1",
                "kind": "export",
                "origin": ORIGIN,
                "made_at": "2026-11-21T23:00:00.000000Z",
                "made_by": "benchmark",
                "filter": {},
                "redacted": lines == "redacted.jsonl",
                "start": 0,
                "size": events,
                "events": events,
                "complete": True,
                "files": {name: dict(_weighed(path)) for name, path in sources.items()},
            }
        )
        target = self.folder / f"{lines}.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            for name, path in sources.items():
                file.write(path, name)
            file.writestr("manifest.json", manifest)
            file.writestr("manifest.sig", jcs(self.keys.signatures(b"govvoice-manifest-1\n" + manifest)))
        return target


def _weighed(path: Path) -> Iterator[tuple[str, str | int]]:
    with path.open("rb") as file:
        yield "sha256", hashlib.file_digest(file, "sha256").hexdigest()
    yield "bytes", path.stat().st_size


def measure(path: Path) -> dict[str, float]:
    """Seconds by the clock, seconds of the processor, MiB; of a check that must succeed."""
    command = [sys.executable, "-c", MEASURED, sys.executable, str(PROGRAM), str(path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert answer[0] == "0", f"the export did not verify: exit status {answer[0]}"
    return dict(zip(("seconds", "cpu_seconds", "memory_mib"), map(float, answer[1:]), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found: dict[str, Any] = {"events": options.events, "heads": -(-options.events // HEAD_EVERY)}
    with tempfile.TemporaryDirectory(prefix="gv-bench-") as folder:
        export = Export(Path(folder), program(), make_keys())
        export.make(options.events)
        for name, lines in (("whole", "events.jsonl"), ("redacted", "redacted.jsonl")):
            found[name] = measure(export.zipped(options.events, lines))
    if options.json:
        print(json.dumps(found))
        return
    print(f"{found['events']:,} events, {found['heads']:,} heads, one core (target: 60 s for 1,000,000)")
    for name in ("whole", "redacted"):
        print(
            "  {:<9} {seconds:6.1f} s   cpu {cpu_seconds:6.1f} s   {memory_mib:4.0f} MiB".format(
                name, **found[name]
            )
        )


if __name__ == "__main__":
    main()
