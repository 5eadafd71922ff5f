"""An entry's way: proposed by one, decided on by another, changed by a new revision, retired."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit.models import Event
from synthesis.lexicon import current, services
from synthesis.lexicon.errors import LexiconRefused, OwnEntry
from synthesis.lexicon.models import Entry, Version
from tests.portal.broadcasts.cast import Official, official
from tests.synthesis.lexicon.cast import WORD, active, phones, proposed, state_of

pytestmark = pytest.mark.django_db


def change(entry: Entry, author: Official, **fields: Any) -> Entry:
    return services.change(entry=entry, fields=fields, staff=author.staff, origin=None)


def approve(entry: Entry, reviewer: Official) -> None:
    services.approve(entry=entry, staff=reviewer.staff, origin=None)


def test_a_proposal_waits_and_changes_nothing(editor: Official) -> None:
    before = phones("单县今天下雨。")
    entry = proposed(editor)
    assert (entry.state, entry.author_name, entry.number) == ("pending", "editor同志", 1)
    assert phones("单县今天下雨。") == before


def test_a_second_person_puts_it_in_force(editor: Official, reviewer: Official) -> None:
    entry = active(editor, reviewer)
    assert (entry.state, entry.decider_name) == ("active", "reviewer同志")
    assert phones("单县今天下雨。")[:2] == ["dan1", "xian4"]


def test_nobody_decides_on_his_own(editor: Official) -> None:
    entry = proposed(editor)
    with pytest.raises(OwnEntry):
        approve(entry, editor)
    with pytest.raises(OwnEntry):
        services.refuse(entry=entry, reason="不对", staff=editor.staff, origin=None)
    assert state_of(entry) == "pending"


def test_the_database_keeps_the_two_apart(editor: Official) -> None:
    entry = proposed(editor)
    rows = Entry.objects.filter(pk=entry.pk)
    with pytest.raises(IntegrityError, match="nobody_decides_on_his_own_entry"), transaction.atomic():
        rows.update(decider_id=editor.staff.pk)
    with pytest.raises(IntegrityError, match="an_active_entry_was_decided_on"), transaction.atomic():
        rows.update(state="active")


def test_a_small_change_makes_nobody_forget_whose_work_it_is(editor: Official, reviewer: Official) -> None:
    colleague = official("editor", "colleague")
    entry = change(proposed(editor), colleague, note="县名")
    with pytest.raises(OwnEntry):
        approve(entry, editor)
    approve(entry, reviewer)
    assert state_of(entry) == "active"


def test_a_refused_one_says_why_and_can_be_taken_up_again(editor: Official, reviewer: Official) -> None:
    entry = proposed(editor)
    services.refuse(entry=entry, reason="  应读 shan4。 ", staff=reviewer.staff, origin=None)
    entry.refresh_from_db()
    assert (entry.state, entry.refusal) == ("refused", "应读 shan4。")
    again = change(entry, editor, reading="shan4 xian4")
    assert (again.state, again.number, again.supersedes_id) == ("pending", 2, entry.pk)


def test_a_refusal_needs_a_reason(editor: Official, reviewer: Official) -> None:
    with pytest.raises(LexiconRefused, match="驳回原因"):
        services.refuse(entry=proposed(editor), reason=" ", staff=reviewer.staff, origin=None)


def test_a_changed_entry_stays_in_force_until_the_new_one_is_approved(
    editor: Official, reviewer: Official
) -> None:
    entry = active(editor, reviewer)
    following = change(entry, editor, reading="chan2 xian4")
    assert (state_of(entry), following.state, following.number) == ("active", "pending", 2)
    approve(following, reviewer)
    assert (state_of(entry), state_of(following)) == ("retired", "active")
    current.look_again()
    assert phones("单县") == ["chan2", "xian4"]
    assert [row.reading for row in services.history(following)] == ["chan2 xian4", "dan1 xian4"]


def test_an_old_revision_is_not_changed_beside_the_new_one(editor: Official, reviewer: Official) -> None:
    entry = active(editor, reviewer)
    change(entry, editor, note="一")
    with pytest.raises(LexiconRefused, match="更新的版本"):
        change(entry, editor, note="二")


def test_a_draft_is_its_authors_until_it_is_submitted(editor: Official, reviewer: Official) -> None:
    draft = services.propose(fields=WORD, staff=editor.staff, origin=None, as_draft=True)
    same = change(draft, editor, note="改")
    assert (same.pk, same.state) == (draft.pk, "draft")
    with pytest.raises(LexiconRefused):
        approve(draft, reviewer)
    services.submit(entry=draft, staff=editor.staff, origin=None)
    assert state_of(draft) == "pending"


def test_a_retired_entry_is_read_no_more(editor: Official, reviewer: Official) -> None:
    before = phones("单县")
    entry = active(editor, reviewer)
    services.retire(entry=entry, staff=reviewer.staff, origin=None)
    current.look_again()
    assert phones("单县") == before
    entry.refresh_from_db()
    assert (entry.state, entry.retired_by_name) == ("retired", "reviewer同志")


def test_what_is_over_cannot_be_decided_on(editor: Official, reviewer: Official) -> None:
    entry = active(editor, reviewer)
    with pytest.raises(LexiconRefused, match="生效"):
        approve(entry, reviewer)
    services.retire(entry=entry, staff=reviewer.staff, origin=None)
    with pytest.raises(LexiconRefused, match="停用"):
        services.retire(entry=entry, staff=reviewer.staff, origin=None)


def test_a_word_waits_once(editor: Official) -> None:
    proposed(editor)
    with pytest.raises(ValidationError) as refused:
        proposed(editor, note="再来一次")
    assert refused.value.error_dict["word"][0].code == "word_waits"


def test_a_word_is_read_one_way_at_a_time(editor: Official, reviewer: Official) -> None:
    active(editor, reviewer)
    with pytest.raises(ValidationError) as refused:
        approve(proposed(editor, reading="chan2 xian4"), reviewer)
    assert refused.value.error_dict["word"][0].code == "word_active"


def test_the_database_lets_no_two_of_one_day_in(editor: Official, reviewer: Official) -> None:
    entry = active(editor, reviewer)
    Entry.objects.filter(pk=entry.pk).update(effective_to=timezone.localdate())
    twin = Entry.objects.get(pk=entry.pk)
    twin.pk = None
    with (
        pytest.raises(IntegrityError, match="an_active_word_is_read_one_way_at_a_time"),
        transaction.atomic(),
    ):
        twin.save()


def test_one_word_may_follow_itself(editor: Official, reviewer: Official) -> None:
    active(editor, reviewer, **WORD, effective_from=date(2026, 1, 1), effective_to=date(2026, 6, 30))
    later = active(editor, reviewer, **WORD, effective_from=date(2026, 7, 1))
    assert later.state == "active"


def test_full_width_is_the_same_word(editor: Official) -> None:
    proposed(editor, word="ETC", replacement="电子收费")
    with pytest.raises(ValidationError):
        proposed(editor, word="ＥＴＣ", replacement="不停车收费")


def test_every_step_leaves_its_line(editor: Official, reviewer: Official) -> None:
    entry = active(editor, reviewer)
    following = change(entry, editor, note="改")
    services.refuse(entry=following, reason="不必", staff=reviewer.staff, origin=None)
    services.retire(entry=entry, staff=reviewer.staff, origin=None)
    events = Event.objects.filter(object_type="lexicon").order_by("pk")
    assert [event.action.split(".")[1] for event in events] == [
        "proposed",
        "approved",
        "changed",
        "refused",
        "retired",
    ]
    assert events[1].object_name == "单县"
    assert events[1].details["spoken"] == "dan1 xian4"
    assert events[2].details["changed"] == {"note": ["", "改"]}


def test_only_what_is_in_force_counts_the_version_up(editor: Official, reviewer: Official) -> None:
    entry = proposed(editor)
    assert not Version.objects.exists()
    approve(entry, reviewer)
    services.retire(entry=entry, staff=reviewer.staff, origin=None)
    assert Version.objects.get().number == 2


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"word": " ", "reading": "dan1"}, "word", "word_required"),
        ({"word": "好" * 65, "reading": "hao3"}, "word", "word_too_long"),
        ({"word": "好😀", "replacement": "好"}, "word", "word_invalid"),
        ({"word": "单县"}, "reading", "reading_or_replacement"),
        ({**WORD, "replacement": "单县城"}, "reading", "reading_or_replacement"),
        ({"word": "单县", "reading": "shan xian"}, "reading", "reading_invalid"),
        ({"word": "单县", "reading": "shan4 xyz9"}, "reading", "reading_invalid"),
        ({"word": "单县", "reading": "shan6 xian4"}, "reading", "reading_invalid"),
        ({"word": "单县", "reading": "shan4"}, "reading", "reading_length"),
        ({"word": "单县", "reading": "shan4 xian4 shi4"}, "reading", "reading_length"),
        ({"word": "单县", "replacement": "😀"}, "replacement", "replacement_unreadable"),
        ({"word": "单县", "replacement": "网上赌场"}, "replacement", "text_blocked"),
        ({**WORD, "scope": "channel", "scope_key": "nowhere"}, "scope_key", "scope_unknown"),
        ({**WORD, "scope": "voice", "scope_key": ""}, "scope_key", "scope_unknown"),
        ({**WORD, "scope": "all", "scope_key": "hall"}, "scope_key", "scope_unknown"),
        ({**WORD, "scope": "planet", "scope_key": "earth"}, "scope", "invalid_choice"),
        (
            {**WORD, "effective_from": date(2026, 2, 1), "effective_to": date(2026, 1, 1)},
            "effective_to",
            "dates_reversed",
        ),
        ({**WORD, "note": "长" * 201}, "note", "max_length"),
    ],
)
def test_what_cannot_be_an_entry_is_refused_by_field(
    editor: Official, fields: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        services.propose(fields=fields, staff=editor.staff, origin=None)
    assert {name: [error.code for error in errors] for name, errors in refused.value.error_dict.items()} == {
        field: [code]
    }
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("shan4 xian4", "shan4 xian4"),
        (" SHAN4,xian4 ", "shan4 xian4"),
        ("shàn xiàn", "shan4 xian4"),
        ("lü4 lu:4", "lv4 lv4"),
        ("ｓｈａｎ４　xian4", "shan4 xian4"),
    ],
)
def test_pinyin_is_taken_as_people_type_it(editor: Official, typed: str, kept: str) -> None:
    assert proposed(editor, word="单县", reading=typed).reading == kept


def test_erhua_takes_one_syllable_of_two_characters(editor: Official) -> None:
    assert proposed(editor, word="花儿街", reading="huar1 jie1").state == "pending"


@pytest.mark.parametrize(
    ("word", "scope", "found"),
    [
        ("单县", "all", True),
        ("单县", "voice", True),
        ("单县人民", "all", True),
        ("县", "all", True),
        ("县城", "all", True),
        ("菏泽单", "all", True),
        ("城", "all", False),
        ("", "all", False),
    ],
)
def test_words_that_meet_are_shown(editor: Official, voice: Any, word: str, scope: str, found: bool) -> None:
    entry = proposed(editor)
    key = "tone" if scope == "voice" else ""
    assert services.conflicts(word=word, scope=scope, scope_key=key) == ([entry] if found else [])


def test_entries_that_never_meet_are_no_conflict(editor: Official) -> None:
    entry = proposed(editor, **WORD, scope="channel", scope_key="hall")
    assert services.conflicts(word="单县", scope="channel", scope_key="hotline-menu") == []
    assert services.conflicts(word="单县", scope="channel", scope_key="hall") == [entry]
    assert services.conflicts(word="单县", scope="channel", scope_key="hall", besides=entry) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins(editor: Official, reviewer: Official) -> None:
    other, entry = official("reviewer", "other"), proposed(editor)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def decide(person: Official, step: str) -> None:
        start.wait()
        try:
            if step == "active":
                services.approve(entry=entry, staff=person.staff, origin=None)
            else:
                services.refuse(entry=entry, reason="不对", staff=person.staff, origin=None)
            outcomes.append(step)
        except LexiconRefused as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    people = [
        threading.Thread(target=decide, args=pair) for pair in ((reviewer, "active"), (other, "refused"))
    ]
    for person in people:
        person.start()
    for person in people:
        person.join(timeout=30)
    won = next(outcome for outcome in outcomes if outcome != "entry_state")
    assert sorted(outcomes) == sorted([won, "entry_state"])
    assert state_of(entry) == won
    assert Event.objects.filter(action__in=["lexicon.approved", "lexicon.refused"]).count() == 1
