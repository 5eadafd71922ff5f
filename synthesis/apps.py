from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SynthesisConfig(AppConfig):
    name = "synthesis"
    label = "synthesis"
    verbose_name = _("发音资源")

    def ready(self) -> None:
        from audit.actions import register
        from synthesis import handing_on, scopes

        register("speaker.changed", _("修改发音人"))
        register("speaker.created", _("新建发音人"))
        register("speaker.ordered", _("调整发音人次序"))
        register("voice.changed", _("修改音色"))
        register("voice.enabled", _("启用音色"))
        register("voice.disabled", _("停用音色"))
        register("voice.licence_cleared", _("核实音色授权"))
        register("voice.licence_doubted", _("撤销授权核实"))
        register("voice.sampled", _("生成样音"))
        register("voice.enrolled", _("登记音色"))
        register("voice.removed", _("移除音色"))
        register("voice.emotions_offered", _("调整可用情感"))
        register("voice.candidate_proposed", _("设置候选版本"))
        register("voice.candidate_shared", _("调整候选流量"))
        register("voice.promoted", _("候选版本转正"))
        register("voice.rolled_back", _("回退音色版本"))
        register("voice.auditioned", _("试听音色样例"))
        register("voice.archived", _("归档音色"))
        register("voice.restored", _("恢复音色"))
        register("category.created", _("新建播报类别"))
        register("category.changed", _("修改播报类别"))
        register("speech.replayed", _("重放合成记录"))
        register("speech.fetched", _("下载合成音频"))
        register("readings.requested", _("查询读音"))
        scopes.register("organisation", _organisation_name)
        scopes.register("voice", _voice_name)
        scopes.register("client", _client_name)
        handing_on.register_rooms()

        # Connects `check --deploy` to what it must not pass over.
        from synthesis import checks  # noqa: F401


def _organisation_name(code: str) -> str | None:
    from accounts.models import Organisation

    return Organisation.objects.filter(code=code).values_list("name", flat=True).first()


def _client_name(code: str) -> str | None:
    from accounts.models import Client

    return Client.objects.filter(code=code).values_list("name", flat=True).first()


def _voice_name(code: str) -> str | None:
    from synthesis.models import Voice

    voice = Voice.objects.select_related("speaker").filter(code=code).first()
    return voice.speaker.local_name if voice else None
