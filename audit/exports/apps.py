from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExportsConfig(AppConfig):
    name = "audit.exports"
    label = "exports"
    verbose_name = _("审计导出")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit.actions import register

        register("audit.export_requested", _("申请导出审计日志"))
        register("audit.export_cancelled", _("取消导出审计日志"))
        register("audit.export_expired", _("审计导出文件到期删除"))
        register("audit.downloaded", _("下载审计导出文件"))
