"""The doors: each reads what was sent, makes one call, and answers."""

from __future__ import annotations

import logging
import re
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.errors import AccessError
from accounts.middleware import origin_of
from accounts.models import Client
from accounts.services import find_open_client
from accounts.tokens import find_secret, issue_token, revoke_token
from govvoice.api import schema
from govvoice.api.answers import BroadcastSerializer, EmotionSerializer, VoiceSerializer, verdict_answer
from govvoice.api.auth import Caller, caller_of, client_of, let_in
from govvoice.api.dialogues import keep
from govvoice.api.links import link_to, speech_behind
from govvoice.api.negotiation import ProducedTypes, SoundOrJSON
from govvoice.api.parsers import StrictRequest, object_of
from govvoice.api.queries import read_broadcast_query, require_format, single_values
from govvoice.api.quota import charged, give_back
from govvoice.api.refusals import Refusal
from govvoice.api.repeats import once
from govvoice.api.serializers import (
    RevocationSerializer,
    SpeechWish,
    TokenRequestSerializer,
    own_claims,
    reading_wish,
    speech_wish,
)
from govvoice.api.sounds import (
    is_known,
    speech_base64,
    speech_bytes,
    speech_link,
    stored_bytes,
    wanted_range,
)
from govvoice.api.throttles import SpeechThrottle, admit, admit_once, allowance_of, bill_of
from govvoice.api.under_way import under_way
from govvoice.broadcasts.channels import default_voice_of
from govvoice.broadcasts.models import Broadcast, Channel
from govvoice.broadcasts.on_air import approved_rendition, fetch_audio, note_fetch, published
from synthesis.models import Emotion, Voice, VoiceSample
from synthesis.samples import open_audio
from synthesis.services import (
    cached_audio,
    hold_audio,
    note_download,
    request_reading,
    request_screening,
    request_speech,
    require_sayable,
)

log = logging.getLogger(__name__)


class Door(APIView):
    """What all doors of the API share: strict requests, our content negotiation, the caller's limits."""

    content_negotiation_class = ProducedTypes
    http_method_names = ["get", "head", "post"]  # no OPTIONS: the schema describes us

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        return StrictRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        _refuse_impossible_port(request._request)
        _refuse_plain_http(request._request)
        super().initial(request, *args, **kwargs)
        _refuse_method_tricks(request._request)

    def perform_authentication(self, request: Request) -> None:
        """Strangers are counted too, by their address: nobody tries keys faster than others may call."""
        try:
            super().perform_authentication(request)
        except AccessError:
            if client_of(request._request) is None:
                admit(request._request)
            raise

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        allowance = allowance_of(self.request._request)
        for name, value in (allowance.headers() if allowance else {}).items():
            response.headers[name] = value
        return super().finalize_response(request, response, *args, **kwargs)


def _refuse_impossible_port(request: HttpRequest) -> None:
    """Django checks the Host's name and lets any digits pass for its port."""
    port = re.search(r":(\d+)$", request.get_host())
    if port is not None and int(port[1]) > 65_535:
        raise DisallowedHost(port[0])


def _refuse_plain_http(request: HttpRequest) -> None:
    # A redirect would come after the key had already crossed the network in the clear (ASVS 4.1.2).
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise Refusal(403, "https_required", _("接口只接受 HTTPS 请求。"))


def _refuse_method_tricks(request: HttpRequest) -> None:
    """Django folds `post` into POST, and proxies may read an override that we do not: neither is let in."""
    written = request.META.get("REQUEST_METHOD", "")
    if written != written.upper() or "HTTP_X_HTTP_METHOD_OVERRIDE" in request.META:
        raise MethodNotAllowed(written)


class TokenView(Door):
    authentication_classes = ()  # the body says who asks
    permission_classes = ()

    @schema.token
    def post(self, request: Request) -> JsonResponse:
        http = request._request
        wish = TokenRequestSerializer().read(_body(request))
        secret = find_secret(client=wish["client_id"], secret=wish["client_secret"])
        let_in(http, Caller(secret.client, "secret", secret.prefix))
        admit(http)
        issued = issue_token(secret=secret, origin=origin_of(http))
        body = {"access_token": issued.token, "token_type": "Bearer", "expires_in": issued.seconds}
        return JsonResponse(body, headers={"Cache-Control": "no-store"})


class RevokeView(Door):
    @schema.revoke
    def post(self, request: Request) -> HttpResponse:
        wish = RevocationSerializer().read(_body(request))
        claims = own_claims(wish["token"], client=_client(request))
        http = request._request
        revoke_token(claims=claims, actor=caller_of(http), origin=origin_of(http))
        return HttpResponse(status=204)


class SpeechView(Door):
    content_negotiation_class = SoundOrJSON
    throttle_classes = (SpeechThrottle,)

    def get_parser_context(self, http_request: HttpRequest) -> dict[str, Any]:
        context = super().get_parser_context(http_request)
        return {**context, "if_late": lambda: admit_once(http_request)}

    @schema.speech
    def post(self, request: Request) -> HttpResponse:
        http, client, said = request._request, _client(request), _body(request)
        wish = speech_wish(said, client=client)
        return once(
            http,
            client,
            said=said,
            make=lambda: _speak(http, client, wish),
            again=lambda: require_sayable(spec=wish.spec, actor=caller_of(http)),
        )

    def handle_exception(self, exc: Exception) -> Any:
        """What was charged as the call came in is given back, wherever it failed."""
        bill = bill_of(self.request._request)
        if bill:
            give_back(bill)
        return super().handle_exception(exc)


def _speak(request: HttpRequest, client: Client, wish: SpeechWish) -> HttpResponse:
    origin = origin_of(request)
    paid = bill_of(request)
    with nullcontext() if paid else charged(client, wish.characters, address=origin.address):
        making = under_way(client, address=origin.address)
        answer = request_speech(spec=wish.spec, actor=caller_of(request), origin=origin, making=making)
        if wish.session:
            keep(client=client, session=wish.session, plan=answer.plan)
        if wish.response == Client.Response.URL:
            hold_audio(answer)
            return speech_link(answer, link_to(answer.speech, request=request))
    return speech_base64(answer) if wish.response == Client.Response.BASE64 else speech_bytes(answer)


class SpeechAudioView(Door):
    authentication_classes = ()  # the address itself proves that we gave it out
    permission_classes = ()
    content_negotiation_class = SoundOrJSON

    @schema.speech_audio
    def get(self, request: Request, token: str) -> HttpResponse:
        http = request._request
        single_values(request.query_params, known=())
        speech = speech_behind(token)
        let_in(http, Caller(find_open_client(code=speech.caller_id), "link", str(speech.pk)))
        admit(http)
        sound = cached_audio(speech)
        if sound is None:
            raise Http404
        part = wanted_range(http, size=len(sound), etag=f'"{speech.pk}"')
        status = 200 if part is None else 206
        note_download(speech=speech, status=status, actor=caller_of(http), origin=origin_of(http))
        response = stored_bytes(
            sound, part, name=f"speech-{speech.pk}", format=speech.format, sample_rate=speech.sample_rate
        )
        return _with_cache_headers(response, f'"{speech.pk}"')


class ReadingView(Door):
    @schema.readings
    def post(self, request: Request) -> JsonResponse:
        spec = reading_wish(_body(request), client=_client(request))
        script = request_reading(
            spec=spec, actor=caller_of(request._request), origin=origin_of(request._request)
        )
        return JsonResponse(script.as_dict(), json_dumps_params={"ensure_ascii": False})


class ScreeningView(Door):
    @schema.screening
    def post(self, request: Request) -> JsonResponse:
        spec = reading_wish(_body(request), client=_client(request))
        verdict = request_screening(
            spec=spec, actor=caller_of(request._request), origin=origin_of(request._request)
        )
        return JsonResponse(verdict_answer(verdict), json_dumps_params={"ensure_ascii": False})


class VoiceListView(Door):
    @schema.voices
    def get(self, request: Request) -> Response:
        single_values(request.query_params, known=())
        client = _client(request)
        shown = VoiceSerializer(_voices(client), many=True, context=_whose(client)).data
        return Response({"voices": shown})


class VoiceView(Door):
    @schema.voice
    def get(self, request: Request, voice: str) -> Response:
        single_values(request.query_params, known=())
        client = _client(request)
        return Response(VoiceSerializer(_voice(client, voice), context=_whose(client)).data)


class VoiceSampleView(Door):
    content_negotiation_class = SoundOrJSON

    @schema.voice_sample
    def get(self, request: Request, voice: str, emotion: str) -> HttpResponse:
        http = request._request
        single_values(request.query_params, known=())
        sample = _sample(_client(request), voice, emotion)
        etag = f'"{sample.sha256}"'
        if is_known(http, etag):
            return _with_cache_headers(HttpResponse(status=304), etag)
        part = wanted_range(http, size=sample.size, etag=etag)
        response = stored_bytes(
            _sample_bytes(sample),
            part,
            name=f"{voice}-{emotion}",
            format="wav",
            sample_rate=sample.sample_rate,
        )
        return _with_cache_headers(response, etag)


class EmotionListView(Door):
    @schema.emotions
    def get(self, request: Request) -> Response:
        single_values(request.query_params, known=())
        client = _client(request)
        found = Emotion.objects.filter(code__in=client.emotions) if client.emotions else Emotion.objects.all()
        shown = EmotionSerializer(found, many=True, context={"voices": list(_voices(client))})
        return Response({"emotions": shown.data})


class BroadcastListView(Door):
    @schema.broadcasts
    def get(self, request: Request) -> Response:
        query = read_broadcast_query(request.query_params)
        channels = _client(request).channels
        if query.channel is not None:
            channels = [_channel(query.channel, among=channels)]
        found = published(channels=channels)
        shown = BroadcastSerializer(found[query.window], many=True).data
        page = {"count": found.count(), "page": query.page, "page_size": query.page_size}
        return Response({**page, "broadcasts": shown})


class BroadcastView(Door):
    @schema.broadcast
    def get(self, request: Request, code: str) -> Response:
        single_values(request.query_params, known=())
        return Response(BroadcastSerializer(_broadcast(request, code)).data)


class BroadcastAudioView(Door):
    content_negotiation_class = SoundOrJSON

    @schema.broadcast_audio
    def get(self, request: Request, code: str) -> HttpResponse:
        http = request._request
        broadcast = _broadcast(request, code)
        rendition = approved_rendition(broadcast)
        require_format(request.query_params, offered=rendition.format)
        etag = f'"{rendition.sha256}"'
        actor, origin = caller_of(http), origin_of(http)
        if is_known(http, etag):
            note_fetch(broadcast=broadcast, rendition=rendition, status=304, actor=actor, origin=origin)
            return _with_cache_headers(HttpResponse(status=304), etag)
        part = wanted_range(http, size=rendition.size or 0, etag=etag)
        data = fetch_audio(
            broadcast=broadcast, status=200 if part is None else 206, actor=actor, origin=origin
        )
        response = stored_bytes(
            data, part, name=broadcast.code, format=rendition.format, sample_rate=rendition.sample_rate or 0
        )
        return _with_cache_headers(response, etag)


class SchemaView(Door):
    @schema.itself
    def get(self, request: Request) -> JsonResponse:
        single_values(request.query_params, known=())
        return JsonResponse(schema.document(request), json_dumps_params={"ensure_ascii": False})


def _client(request: Request) -> Client:
    client = client_of(request._request)
    assert client is not None  # noqa: S101  (nobody else passes ApiKeyAuthentication)
    return client


def _body(request: Request) -> dict[str, Any]:
    """What was sent, all of it in the body. Raises Refusal: 400, 408, 413 or 415."""
    single_values(request.query_params, known=())
    return object_of(request)


def _voices(client: Client) -> QuerySet[Voice]:
    """What the client may ask for."""
    active = Voice.objects.filter(is_active=True, speaker__is_active=True)
    if client.voices:
        active = active.filter(code__in=client.voices)
    return active.select_related("speaker").prefetch_related("voiceemotion_set__emotion", "samples__emotion")


def _whose(client: Client) -> dict[str, Any]:
    return {"client": client, "default_voice": default_voice_of(client)}


def _voice(client: Client, code: str) -> Voice:
    """Raises Refusal 404."""
    found = _voices(client).filter(code=code).first()
    if found is None:
        raise Refusal(404, "voice_unknown", _("没有这个发音人。"))
    return found


def _sample(client: Client, code: str, emotion: str) -> VoiceSample:
    """The voice's sample in an emotion that it is offered with, to this client too. Raises Refusal 404."""
    voice = _voice(client, code)
    offered = voice.voiceemotion_set.filter(is_active=True, emotion__code=emotion).exists()
    found = voice.samples.filter(emotion__code=emotion).first()
    if found is None or not offered or (client.emotions and emotion not in client.emotions):
        raise Refusal(404, "sample_unknown", _("没有这段样音；刚启用的发音人，样音稍后生成。"))
    return found


def _sample_bytes(sample: VoiceSample) -> bytes:
    try:
        return open_audio(sample)
    except (OSError, ValueError) as error:
        log.exception("the sample %s cannot be given out", sample.path)
        raise Refusal(503, "audio_damaged", _("样音缺失或已损坏，请联系管理员。")) from error


def _channel(code: str, *, among: list[str]) -> str:
    """The code of a channel that is there for the client. Raises Refusal 404."""
    if (among and code not in among) or not Channel.objects.filter(code=code).exists():
        raise Refusal(404, "channel_unknown", _("没有这个渠道。"))
    return code


def _broadcast(request: Request, code: str) -> Broadcast:
    found = published(channels=_client(request).channels).filter(code=code).first()
    if found is None:
        raise Http404
    return found


def _with_cache_headers(response: HttpResponse, etag: str) -> HttpResponse:
    """Kept by the caller, asked about each time: a withdrawn broadcast must fall silent at once."""
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Accept-Ranges"] = "bytes"
    return response
