"""读音 at the desk: the text's pinyin, what is typed as a reading, an entry tried before it is proposed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from audit.models import Event
from synthesis.models import Speech
from tests.portal.broadcasts.cast import Official, official
from tests.portal.desk.test_only_listeners_get_in import BODY
from tests.portal.lexicon.cast import in_force

pytestmark = pytest.mark.django_db

WORD = {"word": "六安", "reading": "lu4 an1", "replacement": ""}


def post(person: Official, route: str, **body: Any) -> HttpResponse:
    response: HttpResponse = person.browser.post(
        reverse(f"admin:{route}"), json.dumps(body), content_type="application/json"
    )
    return response


def told(response: HttpResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.content
    found: dict[str, Any] = json.loads(response.content)
    return found


def pinyin(person: Official, **body: Any) -> str:
    pieces = told(post(person, "desk-readings", **body))["pieces"]
    return " ".join(piece["pinyin"] for piece in pieces if "pinyin" in piece)


def test_the_text_comes_back_with_its_pinyin(editor: Official) -> None:
    pieces = told(post(editor, "desk-readings", text="共3人😀", voice="tone"))["pieces"]
    assert [(piece["text"], piece["kind"]) for piece in pieces] == [
        ("共", "read"), ("3", "spoken"), ("人", "read"), ("😀", "unreadable"),
    ]  # fmt: skip
    assert not Event.objects.filter(action="readings.requested").exists(), "looking is not an event"


def test_an_entry_on_trial_is_shown_at_once(editor: Official) -> None:
    assert pinyin(editor, text="好处", voice="tone") == "hǎo chù"
    trial = {"word": "好处", "reading": "hao4 chu3", "replacement": ""}
    assert pinyin(editor, text="好处", voice="tone", trials=[trial]) == "hào chǔ"


def test_several_entries_may_be_on_trial(editor: Official) -> None:
    first = {"word": "好处", "reading": "hao4 chu3", "replacement": ""}
    assert pinyin(editor, text="好处六安", voice="tone", trials=[first, WORD]) == "hào chǔ lù ān"


def test_the_channels_of_a_broadcast_have_their_say(editor: Official, reviewer: Official) -> None:
    in_force(editor, reviewer, word="好处", reading="hao4 chu4", scope="channel", scope_key="hall")
    assert pinyin(editor, text="好处", voice="tone") == "hǎo chù"
    assert pinyin(editor, text="好处", voice="tone", channels=["hall", "hotline-menu"]) == "hào chù"


@pytest.mark.usefixtures("worker")
def test_the_channels_of_a_broadcast_are_heard(editor: Official, reviewer: Official) -> None:
    in_force(editor, reviewer, word="好处", reading="hao4 chu4", scope="channel", scope_key="hall")
    for channels in ([], ["hall"]):
        told(post(editor, "desk-speak", **BODY | {"text": "好处"}, channels=channels))
    keys = Speech.objects.values_list("rendition_key", flat=True)
    assert len(set(keys)) == 2, "what is previewed is what the broadcast will say"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"text": "  "}, "text_empty"),
        ({"text": "字" * 501}, "text_too_long"),
        ({"text": 5}, "wrong_type"),
        ({"text": "您好\ud83d"}, "text_invalid"),
        ({"voice": "nobody"}, "voice_unknown"),
        ({"trials": WORD}, "wrong_type"),
        ({"trials": [WORD] * 21}, "wrong_type"),
        ({"trials": [WORD | {"colour": "red"}]}, "wrong_type"),
        ({"trials": [WORD | {"word": 5}]}, "wrong_type"),
        ({"trials": [WORD, WORD | {"reading": "liu4"}]}, "entry_invalid"),
        ({"channels": "hall"}, "wrong_type"),
        ({"channels": [1]}, "wrong_type"),
        ({"channels": ["hall", "nowhere"]}, "channel_unknown"),
    ],
)
def test_what_cannot_be_read_is_refused(editor: Official, changed: dict[str, Any], code: str) -> None:
    response = post(editor, "desk-readings", **{"text": "您好", "voice": "tone", **changed})
    assert (response.status_code, json.loads(response.content)["code"]) == (422, code)
    assert Event.objects.filter(action="readings.requested", outcome="refused", code=code).exists()


@pytest.mark.parametrize(
    ("typed", "reading", "marked", "problem"),
    [
        ("lu4 an1", "lu4 an1", "lù ān", ""),
        ("Lù, ān", "lu4 an1", "lù ān", ""),
        ("lu4", "lu4", "", "“六安”有 2 个字，读音有 1 个音节，应一字一音。"),
        ("lu an", "lu an", "", "读音的第 1 个音节“lu”不是带声调的拼音，应如 chong2 qing4。"),
    ],
)
def test_a_reading_is_looked_at_while_it_is_typed(
    editor: Official, typed: str, reading: str, marked: str, problem: str
) -> None:
    found = told(post(editor, "desk-reading-check", **(WORD | {"reading": typed})))
    assert (found["reading"], found["marked"], found["problem"]) == (reading, marked, problem)
    assert found["conflicts"] == []


@pytest.mark.usefixtures("worker")
def test_an_entry_is_heard_before_it_is_proposed(editor: Official) -> None:
    plain = post(editor, "desk-speak", **(BODY | {"text": "好处很多"}))
    trial = {"word": "好处", "reading": "hao4 chu3", "replacement": ""}
    tried = post(editor, "desk-speak", **BODY | {"text": "好处很多", "trials": [trial]})
    assert (plain.status_code, tried.status_code) == (200, 200)
    keys = Speech.objects.values_list("rendition_key", flat=True)
    assert len(set(keys)) == 2, "another reading is another sound"
    assert Event.objects.filter(action="preview.requested", outcome="succeeded").count() == 2


def test_a_trial_that_is_no_entry_is_not_spoken(editor: Official) -> None:
    response = post(editor, "desk-speak", **BODY, trials=[WORD | {"reading": "nonsense"}])
    assert response.status_code == 422
    assert json.loads(response.content)["errors"][0]["field"] == "trials"
    assert not Speech.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("editor", 200), ("reviewer", 200), ("publisher", 403), ("auditor", 403)]
)
def test_readings_are_for_those_who_listen(editor: Official, role: str, status: int) -> None:
    person = official(role, "visitor")
    assert post(person, "desk-readings", text="您好", voice="tone").status_code == status
    assert post(person, "desk-reading-check", **WORD).status_code == status


def test_what_it_collides_with_is_told_while_it_is_typed(editor: Official, reviewer: Official) -> None:
    entry = in_force(editor, reviewer)
    again = {"word": "管网", "reading": "guan3 wang3", "replacement": ""}
    longer = {"word": "管网图", "reading": "guan3 wang3 tu2", "replacement": ""}
    assert told(post(editor, "desk-reading-check", **again))["conflicts"] == [
        "已有同一词语“管网”：guǎn wàng（全部，生效）。"
    ]
    assert told(post(editor, "desk-reading-check", **longer))["conflicts"] == [
        "与词条“管网”（guǎn wàng，全部，生效）有重叠，较长的词优先。"
    ]
    assert told(post(editor, "desk-reading-check", **again, entry=str(entry.pk)))["conflicts"] == []
    form = editor.see("lexicon-change", entry.pk).content.decode()
    assert f'data-entry="{entry.pk}"' in form
