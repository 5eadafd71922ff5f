"""What channels and broadcasts have of a voice, and how another takes it over."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy

from accounts.services import staff_actor
from govvoice.broadcasts.channels import save_channel
from govvoice.broadcasts.models import Broadcast, Channel, Revision
from govvoice.broadcasts.services import recast
from synthesis import uses
from synthesis.models import Voice
from synthesis.uses import Handover, Room, Use


def register_rooms() -> None:
    """Called once, when the app is ready."""
    rooms = {
        "channel": Room(gettext_lazy("渠道默认"), _channels, _change_channels, "synthesis.view_voice"),
        "broadcast": Room(gettext_lazy("播报"), _broadcasts, _recast, "broadcasts.view_broadcast"),
    }
    for kind, room in rooms.items():
        uses.register(kind, room)


def _channels(voice: Voice) -> Iterator[Use]:
    for row in Channel.objects.filter(default_voice=voice.code):
        yield Use(row.name)


def _change_channels(handover: Handover) -> None:
    for row in Channel.objects.filter(default_voice=handover.old.code).select_for_update():
        row.default_voice = handover.new.code
        save_channel(
            channel=row,
            changed={"default_voice": [handover.old.code, handover.new.code]},
            actor=staff_actor(handover.staff),
            origin=handover.origin,
        )


def _speaking(code: str) -> QuerySet[Broadcast]:
    """Broadcasts whose newest revision is spoken by this voice."""
    newest = Revision.objects.filter(broadcast=OuterRef("pk")).order_by("-number")
    spoken = Broadcast.objects.annotate(speaks=Subquery(newest.values("voice")[:1])).filter(speaks=code)
    return spoken.select_related("organisation").order_by(F("updated_at").desc())


def _broadcasts(voice: Voice) -> Iterator[Use]:
    for row in _speaking(voice.code):
        is_draft = row.state == Broadcast.State.DRAFT
        whose, state = row.organisation.code, row.get_state_display()
        yield Use(row.code, title=row.title, note=state, organisation=whose, is_handed_on=is_draft)


def _recast(handover: Handover) -> None:
    """Drafts only: what was submitted or decided on keeps the sound that somebody heard and decided on."""
    for row in _speaking(handover.old.code).filter(state=Broadcast.State.DRAFT):
        recast(broadcast=row, voice=handover.new.code, staff=handover.staff, origin=handover.origin)
