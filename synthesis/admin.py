"""Speakers, voices, emotions and answered requests in the portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.admin import ReadOnlyAdmin
from accounts.middleware import origin_of
from accounts.models import Client, Staff
from accounts.services import staff_actor
from audit.parties import Actor, Origin
from synthesis import versions
from synthesis.catalogue import replay
from synthesis.enrolment import offer_emotions
from synthesis.errors import SpeechError
from synthesis.models import Emotion, Speech, Voice
from synthesis.services import audition
from synthesis.voice_page import facts

_Deed = Callable[[Actor, Origin], None]


def _may_change(request: HttpRequest) -> bool:
    return cast(Staff, request.user).has_perm("synthesis.change_voice")


@admin.register(Voice)
class VoiceAdmin(ReadOnlyAdmin):
    """Versions, emotions and loads of each voice; switching it and its defaults is the speakers' pages'."""

    intro = gettext_lazy("音色是发音人在某一引擎上的声音；接口调用方在 voice 参数中填写其代码。")
    list_display_links = ("speaker",)
    list_display = (
        "speaker",
        "code",
        "engine",
        "hertz",
        "speed_class",
        "emotion_list",
        "is_default",
        "is_active",
    )
    list_filter = ("speed_class", "is_active")
    list_select_related = ("speaker",)
    search_fields = ("code", "speaker__name")
    fields = (
        "speaker", "code", "engine", "hertz", "speed_class", "emotion_list", "licence", "provenance",
        "is_default", "is_active",
    )  # fmt: skip
    readonly_fields = fields
    change_form_template = "admin/synthesis/voice/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Voice]:
        found = super().get_queryset(request)
        return cast("QuerySet[Voice]", found.prefetch_related("voiceemotion_set__emotion"))

    @admin.display(description=gettext_lazy("原生采样率"))
    def hertz(self, row: Voice) -> str:
        return f"{row.sample_rate:,} Hz"

    @admin.display(description=gettext_lazy("情感"))
    def emotion_list(self, row: Voice) -> str:
        return "、".join(str(offered) for offered in row.voiceemotion_set.all() if offered.is_active)

    def get_urls(self) -> list[URLPattern]:
        doors = [
            path(
                "<int:pk>/sample/<slug:emotion>",
                self.admin_site.admin_view(require_safe(self.sample_view)),
                name="voice-sample",
            ),
            path("<int:pk>/emotions", self.admin_site.admin_view(self.emotions_view), name="voice-emotions"),
            path("<int:pk>/versions", self.admin_site.admin_view(self.versions_view), name="voice-versions"),
        ]
        return doors + cast("list[URLPattern]", super().get_urls())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        voice = self.get_object(request, object_id)
        shown = facts(voice) if voice and self.has_view_permission(request, voice) else {}
        shown = {**shown, "voice": voice, "may_change": _may_change(request)}
        return cast(
            HttpResponse,
            super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})}),
        )

    def sample_view(self, request: HttpRequest, pk: int, emotion: str) -> HttpResponse:
        """The voice, or its candidate, in one emotion, offered or not."""
        voice = self._mine(request, pk)
        wants_candidate = request.GET.get("version") == "candidate"
        model = voice.candidate_model if wants_candidate else voice.model
        if (wants_candidate and not model) or not voice.emotions.filter(code=emotion).exists():
            raise Http404
        try:
            answer = audition(
                voice=voice,
                emotion=emotion,
                model=model,
                actor=staff_actor(cast(Staff, request.user)),
                origin=origin_of(request),
            )
        except SpeechError as error:
            return HttpResponse(str(error.message), status=error.status, content_type="text/plain")
        return HttpResponse(answer.sounding.audio, content_type="audio/wav")

    def emotions_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        voice = self._mine(request, pk)
        return self._done(
            request,
            voice,
            _("可用情感已更新。"),
            lambda actor, origin: offer_emotions(
                voice=voice, offered=request.POST.getlist("emotion"), actor=actor, origin=origin
            ),
        )

    def versions_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        voice = self._mine(request, pk)
        percent = request.POST.get("share", "")
        deeds: dict[str, tuple[str, _Deed]] = {
            "share": (
                _("候选版本的流量已调整。"),
                lambda actor, origin: versions.share(
                    voice=voice,
                    percent=int(percent) if percent.isdecimal() else -1,
                    actor=actor,
                    origin=origin,
                ),
            ),
            "promote": (
                _("候选版本已转正。"),
                lambda actor, origin: versions.promote(voice=voice, actor=actor, origin=origin),
            ),
            "roll_back": (
                _("版本已回退。"),
                lambda actor, origin: versions.roll_back(voice=voice, actor=actor, origin=origin),
            ),
        }
        if request.POST.get("deed") not in deeds:
            raise Http404
        return self._done(request, voice, *deeds[request.POST["deed"]])

    def _mine(self, request: HttpRequest, pk: int) -> Voice:
        """Raises PermissionDenied, Http404."""
        if not _may_change(request):
            raise PermissionDenied
        return get_object_or_404(Voice.objects.select_related("speaker"), pk=pk)

    def _done(self, request: HttpRequest, voice: Voice, words: str, deed: _Deed) -> HttpResponse:
        """Back to the voice's page, with what became of it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            deed(staff_actor(cast(Staff, request.user)), origin_of(request))
            messages.success(request, words)
        except SpeechError as error:
            messages.error(request, str(error.message))
        return HttpResponseRedirect(reverse("admin:synthesis_voice_change", args=[voice.pk]))


@admin.register(Emotion)
class EmotionAdmin(ReadOnlyAdmin):
    intro = gettext_lazy("全平台统一的情感目录；每个音色支持其中一部分，强度、语速、语调可在试听台调节。")
    list_display = ("local_label", "code", "description", "voice_list")
    search_fields = ("name", "name_en", "code")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Emotion]:
        found = super().get_queryset(request)
        return cast("QuerySet[Emotion]", found.prefetch_related("voiceemotion_set__voice__speaker"))

    @admin.display(description=gettext_lazy("名称"))
    def local_label(self, row: Emotion) -> str:
        return row.local_name

    @admin.display(description=gettext_lazy("支持的音色"))
    def voice_list(self, row: Emotion) -> str:
        voices = [offer.voice for offer in row.voiceemotion_set.all() if offer.is_active]
        voices = [voice for voice in voices if voice.is_active]
        voices.sort(key=lambda voice: (voice.speaker.position, voice.pk))
        return "、".join(map(str, voices))


class CallerFilter(admin.SimpleListFilter):
    title = gettext_lazy("调用方")
    parameter_name = "caller"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("client", gettext_lazy("接入系统")), ("staff", gettext_lazy("工作人员"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(caller_kind=self.value()) if self.value() else queryset


class VoiceFilter(admin.SimpleListFilter):
    title = gettext_lazy("发音人")
    parameter_name = "voice"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(voice.code, str(voice)) for voice in Voice.objects.select_related("speaker")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(voice=self.value()) if self.value() else queryset


@admin.register(Speech)
class SpeechAdmin(ReadOnlyAdmin):
    intro = gettext_lazy(
        "每次合成一行，只记文本摘要与字数，不留存文本。音频仅在缓存期内可以重放，重放记入审计日志。"
    )
    list_display = (
        "created_at", "caller_name", "speaker_name", "emotion_name", "characters", "duration", "took",
        "cache_name", "player",
    )  # fmt: skip
    list_filter = (CallerFilter, VoiceFilter, "created_at")
    search_fields = ("caller_name", "request_id")
    search_help_text = gettext_lazy("搜索调用方名称或请求编号")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Speech]:
        name = "name_en" if (get_language() or "").startswith("en") else "name"
        emotion = Emotion.objects.filter(code=OuterRef("emotion")).values(name)
        speaker = Voice.objects.filter(code=OuterRef("voice")).values(f"speaker__{name}")
        staff = cast(Staff, request.user)
        colleagues = Staff.objects.filter(organisation=staff.organisation)
        own = [str(pk) for pk in colleagues.values_list("pk", flat=True)]
        clients = Client.objects.filter(organisation=staff.organisation).values("code")
        asked = Q(caller_kind="staff", caller_id__in=own) | Q(caller_kind="client", caller_id__in=clients)
        found = super().get_queryset(request).filter(asked)
        return cast(
            "QuerySet[Speech]",
            found.annotate(emotion_label=Subquery(emotion), speaker_label=Subquery(speaker)),
        )

    def get_urls(self) -> list[URLPattern]:
        audio = self.admin_site.admin_view(require_safe(self.audio_view))
        urls = [path("<uuid:speech_id>/audio", audio, name="speech-audio")]
        return urls + cast("list[URLPattern]", super().get_urls())

    def audio_view(self, request: HttpRequest, speech_id: UUID) -> HttpResponse:
        """The sound of one answered request; 404 once the cache has let it go."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        speech = self.get_object(request, str(speech_id))
        actor = staff_actor(cast(Staff, request.user))
        audio = replay(speech=speech, actor=actor, origin=origin_of(request)) if speech else None
        if speech is None or audio is None:
            raise Http404
        return HttpResponse(audio, content_type="audio/wav")

    @admin.display(description=gettext_lazy("发音人"))
    def speaker_name(self, row: Any) -> str:
        return str(row.speaker_label or row.voice)

    @admin.display(description=gettext_lazy("情感"))
    def emotion_name(self, row: Any) -> str:
        return str(row.emotion_label or row.emotion)

    @admin.display(description=gettext_lazy("时长"), ordering="seconds")
    def duration(self, row: Speech) -> str:
        return _("%(seconds).1f 秒") % {"seconds": row.seconds}

    @admin.display(description=gettext_lazy("用时"), ordering="milliseconds")
    def took(self, row: Speech) -> str:
        return _("%(count)d 毫秒") % {"count": row.milliseconds}

    @admin.display(description=gettext_lazy("取自缓存"))
    def cache_name(self, row: Speech) -> str:
        words = {"miss": _("否"), "partial": _("部分"), "joined": _("并入同一请求")}
        return words.get(row.cache, _("是"))

    @admin.display(description=gettext_lazy("音频"))
    def player(self, row: Speech) -> SafeString:
        return format_html(
            '<button class="gv-button gv-button--small" type="button" data-plays="{}" data-stops="{}"'
            ' data-gone="{}">{}</button>',
            reverse("admin:speech-audio", args=[row.pk]),
            _("停止"),
            _("已过期"),
            _("播放"),
        )
