from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScreeningConfig(AppConfig):
    name = "synthesis.screening"
    label = "screening"
    verbose_name = _("内容安全")

    def ready(self) -> None:
        from audit.actions import register

        register("term.created", _("新增敏感词"))
        register("term.changed", _("修改敏感词"))
