"""归档与保全: an auditor sees where each month is, and keeps one from leaving."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import Event, Hold
from synthesis.models import Voice
from tests.portal.broadcasts.cast import Official, official

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


@pytest.fixture
def auditor() -> Official:
    return official("auditor")


def this_month() -> str:
    return f"{timezone.localdate():%Y-%m}"


def said(auditor: Official, act: str, reason: str) -> tuple[int, str]:
    answer = auditor.press("evidence-held", this_month(), act=act, reason=reason)
    return answer.status_code, answer.content.decode()


def test_a_month_is_held_and_let_go_with_a_reason(auditor: Official) -> None:
    assert said(auditor, "hold", "市纪委函〔2026〕12 号")[0] == 302
    page = auditor.see("evidence-keeping").content.decode()
    assert "保全中" in page
    assert "市纪委函〔2026〕12 号" in page
    assert "解除后" in auditor.see("evidence-holding", this_month()).content.decode()
    assert said(auditor, "lift", "结案")[0] == 302
    assert "市纪委函" not in auditor.see("evidence-keeping").content.decode()
    actions = Event.objects.filter(object_id=this_month()).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["audit.held", "audit.hold_lifted"]


def test_without_a_reason_nothing_is_held(auditor: Official) -> None:
    status, page = said(auditor, "hold", " ")
    assert status == 422
    assert "请写明理由" in page
    assert not Hold.objects.exists()


def test_who_comes_second_is_told(auditor: Official) -> None:
    status, page = said(auditor, "lift", "结案")
    assert status == 409
    assert "没有法律保全" in page
    assert Event.objects.filter(action="audit.hold_lifted", outcome="refused", code="not_held").exists()


def test_a_month_that_never_was_is_not_found(auditor: Official) -> None:
    assert auditor.see("evidence-holding", "1999-01").status_code == 404


def test_only_the_auditor_holds(auditor: Official) -> None:
    answer = official("editor").press("evidence-held", this_month(), act="hold", reason="x")
    assert answer.status_code == 403
