from __future__ import annotations

import csv
import hashlib
import io
from typing import Any

import pytest
from django.db import transaction
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from audit.parties import Actor, Origin, Target
from audit.services import record
from govvoice.portal.evidence import views
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


def found(auditor: Official, **terms: str) -> str:
    answer = auditor.see("evidence", **terms)
    assert answer.status_code == 200
    page = answer.content.decode()
    return page[page.index("<table") : page.index("</table>")] if "<table" in page else ""


def test_filters_narrow_the_list(auditor: Official) -> None:
    happened(origin=Origin(address="10.1.2.3"), target=Target("speech", "s1", "问候语"))
    happened("api.refused", outcome="refused", origin=Origin(address="192.0.2.9"))
    assert "10.1.2.3" in found(auditor, address="10.1.0.0/16")
    assert "192.0.2.9" not in found(auditor, address="10.1.0.0/16")
    assert "拒绝接口请求" in found(auditor, outcome="refused")
    assert "请求合成" not in found(auditor, outcome="refused")
    assert "问候语" in found(auditor, object="s1", action="speech.requested", actor="hotline")
    assert found(auditor, since="2001-01-01", until="2001-01-31") == ""


def test_a_term_that_cannot_be_read_is_said_beside_its_field(auditor: Official) -> None:
    answer = auditor.see("evidence", address="10.1.2", since="next week")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "不是 IP 地址或网段" in page
    assert "不是日期或时间" in page
    assert not Event.objects.filter(action="audit.searched").exists(), "nothing was shown"


def test_every_look_is_itself_on_record(auditor: Official) -> None:
    found(auditor, outcome="refused", actor="hotline")
    event = Event.objects.get(action="audit.searched")
    assert event.actor_name == "auditor同志"
    assert event.details == {"outcome": "refused", "actor": "hotline"}


def test_pages_stay_put_while_events_come_in(auditor: Official, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "ROWS", 3)
    events = [happened(target=Target("speech", f"s{number}")) for number in range(5)]
    first = auditor.see("evidence", client="hotline")
    happened(target=Target("speech", "latecomer"))
    second = auditor.browser.get(f"{reverse('admin:evidence')}?{first.context['more']}")
    shown = [row.pk for answer in (first, second) for row in answer.context["rows"]]
    assert shown == [event.pk for event in reversed(events)]
    assert second.context["more"] == ""


def test_a_place_nobody_wrote_begins_at_the_top(auditor: Official) -> None:
    happened()
    assert "请求合成" in found(auditor, below="yesterday~x")


def test_personal_numbers_are_masked_everywhere(auditor: Official) -> None:
    event = happened(details={"note": "回拨 13812345678"})
    assert "13812345678" not in found(auditor)
    page = auditor.see("evidence-event", event.pk).content.decode()
    assert "13812345678" not in page
    assert "138****5678" in page


def test_an_event_stands_with_all_that_its_request_did(auditor: Official) -> None:
    origin = Origin(address="10.1.2.3", request_id="req-1", user_agent="curl/8")
    event = happened(origin=origin, target=Target("client", "hotline", "热线"), text="您好")
    happened("api.refused", outcome="refused", origin=origin, code="rate_limited", status=429)
    page = auditor.see("evidence-event", event.pk).content.decode()
    for expected in (
        "req-1",
        "curl/8",
        hashlib.sha256("您好".encode()).hexdigest(),
        "待封存",
        "拒绝接口请求",
    ):
        assert expected in page
    part = auditor.browser.get(
        reverse("admin:evidence-event", args=[event.pk]), headers={"X-Requested-With": "fetch"}
    )
    assert "<html" not in part.content.decode()


def test_an_event_that_is_not_there_is_a_plain_404(auditor: Official) -> None:
    assert auditor.see("evidence-event", 999_999).status_code == 404


def test_an_export_says_its_size_then_holds_what_was_asked(auditor: Official) -> None:
    happened("api.refused", outcome="refused")
    happened()
    url = f"{reverse('admin:evidence-export')}?outcome=refused"
    before = auditor.browser.get(url).content.decode()
    assert "1 条" in before
    assert "结果：拒绝" in before
    answer = auditor.browser.post(url)
    assert isinstance(answer, StreamingHttpResponse)
    data = b"".join(answer.streaming_content)  # type: ignore[arg-type]
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert "拒绝接口请求" in rows[1]
    event = Event.objects.get(action="audit.exported")
    assert event.details["rows"] == 1
    assert event.details["sha256"] == hashlib.sha256(data).hexdigest()
    assert int(answer["Content-Length"]) == len(data)
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-')


@pytest.mark.abuse(101)
def test_an_export_beyond_the_limit_is_refused_with_the_number(
    auditor: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.exports.MAX_ROWS", 1)
    monkeypatch.setattr("govvoice.portal.evidence.views.MAX_ROWS", 1)
    happened()
    happened()
    answer = auditor.press("evidence-export")
    assert "请缩小时间范围" in answer.content.decode()
    assert not Event.objects.filter(action="audit.exported").exists()


def test_a_reader_without_the_right_exports_nothing(auditor: Official) -> None:
    role = auditor.staff.role
    role.permissions = ["audit.view_event"]
    role.save()
    assert "导出" not in found(auditor)
    assert auditor.press("evidence-export").status_code == 403


def test_the_quick_ranges_are_shanghais_days(auditor: Official) -> None:
    happened()
    today = timezone.localdate().isoformat()
    assert "请求合成" in found(auditor, since=today, until=today)
