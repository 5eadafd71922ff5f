"""报表导出 as the audit administrator drives it; the worker's part is called where a worker would run it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import transaction
from django.http import FileResponse
from django.urls import reverse

from audit.exports import making
from audit.exports.models import Export
from audit.models import Event
from audit.parties import Actor
from audit.services import record
from synthesis.models import Voice
from tests.portal.broadcasts.cast import Official, official

pytestmark = pytest.mark.django_db

HOTLINE = Actor(kind="client", id="hotline", name="热线 13812345678", organisation="热线中心")


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


@pytest.fixture
def auditor() -> Official:
    return official("auditor")


def happened(action: str = "speech.requested", **more: Any) -> Event:
    with transaction.atomic():
        return record(action=action, actor=HOTLINE, **more)


def ordered(auditor: Official, query: str = "", **fields: object) -> Export:
    """Ordered on the page, by the filter in its address."""
    answer = auditor.browser.post(f"{reverse('admin:evidence-export')}?{query}", {"format": "csv", **fields})
    assert answer.status_code == 302, answer.content.decode()
    return Export.objects.latest("requested_at")


def made(auditor: Official, query: str = "", **fields: object) -> Export:
    export = ordered(auditor, query, **fields)
    making.make(export.pk)
    export.refresh_from_db()
    return export


def taken(auditor: Official, export: Export, position: int = 0) -> bytes:
    answer = auditor.see("evidence-export-file", export.pk, position)
    assert isinstance(answer, FileResponse)
    return b"".join(answer.streaming_content)  # type: ignore[arg-type]  # a synchronous answer's


def test_an_export_says_its_size_then_holds_what_was_asked(auditor: Official) -> None:
    happened("api.refused", outcome="refused")
    happened()
    before = auditor.see("evidence-export", outcome="refused").content.decode()
    assert "1 条" in before
    assert "结果：拒绝" in before
    export = made(auditor, "outcome=refused")
    rows = list(csv.reader(io.StringIO(taken(auditor, export).decode("utf-8-sig"))))
    assert len(rows) == 2
    assert "拒绝接口请求" in rows[1]
    assert "热线 138****5678" in rows[1]
    actions = Event.objects.filter(object_id=str(export.pk)).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["audit.export_requested", "audit.exported", "audit.downloaded"]


def test_a_files_name_goes_with_it(auditor: Official) -> None:
    export = made(auditor)
    answer = auditor.see("evidence-export-file", export.pk, 0)
    name = export.files.get().name
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert int(answer["Content-Length"]) == export.files.get().size


def test_the_page_tells_what_is_going_on(auditor: Official) -> None:
    export = ordered(auditor)
    assert "排队中" in auditor.see("evidence-export-detail", export.pk).content.decode()
    Export.objects.update(state=Export.State.MAKING, steps_done=250, steps_total=1000)
    url = reverse("admin:evidence-export-detail", args=[export.pk])
    part = auditor.browser.get(url, headers={"X-Requested-With": "fetch"}).content.decode()
    assert "已完成 25 %" in part
    assert "data-unfinished" in part
    assert "<html" not in part
    Export.objects.update(state=Export.State.QUEUED)
    making.make(export.pk)
    page = auditor.see("evidence-export-detail", export.pk).content.decode()
    assert export.files.get().sha256 in page
    assert "data-unfinished" not in page
    listed = auditor.see("evidence-exports").content.decode()
    assert "CSV 表格" in listed
    assert "全部记录" in listed


def test_an_export_can_be_called_off(auditor: Official) -> None:
    export = ordered(auditor)
    answer = auditor.press("evidence-export-cancel", export.pk)
    assert answer.status_code == 302
    assert "已取消" in auditor.see("evidence-exports").content.decode()
    again = auditor.browser.post(reverse("admin:evidence-export-cancel", args=[export.pk]), follow=True)
    assert "已经结束，不能取消" in again.content.decode()
    refused = Event.objects.get(action="audit.export_cancelled", outcome="refused")
    assert refused.code == "export_finished"


@pytest.mark.abuse(101)
def test_the_sixth_waiting_export_is_refused_in_words(auditor: Official) -> None:
    for _ in range(5):
        ordered(auditor)
    answer = auditor.press("evidence-export", format="csv")
    assert "还没有完成" in answer.content.decode()
    assert Export.objects.count() == 5


def test_a_format_nobody_offers_is_refused(auditor: Official) -> None:
    answer = auditor.press("evidence-export", format="exe")
    assert answer.status_code == 422
    assert not Export.objects.exists()


def test_a_file_that_is_gone_is_told_on_the_page(auditor: Official) -> None:
    export = made(auditor)
    Export.objects.update(state=Export.State.EXPIRED)
    url = reverse("admin:evidence-export-file", args=[export.pk, 0])
    assert "已到期删除" in auditor.browser.get(url, follow=True).content.decode()
    assert auditor.see("evidence-export-file", export.pk, 7).status_code == 404


def test_only_who_may_see_names_gets_them_in_a_bundle(auditor: Official) -> None:
    role = auditor.staff.role
    role.permissions = ["audit.view_event", "audit.export_event"]
    role.save()
    assert "证据包会隐去" in auditor.see("evidence-export").content.decode()
    assert ordered(auditor, with_proof="on", personal="on").redacted
    role.permissions = [*role.permissions, "audit.reveal_event"]
    role.save()
    assert "保留个人信息原文" in auditor.see("evidence-export").content.decode()
    assert not ordered(auditor, with_proof="on", personal="on").redacted
    assert ordered(auditor, with_proof="on").redacted
    requested = Event.objects.filter(action="audit.export_requested").order_by("id")
    assert [event.details["redacted"] for event in requested] == [True, False, True]


def test_a_bundle_with_names_in_it_goes_only_to_who_may_see_them(auditor: Official) -> None:
    export = made(auditor)
    Export.objects.update(redacted=False)
    role = auditor.staff.role
    role.permissions = ["audit.view_event", "audit.export_event"]
    role.save()
    url = reverse("admin:evidence-export-file", args=[export.pk, 0])
    assert "没有查看原文的权限" in auditor.browser.get(url, follow=True).content.decode()
    assert not Event.objects.filter(action="audit.downloaded").exists()


def test_a_reader_without_the_right_exports_nothing(auditor: Official) -> None:
    export = made(auditor)
    role = auditor.staff.role
    role.permissions = ["audit.view_event"]
    role.save()
    assert "导出</a>" not in auditor.see("evidence").content.decode()
    assert auditor.press("evidence-export").status_code == 403
    assert auditor.see("evidence-exports").status_code == 403
    assert auditor.see("evidence-export-file", export.pk, 0).status_code == 403
