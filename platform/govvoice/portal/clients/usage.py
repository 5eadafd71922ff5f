"""What a client has called today, beside what it may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Client, Credential, Notice
from govvoice.portal.home.today import midnight
from synthesis.models import Speech

NOTICE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Usage:
    """Answered calls of today, and their characters as a share of the daily limit (percent, 100 at most)."""

    calls: int
    characters: int
    limit: int

    @property
    def percent(self) -> int:
        return min(100, self.characters * 100 // self.limit) if self.limit else 100


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a client can call now, with the reason when it cannot."""

    label: Promise
    colour: str
    icon: str


OPEN = Standing(_("正常"), "green", "done")
CLOSED = Standing(_("已停用"), "grey", "ban")
EXPIRED = Standing(_("已到期"), "red", "clock")
NO_NETWORK = Standing(_("未设网段"), "amber", "network")
VALID = Standing(_("有效"), "green", "done")
SOON_OVER = Standing(_("即将到期"), "amber", "clock")
REVOKED = Standing(_("已吊销"), "grey", "ban")
NO_KEY = Standing(_("无有效密钥"), "amber", "key")
_NOTICES = {
    Notice.State.WAITING: ("amber", "clock"),
    Notice.State.DELIVERED: ("green", "done"),
    Notice.State.GIVEN_UP: ("red", "warning"),
}


def usage_of(clients: Iterable[Client]) -> dict[str, Usage]:
    """Today's usage by client code, in one query."""
    clients = list(clients)
    rows = (
        Speech.objects.filter(
            created_at__gte=midnight(),
            caller_kind="client",
            caller_id__in=[client.code for client in clients],
        )
        .order_by()
        .values("caller_id")
        .annotate(calls=Count("pk"), spoken=Sum("characters"))
    )
    sums = {row["caller_id"]: (row["calls"], row["spoken"]) for row in rows}
    return {
        client.code: Usage(*sums.get(client.code, (0, 0)), limit=client.characters_per_day)
        for client in clients
    }


def standing_of(client: Client) -> Standing:
    """For a client with its keys and networks fetched beforehand."""
    if not (client.is_active and client.organisation.is_active):
        return CLOSED
    if not client.is_open:
        return EXPIRED
    if not client.networks.all():
        return NO_NETWORK
    return OPEN if any(key.is_valid for key in client.keys.all()) else NO_KEY


def key_standing(key: Credential) -> Standing:
    if key.revoked_at is not None:
        return REVOKED
    if not key.is_valid:
        return EXPIRED
    return SOON_OVER if key.expires_at and key.expires_at < timezone.now() + NOTICE else VALID


def notice_standing(notice: Notice) -> Standing:
    state = Notice.State(notice.state)
    return Standing(state.label, *_NOTICES[state])
