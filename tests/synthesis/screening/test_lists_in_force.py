"""The lists in the database are the lists in force, in every process, within two seconds."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from synthesis.screening import current, reference, vault
from synthesis.screening.current import REFRESH_SECONDS, Audience
from synthesis.screening.documents import Document, Word, read
from synthesis.screening.models import ListVersion, WordList
from synthesis.screening.services import judge
from synthesis.screening.vault import ListSealed
from synthesis.screening.verdicts import Level
from tests.synthesis.screening.cast import forbid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]


def test_a_word_in_force_blocks() -> None:
    forbid("测试禁词")
    assert judge("这是测试禁词").blocked
    assert not judge("这是测试").blocked


def test_a_word_has_the_level_of_its_list_or_its_own() -> None:
    number = forbid("测试禁词", level="review")
    version = ListVersion.objects.get(word_list=number)
    vault.put(version, Document().with_words([Word("测试禁词"), Word("另一个词", level="record")]))
    version.save()
    assert judge("测试禁词").level == Level.REVIEW
    assert judge("另一个词").level == Level.RECORD


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({}, True),
        ({"is_enabled": False}, False),
        ({"effective_from": timezone.localdate() + timedelta(days=1)}, False),
        ({"effective_from": timezone.localdate(), "effective_to": timezone.localdate()}, True),
        ({"effective_from": timezone.localdate() - timedelta(days=2),
          "effective_to": timezone.localdate() - timedelta(days=1)}, False),
    ],
)  # fmt: skip
def test_a_list_holds_by_its_switch_and_dates(fields: dict[str, object], holds: bool) -> None:
    forbid("测试禁词", **fields)
    assert judge("测试禁词").blocked == holds


def test_a_word_holds_by_its_dates() -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    version = ListVersion.objects.get(word_list=forbid())
    vault.put(
        version, Document().with_words([Word("明天的词", since=tomorrow), Word("今天的词", until=tomorrow)])
    )
    version.save()
    assert not judge("明天的词").blocked
    assert judge("今天的词").blocked


def test_a_scoped_list_holds_for_its_own_only(hotline: object) -> None:
    forbid("部门的词", scope="organisation", scope_key="test")
    forbid("渠道的词", scope="channel", scope_key="hall")
    forbid("系统的词", scope="client", scope_key="hotline")
    here = Audience(organisation="test", channels=("hall",), client="hotline")
    for text in ("部门的词", "渠道的词", "系统的词"):
        assert judge(text, here).blocked
        assert not judge(text, Audience(organisation="default", channels=("other",), client="demo")).blocked
        assert not judge(text).blocked


def test_what_one_list_lets_pass_passes_the_others(hotline: object) -> None:
    forbid("内幕")
    forbid("无关", scope="organisation", scope_key="test", allowed=("打破内幕交易",))
    ours = Audience(organisation="test")
    assert not judge("打破内幕交易的规定", ours).blocked
    assert judge("内幕消息，打破内幕交易", ours).hits[0].start == 0
    assert judge("打破内幕交易").blocked


def test_a_change_is_in_force_soon_and_unasked() -> None:
    assert not judge("又一个词").blocked
    word_list = WordList.objects.create()
    version = ListVersion(word_list=word_list, state="active", name="新", author_name="测试")
    vault.put(version, Document().with_words([Word("又一个词")]))
    version.save()
    time.sleep(REFRESH_SECONDS)
    assert judge("又一个词").blocked


def test_between_changes_the_database_is_left_alone() -> None:
    judge("第一次")
    with CaptureQueriesContext(connection) as asked:
        judge("第二次")
    assert len(asked) == 0


@pytest.mark.django_db(transaction=True)
def test_a_long_list_is_made_ready_beside_the_requests(
    flushable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "_MADE_AT_ONCE", 0)
    judge("第一次")
    forbid("很长的词库")
    judge("很长的词库")
    for thread in threading.enumerate():
        if thread.name == "lists":
            thread.join(5)
    current.look_again()
    assert judge("很长的词库").blocked


def test_the_shipped_lists_leave_what_staff_decided() -> None:
    reference.load()
    ListVersion.objects.filter(category="gambling").update(is_enabled=False)
    reference.load()
    current.look_again()
    assert not judge("网上赌场").blocked
    assert judge("安全账户转账").blocked
    assert WordList.objects.count() == len(reference.SHIPPED)
    assert reference.matcher().judge("网上赌场").blocked


def test_a_nameless_list_cannot_be_stored() -> None:
    with pytest.raises(IntegrityError, match="a_list_has_a_name"):
        ListVersion.objects.create(word_list=WordList.objects.create(), name="  ", content=b"")


# --- confidential lists ----------------------------------------------------------------------------------


def test_a_confidential_list_blocks_and_tells_no_word() -> None:
    number = forbid("秘密的词", confidential=True)
    (hit,) = judge("这是秘密的词").hits
    assert (hit.term, hit.text) == ("", "秘密的词")
    version = ListVersion.objects.get(word_list=number)
    with pytest.raises(ValueError, match="not a document"):
        read(bytes(version.content))
    assert vault.take(version).words == (Word("秘密的词"),)


def test_without_its_key_nothing_passes(settings: Settings) -> None:
    forbid("秘密的词", confidential=True)
    settings.DATA_KEYS = ["another key"]
    for _again in range(2):
        with pytest.raises(ListSealed):
            judge("无害的话")


def test_a_list_that_can_be_opened_no_more_stops_everything(settings: Settings) -> None:
    assert not judge("无害的话").blocked
    forbid("秘密的词", confidential=True)
    settings.DATA_KEYS = ["another key"]
    for _again in range(2):
        with pytest.raises(ListSealed):
            judge("无害的话")


def test_a_sealed_list_opens_in_its_own_place_only() -> None:
    one, other = (
        ListVersion.objects.get(word_list=forbid(word, confidential=True)) for word in ("甲词", "乙词")
    )
    one.content = other.content
    with pytest.raises(ListSealed):
        vault.take(one)
