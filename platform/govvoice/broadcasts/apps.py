from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BroadcastsConfig(AppConfig):
    name = "govvoice.broadcasts"
    label = "broadcasts"
    verbose_name = _("播报管理")

    def ready(self) -> None:
        from audit.actions import register
        from govvoice.broadcasts import handing_on
        from synthesis import scopes

        register("channel.changed", _("修改渠道"))
        scopes.register("channel", _channel_name)
        handing_on.register_rooms()


def _channel_name(code: str) -> str | None:
    from govvoice.broadcasts.models import Channel

    return Channel.objects.filter(code=code).values_list("name", flat=True).first()
