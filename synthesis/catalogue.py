"""What staff change of speakers and voices, and the look back at what was spoken."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from audit.parties import Actor, Origin, Target
from audit.services import record
from synthesis.audio import wrap_pcm
from synthesis.models import Speaker, Speech, Voice
from synthesis.services import cached_audio


@transaction.atomic
def save_speaker(*, speaker: Speaker, changed: Mapping[str, object], actor: Actor, origin: Origin) -> None:
    """Keeps a changed speaker. Raises ValidationError."""
    speaker.full_clean()
    speaker.save()
    record(
        action="speaker.changed",
        actor=actor,
        target=Target(type="speaker", id=speaker.code, name=speaker.name),
        origin=origin,
        details=changed,
    )


@transaction.atomic
def save_voice(
    *, voice: Voice, make_default: bool, changed: Mapping[str, object], actor: Actor, origin: Origin
) -> None:
    """Keeps a changed voice; `make_default` takes that from the old one. Raises ValidationError."""
    if make_default:
        # The old one first: the database knows one default at a time.
        Voice.objects.filter(is_default=True).exclude(pk=voice.pk).update(is_default=False)
        voice.is_default = True
    voice.full_clean()
    voice.save()
    record(
        action="voice.changed",
        actor=actor,
        target=Target(type="voice", id=voice.code, name=voice.speaker.name),
        origin=origin,
        details=changed,
    )


def replay(*, speech: Speech, actor: Actor, origin: Origin) -> bytes | None:
    """A WAV file of an answered request while the cache still holds it; who hears it goes on record."""
    audio = cached_audio(speech)
    if audio is None:
        return None
    with transaction.atomic():
        record(
            action="speech.replayed",
            actor=actor,
            target=Target(type="speech", id=str(speech.pk), name=speech.voice),
            origin=origin,
        )
    # Browsers play no bare samples.
    return wrap_pcm(audio, sample_rate=speech.sample_rate) if speech.format == "pcm" else audio
