from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "govvoice.api"
    label = "api"
    verbose_name = _("接口")

    def ready(self) -> None:
        from govvoice.api import dialogues

        dialogues.register_room()
