from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SynthesisConfig(AppConfig):
    name = "synthesis"
    label = "synthesis"
    verbose_name = _("发音资源")

    def ready(self) -> None:
        from audit.actions import register

        register("speaker.changed", _("修改发音人"))
        register("voice.changed", _("修改音色"))
        register("speech.replayed", _("重放合成记录"))
