"""Nobody speaks: the caller hears of it within the deadline, and whoever comes later finds the work done."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from govvoice.api.quota import used_today
from tests.api.cast import Hotline, assert_refused
from tests.stage import celery_worker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_deadline(settings: Settings) -> None:
    settings.SPEECH_DEADLINE = 0.5


def test_the_caller_is_told_and_nothing_is_counted(hotline: Hotline) -> None:
    response = hotline.say("没有人来念")
    assert_refused(response, 503, "synthesis_unavailable")
    assert int(response["Retry-After"]) >= 1
    assert used_today(hotline.row) == 0


# Without a transaction round it: a worker closes all connections of the thread that starts it.
@pytest.mark.django_db(transaction=True)
def test_the_work_waits_for_the_next_worker(hotline: Hotline, settings: Settings) -> None:
    assert hotline.say("等工人回来").status_code == 503
    settings.SPEECH_DEADLINE = 20.0
    with celery_worker():
        assert hotline.say("等工人回来").status_code == 200
