"""Bundles: a stretch of the log in a zip that proves itself to anyone, without this platform.

Besides the events it holds the leaf hashes of the whole stretch, the heads over it and what the tree looked
like before it (RFC 6962), so that roots can be computed and compared with what was signed; and a signed
manifest of all that. docs/audit.md tells auditors, audit/offline/audit-verify.py checks it. Members:

    manifest.json   what this is, with the SHA-256 of every other member; manifest.sig: its signatures
    keys.json       the public keys
    heads.jsonl     every head from the one before the first event to the first one after the last
    frontier.json   the perfect subtrees of what lies before, largest first
    leaves.sha256, leaves.sm3   32 bytes each, of the places start to size - 1
    events.jsonl    the events in the order of their places, RFC 8785 JSON
    steps.jsonl     of the whole stretch the events that tell of a step of the clock (audit.clock): only they
                    explain a head that is earlier than the one before

A redacted one lacks the personal fields and their salt: what stands for them in the leaf is their hash. The
steps are never redacted, for they are nobody's.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from audit.canonical import canonical, instant, personal_fields, sealed_fields
from audit.clock import CLOCK_STEP
from audit.digests import HASH_BYTES
from audit.errors import NotSealedYet
from audit.heads import head_line
from audit.models import Event, Leaf, SealKey, TreeHead
from audit.selectors import EventFilter
from audit.signatures import signed_manifest

FORMAT: Final = "govvoice-audit-1"
_BATCH: Final = 2000
_BLOCK: Final = 1 << 20

Placed = tuple[int, Event]
Pass = Callable[[Iterable[Placed]], Iterable[Placed]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Places start to size - 1 of the tree, and the heads at its ends; no `first` from the beginning on."""

    first: TreeHead | None
    last: TreeHead
    events: int

    @property
    def start(self) -> int:
        return self.first.size if self.first else 0

    @property
    def size(self) -> int:
        return self.last.size

    def heads(self) -> QuerySet[TreeHead]:
        begins = self.first.number if self.first else 0
        return TreeHead.objects.filter(number__gte=begins, number__lte=self.last.number).order_by("number")

    def leaves(self) -> QuerySet[Leaf]:
        return Leaf.objects.filter(seq__gte=self.start, seq__lt=self.size).order_by("seq")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written: the manifest as it was signed, and how many events."""

    manifest: dict[str, Any]
    stretch: Stretch

    @property
    def events(self) -> int:
        return int(self.manifest["events"])


@dataclass(slots=True)
class _Writer:
    """The zip, and what its members are known by."""

    zip: zipfile.ZipFile
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put(self, name: str, data: bytes) -> None:
        with self.member(name) as write:
            write(data)

    @contextmanager
    def member(self, name: str, *, packed: bool = True) -> Iterator[Callable[[bytes], None]]:
        """A member that is written piece by piece; hashes do not pack, so they may be stored as they are."""
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name, timezone.localtime().timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        with self.zip.open(info, "w", force_zip64=True) as target:

            def write(data: bytes) -> None:
                nonlocal size
                size += len(data)
                digest.update(data)
                target.write(data)

            yield write
        self.files[name] = {"sha256": digest.hexdigest(), "bytes": size}


def stretch_of(wanted: EventFilter) -> Stretch:
    """The shortest stretch between two heads that holds all the events.

    Raises NotSealedYet while one of them, or all the log, waits for its head.
    """
    events = wanted.queryset().order_by()
    sealed = Leaf.objects.filter(event_id__in=events.values("id"))
    found = sealed.aggregate(first=Min("seq"), last=Max("seq"), count=Count("seq"))
    if found["count"] < events.count():
        raise NotSealedYet
    if found["first"] is None:
        newest = TreeHead.objects.first()
        return Stretch(newest, _or_wait(newest), 0)
    return Stretch(
        first=TreeHead.objects.filter(size__lte=found["first"]).first(),  # heads are ordered newest first
        last=_or_wait(TreeHead.objects.filter(size__gt=found["last"]).last()),
        events=found["count"],
    )


def write_bundle(  # noqa: PLR0913 - what a bundle says of itself, all by keyword
    target: IO[bytes],
    wanted: EventFilter,
    *,
    kind: str,
    made_by: str,
    redacted: bool,
    with_texts: bool = False,
    attached: Mapping[str, Path] | None = None,
    stretch: Stretch | None = None,
    each: Pass = iter,
) -> Bundle:
    """Writes the zip to `target`, flat in memory, and has its manifest signed; outside any transaction.

    `kind` is one of Manifest.Kind. `stretch` is that of `wanted`, if it is known already. `with_texts` adds
    each event's sealed text, for archives. `attached` are further members by name; `each` sees the events as
    they pass. Raises NotSealedYet and ManifestUnsigned.
    """
    stretch = stretch or stretch_of(wanted)
    with zipfile.ZipFile(target, "w", allowZip64=True) as file:
        writer = _Writer(file)
        writer.put("keys.json", canonical(_keys()))
        with writer.member("heads.jsonl") as write:
            for head in stretch.heads().iterator():
                write(head_line(head) + b"\n")
        writer.put("frontier.json", canonical(_frontier(stretch)))
        _write_leaves(writer, stretch)
        _write_events(writer, "steps.jsonl", _steps(stretch))
        events = each(_events(wanted, stretch))
        count = _write_events(writer, "events.jsonl", events, redacted=redacted, with_texts=with_texts)
        for name, path in (attached or {}).items():
            _attach(writer, name, path)
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "kind": kind,
            "origin": stretch.last.origin,
            "made_at": instant(timezone.now()),
            "made_by": made_by,
            "filter": wanted.as_details(),
            "redacted": redacted,
            "start": stretch.start,
            "size": stretch.size,
            "events": count,
            "complete": count == stretch.size - stretch.start,
            "files": dict(writer.files),
        }
        writer.put("manifest.json", canonical(manifest))
        writer.put("manifest.sig", canonical(signed_manifest(kind, manifest)))
    return Bundle(manifest, stretch)


def _or_wait(head: TreeHead | None) -> TreeHead:
    if head is None:
        raise NotSealedYet
    return head


def _keys() -> list[dict[str, str]]:
    return [
        {
            "key_id": key.key_id,
            "algorithm": key.algorithm,
            "public": bytes(key.public).hex(),
            "since": instant(key.since),
        }
        for key in SealKey.objects.all()
    ]


def _frontier(stretch: Stretch) -> dict[str, Any]:
    packed = {"sha256": b"", "sm3": b""}
    if stretch.first:
        packed = {
            "sha256": bytes(stretch.first.frontier_sha256),
            "sm3": bytes(stretch.first.frontier_sm3),
        }
    return {"start": stretch.start, **{name: _hashes(data) for name, data in packed.items()}}


def _hashes(packed: bytes) -> list[str]:
    return [packed[at : at + HASH_BYTES].hex() for at in range(0, len(packed), HASH_BYTES)]


def _write_leaves(writer: _Writer, stretch: Stretch) -> None:
    for name in ("sha256", "sm3"):
        with writer.member(f"leaves.{name}", packed=False) as write:
            for batch in _batches(stretch):
                write(b"".join(bytes(digest) for digest in batch.values_list(name, flat=True)))


def _batches(stretch: Stretch) -> Iterator[QuerySet[Leaf]]:
    """The stretch in pieces by place: no cursor, and so no transaction, stays open for minutes."""
    for begins in range(stretch.start, stretch.size, _BATCH):
        yield stretch.leaves().filter(seq__gte=begins, seq__lt=begins + _BATCH)


def _events(wanted: EventFilter, stretch: Stretch) -> Iterator[Placed]:
    """The wanted events with their places, in the order of these."""
    events = wanted.queryset().order_by()
    for batch in _batches(stretch):
        places = dict(batch.values_list("event_id", "seq"))
        found = {places[event.pk]: event for event in events.filter(pk__in=list(places))}
        yield from sorted(found.items())


def _steps(stretch: Stretch) -> list[Placed]:
    events = Event.objects.filter(action=CLOCK_STEP).in_bulk()
    leaves = stretch.leaves().filter(event_id__in=events)
    return [(leaf.seq, events[leaf.event_id]) for leaf in leaves]


def _write_events(
    writer: _Writer,
    name: str,
    events: Iterable[Placed],
    *,
    redacted: bool = False,
    with_texts: bool = False,
) -> int:
    count, lines = 0, []
    with writer.member(name) as write:
        for seq, event in events:
            lines.append(canonical(_shown(seq, event, redacted, with_texts)) + b"\n")
            count += 1
            if len(lines) == _BATCH:
                write(b"".join(lines))
                lines.clear()
        write(b"".join(lines))
    return count


def _shown(seq: int, event: Event, redacted: bool, with_texts: bool) -> dict[str, Any]:
    if event.schema == 1 and redacted:
        return {"seq": seq, "schema": 1, "redacted": True}
    fields = {"seq": seq, **sealed_fields(event)}
    if event.schema > 1 and not redacted:
        fields |= personal_fields(event)
    if with_texts and event.sealed_text is not None:
        fields["sealed_text"] = base64.b64encode(bytes(event.sealed_text)).decode("ascii")
    return fields


def _attach(writer: _Writer, name: str, path: Path) -> None:
    with path.open("rb") as source, writer.member(name) as write:
        while block := source.read(_BLOCK):
            write(block)
