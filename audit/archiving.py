"""Closed months as files in the object store: written, fetched back, verified, put on record.

An archive is the month's bundle (see audit.bundles) with personal fields and sealed texts, one zstd stream:
2026-05.govvoice-audit.zip.zst. Whoever has unpacked it checks it with audit/offline/audit-verify.py, which
is also what checks it here before anything may leave the database. Nothing of ours ever deletes one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import zstandard
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.bundles import write_bundle
from audit.errors import ArchiveRefused, AuditError
from audit.models import Archive, Leaf
from audit.parties import SYSTEM, Actor, Origin, Target
from audit.retention import Month, bounds, due
from audit.selectors import EventFilter
from audit.services import record

logger = logging.getLogger(__name__)

_LOCK = 0x61756469_61726368  # "audiarch"
VERIFIER = Path(__file__).with_name("offline") / "audit-verify.py"
_BLOCK = 1 << 20
_BATCH = 5000
_OK, _TAMPERED = 0, 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the offline verifier says of a file; `findings` in its words."""

    status: int
    findings: tuple[str, ...]


def archive(*, month: Month, actor: Actor, origin: Origin | None = None) -> Archive:
    """Makes the month's archive. Raises ArchiveRefused, NotSealedYet, ManifestUnsigned, what the store does.

    A month that is archived already is left as it is. The archive counts only once it has been fetched back
    from the store and verified.
    """
    if month.archive:
        return month.archive
    begins, ends = bounds(month.first)
    if ends > timezone.now():
        raise ArchiveRefused(_("%(month)s 尚未结束，不能归档") % {"month": month.code})
    wanted = EventFilter(since=begins, until=ends)
    store, name = storages["evidence"], name_of(month)
    with tempfile.TemporaryDirectory(prefix="govvoice-archive-") as folder:
        packed = Path(folder) / "packed"
        _write(packed, wanted, actor.name)
        _keep(store, name, packed)
    sha256, size = _verified(store, name)
    return _put_on_record(month, wanted, name=name, sha256=sha256, size=size, actor=actor, origin=origin)


def archive_due() -> list[Archive]:
    """Archives every month that may leave the database, unless another process is at it.

    A month that cannot be archived now keeps none of the others from it: it is logged and tried next time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return []
    try:
        return [kept for month in due() if not month.archive and (kept := _tried(month))]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _tried(month: Month) -> Archive | None:
    try:
        return archive(month=month, actor=SYSTEM)
    except (AuditError, OSError) as error:
        logger.error("%s could not be archived: %s", month.code, error)
        return None


def name_of(month: Month) -> str:
    return f"{month.code}.govvoice-audit.zip.zst"


def check(kept: Archive) -> Verdict:
    """Fetches an archive and lets the offline verifier judge it. Raises ArchiveRefused for another file."""
    with fetched(kept) as bundle:
        return verdict(bundle)


@contextmanager
def fetched(kept: Archive) -> Iterator[Path]:
    """The archive's bundle as a file. Raises ArchiveRefused when the store has none, or not the one kept."""
    with tempfile.TemporaryDirectory(prefix="govvoice-archive-") as folder:
        bundle = Path(folder) / "bundle.zip"
        sha256, _size = _unpack(storages["evidence"], kept.name, bundle)
        if sha256 != kept.sha256:
            words = _("归档文件 %(name)s 与归档时的不是同一个：现为 %(found)s，应为 %(kept)s")
            raise ArchiveRefused(words % {"name": kept.name, "found": sha256, "kept": kept.sha256})
        yield bundle


def verdict(bundle: Path) -> Verdict:
    """The offline verifier's, run as an auditor would: a program of its own, without ours."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", VERIFIER, bundle, "--json"], capture_output=True, text=True, check=False
    )
    try:
        said = json.loads(done.stdout)
    except ValueError:
        return Verdict(done.returncode or _TAMPERED, (done.stderr.strip(),))
    return Verdict(done.returncode, tuple(str(one["zh"]) for one in said.get("findings", ())))


def _write(packed: Path, wanted: EventFilter, made_by: str) -> None:
    plain = packed.with_name("bundle.zip")
    with plain.open("wb") as target:
        write_bundle(target, wanted, kind="archive", made_by=made_by, redacted=False, with_texts=True)
    with plain.open("rb") as source, packed.open("wb") as target:
        zstandard.ZstdCompressor(level=3, write_checksum=True).copy_stream(source, target)
    plain.unlink()


def _keep(store: Storage, name: str, packed: Path) -> None:
    if store.exists(name):  # of an attempt that went no further: nothing was put on record
        store.delete(name)
    with packed.open("rb") as source:
        stored = store.save(name, File(source))
    if stored != name:
        raise ArchiveRefused(
            _("归档文件被存为 %(stored)s，而不是 %(name)s") % {"stored": stored, "name": name}
        )


def _verified(store: Storage, name: str) -> tuple[str, int]:
    """SHA-256 and size of what the store now gives out. Raises ArchiveRefused when it does not verify."""
    with tempfile.TemporaryDirectory(prefix="govvoice-archive-") as folder:
        bundle = Path(folder) / "bundle.zip"
        found = _unpack(store, name, bundle)
        judged = verdict(bundle)
    if judged.status != _OK:
        raise ArchiveRefused(_("归档文件没有通过校验：%(why)s") % {"why": "；".join(judged.findings)})
    return found


def _unpack(store: Storage, name: str, target: Path) -> tuple[str, int]:
    packed = target.with_suffix(".zst")
    if not store.exists(name):
        raise ArchiveRefused(_("存储中没有归档文件 %(name)s") % {"name": name})
    with store.open(name, "rb") as source, packed.open("wb") as file:
        shutil.copyfileobj(source, file, _BLOCK)
    try:
        with packed.open("rb") as source, target.open("wb") as file:
            zstandard.ZstdDecompressor().copy_stream(source, file)
    except zstandard.ZstdError as error:
        raise ArchiveRefused(_("归档文件 %(name)s 已损坏：%(why)s") % {"name": name, "why": error}) from error
    with packed.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), packed.stat().st_size


def _put_on_record(
    month: Month,
    wanted: EventFilter,
    *,
    name: str,
    sha256: str,
    size: int,
    actor: Actor,
    origin: Origin | None,
) -> Archive:
    ranges, rows = _ranges(wanted)
    with transaction.atomic():
        kept = Archive.objects.create(
            month=month.first, rows=rows, ranges=ranges, name=name, bytes=size, sha256=sha256
        )
        record(
            action="audit.archived",
            actor=actor,
            origin=origin,
            target=Target(type="audit_month", id=month.code, name=name),
            details={"sha256": sha256, "bytes": size, "rows": rows},
        )
    kept.refresh_from_db()
    return kept


def _ranges(wanted: EventFilter) -> tuple[list[list[int]], int]:
    """The places of the events as stretches without a gap, and how many there are."""
    ids = wanted.queryset().order_by().values("id")
    ranges: list[list[int]] = []
    rows = 0
    for seq in Leaf.objects.filter(event_id__in=ids).order_by("seq").values_list("seq", flat=True).iterator():
        rows += 1
        if ranges and seq == ranges[-1][1] + 1:
            ranges[-1][1] = seq
        else:
            ranges.append([seq, seq])
    return ranges, rows
