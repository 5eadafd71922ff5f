"""Every text is judged before it sounds: blocked, held for a person, replaced, or passed and counted."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from audit.models import Event
from audit.parties import Actor, Origin
from synthesis import clearance
from synthesis.errors import TextBlocked, TextNeedsReview
from synthesis.models import Rendition, Speech
from synthesis.renditions import make
from synthesis.screening import review, statistics
from synthesis.screening.models import HitCount, ReviewItem
from synthesis.services import Answer, request_rendition, request_screening, request_speech
from synthesis.spec import SpeechSpec
from tests.portal.broadcasts.cast import official
from tests.portal.lexicon.cast import in_force as reading_in_force
from tests.synthesis.screening.cast import forbid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("voice", "nothing_remembered", "worker")]

CALLER = Actor(kind="client", id="hotline", name="测试热线", organisation="测试热线中心")
TEXT = "请留意内部消息。"


def ask(text: str = TEXT, caller: Actor = CALLER, **fields: Any) -> Answer:
    return request_speech(spec=SpeechSpec(text=text, **fields), actor=caller, origin=Origin(request_id="r1"))


def held() -> ReviewItem:
    with pytest.raises(TextNeedsReview) as caught:
        ask()
    return ReviewItem.objects.get(code=caught.value.review)


def decide(item: ReviewItem, decision: str, reason: str = "已核实") -> None:
    reviewer = official("reviewer").staff
    review.decide(item=item, decision=decision, reason=reason, staff=reviewer, origin=None)


# --- block -----------------------------------------------------------------------------------------------


def test_a_blocked_word_makes_no_sound_and_is_counted() -> None:
    forbid("内部消息")
    with pytest.raises(TextBlocked) as caught:
        ask()
    assert (caught.value.code, caught.value.position) == ("text_blocked", 3)
    assert not Speech.objects.exists()
    statistics.fold()
    assert HitCount.objects.get().count == 1


def test_a_word_forbidden_today_silences_what_was_cached_yesterday() -> None:
    ask()
    forbid("内部消息")
    with pytest.raises(TextBlocked):
        ask()


def test_what_the_lexicon_says_instead_is_judged_at_its_place_in_the_text(flushable: None) -> None:
    forbid("亿政通")
    editor, reviewer = official("editor"), official("reviewer")
    reading_in_force(editor, reviewer, word="e政", reading="", replacement="亿政")
    from synthesis.lexicon import current as lexicon

    lexicon.look_again()
    with pytest.raises(TextBlocked) as caught:
        ask("请用e政通办理。")
    assert caught.value.position == 2


@pytest.mark.parametrize(
    "ssml",
    [
        "<speak>请留意内<prosody rate='1.2'>部</prosody>消息</speak>",
        "<speak>请留意内<break time='200ms'/>部消息</speak>",
        "<speak>请留意<sub alias='内部消息'>通知</sub></speak>",
    ],
)
def test_tags_cannot_hide_a_word(ssml: str) -> None:
    forbid("内部消息")
    with pytest.raises(TextBlocked) as caught:
        ask(ssml, is_ssml=True)
    assert caught.value.field == "ssml"


def test_a_list_for_one_client_blocks_no_other() -> None:
    from tests.api.cast import open_hotline

    open_hotline()
    forbid("内部消息", scope="client", scope_key="hotline")
    with pytest.raises(TextBlocked):
        ask()
    assert ask(caller=Actor(kind="client", id="other", name="别的热线")).speech


# --- review ----------------------------------------------------------------------------------------------


def test_a_text_for_review_is_held_once_and_says_its_number() -> None:
    forbid("内部消息", level="review")
    item, again = held(), held()
    assert (item.pk, again.asked) == (again.pk, 2)
    assert (item.text, item.caller_id, item.request_id) == (TEXT, "hotline", "r1")
    assert [(hit["start"], hit["end"]) for hit in item.hits] == [(3, 7)]
    assert item.code.startswith("RV")
    assert Event.objects.filter(action="review.held").count() == 1
    assert not Speech.objects.exists()


def test_passed_once_is_spoken_once() -> None:
    forbid("内部消息", level="review")
    item = held()
    decide(item, "once")
    assert ask().speech
    assert held().pk != item.pk


def test_passed_always_is_spoken_always_until_it_is_taken_back() -> None:
    forbid("内部消息", level="review")
    item = held()
    decide(item, "always")
    assert ask().speech
    assert ask().speech
    review.revoke(item=item, staff=official("reviewer", "second").staff, origin=None)
    assert held().pk != item.pk


def test_a_pass_is_for_one_text_of_one_caller_and_the_words_it_was_held_for() -> None:
    forbid("内部消息", level="review")
    decide(held(), "always")
    with pytest.raises(TextNeedsReview):
        ask(TEXT + "谢谢。")
    with pytest.raises(TextNeedsReview):
        ask(caller=Actor(kind="client", id="other", name="别的热线"))
    forbid("留意", level="review")
    with pytest.raises(TextNeedsReview):
        ask()


def test_a_refused_text_is_blocked_without_asking_again() -> None:
    forbid("内部消息", level="review")
    decide(held(), "refused")
    with pytest.raises(TextBlocked):
        ask()
    assert ReviewItem.objects.count() == 1


def test_a_pass_lets_no_blocked_word_through() -> None:
    forbid("内部消息", level="review")
    decide(held(), "always")
    forbid("留意")
    with pytest.raises(TextBlocked):
        ask()


def test_one_caller_cannot_fill_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "WAITING_MOST", 1)
    forbid("内部消息", level="review")
    held()
    with pytest.raises(TextNeedsReview) as caught:
        ask(TEXT + "谢谢。")
    assert (caught.value.code, caught.value.review) == ("review_queue_full", None)
    assert ReviewItem.objects.count() == 1


# --- mask and record -------------------------------------------------------------------------------------


def test_a_masked_word_is_never_read_but_its_substitute_is() -> None:
    forbid("内部消息", level="mask", substitute="有关消息")
    answer = ask()
    assert "内部" not in answer.plan.script.normalized
    assert answer.plan.script.normalized.startswith("请留意有关消息")
    assert answer.plan.script.text == TEXT


def test_a_masked_word_without_a_substitute_is_refused() -> None:
    forbid("内部消息", level="mask")
    with pytest.raises(TextBlocked):
        ask()


def test_a_substitute_that_says_a_forbidden_word_is_refused() -> None:
    forbid("内部消息", level="mask", substitute="有关消息")
    forbid("有关消息")
    with pytest.raises(TextBlocked):
        ask()


def test_a_recorded_word_passes_and_is_counted_by_caller() -> None:
    forbid("内部消息", level="record")
    ask()
    ask()
    statistics.fold()
    (row,) = HitCount.objects.all()
    assert (row.term, row.caller_id, row.level, row.count) == ("内部消息", "hotline", "record", 2)
    assert statistics.by_word(7)[0].count == 2
    assert statistics.by_caller(7) == [("测试热线", 2)]
    assert [count for _day, count in statistics.by_day(7)] == [0] * 6 + [2]
    assert statistics.fold() == 0


# --- asked without speaking ------------------------------------------------------------------------------


def test_a_text_is_judged_without_being_spoken_or_held() -> None:
    forbid("内部消息", level="review")
    forbid("留意", level="record")
    verdict = request_screening(spec=SpeechSpec(text=TEXT), actor=CALLER, origin=Origin())
    assert verdict.level == "review"
    assert [(hit.start, hit.end, hit.level) for hit in verdict.hits] == [(1, 3, "record"), (3, 7, "review")]
    assert not ReviewItem.objects.exists()
    assert Event.objects.get(action="screening.requested").details["verdict"] == "review"


def test_a_text_is_judged_though_no_voice_is_there() -> None:
    forbid("内部消息")
    assert clearance.find(SpeechSpec(text=TEXT, voice="gone"))[0].start == 3


# --- finished audio --------------------------------------------------------------------------------------


def test_a_rendition_is_judged_when_it_is_made_too() -> None:
    rendition = request_rendition(spec=SpeechSpec(text=TEXT))
    forbid("内部消息")
    make(rendition.pk)
    rendition.refresh_from_db()
    assert rendition.state == Rendition.State.FAILED
    assert "不允许播报" in rendition.failure


def test_a_rendition_says_the_substitute() -> None:
    plain, replaced = SpeechSpec(text=TEXT), SpeechSpec(text="请留意有关消息。")
    forbid("内部消息", level="mask", substitute="有关消息")
    rendition = request_rendition(spec=plain)
    make(rendition.pk)
    rendition.refresh_from_db()
    assert rendition.state == Rendition.State.READY
    assert [p.phones for p in clearance.clear(plain).plan.script.phrases] == [
        p.phones for p in clearance.clear(replaced).plan.script.phrases
    ]


# --- no other way to an engine ---------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[2]
# Who may call what, from an engine outwards: the only chain there is. `manage.py speak` drives an engine in
# its own process, with plans of `clear`, or without a database by the words that we ship; engines themselves
# join the phrases they are given.
CALLERS = {
    "speak": {"synthesis/pipeline.py", "synthesis/management/commands/speak.py"},
    "make_phrase": {"synthesis/tasks.py", "synthesis/renditions.py", "synthesis/samples.py"},
    "speak_phrase": {"synthesis/services.py"},
    "order_phrases": {"synthesis/services.py"},
    "plan_of": {
        "synthesis/pipeline.py",
        "synthesis/clearance.py",
        "synthesis/management/commands/speak.py",
    },
    "Plan": {"synthesis/pipeline.py"},
    # lexicon_impact only counts keys in the cache.
    "plan": {"synthesis/clearance.py", "platform/govvoice/broadcasts/lexicon_impact.py"},
}


def test_no_path_reaches_an_engine_unscreened() -> None:
    found: dict[str, set[str]] = {name: set() for name in CALLERS}
    for source in ("synthesis", "platform", "accounts", "audit"):
        for path in (ROOT / source).rglob("*.py"):
            place = path.relative_to(ROOT).as_posix()
            if not place.startswith("synthesis/engines/"):
                for name in called_in(ast.parse(path.read_text(encoding="utf-8"))) & CALLERS.keys():
                    found[name].add(place)
    assert found == CALLERS


def called_in(tree: ast.AST) -> set[str]:
    """The names of what is called: f() and anything.f(), and of tasks also f.delay() and f.apply_async()."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            target = node.func
            if isinstance(target, ast.Attribute) and target.attr in {"delay", "apply_async"}:
                target = target.value
            names.add(target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", ""))
    return names


def test_the_guard_sees_a_way_around() -> None:
    around = "def cheat(engine, phrase):\n    return get_engine('tone').speak(phrase, delivery)\n"
    assert "speak" in called_in(ast.parse(around))
    assert "speak_phrase" in called_in(ast.parse("tasks.speak_phrase.apply_async(kwargs={})"))
