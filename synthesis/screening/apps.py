from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScreeningConfig(AppConfig):
    name = "synthesis.screening"
    label = "screening"
    verbose_name = _("内容安全")

    def ready(self) -> None:
        from audit.actions import register

        register("wordlist.created", _("新建词库"))
        register("wordlist.drafted", _("开始修改词库"))
        register("wordlist.changed", _("修改词库"))
        register("wordlist.imported", _("导入词库"))
        register("wordlist.exported", _("导出词库"))
        register("wordlist.restored", _("恢复词库旧版本"))
        register("wordlist.submitted", _("提交词库版本"))
        register("wordlist.approved", _("批准词库版本"))
        register("wordlist.refused", _("驳回词库版本"))
        register("wordlist.discarded", _("放弃词库版本"))
        register("screening.requested", _("检查文本"))
        register("review.held", _("文本转入待审"))
        register("review.passed_once", _("待审文本放行一次"))
        register("review.passed_always", _("待审文本始终放行"))
        register("review.refused", _("待审文本拒绝"))
        register("review.revoked", _("收回放行"))
