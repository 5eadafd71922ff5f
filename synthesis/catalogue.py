"""What staff change of speakers and voices, and the look back at what was spoken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.services import staff_actor
from audit.parties import Actor, Origin, Target
from audit.services import record
from synthesis import pictures, uses
from synthesis.audio import wrap_pcm
from synthesis.errors import VoiceRefused
from synthesis.models import Speaker, Speech, Voice
from synthesis.services import cached_audio
from synthesis.uses import Handover

NOTE_LONGEST = 300


@transaction.atomic
def save_speaker(
    *,
    speaker: Speaker,
    changed: Mapping[str, object],
    actor: Actor,
    origin: Origin,
    picture: bytes | None = None,
) -> None:
    """Keeps a changed speaker. `picture` is a file as it was sent, empty to take away what there is.

    Raises ValidationError.
    """
    speaker.full_clean()
    if picture is not None:
        before, speaker.picture = speaker.picture, pictures.keep(pictures.draw(picture)) if picture else ""
        changed = {**changed, "picture": [before, speaker.picture]}
        transaction.on_commit(lambda: pictures.discard(before))
    speaker.save()
    record(
        action="speaker.changed",
        actor=actor,
        target=Target(type="speaker", id=speaker.code, name=speaker.name),
        origin=origin,
        details=changed,
    )


@transaction.atomic
def order_speakers(*, codes: Sequence[str], actor: Actor, origin: Origin) -> None:
    """Puts the speakers into this order; one that is not named comes after those that are."""
    before = list(Speaker.objects.select_for_update().order_by("position", "code"))
    places = {code: place for place, code in enumerate(codes)}
    after = sorted(before, key=lambda speaker: places.get(speaker.code, len(places)))
    if [row.code for row in before] == [row.code for row in after]:
        return
    told = {"order": [[row.code for row in before], [row.code for row in after]]}
    for position, speaker in enumerate(after):
        speaker.position = position
    Speaker.objects.bulk_update(after, ["position"])
    record(action="speaker.ordered", actor=actor, origin=origin, details=told)


# --- voices ----------------------------------------------------------------------------------------------


@transaction.atomic
def set_default(*, voice: Voice, actor: Actor, origin: Origin) -> None:
    """The voice speaks wherever none is named, in the place of the one before. Raises VoiceRefused."""
    voice = _lock(voice)
    if not (voice.is_active and voice.speaker.is_active):
        raise VoiceRefused(_("停用的音色不能设为默认，请先启用。"), code="voice_disabled")
    if voice.is_default:
        return
    # The old one first: the database knows one default at a time.
    before = Voice.objects.filter(is_default=True).first()
    Voice.objects.filter(is_default=True).update(is_default=False)
    voice.is_default = True
    voice.save(update_fields=["is_default"])
    told = {"default_voice": [before.code if before else "", voice.code]}
    _record("voice.changed", voice, actor, origin, told)


@transaction.atomic
def switch_on(*, voice: Voice, actor: Actor, origin: Origin) -> None:
    """The voice is offered again, and nobody speaks in its place. Doing it twice changes nothing."""
    voice = _lock(voice)
    if voice.is_active and voice.speaker.is_active:
        return
    voice.speaker.is_active = True
    voice.speaker.save(update_fields=["is_active"])
    voice.is_active, voice.successor = True, None
    voice.save(update_fields=["is_active", "successor"])
    _record("voice.enabled", voice, actor, origin, {})


@transaction.atomic
def switch_off(*, voice: Voice, successor: Voice | None, staff: Staff, origin: Origin | None) -> None:
    """Takes the voice out of service; `successor` is put wherever something still names it.

    Approved and published audio stays what it is. Raises VoiceRefused when there is something to hand on and
    nobody to take it, or when the successor is out of service.
    """
    voice = _lock(voice)
    if not voice.is_active:
        return
    actor = staff_actor(staff)
    if successor is not None:
        successor = _lock(successor)
        _require_fit(successor, voice)
    elif needs_successor(voice):
        raise VoiceRefused(_("这个音色仍在使用，请选择替代音色。"), code="successor_required")
    if successor is not None:
        if voice.is_default:
            set_default(voice=successor, actor=actor, origin=origin or Origin())
        uses.hand_on(Handover(voice, successor, staff, origin))
    voice.refresh_from_db(fields=["is_default"])
    voice.is_active, voice.successor = False, successor
    voice.save(update_fields=["is_active", "successor"])
    _record("voice.disabled", voice, actor, origin, {"successor": successor.code if successor else ""})


def needs_successor(voice: Voice) -> bool:
    """Whether something that is to go on names the voice."""
    return voice.is_default or any(use.is_handed_on for group in uses.of(voice) for use in group.uses)


@transaction.atomic
def clear_licence(*, voice: Voice, note: str, actor: Actor, origin: Origin) -> None:
    """Somebody answers for this office being allowed to use the voice, and says on what ground.

    Raises VoiceRefused for an empty ground.
    """
    voice = _lock(voice)
    note = note.strip()
    if not note:
        raise VoiceRefused(_("请填写授权依据，例如合同或授权书编号。"), code="note_required", field="note")
    if len(note) > NOTE_LONGEST:
        raise VoiceRefused(_("授权依据最多 300 字。"), code="note_too_long", field="note")
    voice.licence_cleared_at, voice.licence_cleared_by = timezone.now(), actor.name or actor.id
    voice.licence_note = note
    voice.save(update_fields=["licence_cleared_at", "licence_cleared_by", "licence_note"])
    _record("voice.licence_cleared", voice, actor, origin, {"reason": note})


@transaction.atomic
def doubt_licence(*, voice: Voice, actor: Actor, origin: Origin) -> None:
    """Takes that word back. Doing it twice changes nothing."""
    voice = _lock(voice)
    if voice.licence_cleared_at is None:
        return
    before = voice.licence_note
    voice.licence_cleared_at, voice.licence_cleared_by, voice.licence_note = None, "", ""
    voice.save(update_fields=["licence_cleared_at", "licence_cleared_by", "licence_note"])
    _record("voice.licence_doubted", voice, actor, origin, {"before": before})


def _lock(voice: Voice) -> Voice:
    return Voice.objects.select_for_update(of=("self",)).select_related("speaker").get(pk=voice.pk)


def _require_fit(successor: Voice, voice: Voice) -> None:
    if successor == voice or not (successor.is_active and successor.speaker.is_active):
        message = _("替代音色须是另一个启用中的音色。")
        raise VoiceRefused(message, code="successor_unfit", field="successor")


def _record(
    action: str, voice: Voice, actor: Actor, origin: Origin | None, details: Mapping[str, object]
) -> None:
    record(
        action=action,
        actor=actor,
        target=Target(type="voice", id=voice.code, name=voice.speaker.name),
        origin=origin,
        details=details,
    )


# --- what was spoken -------------------------------------------------------------------------------------


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
