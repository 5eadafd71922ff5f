"""The known cast of the portal: officials with their browsers, and a broadcast at any point of its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Organisation, Role, Staff
from govvoice.broadcasts import services
from govvoice.broadcasts.models import Broadcast, Channel
from synthesis import renditions

TEXT = "因管网检修，今晚十点至明早六点停水。"
FIELDS: dict[str, Any] = {
    "title": "停水通知",
    "text": TEXT,
    "voice": "tone",
    "emotion": "neutral",
    "intensity": 1.0,
    "rate": 1.0,
    "pitch": 0.0,
    "volume": 50,
    "channels": ["hall"],
}


@dataclass
class Official:
    """A member of staff, signed in, as he drives the portal."""

    staff: Staff
    browser: Browser

    def see(self, route: str, *args: Any, **query: str) -> HttpResponse:
        response: HttpResponse = self.browser.get(reverse(f"admin:{route}", args=args), query)
        return response

    def press(self, route: str, *args: Any, **fields: Any) -> HttpResponse:
        response: HttpResponse = self.browser.post(reverse(f"admin:{route}", args=args), fields)
        return response


def official(role: str, name: str = "", organisation: str = "default", **browser: Any) -> Official:
    department, _ = Organisation.objects.get_or_create(code=organisation, defaults={"name": organisation})
    staff = Staff.objects.create_staff(
        username=name or role,
        password="correct horse battery",
        role=Role.objects.get(code=role),
        organisation=department,
        display_name=f"{name or role}同志",
    )
    signed_in = Browser(**browser)
    signed_in.force_login(staff)
    return Official(staff, signed_in)


def draft(author: Official, **changed: Any) -> Broadcast:
    """Written and saved, without audio."""
    fields = FIELDS | changed
    channels = Channel.objects.filter(code__in=fields.pop("channels"))
    return services.create(
        content=services.Content(**fields), channels=channels, staff=author.staff, origin=None
    )


def with_audio(author: Official, **changed: Any) -> Broadcast:
    """A draft whose finished audio is there."""
    broadcast = draft(author, **changed)
    renditions.make(services.make_audio(broadcast=broadcast, staff=author.staff, origin=None).pk)
    return broadcast


def submitted(author: Official, **changed: Any) -> Broadcast:
    broadcast = with_audio(author, **changed)
    services.submit(broadcast=broadcast, staff=author.staff, origin=None)
    return broadcast


def approved(author: Official, reviewer: Official, **changed: Any) -> Broadcast:
    broadcast = submitted(author, **changed)
    sha256 = sha256_of(broadcast)
    services.approve(broadcast=broadcast, sha256=sha256, staff=reviewer.staff, origin=None)
    return broadcast


def published(author: Official, reviewer: Official, **changed: Any) -> Broadcast:
    broadcast = approved(author, reviewer, **changed)
    services.publish(broadcast=broadcast, staff=reviewer.staff, origin=None)
    return broadcast


def sha256_of(broadcast: Broadcast) -> str:
    rendition = broadcast.latest.rendition
    assert rendition is not None
    return rendition.sha256


def state_of(broadcast: Broadcast) -> str:
    return Broadcast.objects.get(pk=broadcast.pk).state
