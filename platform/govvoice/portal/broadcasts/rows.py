"""Broadcasts as rows of a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse

from accounts.models import Staff
from govvoice.broadcasts.models import Broadcast, Revision
from govvoice.broadcasts.services import EDITABLE
from govvoice.portal.broadcasts.scope import newest_revisions
from govvoice.portal.broadcasts.wording import Badge, broadcast_badge, kilobytes, rendition_badge
from govvoice.portal.desk.voices import emotion_names, speaker_names
from synthesis.models import Rendition


@dataclass(frozen=True, slots=True)
class Row:
    """`sound` is where the row's button plays from, empty while there is none."""

    broadcast: Broadcast
    revision: Revision
    badge: Badge
    channels: str
    speaker: str
    emotion: str
    seconds: float | None
    sound: str
    url: str


def with_newest(broadcasts: QuerySet[Broadcast]) -> QuerySet[Broadcast]:
    """The same broadcasts with `newest` (a list of one revision) and channels loaded in three queries."""
    newest = Prefetch("revisions", queryset=newest_revisions(), to_attr="newest")
    return broadcasts.prefetch_related(newest, "channels")


def filtered(broadcasts: QuerySet[Broadcast], chosen: dict[str, Any]) -> QuerySet[Broadcast]:
    """By state and channel, and by words in the title, the code or the newest text."""
    if chosen.get("state"):
        broadcasts = broadcasts.filter(state=chosen["state"])
    if chosen.get("channel"):
        broadcasts = broadcasts.filter(channels=chosen["channel"])
    if words := chosen.get("q"):
        said = newest_revisions().filter(broadcast=OuterRef("pk"), text__icontains=words)
        broadcasts = broadcasts.filter(Q(title__icontains=words) | Q(code__icontains=words) | Exists(said))
    return broadcasts


def rows_of(broadcasts: Iterable[Broadcast], staff: Staff) -> list[Row]:
    speakers, emotions = speaker_names(), emotion_names()
    return [_row(broadcast, staff, speakers, emotions) for broadcast in broadcasts]


def _row(broadcast: Broadcast, staff: Staff, speakers: dict[str, str], emotions: dict[str, str]) -> Row:
    revision: Revision = broadcast.newest[0]  # type: ignore[attr-defined]  # from with_newest
    sound = revision.rendition
    ready = sound is not None and sound.state == Rendition.State.READY
    return Row(
        broadcast=broadcast,
        revision=revision,
        badge=broadcast_badge(broadcast.state),
        channels="、".join(channel.name for channel in broadcast.channels.all()),
        speaker=speakers.get(revision.voice, revision.voice),
        emotion=emotions.get(revision.emotion, revision.emotion),
        seconds=sound.seconds if sound and ready else None,
        sound=sound_url(revision) if ready else "",
        url=page_url(broadcast, staff),
    )


def sound_url(revision: Revision) -> str:
    return reverse("admin:broadcast-audio", args=[revision.broadcast.code, revision.number])


def page_url(broadcast: Broadcast, staff: Staff) -> str:
    """Where a click on the title leads: to the editor while there is something to write, else to read."""
    writes = broadcast.state in EDITABLE and staff.has_perm("broadcasts.change_broadcast")
    return reverse(f"admin:broadcast-{'edit' if writes else 'review'}", args=[broadcast.code])


@dataclass(frozen=True, slots=True)
class SoundRow:
    """One finished audio, with the version it belongs to."""

    revision: Revision
    rendition: Rendition
    badge: Badge
    outdated: bool
    speaker: str
    size: str
    sound: str
    url: str


def sound_rows(revisions: Iterable[Revision], staff: Staff) -> list[SoundRow]:
    speakers = speaker_names()
    return [
        _sound_row(revision, revision.rendition, staff, speakers)
        for revision in revisions
        if revision.rendition
    ]


def _sound_row(revision: Revision, rendition: Rendition, staff: Staff, speakers: dict[str, str]) -> SoundRow:
    on_air = revision.broadcast.published_revision_id == revision.pk
    return SoundRow(
        revision=revision,
        rendition=rendition,
        badge=rendition_badge(rendition),
        outdated=(bool(revision.has_newer) and not on_air) or rendition.outdated_at is not None,  # type: ignore[attr-defined]  # annotated by the view
        speaker=speakers.get(revision.voice, revision.voice),
        size=kilobytes(rendition.size) if rendition.size else "",
        sound=sound_url(revision) if rendition.state == Rendition.State.READY else "",
        url=page_url(revision.broadcast, staff),
    )
