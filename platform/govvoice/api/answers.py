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
from synthesis.licences import is_cleared
from synthesis.models import Emotion, Voice
from synthesis.screening.verdicts import Verdict

# Whose default a voice can be, the first that there is speaks for the client.
DEFAULTS = ("client", "organisation", "platform")
INTENSITIES = (0.01, 2.0)


class SampleSerializer(serializers.Serializer[Any]):
    """A sample of a voice in one emotion; `url` is a path of this server, `sha256` its ETag."""

    voice = serializers.CharField()
    emotion = serializers.CharField()
    url = serializers.CharField()
    format = serializers.CharField()
    sample_rate = serializers.IntegerField()
    seconds = serializers.FloatField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class IntensitySerializer(serializers.Serializer[Any]):
    """How strong an emotion may be asked for."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    usual = serializers.FloatField()


class EmotionSerializer(serializers.ModelSerializer[Emotion]):
    """For emotions with their offers and samples fetched beforehand, of the context's `voices` only."""

    intensity = serializers.SerializerMethodField()
    voices = serializers.SerializerMethodField()
    samples = serializers.SerializerMethodField()

    class Meta:
        model = Emotion
        fields = ("code", "name", "name_en", "description", "intensity", "voices", "samples")

    @property
    def _voices(self) -> list[Voice]:
        voices: list[Voice] = self.context["voices"]
        return voices

    @extend_schema_field(IntensitySerializer)
    def get_intensity(self, emotion: Emotion) -> dict[str, float]:
        low, high = INTENSITIES
        return {"low": low, "high": high, "usual": 1.0}

    def get_voices(self, emotion: Emotion) -> list[str]:
        return [voice.code for voice in self._voices if emotion.code in _offered(voice)]

    @extend_schema_field(SampleSerializer(many=True))
    def get_samples(self, emotion: Emotion) -> list[dict[str, Any]]:
        return [row for voice in self._voices for row in _samples(voice) if row["emotion"] == emotion.code]


class VoiceSerializer(serializers.ModelSerializer[Voice]):
    """For voices with their offers and samples fetched beforehand, as the context's `client` may use them."""

    id = serializers.CharField(source="code")
    name = serializers.CharField(source="speaker.name")
    name_en = serializers.CharField(source="speaker.name_en")
    gender = serializers.CharField(source="speaker.gender")
    languages = serializers.ListField(child=serializers.CharField(), source="speaker.languages")
    description = serializers.CharField(source="speaker.description")
    licence_cleared = serializers.SerializerMethodField()
    is_default = serializers.SerializerMethodField()
    default_of = serializers.SerializerMethodField()
    emotions = serializers.SerializerMethodField()
    samples = serializers.SerializerMethodField()
    formats = serializers.SerializerMethodField()
    sample_rates = serializers.SerializerMethodField()

    class Meta:
        model = Voice
        fields = (
            "id",
            "name",
            "name_en",
            "gender",
            "languages",
            "description",
            "engine",
            "speed_class",
            "licence",
            "provenance",
            "licence_cleared",
            "sample_rate",
            "is_default",
            "default_of",
            "emotions",
            "samples",
            "formats",
            "sample_rates",
        )

    @property
    def _client(self) -> Client:
        client: Client = self.context["client"]
        return client

    def get_licence_cleared(self, voice: Voice) -> bool:
        return is_cleared(voice)

    def get_is_default(self, voice: Voice) -> bool:
        """Whether it speaks for this client when a request names no voice."""
        named = self.context["default_voice"]
        return voice.code == named if named else voice.is_default

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=DEFAULTS)))
    def get_default_of(self, voice: Voice) -> list[str]:
        organisation = self._client.organisation.default_voice
        holds = (voice.code == self._client.default_voice, voice.code == organisation, voice.is_default)
        return [name for name, is_so in zip(DEFAULTS, holds, strict=True) if is_so]

    def get_emotions(self, voice: Voice) -> list[str]:
        return _allowed(_offered(voice), self._client.emotions)

    @extend_schema_field(SampleSerializer(many=True))
    def get_samples(self, voice: Voice) -> list[dict[str, Any]]:
        emotions = self.get_emotions(voice)
        return [row for row in _samples(voice) if row["emotion"] in emotions]

    def get_formats(self, voice: Voice) -> list[str]:
        return _allowed(list(FORMATS), self._client.formats)

    def get_sample_rates(self, voice: Voice) -> list[int]:
        return list(OUTPUT_RATES)


def _offered(voice: Voice) -> list[str]:
    return [row.emotion.code for row in voice.voiceemotion_set.all() if row.is_active]


def _samples(voice: Voice) -> list[dict[str, Any]]:
    return [
        {
            "voice": voice.code,
            "emotion": row.emotion.code,
            "url": reverse("api:voice-sample", args=[voice.code, row.emotion.code]),
            "format": "wav",
            "sample_rate": row.sample_rate,
            "seconds": row.seconds,
            "size": row.size,
            "sha256": row.sha256,
        }
        for row in voice.samples.all()
        if row.emotion.code in _offered(voice)
    ]


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
