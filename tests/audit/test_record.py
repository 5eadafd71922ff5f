"""record() writes what happened, together with the act or not at all."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone

from audit import texts
from audit.actions import choices, label_of, register
from audit.errors import AuditUnavailable, OutsideTransaction, UnknownAction
from audit.models import Event
from audit.parties import ANONYMOUS, Actor, Origin, Target, session_mark
from audit.services import record
from tests.audit.cast import BROADCAST, DESK, EDITOR, committed


@pytest.mark.django_db
def test_an_event_says_who_did_what_from_where() -> None:
    event = committed(
        action="broadcast.approved",
        outcome="refused",
        code="own_broadcast",
        status=403,
        text="今日停水",
        details={"revision": 3},
    )
    event = Event.objects.get(id=event.id)
    assert (event.action, event.outcome, event.code, event.status) == (
        "broadcast.approved",
        "refused",
        "own_broadcast",
        403,
    )
    assert (event.actor_kind, event.actor_id, event.actor_name) == ("staff", "7", "李编辑")
    assert (event.actor_role, event.organisation) == ("播报编辑", "市政务服务中心")
    assert (event.object_type, event.object_id, event.object_name) == ("broadcast", "BB-0001", "停水通知")
    assert (event.address, event.peer_address) == ("10.1.2.3", "10.0.0.1")
    assert (event.user_agent, event.request_id) == ("Firefox", "request-1")
    assert (event.auth_method, event.session) == ("password+totp", session_mark("sitting-1"))
    assert event.schema == 2
    assert event.text_sha256 == hashlib.sha256("今日停水".encode()).hexdigest()
    assert event.characters == 4
    assert event.details == {"revision": 3}
    assert abs(timezone.now() - event.at) < timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_nothing_is_recorded() -> None:
    with pytest.raises(OutsideTransaction, match=r"auth\.login"):
        record(action="auth.login", actor=EDITOR)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_act_rolled_back_takes_its_event_along() -> None:
    with transaction.atomic():
        record(action="auth.login", actor=EDITOR)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_record_no_act() -> None:
    """The database refuses the event, its caller swallows the error: the act is undone all the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_event ADD CONSTRAINT closed CHECK (action <> 'auth.login') NOT VALID"
        )
    try:
        with transaction.atomic():
            Session.objects.create(session_key="act", session_data="", expire_date=timezone.now())
            with pytest.raises(AuditUnavailable, match=r"auth\.login could not be recorded") as refusal:
                record(action="auth.login", actor=EDITOR)
        assert refusal.value.code == "audit_unavailable"
        assert not Session.objects.exists()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_event DROP CONSTRAINT closed")


@pytest.mark.django_db
def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(UnknownAction, match=r"broadcast\.exploded"):
        committed("broadcast.exploded")


def test_actions_are_registered_once_under_dotted_names() -> None:
    assert label_of("broadcast.approved") == "批准播报"
    assert ("key.issued", "签发密钥") in choices()
    assert label_of("gone.long_ago") == "gone.long_ago"
    with pytest.raises(ValueError, match="registered already"):
        register("broadcast.approved", "批准")
    for name in ("approved", "Broadcast.approved", "broadcast.", "broadcast approved", "broadcast.批准"):
        with pytest.raises(ValueError, match="dotted"):
            register(name, "名")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1.2.3.4\r\nX-Other: x", r"1.2.3.4\u000d\u000aX-Other: x"),
        ("a\x00b", r"a\u0000b"),
        ("a\x1b[2Jb", r"a\u001b[2Jb"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\u0085d"),
        ("user\u202egpj.exe", r"user\u202egpj.exe"),
        ("a\u2066b\u2069", r"a\u2066b\u2069"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("lone\ud800", r"lone\ud800"),
        ("tag\U000e0041", r"tag\U000e0041"),
        (r"not \u202e an escape", r"not \\u202e an escape"),
        ("𰻝 \ue863 é 张三", "𰻝 \ue863 é 张三"),
    ],
)
def test_what_strangers_send_stays_on_its_line(sent: str, kept: str) -> None:
    event = committed(
        actor=Actor(kind="client", id=sent, name=sent),
        target=Target(type="broadcast", id=sent, name=sent),
        origin=Origin(forwarded_for=sent, user_agent=sent, request_id=sent),
        details={sent: sent},
    )
    event = Event.objects.get(id=event.id)
    shown = [event.actor_id, event.actor_name, event.object_id, event.object_name]
    shown += [event.forwarded_for, event.user_agent, event.request_id]
    assert shown == [kept] * 7
    assert event.details == {kept: kept}


@pytest.mark.django_db
@pytest.mark.parametrize("character", ["x", "字", "\n", "\U000e0041"])
def test_everything_is_bounded_and_says_how_much_was_cut(character: str) -> None:
    long = character * 1_000_000
    event = committed(
        code=long,
        actor=Actor(kind="staff", id=long, name=long, role=long, organisation=long),
        target=Target(type=long, id=long, name=long),
        origin=Origin(forwarded_for=long, user_agent=long, request_id=long),
        details={"long": long},
    )
    event = Event.objects.get(id=event.id)
    limits = {"code": 64, "actor_name": 200, "object_type": 64, "forwarded_for": 1000, "user_agent": 500}
    for name, limit in limits.items():
        text = getattr(event, name)
        assert limit - 12 <= len(text) <= limit
        kept, _, cut = text.removesuffix(")").partition("…(+")
        unit = {"\n": 6, "\U000e0041": 10}.get(character, 1)
        assert len(kept) // unit + int(cut) == 1_000_000
    assert len(event.details["long"]) <= 2000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        (None, None),
        ("", None),
    ],
)
def test_addresses_have_one_form(given: str | None, kept: str | None) -> None:
    event = committed(origin=Origin(address=given, peer_address=given))
    event.refresh_from_db()
    assert (event.address, event.peer_address) == (kept, kept)
    assert event.details == {}


@pytest.mark.django_db
def test_an_address_that_is_none_is_kept_as_it_came() -> None:
    event = committed(origin=Origin(address="unix:\n", peer_address="1.2.3.4:80"))
    event.refresh_from_db()
    assert (event.address, event.peer_address) == (None, None)
    assert event.details == {"address_as_given": r"unix:\u000a", "peer_address_as_given": "1.2.3.4:80"}


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "characters"), [("", 0), ("𰻝字", 2), ("a\ud800\x00", 3)])
def test_of_a_text_hash_and_length_stay_and_the_rest_is_sealed(text: str, characters: int) -> None:
    texts.forget()
    event = Event.objects.get(id=committed(text=text).id)
    assert text.encode("utf-8", "surrogatepass") not in bytes(event.sealed_text or b"") or not text
    assert texts.open_text(event) == texts.OpenedText(text)
    assert event.text_sha256 == hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    assert event.characters == characters


@pytest.mark.django_db
def test_an_event_without_text_has_no_hash() -> None:
    event = committed(actor=ANONYMOUS, target=None, origin=None)
    event.refresh_from_db()
    assert (event.text_sha256, event.characters, event.object_id, event.address) == ("", None, "", None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"phone": "请拨 13812345678"}, {"phone": "请拨 138****5678"}),
        ({"before": ["110101199003071234"]}, {"before": ["110***********1234"]}),
        ({"password": "hunter2", "new_token": {"a": 1}}, {"password": "***", "new_token": "***"}),
        ({"a": (1, 2.5, True, None)}, {"a": [1, 2.5, True, None]}),
        ({"a": float("nan"), "b": float("-inf"), "c": 1e300}, {"a": "nan", "b": "-inf", "c": "1e+300"}),
        ({"a": 2**53}, {"a": str(2**53)}),
        ({"a": 10**5000}, {"a": "(integer of 16610 bits)"}),
        ({"a": BROADCAST.type, "b": timedelta(seconds=1)}, {"a": "broadcast", "b": "0:00:01"}),
        ({1: "one"}, {"1": "one"}),
    ],
)
def test_details_are_plain_masked_json(given: dict[Any, Any], kept: dict[str, Any]) -> None:
    event = committed(origin=DESK, details=given)
    event.refresh_from_db()
    assert event.details == kept


@pytest.mark.django_db
def test_details_beyond_all_bounds_leave_their_measure() -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"deeper": deep}
    nested = Event.objects.get(id=committed(details=deep).id).details
    assert str(nested).count("deeper") > 6
    assert len(str(nested)) < 5000
    many = Event.objects.get(id=committed(details={"list": list(range(1000))}).id).details
    assert many["list"][-1] == "…(+800)"
    huge = Event.objects.get(id=committed(details={f"name {n}": "字" * 1000 for n in range(100)}).id).details
    assert huge["too_large"] > 16 * 1024
    assert len(huge["sha256"]) == 64
