"""What is signed: heads, when the sealer writes them, and manifests that others put before it.

Only the sealer holds private keys. Whoever has made an export inserts its manifest and waits; the sealer
signs it within about a second. What remains is a list of all that was ever signed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from audit.canonical import canonical, manifest_bytes
from audit.digests import sha256
from audit.errors import ManifestUnsigned
from audit.models import Manifest, SealKey
from audit.signers import Signer, is_valid, key_id

logger = logging.getLogger(__name__)

Signatures = list[dict[str, str]]
PATIENCE = 30.0  # seconds
_POLL = 0.1
_BATCH = 100


def signatures(data: bytes, signers: Iterable[Signer]) -> Signatures:
    """One of each signer: [{"key_id", "algorithm", "signature": hex}]."""
    return [
        {
            "key_id": key_id(signer.public),
            "algorithm": signer.algorithm,
            "signature": signer.sign(data).hex(),
        }
        for signer in signers
    ]


def are_valid(found: Signatures, data: bytes) -> bool:
    """Whether there is a signature, and each is by a key in the list of public keys, of its algorithm."""
    keys = SealKey.objects.in_bulk([signature["key_id"] for signature in found])
    return bool(found) and all(_is_valid(signature, data, keys) for signature in found)


def publish_keys(signers: Iterable[Signer]) -> None:
    """Puts the public keys into the list where they are not in it yet."""
    SealKey.objects.bulk_create(
        [SealKey(key_id=key_id(one.public), algorithm=one.algorithm, public=one.public) for one in signers],
        ignore_conflicts=True,
    )


def signed_manifest(kind: str, manifest: Mapping[str, Any]) -> Signatures:
    """Puts a manifest of Manifest.Kind before the sealer and waits for its signatures.

    Call it outside transactions: the sealer sees only what is committed. Raises ManifestUnsigned.
    """
    if connection.in_atomic_block:
        raise ManifestUnsigned(
            "a manifest inside a transaction is not seen by the sealer that should sign it"
        )
    body = canonical(dict(manifest))
    row = Manifest.objects.create(kind=kind, body=body, sha256=sha256(manifest_bytes(body)).hex())
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found: Signatures | None = Manifest.objects.values_list("signatures", flat=True).get(pk=row.pk)
        if found is not None:
            return _unless_refused(found, row)
        time.sleep(_POLL)
    raise ManifestUnsigned(
        f"封存进程在 {PATIENCE:.0f} 秒内没有签名，请确认 sealer 正在运行"
        f" (manifest {row.pk} was not signed: is the sealer running?)"
    )


def sign_waiting(signers: Iterable[Signer]) -> int:
    """Signs the manifests that wait; returns how many. Only the sealer calls it."""
    waiting = list(Manifest.objects.filter(signatures__isnull=True).order_by("id")[:_BATCH])
    for manifest in waiting:
        Manifest.objects.filter(pk=manifest.pk, signatures__isnull=True).update(
            signatures=_signatures_of(manifest, signers)
        )
    return len(waiting)


def _signatures_of(manifest: Manifest, signers: Iterable[Signer]) -> Signatures:
    data = manifest_bytes(bytes(manifest.body))
    if sha256(data).hex() != manifest.sha256:
        logger.error("manifest %d is not signed: its hash is another one's", manifest.pk)
        return []
    return signatures(data, signers)


def _unless_refused(found: Signatures, row: Manifest) -> Signatures:
    if not found:
        raise ManifestUnsigned(f"封存进程拒绝签名 (the sealer refused to sign manifest {row.pk})")
    return found


def _is_valid(signature: dict[str, str], data: bytes, keys: dict[str, SealKey]) -> bool:
    key = keys.get(signature["key_id"])
    if key is None or key.algorithm != signature["algorithm"]:
        return False
    try:
        signed = bytes.fromhex(signature["signature"])
        return is_valid(signed, data, algorithm=key.algorithm, public=bytes(key.public))
    except ValueError:
        return False
