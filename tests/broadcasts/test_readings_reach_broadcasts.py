"""A decision on a reading, and the broadcasts that say the word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Event
from audit.parties import SYSTEM, Origin
from govvoice.broadcasts import services
from govvoice.broadcasts.errors import WorkflowError
from govvoice.broadcasts.lexicon_impact import broadcasts_using, cached_phrases, is_outdated, respeak
from govvoice.broadcasts.models import Broadcast, Channel
from govvoice.broadcasts.on_air import fetch_audio
from synthesis import pipeline, renditions
from synthesis.lexicon import current
from synthesis.lexicon import services as lexicon
from synthesis.lexicon.impact import mark_by_calendar
from synthesis.lexicon.models import Entry
from synthesis.models import Rendition
from tests.portal.broadcasts.cast import Official, approved, draft, published, submitted, with_audio
from tests.synthesis.lexicon.cast import active, proposed

pytestmark = pytest.mark.django_db

SAYS: dict[str, Any] = {"text": "单县今晚停水。请提前储水。"}


def spoken_anew(entry: Entry, staff: Official) -> list[Broadcast]:
    found = respeak(entry=entry, staff=staff.staff, origin=None)
    for broadcast in found:
        rendition = broadcast.latest.rendition
        assert rendition is not None
        renditions.make(rendition.pk)
    return found


def now(broadcast: Broadcast) -> Broadcast:
    return Broadcast.objects.get(pk=broadcast.pk)


def test_the_list_names_what_says_the_word(editor: Official, reviewer: Official) -> None:
    on_air = published(editor, reviewer, **SAYS)
    waiting = submitted(editor, **SAYS)
    written = draft(editor, **SAYS)
    ready = approved(editor, reviewer, **SAYS)
    withdrawn = published(editor, reviewer, **SAYS)
    services.withdraw(broadcast=withdrawn, staff=reviewer.staff, origin=None)
    draft(editor, text="别的通知。")
    assert broadcasts_using(proposed(editor)) == [on_air, ready, waiting, written]


@pytest.mark.parametrize(
    ("scope", "key", "found"),
    [
        ("organisation", "default", True),
        ("organisation", "elsewhere", False),
        ("channel", "hall", True),
        ("channel", "hotline-menu", False),
        ("voice", "tone", True),
        ("voice", "qinghe", False),
    ],
)
def test_only_where_the_entry_holds(editor: Official, scope: str, key: str, found: bool) -> None:
    broadcast = draft(editor, **SAYS)
    entry = Entry(word="单县", folded="单县", reading="dan1 xian4", scope=scope, scope_key=key)
    assert broadcasts_using(entry) == ([broadcast] if found else [])


def test_a_decision_marks_finished_audio(editor: Official, reviewer: Official) -> None:
    says, other = with_audio(editor, **SAYS), with_audio(editor, text="别的通知。")
    entry = active(editor, reviewer)
    assert (is_outdated(now(says)), is_outdated(now(other))) == (True, False)
    assert Event.objects.get(action="lexicon.approved").details["outdated"] == 1
    spoken_anew(entry, editor)
    assert not is_outdated(now(says))
    lexicon.retire(entry=entry, staff=reviewer.staff, origin=None)
    assert is_outdated(now(says))


def test_a_draft_is_spoken_anew_by_the_new_reading(editor: Official, reviewer: Official) -> None:
    broadcast = with_audio(editor, **SAYS)
    before = broadcast.latest.rendition
    entry = active(editor, reviewer)
    assert spoken_anew(entry, editor) == [broadcast]
    after = now(broadcast).latest.rendition
    assert before is not None
    assert after is not None
    assert (after.state, after.sha256 != before.sha256) == (Rendition.State.READY, True)
    assert respeak(entry=entry, staff=editor.staff, origin=None) == []


def test_who_decides_has_to_hear_the_new_audio(editor: Official, reviewer: Official) -> None:
    broadcast = submitted(editor, **SAYS)
    heard = broadcast.latest.rendition
    assert heard is not None
    spoken_anew(active(editor, reviewer), editor)
    assert now(broadcast).state == Broadcast.State.IN_REVIEW
    with pytest.raises(WorkflowError, match="重新试听"):
        services.approve(broadcast=broadcast, sha256=heard.sha256, staff=reviewer.staff, origin=None)


def test_an_approved_one_goes_the_whole_way_again(editor: Official, reviewer: Official) -> None:
    broadcast = approved(editor, reviewer, **SAYS)
    bound = broadcast.latest
    spoken_anew(active(editor, reviewer), editor)
    latest = now(broadcast).latest
    assert (now(broadcast).state, latest.number, latest.text) == ("draft", 2, bound.text)
    assert latest.approved_sha256 == ""
    bound.refresh_from_db()
    assert bound.rendition is not None
    assert bound.approved_sha256 == bound.rendition.sha256


def test_what_is_on_air_stays_as_it_was_approved(editor: Official, reviewer: Official) -> None:
    broadcast = published(editor, reviewer, **SAYS)
    entry = active(editor, reviewer)
    assert spoken_anew(entry, editor) == []
    broadcast = now(broadcast)
    assert (broadcast.state, is_outdated(broadcast)) == ("published", True)
    assert fetch_audio(broadcast=broadcast, status=200, actor=SYSTEM, origin=Origin())


def test_one_that_cannot_be_spoken_does_not_stop_the_others(editor: Official, reviewer: Official) -> None:
    blocked, fine = with_audio(editor, **SAYS), with_audio(editor, text="单县放假。")
    entry = active(editor, reviewer)
    revision = blocked.latest
    revision.text = "单县网上赌场。"
    revision.save()
    assert spoken_anew(entry, editor) == [fine]
    assert is_outdated(now(blocked))


def test_the_phrases_that_lie_in_the_cache_are_counted(editor: Official, reviewer: Official) -> None:
    entry = proposed(editor)
    draft(editor, **SAYS)
    assert cached_phrases(entry) == 0
    with_audio(editor, **SAYS)
    assert cached_phrases(entry) == 1  # the other phrase does not say the word
    lexicon.approve(entry=entry, staff=reviewer.staff, origin=None)
    current.look_again()
    assert cached_phrases(entry) == 0  # its key is another one now
    spoken_anew(entry, editor)
    assert cached_phrases(entry) == 1


def test_midnight_marks_what_its_day_changes(editor: Official, reviewer: Official) -> None:
    broadcast = with_audio(editor, **SAYS)
    tomorrow = timezone.localdate() + timedelta(days=1)
    entry = active(editor, reviewer, word="单县", reading="dan1 xian4", effective_from=tomorrow)
    assert mark_by_calendar() == 0
    assert not is_outdated(now(broadcast))
    Entry.objects.filter(pk=entry.pk).update(effective_from=timezone.localdate())
    Rendition.objects.update(touched_at=timezone.now() - timedelta(days=1))
    assert mark_by_calendar() == 1
    assert is_outdated(now(broadcast))
    assert mark_by_calendar() == 0


def test_another_channel_may_need_another_sound(editor: Official, reviewer: Official) -> None:
    active(editor, reviewer, word="单县", reading="dan1 xian4", scope="channel", scope_key="hotline-menu")
    broadcast = with_audio(editor, **SAYS)
    content = services.Content(title="停水通知", voice="tone", **SAYS)
    for code, kept in (("hotline-wait", True), ("hotline-menu", False)):
        revision = services.edit(
            broadcast=broadcast,
            content=content,
            channels=Channel.objects.filter(code=code),
            staff=editor.staff,
            origin=None,
        )
        assert (revision.rendition is not None) is kept


def test_a_reading_decided_on_meanwhile_is_in_the_audio(
    editor: Official, reviewer: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    broadcast = draft(editor, **SAYS)
    rendition = services.make_audio(broadcast=broadcast, staff=editor.staff, origin=None)
    assemble = pipeline.assemble
    decided: list[Entry] = []

    def decide_meanwhile(*args: Any) -> Any:
        if not decided:
            decided.append(active(editor, reviewer))
        return assemble(*args)

    monkeypatch.setattr(pipeline, "assemble", decide_meanwhile)
    renditions.make(rendition.pk)
    rendition.refresh_from_db()
    again = services.speak_anew(broadcast=broadcast, staff=editor.staff, origin=None)
    assert again is not None
    renditions.make(again.pk)
    again.refresh_from_db()
    assert rendition.sha256 == again.sha256
