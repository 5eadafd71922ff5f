"""Speakers and voices as the portal's pages find them."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from govvoice.portal.pages import Crumb
from synthesis.models import Speaker, Voice

VIEW = "synthesis.view_speaker"
CHANGE = "synthesis.change_speaker"
CHANGE_VOICE = "synthesis.change_voice"
LISTEN = "synthesis.preview_speech"


def speakers() -> QuerySet[Speaker]:
    voices = Voice.objects.prefetch_related("voiceemotion_set__emotion", "samples__emotion")
    return Speaker.objects.select_related("variant_of").prefetch_related(Prefetch("voices", queryset=voices))


def find(code: str) -> Speaker:
    """Raises Http404."""
    return get_object_or_404(speakers(), code=code)


def find_voice(code: str) -> Voice:
    """Raises Http404."""
    return get_object_or_404(Voice.objects.select_related("speaker"), code=code)


def is_on(voice: Voice) -> bool:
    return voice.is_active and voice.speaker.is_active


def in_service() -> list[Voice]:
    """The voices that can be chosen, in the order staff gave their speakers."""
    rows = Voice.objects.filter(is_active=True, speaker__is_active=True).select_related("speaker")
    return list(rows.order_by("speaker__position", "speaker__code", "code"))


def list_crumb() -> Crumb:
    return Crumb(_("发音人"), reverse("admin:speaker-list"))


def speaker_crumb(speaker: Speaker) -> Crumb:
    return Crumb(str(speaker), reverse("admin:speaker", args=[speaker.code]))
