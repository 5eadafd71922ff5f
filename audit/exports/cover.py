"""What stands on the cover of a report: what it is, of what, for whom."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from audit.exports import terms
from audit.exports.models import Export
from audit.parties import SYSTEM

_STAMP = "%Y-%m-%d %H:%M:%S"


def title_of(export: Export) -> str:
    since = parse_datetime(export.terms.get("since", ""))
    if export.kind != Export.Kind.MONTHLY or since is None:
        return _("审计日志报告")
    month = timezone.localtime(since)
    return _("审计月报 %(year)d 年 %(month)d 月") % {"year": month.year, "month": month.month}


def asked_by(export: Export) -> str:
    """赵审计（审计管理员）; the platform itself by its word."""
    if export.actor_kind == SYSTEM.kind:
        return _("系统")
    return f"{export.actor_name}（{export.actor_role}）" if export.actor_role else export.actor_name


def facts_of(export: Export) -> list[tuple[str, str]]:
    """Label and value, from top to bottom."""
    others = {name: value for name, value in export.terms.items() if name not in {"since", "until"}}
    conditions = [f"{label}：{value}" for label, value in terms.asked(others)]
    return [
        *([(_("单位"), export.organisation)] if export.organisation else []),
        (_("时间范围"), _period(export)),
        (_("筛选条件"), "；".join(conditions) or _("全部记录")),
        (_("申请人"), asked_by(export)),
        (_("申请时间"), timezone.localtime(export.requested_at).strftime(_STAMP)),
        (_("生成时间"), timezone.localtime().strftime(_STAMP)),
        (_("导出编号"), str(export.pk)),
        (_("平台版本"), settings.VERSION),
    ]


def _period(export: Export) -> str:
    since = export.terms.get("since")
    until = export.terms.get("until") or export.requested_at.isoformat()
    begins = terms.moment(since) if since else _("最早的记录")
    return _("%(since)s 至 %(until)s") % {"since": begins, "until": terms.moment(until)}
