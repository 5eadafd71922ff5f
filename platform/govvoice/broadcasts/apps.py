from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BroadcastsConfig(AppConfig):
    name = "govvoice.broadcasts"
    label = "broadcasts"
    verbose_name = _("播报管理")

    def ready(self) -> None:
        from synthesis import scopes

        scopes.register("channel", _channel_name)


def _channel_name(code: str) -> str | None:
    from govvoice.broadcasts.models import Channel

    return Channel.objects.filter(code=code).values_list("name", flat=True).first()
