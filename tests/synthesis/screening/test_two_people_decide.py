"""A list changes by versions: written, compared, submitted, decided on by somebody else, brought back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from audit.models import Event
from synthesis.screening import current, lists, vault
from synthesis.screening.documents import Document, Pattern, Word, compare, read, write
from synthesis.screening.errors import ListRefused, OwnList
from synthesis.screening.models import ListVersion
from synthesis.screening.services import judge
from tests.portal.broadcasts.cast import Official, official
from tests.synthesis.screening.cast import FIELDS, draft, in_force, now, pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(voice: object, nothing_remembered: None) -> Official:
    return official("security_admin")


@pytest.fixture
def approver(author: Official) -> Official:
    return official("reviewer")


def words(version: ListVersion) -> list[str]:
    return [word.text for word in vault.take(version).words]


def next_draft(version: ListVersion, author: Official) -> ListVersion:
    return lists.open_draft(word_list=version.word_list, staff=author.staff, origin=None)


def test_a_draft_judges_nothing(author: Official) -> None:
    draft(author, "新词")
    assert not judge("新词").blocked


def test_approved_by_a_second_person_it_judges(author: Official, approver: Official) -> None:
    version = in_force(author, approver, "新词")
    assert judge("新词").blocked
    assert (version.author_name, version.decider_name) == ("security_admin同志", "reviewer同志")
    actions = Event.objects.filter(object_type="wordlist").order_by("at").values_list("action", flat=True)
    assert list(actions) == [
        "wordlist.created", "wordlist.changed", "wordlist.submitted", "wordlist.approved",
    ]  # fmt: skip


def test_nobody_decides_on_what_he_wrote(author: Official, approver: Official) -> None:
    version = pending(author, "新词")
    with pytest.raises(OwnList):
        lists.approve(version=version, staff=author.staff, origin=None)
    with pytest.raises(OwnList):
        lists.refuse(version=version, reason="不", staff=author.staff, origin=None)
    with pytest.raises(IntegrityError, match="nobody_decides_on_a_list_he_wrote"):
        ListVersion.objects.filter(pk=version.pk).update(decider_id=author.staff.pk)


def test_nor_does_whoever_added_a_word_before(author: Official) -> None:
    version, second = draft(author, "新词"), official("security_admin", "second")
    lists.put_words(version=version, words=[Word("再一个")], staff=second.staff, origin=None)
    lists.submit(version=now(version), staff=second.staff, origin=None)
    for person in (author, second):
        with pytest.raises(OwnList):
            lists.approve(version=now(version), staff=person.staff, origin=None)


def test_what_is_in_force_stays_until_the_next_is_approved(author: Official, approver: Official) -> None:
    first = in_force(author, approver, "旧词")
    second = next_draft(first, author)
    lists.drop_words(version=second, texts=["旧词"], staff=author.staff, origin=None)
    lists.put_words(version=now(second), words=[Word("新词")], staff=author.staff, origin=None)
    lists.submit(version=now(second), staff=author.staff, origin=None)
    assert judge("旧词").blocked
    lists.approve(version=now(second), staff=approver.staff, origin=None)
    current.look_again()
    assert not judge("旧词").blocked
    assert judge("新词").blocked
    assert (now(first).state, now(second).number) == ("retired", 2)


def test_the_difference_is_told(author: Official, approver: Official) -> None:
    first = in_force(author, approver, "旧词", "留下")
    second = next_draft(first, author)
    steps = {"version": second, "staff": author.staff, "origin": None}
    lists.drop_words(texts=["旧词"], **steps)
    lists.put_words(words=[Word("新词"), Word("留下", level="record")], **steps)
    lists.set_allowed(texts=["留下来"], **steps)
    lists.write_settings(fields={"level": "review"}, **steps)
    second = now(second)
    difference = lists.difference(second)
    assert [word.text for word in difference.added] == ["新词"]
    assert [word.text for word in difference.removed] == ["旧词"]
    assert [(old.level, new.level) for old, new in difference.changed] == [("", "record")]
    assert difference.allowed_added == ("留下来",)
    assert lists.changed_settings(second) == {"level": ("block", "review")}


def test_an_older_version_is_brought_back_by_two_people(author: Official, approver: Official) -> None:
    first = in_force(author, approver, "旧词")
    second = next_draft(first, author)
    lists.drop_words(version=second, texts=["旧词"], staff=author.staff, origin=None)
    lists.submit(version=now(second), staff=author.staff, origin=None)
    lists.approve(version=now(second), staff=approver.staff, origin=None)
    third = lists.restore(version=now(first), staff=author.staff, origin=None)
    assert (third.number, third.restores, words(third), third.state) == (3, 1, ["旧词"], "draft")
    lists.submit(version=third, staff=author.staff, origin=None)
    lists.approve(version=third, staff=approver.staff, origin=None)
    current.look_again()
    assert judge("旧词").blocked


def test_an_unchanged_version_is_not_submitted(author: Official, approver: Official) -> None:
    second = next_draft(in_force(author, approver, "旧词"), author)
    with pytest.raises(ListRefused, match="没有差别"):
        lists.submit(version=second, staff=author.staff, origin=None)


def test_a_refused_version_says_why_and_is_written_anew(author: Official, approver: Official) -> None:
    version = pending(author, "新词")
    with pytest.raises(ListRefused, match="请填写驳回原因"):
        lists.refuse(version=version, reason=" ", staff=approver.staff, origin=None)
    lists.refuse(version=version, reason="过宽", staff=approver.staff, origin=None)
    assert (now(version).state, now(version).refusal) == ("refused", "过宽")
    again = next_draft(version, author)
    assert (again.number, words(again)) == (2, ["新词"])


def test_only_one_version_is_under_way(author: Official) -> None:
    version = draft(author, "新词")
    assert next_draft(version, author) == version
    lists.submit(version=version, staff=author.staff, origin=None)
    with pytest.raises(ListRefused):
        next_draft(version, author)
    with pytest.raises(ListRefused):
        lists.put_words(version=version, words=[Word("再一个")], staff=author.staff, origin=None)
    lists.discard(version=version, staff=author.staff, origin=None)
    assert next_draft(version, author).number == 2


def test_a_decided_version_is_decided_once(author: Official, approver: Official) -> None:
    version = in_force(author, approver, "新词")
    with pytest.raises(ListRefused, match="处于“生效”"):
        lists.refuse(version=version, reason="晚了", staff=approver.staff, origin=None)


@pytest.mark.parametrize(
    ("word", "field"),
    [
        (Word(" "), "text"),
        (Word("\u200b"), "text"),
        (Word("词" * 65), "text"),
        (Word("一\x00二"), "text"),
        (Word("词语", level="loud"), "level"),
        (Word("词语", substitute="这个词语"), "substitute"),
        (Word("词语", reason="长" * 201), "reason"),
    ],
)
def test_a_wrong_word_is_told_by_its_field(author: Official, word: Word, field: str) -> None:
    version = draft(author)
    with pytest.raises(ValidationError) as caught:
        lists.put_words(version=version, words=[word], staff=author.staff, origin=None)
    assert field in caught.value.error_dict


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"scope": "client", "scope_key": "nobody"}, "scope_key"),
        ({"scope": "organisation", "scope_key": ""}, "scope_key"),
        ({"options": {"telepathy": True}}, "options"),
        ({"options": {"gap": "many"}}, "options"),
        ({"level": "loud"}, "level"),
    ],
)
def test_wrong_settings_are_told_by_their_field(author: Official, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        lists.create(fields=FIELDS | fields, staff=author.staff, origin=None)
    assert field in caught.value.error_dict


def test_evidence_names_the_words_of_an_open_list_only(author: Official) -> None:
    draft(author, "看得见")
    secret = lists.create(fields=FIELDS, confidential=True, staff=author.staff, origin=None)
    lists.put_words(version=secret, words=[Word("看不见")], staff=author.staff, origin=None)
    told = str(list(Event.objects.values_list("details", flat=True)))
    assert "+看得见" in told
    assert "看不见" not in told


# --- documents -------------------------------------------------------------------------------------------


def test_a_document_comes_back_as_it_was_written() -> None:
    rule = Pattern("pattern", {"pattern": r"\d{6}"}, "review", "六位数")
    document = (
        Document(rules=(rule,)).with_words([Word("甲", level="mask", substitute="乙")]).with_allowed(["丙"])
    )
    assert read(write(document)) == document
    assert compare(document, read(write(document))).is_empty


def test_forms_of_one_word_are_one_entry() -> None:
    document = Document().with_words([Word("ＶＩＰ内幕"), Word("vip内幕", level="record")])
    assert document.words == (Word("vip内幕", level="record"),)


@pytest.mark.parametrize("data", [b"", b"{}", b"x\x9c"])
def test_other_bytes_are_no_document(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a document"):
        read(data)
