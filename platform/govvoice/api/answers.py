"""What callers are shown of our catalogues and announcements."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Client
from govvoice.broadcasts.models import Broadcast
from govvoice.broadcasts.on_air import approved_rendition
from synthesis.audio import FORMATS, OUTPUT_RATES
from synthesis.models import Emotion, Voice
from synthesis.screening.verdicts import Verdict


class EmotionSerializer(serializers.ModelSerializer[Emotion]):
    class Meta:
        model = Emotion
        fields = ("code", "name", "name_en", "description")


class VoiceSerializer(serializers.ModelSerializer[Voice]):
    id = serializers.CharField(source="code")
    name = serializers.CharField(source="speaker.name")
    name_en = serializers.CharField(source="speaker.name_en")
    gender = serializers.CharField(source="speaker.gender")
    description = serializers.CharField(source="speaker.description")
    emotions = serializers.SerializerMethodField()
    formats = serializers.SerializerMethodField()
    sample_rates = serializers.SerializerMethodField()

    class Meta:
        model = Voice
        fields = (
            "id",
            "name",
            "name_en",
            "gender",
            "description",
            "engine",
            "speed_class",
            "sample_rate",
            "is_default",
            "emotions",
            "formats",
            "sample_rates",
        )

    @property
    def _client(self) -> Client:
        client: Client = self.context["client"]
        return client

    def get_emotions(self, voice: Voice) -> list[str]:
        offered = [row.emotion.code for row in voice.voiceemotion_set.all() if row.is_active]
        return _allowed(offered, self._client.emotions)

    def get_formats(self, voice: Voice) -> list[str]:
        return _allowed(list(FORMATS), self._client.formats)

    def get_sample_rates(self, voice: Voice) -> list[int]:
        return list(OUTPUT_RATES)


def _allowed(codes: list[str], among: list[str]) -> list[str]:
    return [code for code in codes if code in among] if among else codes


class AudioSerializer(serializers.Serializer[Any]):
    """The finished audio of a broadcast; `url` is a path of this server."""

    url = serializers.CharField()
    format = serializers.CharField()
    sample_rate = serializers.IntegerField()
    seconds = serializers.FloatField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class BroadcastSerializer(serializers.ModelSerializer[Broadcast]):
    organisation = serializers.CharField(source="organisation.name")
    channels = serializers.SlugRelatedField[Any](slug_field="code", many=True, read_only=True)
    revision = serializers.IntegerField(source="published_revision.number")
    text = serializers.CharField(source="published_revision.text")
    voice = serializers.CharField(source="published_revision.voice")
    emotion = serializers.CharField(source="published_revision.emotion")
    audio = serializers.SerializerMethodField()

    class Meta:
        model = Broadcast
        fields = (
            "code",
            "title",
            "organisation",
            "channels",
            "revision",
            "text",
            "voice",
            "emotion",
            "published_at",
            "audio",
        )

    @extend_schema_field(AudioSerializer)
    def get_audio(self, broadcast: Broadcast) -> dict[str, Any]:
        rendition = approved_rendition(broadcast)
        return {
            "url": reverse("api:broadcast-audio", args=[broadcast.code]),
            "format": rendition.format,
            "sample_rate": rendition.sample_rate,
            "seconds": rendition.seconds,
            "size": rendition.size,
            "sha256": rendition.sha256,
        }


def verdict_answer(verdict: Verdict) -> dict[str, Any]:
    """What callers are told of a verdict: the places in their text, but no word as the lists have it."""
    told = ("start", "end", "text", "category", "level", "suggestion")
    return {
        "verdict": verdict.level or "pass",
        "hits": [{name: getattr(hit, name) for name in told} for hit in verdict.hits],
    }
