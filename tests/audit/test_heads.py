"""Heads are signed and chained, keep the log's name, lose no algorithm, and read the same from paper."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from pytest_django import Settings

from audit.canonical import canonical, head_bytes
from audit.digests import sha256
from audit.errors import OriginUnusable, SealKeyUnusable
from audit.heads import head_line, head_qr, head_record, head_text, read_head_text
from audit.models import SealKey, TreeHead
from audit.sealer import Sealer
from audit.signatures import are_valid
from audit.signers import is_valid
from tests.audit.cast import committed
from tests.audit.sealing import assert_whole
from tests.audit.test_signers import SM2_SCALAR

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_head_says_all_that_is_signed_and_names_the_one_before() -> None:
    committed()
    sealer = Sealer()
    first = sealer.publish_head()
    sealer.seal_pending()
    second = sealer.publish_head()
    fields = json.loads(head_bytes(second).removeprefix(b"govvoice-tree-head-2\n"))
    assert set(fields) == {
        *("schema", "number", "at", "origin", "size", "root_sha256", "root_sm3", "previous"),
    }
    assert (fields["schema"], fields["number"], fields["size"]) == (2, 1, 1)
    assert fields["previous"] == sha256(head_bytes(first)).hex()
    assert first.previous == bytes(32)
    assert_whole()


def test_any_key_given_signs_and_its_public_half_is_listed(settings: Settings) -> None:
    settings.SEAL_SM2_KEY = lambda: SM2_SCALAR
    head = Sealer().publish_head()
    assert [signature["algorithm"] for signature in head.signatures] == ["ed25519", "sm2"]
    for signature in head.signatures:
        key = SealKey.objects.get(key_id=signature["key_id"])
        signed = bytes.fromhex(signature["signature"])
        assert is_valid(signed, head_bytes(head), algorithm=key.algorithm, public=bytes(key.public))
    assert SealKey.objects.count() == 2
    Sealer()
    assert SealKey.objects.count() == 2


@pytest.mark.parametrize("field", ["number", "size"])
def test_a_signature_holds_for_its_head_only(field: str) -> None:
    head = Sealer().publish_head()
    assert are_valid(head.signatures, head_bytes(head))
    setattr(head, field, 7)
    assert not are_valid(head.signatures, head_bytes(head))


def test_a_signature_by_a_key_that_nobody_published_is_none() -> None:
    head = Sealer().publish_head()
    stranger = [{**head.signatures[0], "key_id": "0" * 16}]
    assert not are_valid(stranger, head_bytes(head))
    assert not are_valid([{**head.signatures[0], "algorithm": "sm2"}], head_bytes(head))
    assert not are_valid([{**head.signatures[0], "signature": "zz"}], head_bytes(head))
    assert not are_valid([], head_bytes(head))


def test_an_algorithm_is_never_dropped(settings: Settings) -> None:
    settings.SEAL_SM2_KEY = lambda: SM2_SCALAR
    Sealer().publish_head()
    settings.SEAL_SM2_KEY = lambda: ""
    with pytest.raises(SealKeyUnusable, match="sm2"):
        Sealer()
    with pytest.raises(CommandError, match="sm2"):
        call_command("seal", once=True)


def test_the_log_keeps_the_name_of_its_first_head(settings: Settings) -> None:
    settings.AUDIT_ORIGIN = "voice.example.gov.cn/audit"
    assert Sealer().publish_head().origin == "voice.example.gov.cn/audit"
    settings.AUDIT_ORIGIN = ""
    assert Sealer().publish_head().origin == "voice.example.gov.cn/audit"
    settings.AUDIT_ORIGIN = "another.example.gov.cn"
    with pytest.raises(OriginUnusable, match=r"voice\.example"):
        Sealer()


def test_a_log_without_a_name_gets_one_and_keeps_it(settings: Settings) -> None:
    head = Sealer().publish_head()
    assert head.origin.startswith("govvoice/")
    assert len(head.origin) == len("govvoice/") + 16
    assert Sealer().origin == head.origin


def test_a_name_that_would_break_a_line_is_refused(settings: Settings) -> None:
    settings.AUDIT_ORIGIN = "a\nb"
    with pytest.raises(OriginUnusable):
        Sealer()


def test_a_head_reads_the_same_from_paper(settings: Settings) -> None:
    settings.SEAL_SM2_KEY = lambda: SM2_SCALAR
    committed()
    sealer = Sealer()
    sealer.seal_pending()
    head = TreeHead.objects.get(number=sealer.publish_head().number)
    text = head_text(head)
    assert text.splitlines()[:2] == [head.origin, "1"]
    assert read_head_text(text) == head_record(head) == json.loads(head_line(head))
    assert canonical(read_head_text(text.replace("\n", "  \r\n"))) == head_line(head)
    assert head_qr(head).error == "M"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema 2", "schema two"),
        ("number", "nummer"),
        ("sm3 ", "sm4 "),
        ("— ed25519", "~ ed25519"),
        ("— ed25519", "—"),
        ("\n\n", "\n"),
        ("\n\n", "\nmore\n"),
    ],
)
def test_a_text_that_is_no_head_is_refused(old: str, new: str) -> None:
    text = head_text(Sealer().publish_head())
    with pytest.raises(ValueError, match=r"."):
        read_head_text(text.replace(old, new))


@pytest.mark.abuse(103)
def test_heads_keep_their_order_when_the_clock_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    sealer = Sealer()
    first = sealer.publish_head()
    monkeypatch.setattr("audit.sealer._now", lambda: first.at - timedelta(hours=1))
    second = sealer.publish_head()
    assert second.at < first.at, "told as it was"
    assert (second.number, TreeHead.objects.first()) == (1, second)
    assert Sealer().head == second
    assert_whole()


def test_two_heads_cannot_follow_the_same_one() -> None:
    head = Sealer().publish_head()
    with pytest.raises(IntegrityError), transaction.atomic():
        TreeHead.objects.create(**{**_fields(head), "number": 1})


def _fields(head: TreeHead) -> dict[str, object]:
    return {field.name: getattr(head, field.name) for field in TreeHead._meta.fields}
