"""Where broadcasts are heard: what staff change of channels, and who speaks where no voice is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction

from accounts.models import Client, Organisation
from audit.parties import Actor, Origin, Target
from audit.services import record
from govvoice.broadcasts.models import Channel


@transaction.atomic
def save_channel(
    *, channel: Channel, changed: Mapping[str, object], actor: Actor, origin: Origin | None
) -> None:
    """Keeps a changed channel. Raises ValidationError."""
    channel.full_clean()
    channel.save()
    record(
        action="channel.changed",
        actor=actor,
        target=Target(type="channel", id=channel.code, name=channel.name),
        origin=origin,
        details=changed,
    )


def default_voice(organisation: Organisation, channels: Collection[str]) -> str:
    """The code of the voice for a text that names none; empty for the platform's default.

    Of a text for one channel the channel's voice comes before the department's. A text for several has one
    sound, and none of them decides on it.
    """
    if len(channels) == 1:
        named = Channel.objects.filter(code__in=channels).values_list("default_voice", flat=True).first()
        if named:
            return named
    return organisation.default_voice


def default_voice_of(client: Client) -> str:
    """The same for a call: the client's own voice first, then that of the only channel it serves."""
    return client.default_voice or default_voice(client.organisation, client.channels)
