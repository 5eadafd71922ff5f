"""The start page (工作台) and the help page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.factors import has_factor
from accounts.staffing import NO_ROLE
from govvoice.operations.health import run_checks
from govvoice.portal.home import today
from govvoice.portal.pages import page, staff_of, staff_page

ON_AIR_SHOWN = 8

# What each part of the platform is to people, and what is lost while it is away.
PARTS = {
    "database": (gettext_lazy("数据库"), gettext_lazy("无法读写数据，请联系系统管理员。")),
    "valkey": (gettext_lazy("缓存与队列"), gettext_lazy("新的合成请求会被推迟，请联系系统管理员。")),
    "worker": (gettext_lazy("合成进程"), gettext_lazy("暂时不能合成新语音，已缓存的仍可播放。")),
    "voice": (gettext_lazy("发音引擎"), gettext_lazy("默认发音人未就绪，请联系系统管理员。")),
    "sealing": (gettext_lazy("审计封存"), gettext_lazy("新记录尚未封存；记录本身不受影响。")),
}


@staff_page()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    staff = staff_of(request)
    shows_broadcasts = staff.has_perm("broadcasts.view_broadcast")
    return page(
        request,
        "portal/home/home.html",
        title=_("工作台"),
        waiting=today.waiting(staff),
        figures=today.figures(staff),
        lacks_role=staff.role.code == NO_ROLE,
        may_begin=staff.has_perm("accounts.bootstrap"),
        lacks_factor=not has_factor(staff),
        shows_broadcasts=shows_broadcasts,
        on_air=today.on_air(staff)[:ON_AIR_SHOWN] if shows_broadcasts else (),
    )


@staff_page()
@require_safe
def alarms(request: HttpRequest) -> HttpResponse:
    """A part of the start page: it asks every process, which may take a second."""
    checks = run_checks()
    parts = [(name, *PARTS[name], holds) for name, holds in checks.items()]
    return render(request, "portal/home/alarms.html", {"parts": parts, "well": all(checks.values())})


@staff_page()
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return page(request, "portal/home/help.html", title=_("帮助"))
