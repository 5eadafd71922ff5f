"""What callers may send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from accounts.models import Client
from govvoice.api.fields import (
    EMOTION,
    VOICE,
    CodeField,
    MarkupField,
    NumberField,
    OneOfField,
    SpokenTextField,
    WholeNumberField,
)
from govvoice.api.refusals import FieldRefused, Refusal, printable
from govvoice.problems import FieldProblem
from synthesis.audio import FORMATS, OUTPUT_RATES
from synthesis.spec import SpeechSpec


class StrictSerializer(serializers.Serializer[Any]):
    """Reads an object whose fields are all known. A field is left out, or has a value: null is none."""

    def read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The values that were sent, by name. Raises Refusal 422 that names every field at fault."""
        values: dict[str, Any] = {}
        problems = []
        for name, field in self.fields.items():
            try:
                values |= _value_of(name, field, data)
            except FieldRefused as refused:
                problems.append(refused.at(name))
        problems += self._unknown(data)
        if problems:
            raise Refusal(422, problems[0].code, problems[0].message, errors=tuple(problems))
        return values

    def _unknown(self, data: Mapping[str, Any]) -> Iterator[FieldProblem]:
        for name in sorted(data.keys() - self.fields.keys()):
            shown = printable(name)
            yield FieldProblem(shown, "unknown_field", _("未知字段：%(name)s。") % {"name": shown})


def _value_of(
    name: str, field: serializers.Field[Any, Any, Any, Any], data: Mapping[str, Any]
) -> dict[str, Any]:
    if name in data:
        return {name: field.to_internal_value(data[name])}
    if field.required:
        raise FieldRefused(f"{name}_required", _("缺少必填字段 %(name)s。") % {"name": name})
    return {}


class SpeechSerializer(StrictSerializer):
    """一次合成请求；不允许其他字段。"""

    text = SpokenTextField(min_length=1, max_length=500, help_text="要合成的文本，1 至 500 个字符。")
    voice = CodeField(
        pattern=VOICE,
        code="voice_unknown",
        message=gettext_lazy("没有这个发音人。"),
        required=False,
        help_text="发音人编号，见 /api/v1/voices；缺省时用接入系统的默认发音人。",
    )
    emotion = CodeField(
        pattern=EMOTION,
        code="emotion_unsupported",
        message=gettext_lazy("没有这种情感。"),
        required=False,
        help_text="情感编号，见 /api/v1/emotions；缺省为 neutral。",
    )
    intensity = NumberField(
        code="intensity_range", low=0.01, high=2.0, required=False, help_text="情感强度，缺省 1.0。"
    )
    rate = NumberField(
        code="rate_range", low=0.5, high=2.0, required=False, help_text="语速倍数，2 为两倍快。"
    )
    pitch = NumberField(code="pitch_range", low=-12, high=12, required=False, help_text="升降调，单位半音。")
    volume = WholeNumberField(
        code="volume_range", low=0, high=100, required=False, help_text="音量，50 为原始音量。"
    )
    format = OneOfField(
        code="format", options=tuple(FORMATS), required=False, help_text="音频格式，缺省 wav。"
    )
    sample_rate = OneOfField(
        code="sample_rate", options=OUTPUT_RATES, required=False, help_text="采样率（Hz），缺省为发音人的。"
    )
    response = OneOfField(
        code="response",
        options=("audio", "base64"),
        required=False,
        help_text="audio 直接返回音频，base64 返回 JSON。",
    )


class ReadingSerializer(StrictSerializer):
    """一次读音查询：text 与 ssml 二者取一；不允许其他字段。"""

    text = SpokenTextField(
        required=False, min_length=1, max_length=500, help_text="要查询的文本，1 至 500 个字符。"
    )
    ssml = MarkupField(required=False, help_text="SSML，至多 5000 个字符，其中朗读的至多 500 个。")
    voice = CodeField(
        pattern=VOICE,
        code="voice_unknown",
        message=gettext_lazy("没有这个发音人。"),
        required=False,
        help_text="按哪个发音人的词典来读；缺省与合成相同。",
    )


def speech_wish(data: Mapping[str, Any], *, client: Client) -> tuple[SpeechSpec, bool]:
    """What to speak, and whether the sound goes into JSON. Raises Refusal 422."""
    values = SpeechSerializer().read(data)
    as_json = values.pop("response", "audio") == "base64"
    values.setdefault("voice", client.default_voice or None)
    return SpeechSpec(**values, organisation=client.organisation.code), as_json


def reading_wish(data: Mapping[str, Any], *, client: Client) -> tuple[SpeechSpec, bool]:
    """What to read, and whether it is SSML. Raises Refusal 422."""
    values = ReadingSerializer().read(data)
    if ("text" in values) == ("ssml" in values):
        missing = "text" not in values
        code = "text_required" if missing else "text_or_ssml"
        message = _("缺少必填字段 text 或 ssml。") if missing else _("text 与 ssml 只能填写一个。")
        raise Refusal(422, code, message, errors=(FieldProblem("text", code, message),))
    spec = SpeechSpec(
        text=values.get("text") or values["ssml"],
        voice=values.get("voice") or client.default_voice or None,
        organisation=client.organisation.code,
    )
    return spec, "ssml" in values
