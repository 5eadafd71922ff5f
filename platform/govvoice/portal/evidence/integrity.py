"""完整性校验: the newest head, what verifications found, what an auditor takes away to check himself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_part
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit import assurance, watch
from audit.assurance import Comparison
from audit.errors import HeadsUnreadable, VerificationRunning
from audit.heads import head_qr, head_text
from audit.models import Event, TreeHead
from audit.offline import PROGRAM
from audit.proving import public_keys
from govvoice.portal.evidence.wording import Badge
from govvoice.portal.pages import page, staff_of, staff_page

VIEW = "audit.view_event"
_LONGEST = 10_000
_LATE = 60  # seconds an event may wait for its leaf before it is worth a warning


@dataclass(frozen=True, slots=True)
class Row:
    """A verification as it is listed."""

    event: Event
    badge: Badge
    kind: str
    places: list[str]


@staff_page(VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def integrity(request: HttpRequest) -> HttpResponse:
    """The page; posting to it compares a printed head."""
    text = request.POST.get("head", "")[:_LONGEST]
    verdict = _compared(request, text) if request.method == "POST" else None
    head = TreeHead.objects.order_by("number").last()
    return page(
        request,
        "portal/evidence/integrity.html",
        title=_("完整性校验"),
        head=head,
        head_text=head_text(head) if head else "",
        picture=head_qr(head).svg_inline(light="#fff", omitsize=True) if head else "",
        keys=public_keys(),
        text=text,
        verdict=verdict,
        **_sealing(),
        **_history(),
    )


@staff_page(VIEW)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    try:
        assurance.request_verification(actor=staff_actor(staff_of(request)), origin=origin_of(request))
    except VerificationRunning:
        messages.info(request, _("已有一次校验正在进行，请等待其完成。"))
    else:
        messages.success(request, _("已开始校验，您可以离开此页，结果会记入审计日志。"))
    return redirect("admin:evidence-integrity")


@staff_page(VIEW)
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """How far a verification is, and the list of those before: the part of the page that renews itself."""
    return render_part(request, "portal/evidence/verifications.html", _history())


@staff_page(VIEW)
@require_GET
def program(request: HttpRequest) -> FileResponse:
    return FileResponse(
        PROGRAM.open("rb"), as_attachment=True, filename=PROGRAM.name, content_type="text/x-python"
    )


@staff_page(VIEW)
@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    answer = JsonResponse(public_keys(), safe=False, json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="audit-keys.json"'
    return answer


def _sealing() -> dict[str, Any]:
    state = watch.sealing()
    lag = int(state.lag.total_seconds()) if state.lag else 0
    return {"is_sealing": state.is_well, "lag": lag, "is_late": lag > _LATE}


def _history() -> dict[str, Any]:
    return {"rows": [_row(event) for event in assurance.history()], "running": assurance.running()}


def _row(event: Event) -> Row:
    share = event.details.get("share", 1)
    kind = _("全部") if share == 1 else _("抽查 %g%%") % (100 * share)
    if "since" in event.details:
        kind = _("部分")
    places = [str(finding.get("message", "")) for finding in event.details.get("first", [])]
    return Row(event, _badge(event), kind, places)


def _badge(event: Event) -> Badge:
    if event.action == assurance.HELD:
        return Badge(_("通过"), "green", "done")
    if event.code == assurance.BROKEN_OFF:
        return Badge(_("未完成"), "amber", "warning")
    return Badge(_("不通过"), "red", "warning")


_VERDICTS = {
    Comparison.SAME: lambda: Badge(_("一致：数据库中的树头与纸上的相同"), "success", "done"),
    Comparison.GONE: lambda: Badge(_("不一致：数据库中没有这个树头，日志被删减或回退"), "error", "warning"),
    Comparison.DIFFERS: lambda: Badge(_("不一致：同号树头不同，日志被重建过"), "error", "warning"),
    Comparison.UNSIGNED: lambda: Badge(
        _("无法判断：所填树头没有本系统的有效签名，请核对是否抄录有误"), "warning", "info"
    ),
}


def _compared(request: HttpRequest, text: str) -> Badge:
    try:
        found, _head = assurance.compare_head(
            text, actor=staff_actor(staff_of(request)), origin=origin_of(request)
        )
    except HeadsUnreadable:
        return Badge(_("无法读取：请粘贴树头的全部文字，从第一行的日志名称到签名"), "warning", "info")
    return _VERDICTS[found]()
