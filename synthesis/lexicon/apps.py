from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LexiconConfig(AppConfig):
    name = "synthesis.lexicon"
    label = "lexicon"
    verbose_name = _("读音词典")

    def ready(self) -> None:
        from audit.actions import register

        register("lexicon.drafted", _("暂存词条"))
        register("lexicon.proposed", _("提交词条"))
        register("lexicon.changed", _("修改词条"))
        register("lexicon.approved", _("批准词条"))
        register("lexicon.refused", _("驳回词条"))
        register("lexicon.retired", _("停用词条"))
        register("lexicon.imported", _("导入读音词典"))
        register("lexicon.exported", _("导出读音词典"))
