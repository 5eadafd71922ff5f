"""The lists in the database are the lists in force, in every process, within two seconds."""

from __future__ import annotations

import base64
import secrets
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
from synthesis.screening.documents import Document, Word
from synthesis.screening.models import ListVersion, WordList
from synthesis.screening.sealing import SealBroken, key_from, seal, unseal
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


def test_a_confidential_list_blocks_and_tells_no_word(settings: Settings) -> None:
    settings.SCREENING_KEY = secrets.token_bytes(32)
    number = forbid("秘密的词", confidential=True)
    (hit,) = judge("这是秘密的词").hits
    assert (hit.term, hit.text) == ("", "秘密的词")
    version = ListVersion.objects.get(word_list=number)
    assert "秘密的词" not in bytes(version.content).decode("latin-1")
    assert vault.take(version).words == (Word("秘密的词"),)


@pytest.mark.parametrize("key", [b"", b"\x00" * 32])
def test_without_its_key_nothing_passes(settings: Settings, key: bytes) -> None:
    settings.SCREENING_KEY = secrets.token_bytes(32)
    forbid("秘密的词", confidential=True)
    settings.SCREENING_KEY = key
    for _again in range(2):
        with pytest.raises(ListSealed):
            judge("无害的话")
    settings.SCREENING_KEY = b""


def test_a_sealed_list_opens_nowhere_else_and_not_when_changed() -> None:
    key = secrets.token_bytes(32)
    sealed = seal(b"words", key=key, place="wordlist:1")
    assert unseal(sealed, key=key, place="wordlist:1") == b"words"
    for data, place in ((sealed, "wordlist:2"), (sealed[:-1] + b"\x00", "wordlist:1"), (b"", "wordlist:1")):
        with pytest.raises(SealBroken):
            unseal(data, key=key, place=place)


@pytest.mark.parametrize("text", ["", "kein", base64.b64encode(b"short").decode()])
def test_a_key_of_another_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"bytes|Base64"):
        key_from(text)
