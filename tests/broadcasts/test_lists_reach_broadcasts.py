"""A broadcast is judged when it is spoken, submitted, approved and published, by the lists of that moment."""

from __future__ import annotations

import pytest

from govvoice.broadcasts import services
from govvoice.broadcasts.errors import WorkflowError
from govvoice.broadcasts.models import Broadcast
from govvoice.broadcasts.screening_impact import try_version
from synthesis.errors import TextBlocked
from synthesis.screening import statistics
from synthesis.screening.models import HitCount
from tests.portal.broadcasts.cast import (
    Official,
    approved,
    draft,
    official,
    published,
    sha256_of,
    submitted,
    with_audio,
)
from tests.synthesis.screening.cast import draft as list_draft
from tests.synthesis.screening.cast import forbid

pytestmark = pytest.mark.django_db


def test_a_word_forbidden_meanwhile_stops_each_step(editor: Official, reviewer: Official) -> None:
    spoken, waiting, ready = with_audio(editor), submitted(editor), approved(editor, reviewer)
    forbid("管网")
    with pytest.raises(TextBlocked):
        services.submit(broadcast=spoken, staff=editor.staff, origin=None)
    with pytest.raises(TextBlocked):
        services.approve(broadcast=waiting, sha256=sha256_of(waiting), staff=reviewer.staff, origin=None)
    with pytest.raises(TextBlocked):
        services.publish(broadcast=ready, staff=reviewer.staff, origin=None)
    statistics.fold()
    assert sum(HitCount.objects.values_list("count", flat=True)) == 3


def test_a_list_for_another_channel_stops_nothing(editor: Official) -> None:
    forbid("管网", scope="channel", scope_key="hotline-menu")
    assert submitted(editor).pk
    with pytest.raises(TextBlocked):
        with_audio(editor, channels=["hotline-menu"])


def test_what_is_under_review_is_decided_with_the_broadcast(editor: Official, reviewer: Official) -> None:
    forbid("管网", level="review", reason="须核实")
    broadcast = submitted(editor)
    page = reviewer.see("broadcast-review", broadcast.code).content.decode()
    assert "命中的敏感词" in page
    assert "须核实" in page
    services.approve(broadcast=broadcast, sha256=sha256_of(broadcast), staff=reviewer.staff, origin=None)
    services.publish(broadcast=broadcast, staff=reviewer.staff, origin=None)
    assert Broadcast.objects.get().state == Broadcast.State.PUBLISHED


def test_audio_that_still_says_a_masked_word_goes_no_further(editor: Official) -> None:
    broadcast = with_audio(editor)
    forbid("管网", level="mask", substitute="管道")
    with pytest.raises(WorkflowError) as caught:
        services.submit(broadcast=broadcast, staff=editor.staff, origin=None)
    assert caught.value.code == "audio_outdated"
    fresh = with_audio(editor)
    services.submit(broadcast=fresh, staff=editor.staff, origin=None)


def test_a_draft_of_a_list_is_tried_on_every_kept_text_once(editor: Official, reviewer: Official) -> None:
    published(editor, reviewer)
    draft(editor)
    draft(editor, text="管网图已更新。", channels=["hotline-menu"])
    version = list_draft(official("security_admin"), "管网")
    trial = try_version(version)
    assert (trial.texts, trial.broadcasts, len(trial.met), len(trial.freed)) == (2, 2, 2, 0)
    assert trial.words == (("管网", 2),)
    here = list_draft(official("security_admin", "second"), "管网", scope="channel", scope_key="hotline-menu")
    assert [one.text for one in try_version(here).met] == ["管网图已更新。"]
