"""The list in the database is the list in force, in every process, within two seconds."""

from __future__ import annotations

import time

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from synthesis.screening import reference
from synthesis.screening.models import Term
from synthesis.screening.services import REFRESH_SECONDS, judge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]


@pytest.fixture
def term() -> Term:
    return Term.objects.create(text="测试禁词", category=Term.Category.OTHER)


def test_an_active_word_blocks(term: Term) -> None:
    assert judge("这是测试禁词").blocked
    assert not judge("这是测试").blocked


def test_a_switched_off_word_passes(term: Term) -> None:
    Term.objects.update(is_active=False)
    assert not judge("这是测试禁词").blocked


def test_a_change_is_in_force_soon(term: Term) -> None:
    assert not judge("又一个词").blocked
    Term.objects.create(text="又一个词", category=Term.Category.OTHER)
    time.sleep(REFRESH_SECONDS)
    assert judge("又一个词").blocked


def test_a_rewritten_word_is_in_force_soon(term: Term) -> None:
    assert judge("测试禁词").blocked
    Term.objects.filter(pk=term.pk).update(text="改过的词", updated_at=timezone.now())
    time.sleep(REFRESH_SECONDS)
    assert not judge("测试禁词").blocked
    assert judge("改过的词").blocked


def test_between_changes_the_database_is_left_alone(term: Term) -> None:
    judge("第一次")
    with CaptureQueriesContext(connection) as asked:
        judge("第二次")
    assert len(asked) == 0


def test_the_starter_list_leaves_what_staff_decided() -> None:
    reference.load()
    Term.objects.filter(text="网上赌场").update(is_active=False)
    reference.load()
    assert not judge("网上赌场").blocked
    assert judge("安全账户转账").blocked
    assert Term.objects.filter(is_shipped=True).count() == sum(map(len, reference.STARTER.values()))


def test_a_blank_word_cannot_be_stored() -> None:
    with pytest.raises(IntegrityError, match="a_term_is_not_blank"):
        Term.objects.create(text="  ", category=Term.Category.OTHER)
