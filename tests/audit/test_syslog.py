"""Messages of RFC 5424, and heads on their way to a real receiver, over TLS and without."""

from __future__ import annotations

import logging
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from audit.checks import heads_can_be_streamed
from audit.errors import ReceiverUnusable
from audit.head_stream import HeadStream, streaming
from audit.heads import head_line
from audit.models import TreeHead
from audit.sealer import Sealer
from audit.syslog import Connection, Receiver, message
from tests.audit.receiver import FORM, receiving
from tests.audit.sealing import eventually, sealer_process

AT = datetime(2026, 11, 21, 1, 2, 3, 4, UTC)


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    """A head file of three lines."""
    file = tmp_path / "heads.jsonl"
    for number in range(3):
        add_head(file, number)
    return file


def add_head(file: Path, number: int) -> str:
    line = (
        f'{{"at":"2026-11-21T01:02:03.000004Z","number":{number},"origin":"voice.example/1","size":{number}}}'
    )
    with file.open("a") as out:
        out.write(line + "\n")
    return line


def test_a_message_is_of_the_standard_s_form() -> None:
    sent = message(at=AT, severity="notice", name="treehead", text="sealed", data={"number": "7"}).decode()
    found = FORM.fullmatch(sent)
    assert found
    assert found["at"] == "2026-11-21T01:02:03.000004Z"
    assert found["name"] == "treehead"
    assert found["data"] == 'govvoice@32473 number="7"'
    assert found["text"] == "sealed"


@pytest.mark.parametrize("severity", ["error", "warning", "notice", "informational"])
def test_the_priority_is_facility_and_severity(severity: str) -> None:
    sent = message(at=AT, severity=severity, name="x", text="", data={})
    assert sent.startswith(
        b"<%d>1 " % (104 + {"error": 3, "warning": 4, "notice": 5, "informational": 6}[severity])
    )


def test_chinese_says_that_it_is_utf_8() -> None:
    assert message(at=AT, severity="notice", name="x", text="封存", data={}).endswith(
        b" \xef\xbb\xbf\xe5\xb0\x81\xe5\xad\x98"
    )


def test_nothing_foreign_begins_a_line_or_ends_its_value() -> None:
    text = "a\r\n<13>1 forged\x1b[2J\u202e\u2028\x00\ud800\U000e0041"
    sent = message(at=AT, severity="notice", name="x y\n]", text=text, data={"k=": f'"]\\{text}'}).decode()
    found = FORM.fullmatch(sent)
    assert found
    assert sent.replace("\ufeff", "").isprintable()
    assert found["name"] == "x_y_]"
    escaped = r"a\u000d\u000a<13>1 forged\u001b[2J\u202e\u2028\u0000\ud800\udb40\udc41"
    assert found["text"] == escaped
    assert found["data"].endswith("\\\\" + escaped.replace("\\", "\\\\") + '"')


@pytest.mark.parametrize(
    ("address", "receiver"),
    [
        ("tls://siem.example:6000", Receiver("siem.example", 6000, tls=True)),
        ("tls://siem.example", Receiver("siem.example", 6514, tls=True)),
        ("tcp://[::1]:601", Receiver("::1", 601, tls=False)),
    ],
)
def test_an_address_of_a_receiver(address: str, receiver: Receiver) -> None:
    assert Receiver.parse(address) == receiver
    assert Receiver.parse(str(receiver)) == receiver


@pytest.mark.parametrize(
    "address",
    ["siem.example:514", "udp://siem:514", "tcp://siem", "tls://", "tls://a:99999", "tls://u@a", "tls://a/x"],
)
def test_what_is_no_receiver_is_named_at_the_start(address: str, settings: Settings) -> None:
    with pytest.raises(ReceiverUnusable):
        Receiver.parse(address)
    settings.AUDIT_SYSLOG = address
    assert [error.id for error in heads_can_be_streamed()] == ["audit.E003"]


@pytest.mark.parametrize("tls", [True, False])
def test_heads_arrive_in_order(heads: Path, certificate: Path, tls: bool) -> None:
    with receiving(certificate=certificate if tls else None) as there:
        stream = HeadStream(heads, there.receiver)
        assert stream.send_new() == 3
        fourth = add_head(heads, 3)
        assert stream.send_new() == 1
        assert stream.send_new() == 0
        eventually(lambda: len(there.messages) == 4)
        stream.close()
    assert there.texts == heads.read_text().splitlines()
    assert there.texts[3] == fourth
    assert b'number="3" size="3"' in there.messages[3]


def test_a_new_connection_says_the_last_head_again(heads: Path) -> None:
    with receiving() as there:
        HeadStream(heads, there.receiver).send_new()
        eventually(lambda: len(there.messages) == 3)
        again = HeadStream(heads, there.receiver)
        assert again.send_new() == 1
        eventually(lambda: len(there.messages) == 4)
        again.close()
    assert there.texts[3] == there.texts[2]


def test_a_receiver_that_hung_up_misses_nothing(heads: Path) -> None:
    with receiving() as there:
        stream = HeadStream(heads, there.receiver)
        stream.send_new()
        eventually(lambda: len(there.messages) == 3)
        there.hang_up()
        add_head(heads, 3)
        with pytest.raises(OSError, match="closed"):
            stream.send_new()
        assert stream.send_new() == 2
        eventually(lambda: len(there.messages) == 5)
        stream.close()
    assert sorted(set(there.texts)) == sorted(heads.read_text().splitlines())


def test_half_a_line_waits_for_its_end(heads: Path) -> None:
    with receiving() as there:
        stream = HeadStream(heads, there.receiver)
        with heads.open("a") as out:
            out.write('{"at":')
        assert stream.send_new() == 3
        assert stream.send_new() == 0
        stream.close()


def test_a_receiver_that_is_not_who_it_should_be_gets_nothing(heads: Path, certificate: Path) -> None:
    with receiving(certificate=certificate) as there:
        stranger = Receiver("127.0.0.1", there.receiver.port, tls=True)
        with pytest.raises(ssl.SSLCertVerificationError):
            HeadStream(heads, stranger).send_new()
        plain = Receiver("localhost", there.receiver.port, tls=True, ca_file=str(certificate))
        with pytest.raises(ssl.SSLCertVerificationError, match="localhost"):
            Connection(plain)
    assert there.messages == []


def test_an_outage_is_logged_once_and_what_was_missed_arrives(
    heads: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.sending._FIRST_PAUSE", 0.02)
    monkeypatch.setattr("audit.sending._POLL", 0.02)
    with receiving() as gone:
        receiver = gone.receiver
    with caplog.at_level(logging.INFO, "audit.head_stream"), streaming(heads, receiver):
        eventually(lambda: "trying again" in caplog.text)
        with receiving(port=receiver.port) as back:
            eventually(lambda: len(back.messages) == 3)
            eventually(lambda: "again" in caplog.records[-1].message)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


@pytest.mark.django_db(transaction=True)
def test_the_sealer_tells_its_heads_and_waits_for_nobody(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving(certificate=certificate) as there:
        monkeypatch.setenv("GOVVOICE_AUDIT_SYSLOG", str(there.receiver))
        monkeypatch.setenv("GOVVOICE_AUDIT_SYSLOG_CA", str(certificate))
        with sealer_process(tmp_path / "sealer.log") as sealer:
            eventually(lambda: len(there.messages) == 1)
            assert sealer.stop() == 0
    assert there.texts == [head_line(TreeHead.objects.get()).decode()]
    # The receiver is gone now.
    with sealer_process(tmp_path / "sealer.log") as sealer:
        eventually(lambda: sealer.said("heads do not reach tls://127.0.0.1") == 1)
        eventually(lambda: sealer.said("sealing from leaf 0") == 2)
        assert sealer.stop() == 0
    Sealer().publish_head()
    assert TreeHead.objects.count() == 2
