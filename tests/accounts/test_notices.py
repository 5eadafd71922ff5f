"""A client is told by its webhook: signed, tried again for a while, given up, each end on record once."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from accounts import notices, tasks
from accounts.models import Client, Notice, Organisation, Webhook
from accounts.services import create_client
from accounts.webhooks import notify, remove_webhook, set_webhook
from audit.models import Event
from audit.parties import SYSTEM, Target
from tests.accounts.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db
State = Notice.State
SUBJECT = Target(type="review", id="RV20261121-0001")


@pytest.fixture(autouse=True)
def stage(nothing_remembered: None, settings: Settings) -> None:
    settings.WEBHOOK_HTTP, settings.WEBHOOK_NETWORKS = True, ["127.0.0.0/8"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def client() -> Client:
    organisation = Organisation.objects.create(code="test", name="测试热线中心")
    fields: dict[str, object] = {"code": "hotline", "name": "测试热线", "organisation": organisation}
    return create_client(fields=fields, networks=[], actor=SYSTEM, origin=None)


def listen(client: Client, receiver: Receiver) -> str:
    return set_webhook(client=client, url=receiver.url, actor=SYSTEM, origin=None)


def tell(client: Client, **data: object) -> Notice:
    """What was put down to be sent."""
    with transaction.atomic():
        notify(client_code=client.code, event="review.decided", subject=SUBJECT, data=data)
    return Notice.objects.latest("created_at")


def again() -> None:
    """As if the time to wait were over, and beat had asked."""
    Notice.objects.filter(state=State.WAITING).update(due_at=timezone.now())
    notices.send_due()


def evidence() -> list[tuple[str, str, str]]:
    found = Event.objects.filter(action__startswith="notice.").order_by("pk")
    return [(event.action, event.outcome, event.code) for event in found]


def test_the_client_can_prove_who_told_it(client: Client, receiver: Receiver) -> None:
    secret = listen(client, receiver)
    tell(client, review="RV20261121-0001", decision="once")
    again()
    (sent,) = receiver.taken
    timestamp, signature = sent.headers["X-Govvoice-Timestamp"], sent.headers["X-Govvoice-Signature"]
    expected = hmac.new(secret.encode(), timestamp.encode() + b"." + sent.body, hashlib.sha256).hexdigest()
    assert signature == f"v1={expected}"
    assert abs(time.time() - int(timestamp)) < 10
    told = json.loads(sent.body)
    assert (told["event"], told["data"]["decision"]) == ("review.decided", "once")
    assert sent.headers["X-Govvoice-Notice"] == told["id"] == str(Notice.objects.get().pk)
    (event,) = Event.objects.filter(action="notice.delivered")
    assert (event.object_type, event.object_id, event.outcome) == ("review", SUBJECT.id, "succeeded")
    assert event.details["place"] == f"http://127.0.0.1:{receiver.port}/notices"
    assert event.details["attempts"] == 1


def test_a_notice_that_was_taken_is_sent_no_more(client: Client, receiver: Receiver) -> None:
    listen(client, receiver)
    tell(client)
    for _ in range(3):
        again()
    assert len(receiver.taken) == 1
    assert evidence() == [("notice.delivered", "succeeded", "")]


def test_it_is_tried_again_with_longer_waits_and_then_given_up(
    client: Client, receiver: Receiver, settings: Settings
) -> None:
    listen(client, receiver)
    receiver.answers = [500, 302, 404, 503, 429, 500]
    tell(client)
    waited = []
    for _ in range(10):
        again()
        notice = Notice.objects.get()
        waited.append(round((notice.due_at - timezone.now()).total_seconds()))
    assert tuple(waited[:5]) == settings.WEBHOOK_WAITS
    assert (notice.state, notice.attempts, notice.problem) == (State.GIVEN_UP, 6, "status_500")
    assert len(receiver.taken) == 6
    assert len({sent.body for sent in receiver.taken}) == 1
    assert evidence() == [("notice.given_up", "failed", "status_500")]


def test_what_failed_first_is_delivered_later(client: Client, receiver: Receiver) -> None:
    listen(client, receiver)
    receiver.answers = [500, 200]
    tell(client)
    again()
    assert (Notice.objects.get().state, evidence()) == (State.WAITING, [])
    again()
    assert evidence() == [("notice.delivered", "succeeded", "")]
    assert Event.objects.get(action="notice.delivered").details["attempts"] == 2


def test_it_is_sent_again_only_when_its_time_has_come(client: Client, receiver: Receiver) -> None:
    listen(client, receiver)
    receiver.answers = [500, 200]
    tell(client)
    notices.send_due()
    notices.send_due()
    assert len(receiver.taken) == 1


def test_an_address_of_ours_is_never_called(client: Client, receiver: Receiver, settings: Settings) -> None:
    listen(client, receiver)
    settings.WEBHOOK_NETWORKS = ["10.0.0.0/8"]
    tell(client)
    again()
    assert (Notice.objects.get().problem, receiver.taken) == ("address_refused", [])


def test_a_client_that_does_not_answer_holds_nobody_up(
    client: Client, receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOK_TIMEOUT = 0.0
    listen(client, receiver)
    for _ in range(3):
        tell(client)
    notices.send_due()
    assert sorted(Notice.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert not Notice.objects.filter(due_at__lte=timezone.now()).exists()


def test_two_workers_do_not_send_at_once(client: Client, receiver: Receiver) -> None:
    listen(client, receiver)
    tell(client)
    cache.add(notices._SENDER, 1, timeout=60)
    notices.send_due()
    assert receiver.taken == []
    cache.delete(notices._SENDER)
    notices.send_due()
    assert len(receiver.taken) == 1


def test_a_notice_whose_worker_died_is_sent_again_and_not_for_ever(
    client: Client, receiver: Receiver
) -> None:
    listen(client, receiver)
    notice = tell(client)
    assert notices._take() == notice  # and the worker is gone
    notices.send_due()
    assert receiver.taken == []
    Notice.objects.update(attempts=6)
    again()
    assert (receiver.taken, evidence()) == ([], [("notice.given_up", "failed", "worker_lost")])


@pytest.mark.parametrize("problem", ["webhook_removed", "client_closed", "secret_sealed"])
def test_what_can_never_arrive_is_given_up_at_once(client: Client, receiver: Receiver, problem: str) -> None:
    listen(client, receiver)
    tell(client)
    match problem:
        case "webhook_removed":
            remove_webhook(client=client, actor=SYSTEM, origin=None)
        case "client_closed":
            Client.objects.update(is_active=False)
        case _:
            Webhook.objects.update(secret="aes:00000000:AAAA")
    again()
    assert (receiver.taken, evidence()) == ([], [("notice.given_up", "failed", problem)])


def test_nothing_is_put_down_for_who_named_no_address_or_is_closed(
    client: Client, receiver: Receiver
) -> None:
    notify(client_code=client.code, event="review.decided", subject=SUBJECT, data={})
    notify(client_code="nobody", event="review.decided", subject=SUBJECT, data={})
    listen(client, receiver)
    Client.objects.update(is_active=False)
    notify(client_code=client.code, event="review.decided", subject=SUBJECT, data={})
    assert not Notice.objects.exists()


def test_what_is_rolled_back_is_not_told(client: Client, receiver: Receiver) -> None:
    listen(client, receiver)

    def undone() -> None:
        with transaction.atomic():
            notify(client_code=client.code, event="review.decided", subject=SUBJECT, data={})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()
    again()
    assert receiver.taken == []


def test_old_notices_are_deleted(client: Client, receiver: Receiver) -> None:
    listen(client, receiver)
    tell(client)
    again()
    waiting = tell(client)
    old = timezone.now() - notices.KEPT_FOR - timedelta(seconds=1)
    Notice.objects.filter(state=State.DELIVERED).update(settled_at=old)
    tasks.forget_notices()
    assert Notice.objects.get() == waiting


def test_the_secret_is_kept_sealed_and_is_new_with_each_address(client: Client, receiver: Receiver) -> None:
    first, second = listen(client, receiver), listen(client, receiver)
    kept = Webhook.objects.get().secret
    assert first != second
    assert second not in kept
    assert kept.startswith("aes:")
    assert second not in str(list(Event.objects.values_list("details", flat=True)))
    tell(client)
    again()
    (sent,) = receiver.taken
    timestamp = sent.headers["X-Govvoice-Timestamp"]
    signed = notices.signature(second.encode(), timestamp, sent.body)
    assert sent.headers["X-Govvoice-Signature"] == f"v1={signed}"


@pytest.mark.parametrize(
    "url",
    [
        "", "hotline", "ftp://hotline.gov.cn/", "//hotline.gov.cn/", "https://", "https://:443/",
        "https://a b/",
        "https://user:secret@hotline.gov.cn/", "https://hotline.gov.cn/#x", "https://hotline.gov.cn:0/",
        "https://hotline.gov.cn:99999/", "https://[::1/", "https://热线.cn/",
        "https://hotline.gov.cn/\r\nX: y",
        "https://hotline.gov.cn/" + "a" * 500, "http://hotline.gov.cn/", "javascript:alert(1)", "file:///etc",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_called_is_refused(client: Client, url: str, settings: Settings) -> None:
    settings.WEBHOOK_HTTP = False
    with pytest.raises(ValidationError):
        set_webhook(client=client, url=url, actor=SYSTEM, origin=None)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "url", ["https://hotline.gov.cn", "https://10.1.2.3:8443/n?key=1", "https://[fd12::1]/n", "http://h/n"]
)
def test_an_address_that_can_be_called_is_kept(client: Client, url: str, settings: Settings) -> None:
    settings.WEBHOOK_NETWORKS = ["10.1.0.0/16", "fd12::/64"]
    set_webhook(client=client, url=url, actor=SYSTEM, origin=None)
    assert Webhook.objects.get().url == url
