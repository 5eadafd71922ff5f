"""Every sealed event reaches a SIEM, over a real connection, whatever happens to it on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.forwarding import OVERLAP, Forwarder, behind
from audit.models import Event, ForwardCursor, Leaf
from audit.parties import Actor, Origin
from audit.sealer import Sealer
from audit.siem import FORMATS, Record, as_cef, as_json, as_syslog
from tests.audit.cast import committed
from tests.audit.receiver import Receiving, receiving
from tests.audit.sealing import eventually

pytestmark = pytest.mark.django_db(transaction=True)


CALLER = Actor(kind="staff", id="7", name="李 13900001111", role="播报编辑", organisation="中心")


def sealed(count: int) -> None:
    for number in range(count):
        committed(details={"number": number})
    Sealer().seal_pending()


def numbers(siem: Receiving) -> list[int]:
    found = [re.search(rb'seq="(\d+)"', message) for message in siem.messages]
    return [int(match[1]) for match in found if match]


def arrived(siem: Receiving, wanted: Callable[[list[int]], bool]) -> list[int]:
    eventually(lambda: wanted(numbers(siem)))
    return numbers(siem)


@pytest.mark.parametrize("name", FORMATS)
def test_every_event_arrives_in_order(name: str) -> None:
    sealed(3)
    with receiving() as siem:
        forwarder = Forwarder(siem.receiver, FORMATS[name])
        assert forwarder.send_new() == 3
        assert behind(siem.receiver) == 0
        sealed(2)
        assert behind(siem.receiver) == 2
        assert forwarder.send_new() == 2
        assert arrived(siem, lambda got: len(got) == 5) == [0, 1, 2, 3, 4]
        forwarder.close()


def test_it_goes_over_tls(certificate: Path) -> None:
    sealed(2)
    with receiving(certificate=certificate) as siem:
        forwarder = Forwarder(siem.receiver, as_json)
        forwarder.send_new()
        assert arrived(siem, lambda got: len(got) == 2) == [0, 1]
        forwarder.close()


def test_a_receiver_that_was_away_gets_all_it_missed() -> None:
    sealed(2)
    with receiving() as siem:
        receiver = siem.receiver
        forwarder = Forwarder(receiver, as_syslog)
        forwarder.send_new()
        arrived(siem, lambda got: len(got) == 2)
        siem.hang_up()
    sealed(3)
    with pytest.raises(ConnectionError):
        forwarder.send_new()
    assert behind(receiver) == 3
    with receiving(port=receiver.port) as siem:
        forwarder.send_new()
        # What the receiver may have lost is sent again, and has the same numbers.
        assert arrived(siem, lambda got: len(got) == 5) == [0, 1, 2, 3, 4]
        forwarder.close()


def test_another_process_goes_on_where_the_last_one_was() -> None:
    sealed(OVERLAP + 3)
    with receiving() as siem:
        first = Forwarder(siem.receiver, as_syslog)
        first.send_new()
        arrived(siem, lambda got: len(got) == OVERLAP + 3)
        first.close()
        siem.messages.clear()
        sealed(1)
        second = Forwarder(siem.receiver, as_syslog)
        second.send_new()
        assert arrived(siem, lambda got: len(got) == OVERLAP + 1)[0] == 3
        assert ForwardCursor.objects.get().next == OVERLAP + 4
        second.close()


def record_of(**more: object) -> Record:
    event = committed(**more)  # type: ignore[arg-type]
    Sealer().seal_pending()
    return Record(Leaf.objects.get(event_id=event.id), Event.objects.get(pk=event.id))


def test_personal_numbers_are_masked() -> None:
    through = Origin(forwarded_for="caller 13700002222")
    found = record_of(details={"phone": "13812345678"}, actor=CALLER, origin=through)
    for write in FORMATS.values():
        text = write(found).decode()
        assert "13812345678" not in text
        assert "13900001111" not in text
        assert "13700002222" not in text
        assert "138****5678" in text


def test_json_is_json_with_the_leaf_that_heads_cover() -> None:
    found = record_of(details={"note": '"quoted"\n]\\ \u202e'})
    body = json.loads(as_json(found).decode().partition("\ufeff")[2])
    assert body["leaf"] == bytes(found.leaf.sha256).hex()
    assert body["action"] == "broadcast.created"
    assert body["seq"] == found.leaf.seq


def test_cef_keeps_its_frame_whatever_stands_in_the_values() -> None:
    found = record_of(details={"a=b|c": "d\\e\nact=forged"})
    text = as_cef(found).decode().partition("CEF:0|")[2]
    header = re.split(r"(?<!\\)\|", text)
    assert header[:4] == ["govvoice", "govvoice", "1", "broadcast.created"]
    assert re.findall(r"(?<!\\)\bact=(\S+)", header[6]) == ["broadcast.created"]
    assert "\n" not in text


def test_an_event_in_the_archive_leaves_no_gap() -> None:
    found = record_of()
    for write in FORMATS.values():
        text = write(Record(found.leaf, None)).decode()
        assert f'seq="{found.leaf.seq}"' in text
        assert bytes(found.leaf.sha256).hex() in text
