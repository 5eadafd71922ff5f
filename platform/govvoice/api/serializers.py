"""What callers may send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from accounts.errors import TokenExpired, TokenInvalid
from accounts.models import Client
from accounts.tokens import LONGEST, Claims, read_token
from govvoice.api.dialogues import recall
from govvoice.api.fields import (
    CATEGORY,
    EMOTION,
    MARKUP_LIMIT,
    SESSION,
    VOICE,
    CodeField,
    MarkupField,
    NumberField,
    OneOfField,
    PlainField,
    SpokenTextField,
    WholeNumberField,
)
from govvoice.api.markup import spoken_characters
from govvoice.api.refusals import FieldRefused, Refusal, printable
from govvoice.broadcasts.channels import default_voice_of
from govvoice.problems import FieldProblem
from synthesis.audio import FORMATS, OUTPUT_RATES
from synthesis.categories import find_category
from synthesis.spec import SpeechSpec


class StrictSerializer(serializers.Serializer[Any]):
    """Reads an object whose fields are all known. A field is left out, or has a value: null is none."""

    def read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The values that were sent, by name. Raises Refusal 422 that names every field at fault."""
        values: dict[str, Any] = {}
        problems: list[FieldProblem] = []
        problems += self._whole(data)
        for name, field in self.fields.items():
            try:
                values |= _value_of(name, field, data)
            except FieldRefused as refused:
                problems.append(refused.at(name))
        problems += self._unknown(data)
        if problems:
            raise Refusal(422, problems[0].code, problems[0].message, errors=tuple(problems))
        return values

    def _whole(self, data: Mapping[str, Any]) -> Iterator[FieldProblem]:
        """What is wrong with the object that no field of it can tell."""
        yield from ()

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


class SpokenSerializer(StrictSerializer):
    """What every request for speaking or reading begins with: `text` or `ssml`, and a voice."""

    text = SpokenTextField(
        required=False, min_length=1, max_length=500, help_text="文本，1 至 500 个字符；与 ssml 二者取一。"
    )
    ssml = MarkupField(
        required=False,
        min_length=1,
        max_length=MARKUP_LIMIT,
        help_text=f"SSML，至多 {MARKUP_LIMIT} 个字符，其中朗读的至多 500 个；与 text 二者取一。",
    )
    voice = CodeField(
        pattern=VOICE,
        code="voice_unknown",
        message=gettext_lazy("没有这个发音人。"),
        required=False,
        help_text="发音人编号，见 /api/v1/voices；缺省时用接入系统的默认发音人。",
    )

    def _whole(self, data: Mapping[str, Any]) -> Iterator[FieldProblem]:
        if "text" in data and "ssml" in data:
            yield FieldProblem("text", "text_or_ssml", _("text 与 ssml 只能填写一个。"))
        elif "text" not in data and "ssml" not in data:
            yield FieldProblem("text", "text_required", _("缺少必填字段 text 或 ssml。"))


class SpeechSerializer(SpokenSerializer):
    """一次合成请求：text 与 ssml 二者取一；不允许其他字段。"""

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
    category = CodeField(
        pattern=CATEGORY,
        code="category_unknown",
        message=gettext_lazy("没有这个播报类别。"),
        required=False,
        help_text="播报类别编号，如 obituary；其允许的情感和默认情感由门户“播报类别”规定。",
    )
    session = CodeField(
        pattern=SESSION,
        code="session_invalid",
        message=gettext_lazy("session 应为 1 到 64 个可见的 ASCII 字符。"),
        required=False,
        help_text="会话编号，1 至 64 个可见 ASCII 字符；30 分钟内沿用发音人和情感，显式给出的值优先。",
    )
    response = OneOfField(
        code="response",
        options=tuple(Client.Response.values),
        required=False,
        help_text="audio 直接返回音频，base64、url 返回 JSON；缺省按接入系统的设置。",
    )


class ReadingSerializer(SpokenSerializer):
    """一次读音查询或文本检查：text 与 ssml 二者取一；不允许其他字段。"""


class TokenRequestSerializer(StrictSerializer):
    """系统代码和客户端密钥；不允许其他字段。"""

    client_id = PlainField(min_length=1, max_length=32, help_text="系统代码。")
    client_secret = PlainField(min_length=1, max_length=100, help_text="客户端密钥 gvs_…。")


class RevocationSerializer(StrictSerializer):
    """要吊销的令牌；不允许其他字段。"""

    token = PlainField(min_length=1, max_length=LONGEST, help_text="本系统的令牌。")


def own_claims(token: str, *, client: Client) -> Claims:
    """What the client's own token says. Raises Refusal 422 for any other text."""
    try:
        claims = read_token(token)
    except (TokenInvalid, TokenExpired):
        claims = None
    if claims is None or claims.client != client.code:
        problem = FieldProblem("token", "token_invalid", _("不是本系统的有效令牌。"))
        raise Refusal(422, problem.code, problem.message, errors=(problem,))
    return claims


@dataclass(frozen=True, slots=True)
class SpeechWish:
    """What to speak, how many characters that is, and how the sound is answered with.

    `session` is whose voice and emotion it keeps, empty where there is none.
    """

    spec: SpeechSpec
    characters: int
    response: Client.Response
    session: str = ""


def speech_wish(data: Mapping[str, Any], *, client: Client) -> SpeechWish:
    """Raises Refusal 422, TextRefused, CategoryUnknown, SpeechUnavailable.

    What is not said comes from the session, then an emotion from the category.
    """
    values = SpeechSerializer().read(data)
    response = Client.Response(values.pop("response", client.response))
    session = values.pop("session", "")
    if session:
        values = {**recall(client=client, session=session, given=values), **values}
    if "category" in values and "emotion" not in values:
        values = {**_usual(values["category"]), **values}
    spec = _spec(values, client)
    return SpeechWish(spec, spoken_characters(spec), response, session)


def _usual(category: str) -> dict[str, Any]:
    found = find_category(category)
    return {"emotion": found.default_emotion, "intensity": found.default_intensity}


def reading_wish(data: Mapping[str, Any], *, client: Client) -> SpeechSpec:
    """What to read. Raises Refusal 422, TextRefused."""
    spec = _spec(ReadingSerializer().read(data), client)
    spoken_characters(spec)
    return spec


def _spec(values: dict[str, Any], client: Client) -> SpeechSpec:
    markup = values.pop("ssml", None)
    if "voice" not in values:
        values["voice"] = default_voice_of(client) or None
    values.setdefault("text", markup)
    spec = SpeechSpec(
        **values,
        is_ssml=markup is not None,
        organisation=client.organisation.code,
        voices=client.voices,
        emotions=client.emotions,
    )
    if client.formats and spec.format not in client.formats:
        raise _format_not_allowed(spec.format, offered=client.formats)
    return spec


def _format_not_allowed(format: str, *, offered: list[str]) -> Refusal:
    message = _("该接入系统不能使用音频格式 %(format)s，可用：%(offered)s。") % {
        "format": format,
        "offered": "、".join(offered),
    }
    problem = FieldProblem("format", "format_not_allowed", message)
    return Refusal(403, problem.code, message, errors=(problem,))
