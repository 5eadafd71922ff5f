"""Sound on the wire: headers, byte ranges, and sound inside JSON."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from govvoice.api.links import Link
from govvoice.api.refusals import Refusal
from synthesis.audio import FORMATS
from synthesis.services import Answer
from synthesis.text import Unreadable

# A header has little room with proxies: so many are listed, X-Unreadable-Count tells of all.
UNREADABLE_LISTED = 20

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def media_type(format: str, sample_rate: int) -> str:
    """A WAV says its rate itself; raw samples (16 bit, little endian, mono) need to be told about."""
    kind = FORMATS[format].media_type
    return f"{kind};rate={sample_rate};channels=1" if format == "pcm" else kind


def speech_headers(answer: Answer) -> dict[str, str]:
    speech = answer.speech
    headers = {
        "X-Speech-Id": str(speech.pk),
        "X-Cache": speech.cache,
        "X-Audio-Duration": f"{speech.seconds:.3f}",
        "X-Voice": ",".join(voice.code for voice in answer.plan.voices),
        "X-Engine": ",".join(dict.fromkeys(voice.engine for voice in answer.plan.voices)),
        "Cache-Control": "no-store",
    }
    unreadable = answer.plan.script.unreadable
    if unreadable:
        headers["X-Unreadable"] = json.dumps(_listed(unreadable[:UNREADABLE_LISTED]), separators=(",", ":"))
        headers["X-Unreadable-Count"] = str(len(unreadable))
    return headers


def speech_bytes(answer: Answer) -> HttpResponse:
    speech = answer.speech
    response = HttpResponse(
        answer.sounding.audio,
        content_type=media_type(speech.format, speech.sample_rate),
        headers=speech_headers(answer),
    )
    # The name is made here of our own id; nothing a caller wrote gets into the header.
    response["Content-Disposition"] = _attachment(f"speech-{speech.pk}", speech.format)
    return response


def speech_base64(answer: Answer) -> JsonResponse:
    return _speech_json(answer, {"audio": base64.b64encode(answer.sounding.audio).decode("ascii")})


def speech_link(answer: Answer, link: Link) -> JsonResponse:
    return _speech_json(answer, {"url": link.url, "expires_at": link.expires_at.isoformat()})


def _speech_json(answer: Answer, sound: dict[str, str]) -> JsonResponse:
    speech = answer.speech
    body = {
        "id": str(speech.pk),
        **sound,
        "media_type": media_type(speech.format, speech.sample_rate),
        "format": speech.format,
        "sample_rate": speech.sample_rate,
        "duration": speech.seconds,
        "voice": speech.voice,
        "engine": answer.plan.voice.engine,
        "cache": speech.cache,
        "unreadable": _listed(answer.plan.script.unreadable),
    }
    return JsonResponse(body, headers=speech_headers(answer), json_dumps_params={"ensure_ascii": False})


def _listed(unreadable: tuple[Unreadable, ...]) -> list[dict[str, Any]]:
    return [
        {"start": piece.start, "end": piece.end, "text": piece.text, "reason": piece.reason}
        for piece in unreadable
    ]


def _attachment(name: str, format: str) -> str:
    return f'attachment; filename="{name}.{FORMATS[format].extension}"'


# --- stored audio ----------------------------------------------------------------------------------------


def is_known(request: HttpRequest, etag: str) -> bool:
    """Whether the caller holds these bytes already (If-None-Match, which compares weakly)."""
    given = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    return given == ["*"] or etag in (tag.removeprefix("W/") for tag in given)


def wanted_range(request: HttpRequest, *, size: int, etag: str) -> range | None:
    """The bytes asked for; None for all of them. Raises Refusal 416.

    One range is served; several, or one that makes no sense, get 416 rather than the whole once more.
    """
    header = request.META.get("HTTP_RANGE", "").strip()
    if not header or request.META.get("HTTP_IF_RANGE", etag) != etag:
        return None
    match = _RANGE.fullmatch(header)
    found = _resolve(match[1], match[2], size) if match else None
    if not found:
        headers = {"Content-Range": f"bytes */{size}"}
        raise Refusal(416, "range_invalid", _("Range 无法满足：只支持一段有效的字节范围。"), headers=headers)
    return found


def _resolve(first: str, last: str, size: int) -> range | None:
    """first-last, first- or -length, cut to the size; empty or None when there is no such part."""
    if not first:
        return range(max(0, size - int(last)), size) if last else None
    return range(int(first), min(int(last) + 1, size) if last else size)


def stored_bytes(
    data: bytes, part: range | None, *, name: str, format: str, sample_rate: int
) -> HttpResponse:
    """200 with all of `data`, or 206 with a part of it."""
    body = data if part is None else data[part.start : part.stop]
    response = HttpResponse(body, status=200 if part is None else 206)
    response["Content-Type"] = media_type(format, sample_rate)
    response["Content-Disposition"] = _attachment(name, format)
    if part is not None:
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    return response
