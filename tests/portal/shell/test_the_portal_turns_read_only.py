"""A log that nobody seals: first a banner, after ten minutes no more changes; and back again by itself."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit.models import Event, Heartbeat
from audit.sealer import Sealer
from govvoice.broadcasts.models import Broadcast
from synthesis.models import Voice
from tests.api.cast import Hotline
from tests.audit.standstill import silent_for, waiting_for
from tests.portal.broadcasts.cast import FIELDS, Official, draft, official
from tests.stage import hotline

__all__ = ["hotline"]
pytestmark = pytest.mark.django_db

TWO_MINUTES, TEN_MINUTES = "审计封存已停顿 2 分钟以上", "门户暂时只读"


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


def page(someone: Official) -> str:
    return someone.see("help").content.decode()


def test_a_log_that_is_sealed_gives_no_alarm(editor: Official) -> None:
    assert "审计封存" not in page(editor)
    silent_for(seconds=30)
    assert "审计封存" not in page(editor)


def test_after_two_minutes_every_page_says_so(editor: Official) -> None:
    silent_for(minutes=3)
    assert TWO_MINUTES in page(editor)
    silent_for(seconds=1)
    waiting_for(minutes=3)
    assert TWO_MINUTES in page(editor)
    assert draft(editor)
    assert editor.press("broadcast-new", **FIELDS).status_code in (200, 302)


@pytest.mark.parametrize("cause", [silent_for, waiting_for])
def test_after_ten_minutes_nothing_is_changed(editor: Official, cause: object) -> None:
    cause(minutes=11)  # type: ignore[operator]
    refused = editor.press("broadcast-new", **FIELDS)
    assert refused.status_code == 503
    assert "刚才的操作没有生效" in refused.content.decode()
    assert not Broadcast.objects.exists()
    assert TEN_MINUTES in page(editor), "and what there is can be read"
    event = Event.objects.get(action="portal.refused")
    assert (event.code, event.status, event.actor_id) == ("sealing_stopped", 503, str(editor.staff.pk))


def test_it_comes_back_by_itself(editor: Official) -> None:
    silent_for(minutes=11)
    waiting_for(minutes=11)
    assert editor.press("broadcast-new", **FIELDS).status_code == 503
    Heartbeat.objects.all().delete()
    sealer = Sealer()
    sealer._seal_strangers()  # the test's own transaction is still open, so the gate would hold them back
    sealer._beat()
    assert "审计封存" not in page(editor)
    assert editor.press("session").status_code == 200


def test_people_come_and_go_all_the_same(editor: Official) -> None:
    silent_for(minutes=11)
    assert editor.press("session").status_code == 200
    assert editor.press("logout").status_code == 200
    entry = {"username": editor.staff.username, "password": "correct horse battery"}
    assert editor.browser.post(reverse("admin:login"), entry).status_code == 302
    assert editor.see("help").status_code == 200


def test_a_stranger_is_sent_to_the_login_page() -> None:
    silent_for(minutes=11)
    someone = official("editor")
    someone.browser.logout()
    assert someone.press("broadcast-new", **FIELDS).status_code == 302


def test_a_hotline_goes_on(hotline: Hotline) -> None:
    silent_for(minutes=11)
    assert hotline.call("GET", "/api/v1/voices", headers=hotline.headers()).status_code == 200
    unknown = hotline.say(voice="nobody")
    assert unknown.status_code == 422, "asked for what there is not, and not turned away"
