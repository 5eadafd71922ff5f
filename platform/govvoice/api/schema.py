"""What the OpenAPI document says of each door (drf-spectacular)."""

from __future__ import annotations

import re
from threading import Lock
from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.request import Request

from govvoice.api.answers import BroadcastSerializer, EmotionSerializer, VoiceSerializer
from govvoice.api.queries import CHANNEL, DEFAULT_PAGE_SIZE, MAX_PAGE, MAX_PAGE_SIZE
from govvoice.api.repeats import HEADER, PATTERN, REPEATED
from govvoice.api.serializers import (
    ReadingSerializer,
    RevocationSerializer,
    SpeechSerializer,
    SpokenSerializer,
    TokenRequestSerializer,
)
from govvoice.problems import CONTENT_TYPE, TITLES

# drf-spectacular looks its extensions up at first use, and two who do so at once trip over each other.
_ONE_AT_A_TIME = Lock()
_COMMON = (401, 403, 405, 406, 429, 503)


def document(request: Request) -> dict[str, Any]:
    """The whole OpenAPI document, whoever asks."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    with _ONE_AT_A_TIME:
        made: dict[str, Any] = generator.get_schema(request=request, public=True)  # type: ignore[no-untyped-call]
    for path in made["paths"].values():
        for operation in path.values():
            if "requestBody" in operation:  # the generator takes a body without required fields for optional
                operation["requestBody"]["required"] = True
    return made


class FieldProblemSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    position = serializers.IntegerField(required=False, help_text="从 0 起的码点位置。")
    limit = serializers.IntegerField(required=False)
    length = serializers.IntegerField(required=False)
    review = serializers.CharField(required=False, help_text="待审编号。")


PROBLEM = inline_serializer(
    "Problem",
    {
        "type": serializers.CharField(),
        "title": serializers.CharField(),
        "status": serializers.IntegerField(),
        "detail": serializers.CharField(),
        "code": serializers.CharField(help_text="稳定的错误代码，程序应据此判断。"),
        "request_id": serializers.CharField(),
        "errors": FieldProblemSerializer(many=True),
    },
)


UNREADABLE = inline_serializer(
    "Unreadable",
    {
        "start": serializers.IntegerField(),
        "end": serializers.IntegerField(),
        "text": serializers.CharField(),
        "reason": serializers.CharField(),
    },
    many=True,
)


class SpeechFactsSerializer(serializers.Serializer[Any]):
    """What every answer in JSON says of the sound."""

    id = serializers.UUIDField()
    media_type = serializers.CharField()
    format = serializers.CharField()
    sample_rate = serializers.IntegerField()
    duration = serializers.FloatField(help_text="秒。")
    voice = serializers.CharField()
    engine = serializers.CharField()
    cache = serializers.CharField()
    unreadable = UNREADABLE


class SpeechAnswerSerializer(SpeechFactsSerializer):
    """The answer to `"response": "base64"`."""

    audio = serializers.CharField(help_text="Base64 编码的音频。")


class SpeechLinkSerializer(SpeechFactsSerializer):
    """The answer to `"response": "url"`."""

    url = serializers.URLField(help_text="音频的下载地址，无需密钥，只能从本系统的 IP 白名单内访问。")
    expires_at = serializers.DateTimeField(help_text="地址失效的时间。")


def _span() -> dict[str, Any]:
    return {"start": serializers.IntegerField(), "end": serializers.IntegerField()}


class ReadingAnswerSerializer(serializers.Serializer[Any]):
    """How a text is read; positions count code points of `text` from 0, half open."""

    text = serializers.CharField()
    normalized = serializers.CharField(help_text="数字、日期、符号等改写为文字之后的文本。")
    syllables = inline_serializer(
        "Syllable",
        {
            "char": serializers.CharField(),
            **_span(),
            "pinyin": serializers.CharField(help_text="变调之后实际读出的音节。"),
            "base": serializers.CharField(help_text="词典中的音节。"),
        },
        many=True,
    )
    phrases = inline_serializer(
        "SpokenPhrase",
        {
            "text": serializers.CharField(),
            **_span(),
            "phones": serializers.ListField(child=serializers.CharField()),
            "pause": serializers.FloatField(help_text="其后的停顿（秒）。"),
        },
        many=True,
    )
    unreadable = UNREADABLE


class ScreeningAnswerSerializer(serializers.Serializer[Any]):
    """What the word lists say of a text; positions count code points of what was sent, half open."""

    verdict = serializers.ChoiceField(
        choices=("pass", "record", "mask", "review", "block"),
        help_text="合成时会怎样：放行、放行并计次、读替换文本、转入待审、拦截；以最严的命中为准。",
    )
    hits = inline_serializer(
        "ScreeningHit",
        {
            **_span(),
            "text": serializers.CharField(help_text="原文中的这一段。"),
            "category": serializers.CharField(help_text="类别代码。"),
            "level": serializers.ChoiceField(choices=("record", "mask", "review", "block")),
            "suggestion": serializers.CharField(help_text="将读出的替换文本；没有则为空。"),
        },
        many=True,
    )


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "govvoice.api.auth.ApiKeyAuthentication"
    name = ["bearer", "apiKey"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """Either of the two; REST framework's default would ask for both."""
        return [{"bearer": []}, {"apiKey": []}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "description": "接入系统的密钥 gv_… 或令牌"},
            {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        ]


class Coded(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "govvoice.api.fields.CodeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return _coded(self.target.pattern)


class Strict(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """What no field can say of itself: there are no others, and of text and SSML exactly one."""

    target_class = "govvoice.api.serializers.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        mapped: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        mapped["additionalProperties"] = False
        if isinstance(self.target, SpokenSerializer):
            mapped["oneOf"] = [{"required": ["text"]}, {"required": ["ssml"]}]
        return mapped


def _problems(*statuses: int) -> dict[Any, Any]:
    return {
        (status, CONTENT_TYPE): OpenApiResponse(PROBLEM, description=str(TITLES[status]))
        for status in sorted({*statuses, *_COMMON})
    }


def _sound(description: str, *, status: int = 200) -> dict[Any, Any]:
    return {
        (status, kind): OpenApiResponse(OpenApiTypes.BINARY, description=description)
        for kind in ("audio/wav", "audio/pcm")
    }


def _coded(pattern: re.Pattern[str]) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern.pattern}$"}


def _counted(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most}


def _answer_header(name: str, description: str, kind: Any = str) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description, response=[200])


def _listing(name: str, field: str, item: serializers.BaseSerializer[Any], **more: Any) -> Any:
    return inline_serializer(name, {**more, field: item})


token = extend_schema(
    operation_id="token",
    summary="获取令牌",
    description="以系统代码和客户端密钥换取 10 分钟有效的访问令牌（EdDSA 签名的 JWT）。",
    auth=[],
    request={"application/json": TokenRequestSerializer},
    responses={
        200: inline_serializer(
            "Token",
            {
                "access_token": serializers.CharField(),
                "token_type": serializers.CharField(help_text="固定为 Bearer。"),
                "expires_in": serializers.IntegerField(help_text="有效秒数。"),
            },
        ),
        **_problems(400, 408, 413, 415, 422),
    },
)
revoke = extend_schema(
    operation_id="revoke",
    summary="吊销令牌",
    description="吊销本系统的一个令牌，1 秒内在所有进程生效；重复吊销不出错。",
    request={"application/json": RevocationSerializer},
    responses={204: OpenApiResponse(description="已吊销。"), **_problems(400, 408, 413, 415, 422)},
)
speech = extend_schema(
    operation_id="speech",
    summary="合成语音",
    description="文本或 SSML 即时合成为音频。未知字段、类型不符的取值一律拒绝。",
    request={"application/json": SpeechSerializer},
    parameters=[
        OpenApiParameter(
            HEADER,
            {"type": "string", "pattern": f"^{PATTERN}$"},
            OpenApiParameter.HEADER,
            description="同一个值、同样的请求体 24 小时内只执行一次，再次发送得到首次的应答。",
        ),
        _answer_header(REPEATED, "true 表示这是首次应答的重复，没有再次计费。"),
        _answer_header("X-Speech-Id", "本次合成的编号。"),
        _answer_header("X-Cache", "hit-l1、hit-l2、partial、miss 或 joined。"),
        _answer_header("X-Audio-Duration", "时长（秒）。", float),
        _answer_header("X-Voice", "发音人编号；SSML 用了几个时按出场次序以逗号分隔。"),
        _answer_header("X-Engine", "合成引擎。"),
        _answer_header("X-Unreadable", "无法朗读的字符（ASCII JSON，最多 20 项），没有时不出现。"),
        _answer_header("X-Unreadable-Count", "无法朗读的字符总数，没有时不出现。", int),
    ],
    responses={
        **_sound("合成的音频。"),
        (200, "application/json"): PolymorphicProxySerializer(
            component_name="SpeechInJson",
            serializers=[SpeechAnswerSerializer, SpeechLinkSerializer],
            resource_type_field_name=None,
        ),
        **_problems(400, 408, 409, 413, 415, 422),
    },
)
speech_audio = extend_schema(
    operation_id="speech_audio",
    summary="已合成的音频",
    description="应答方式为 url 时给出的地址：10 分钟有效，无需密钥，须从 IP 白名单内访问；支持单段 Range。",
    auth=[],
    parameters=[
        OpenApiParameter("token", str, OpenApiParameter.PATH, description="签名的地址，原样使用。"),
        OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="一段字节范围。"),
    ],
    responses={
        **_sound("全部音频。"),
        **_sound("所请求的一段。", status=206),
        **_problems(400, 404, 416),
    },
)
readings = extend_schema(
    operation_id="readings",
    summary="查询读音",
    description="文本会怎样读：规整后的文字、每个音节、分句与停顿。不合成、不计字数，计入调用频率。",
    request={"application/json": ReadingSerializer},
    responses={200: ReadingAnswerSerializer, **_problems(400, 408, 413, 415, 422)},
)
screening = extend_schema(
    operation_id="screening",
    summary="检查文本",
    description="按对本系统生效的词库判断文本，原文与读法都判断。不合成、不计字数、不转入待审，计入调用频率。",
    request={"application/json": ReadingSerializer},
    responses={200: ScreeningAnswerSerializer, **_problems(400, 408, 413, 415, 422)},
)
voices = extend_schema(
    operation_id="voices",
    summary="可用的发音人",
    description="当前可以使用的发音人及其情感。",
    responses={200: _listing("Voices", "voices", VoiceSerializer(many=True)), **_problems(400)},
)
voice = extend_schema(
    operation_id="voice",
    summary="一个发音人",
    description="按编号查询发音人。",
    parameters=[OpenApiParameter("voice", str, OpenApiParameter.PATH)],
    responses={200: VoiceSerializer, **_problems(400, 404)},
)
voice_sample = extend_schema(
    operation_id="voice_sample",
    summary="发音人的样音",
    description="固定的一句话，由平台事先合成；地址见发音人的 samples。支持 ETag 与单段 Range，不计字数。",
    parameters=[
        OpenApiParameter("voice", str, OpenApiParameter.PATH),
        OpenApiParameter("emotion", str, OpenApiParameter.PATH),
        OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
        OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="一段字节范围。"),
        _answer_header("ETag", "音频的 SHA-256。"),
    ],
    responses={
        (200, "audio/wav"): OpenApiResponse(OpenApiTypes.BINARY, description="全部音频。"),
        (206, "audio/wav"): OpenApiResponse(OpenApiTypes.BINARY, description="所请求的一段。"),
        304: OpenApiResponse(description="未变化。"),
        **_problems(400, 404, 416),
    },
)
emotions = extend_schema(
    operation_id="emotions",
    summary="情感一览",
    description="平台的情感目录，强度范围，可用的发音人与样音。",
    responses={200: _listing("Emotions", "emotions", EmotionSerializer(many=True)), **_problems(400)},
)
broadcasts = extend_schema(
    operation_id="broadcasts",
    summary="播出中的播报",
    description="已批准并发布的播报，最新的在前。",
    parameters=[
        OpenApiParameter("channel", _coded(CHANNEL), description="渠道代码。"),
        OpenApiParameter("page", _counted(MAX_PAGE), description=f"第几页，1 至 {MAX_PAGE}，缺省 1。"),
        OpenApiParameter(
            "page_size",
            _counted(MAX_PAGE_SIZE),
            description=f"每页条数，1 至 {MAX_PAGE_SIZE}，缺省 {DEFAULT_PAGE_SIZE}。",
        ),
    ],
    responses={
        200: _listing(
            "Broadcasts",
            "broadcasts",
            BroadcastSerializer(many=True),
            count=serializers.IntegerField(),
            page=serializers.IntegerField(),
            page_size=serializers.IntegerField(),
        ),
        **_problems(400, 404),
    },
)
broadcast = extend_schema(
    operation_id="broadcast",
    summary="一条播报",
    description="按编号查询播出中的播报。",
    parameters=[OpenApiParameter("code", str, OpenApiParameter.PATH)],
    responses={200: BroadcastSerializer, **_problems(400, 404)},
)
broadcast_audio = extend_schema(
    operation_id="broadcast_audio",
    summary="播报的成品音频",
    description="批准时的那份音频，按 SHA-256 核对后送出；支持 ETag 与单段 Range。",
    parameters=[
        OpenApiParameter("code", str, OpenApiParameter.PATH),
        OpenApiParameter("format", str, description="可不填；填写时应为该播报的音频格式。"),
        OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
        OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="一段字节范围。"),
        _answer_header("ETag", "音频的 SHA-256。"),
    ],
    responses={
        **_sound("全部音频。"),
        (206, "audio/wav"): OpenApiResponse(OpenApiTypes.BINARY, description="所请求的一段。"),
        304: OpenApiResponse(description="未变化。"),
        **_problems(400, 404, 416),
    },
)
itself = extend_schema(
    operation_id="schema",
    summary="本文档",
    description="本接口的 OpenAPI 3.1 文档。",
    responses={(200, "application/json"): OpenApiTypes.OBJECT, **_problems(400)},
)
