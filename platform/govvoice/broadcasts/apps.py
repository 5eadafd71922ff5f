from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BroadcastsConfig(AppConfig):
    name = "govvoice.broadcasts"
    label = "broadcasts"
    verbose_name = _("播报管理")
