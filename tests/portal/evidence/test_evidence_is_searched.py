from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit import selectors
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
    event = Event.objects.get(action="audit.searched")
    assert (event.outcome, event.code) == ("refused", "filter_invalid"), "nothing was shown"


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


def test_the_quick_ranges_are_shanghais_days(auditor: Official) -> None:
    happened()
    today = timezone.localdate().isoformat()
    assert "请求合成" in found(auditor, since=today, until=today)


def test_a_group_of_actions_is_found_by_its_beginning(auditor: Official) -> None:
    happened("broadcast.created", target=Target("broadcast", "BC1", "停水通知"))
    happened()
    assert "新建播报" in found(auditor, action="broadcast.*")
    assert "请求合成" not in found(auditor, action="broadcast.*")
    page = auditor.see("evidence").content.decode()
    assert "播报（全部）" in page
    assert auditor.see("evidence", action="nothing.*").status_code == 422


def test_a_big_result_is_counted_up_to_a_bound(auditor: Official, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "COUNTED", 2)
    happened()
    happened()
    assert "共 2 条" in auditor.see("evidence", client="hotline").content.decode()
    happened()
    assert "超过 2 条" in auditor.see("evidence", client="hotline").content.decode()


def test_a_broadcasts_life_stands_on_one_page(auditor: Official) -> None:
    broadcast = Target("broadcast", "BC20261121-0001", "停水通知")
    editor = Actor(kind="staff", id="7", name="李编辑", role="播报编辑")
    for action in ("broadcast.created", "broadcast.submitted"):
        with transaction.atomic():
            record(action=action, actor=editor, target=broadcast)
    for _ in range(3):
        happened("broadcast.fetched", target=broadcast)
    answer = auditor.see("evidence-timeline", object_type="broadcast", object=broadcast.id)
    page = answer.content.decode()
    assert "播报“停水通知”的经过" in page
    assert [step.count for step in answer.context["steps"]] == [1, 1, 3]
    assert "连续 3 次" in page
    assert [(stage.label, stage.event is not None) for stage in answer.context["stages"]] == [
        ("新建播报", True),
        ("提交审核", True),
        ("批准播报", False),
        ("发布播报", False),
        ("撤回播报", False),
    ]
    assert "138****5678" in page
    assert "13812345678" not in page
    look = Event.objects.get(action="audit.searched")
    assert look.details == {"object_type": "broadcast", "object": broadcast.id}


def test_a_requests_way_stands_on_one_page(auditor: Official) -> None:
    origin = Origin(request_id="req-1")
    event = happened(origin=origin)
    happened("api.refused", outcome="refused", origin=origin, code="rate_limited")
    page = auditor.see("evidence-timeline", request_id="req-1").content.decode()
    assert "请求 req-1 的经过" in page
    assert "rate_limited" in page
    assert f"{reverse('admin:evidence-timeline')}?request_id=req-1" in (
        auditor.see("evidence-event", event.pk).content.decode()
    )


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"request_id": "nobody"},
        {"object_type": "broadcast"},
        {"request_id": "x", "actor": "y"},
        {"object": "BC1"},
        {"address": "10.1.2"},
    ],
)
def test_a_timeline_of_nothing_is_a_plain_404(auditor: Official, terms: dict[str, str]) -> None:
    happened()
    assert auditor.see("evidence-timeline", **terms).status_code == 404
