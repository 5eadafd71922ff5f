"""Verifications as acts: asked for, done in the background and each night, and put on record."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import ProgrammingError

from audit import assurance
from audit.assurance import Running, history, request_verification, running, verify_log
from audit.errors import HeadsUnreadable, VerificationRunning
from audit.models import Event, TreeHead
from audit.parties import SYSTEM
from audit.published import Witness, read_text
from audit.sealer import Sealer
from tests.audit.cast import EDITOR, committed
from tests.audit.offline.program import verifier
from tests.audit.superuser import superuser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sealed(tmp_path: Path, settings: Any) -> list[int]:
    """Five events, a head after three and after five."""
    settings.AUDIT_HEADS = tmp_path / "heads.jsonl"
    settings.SEAL_SM2_KEY = lambda: "1" * 64
    cache.delete("audit:verification")
    sealer = Sealer()
    ids = []
    for number in range(5):
        ids.append(committed(details={"number": number}, text="停水").id)
        if number in (2, 4):
            sealer.seal_pending()
            sealer.publish_head()
    return ids


def last_event() -> Event:
    return Event.objects.order_by("-id")[0]


def test_a_verification_says_what_it_read() -> None:
    verify_log(actor=EDITOR)
    event = last_event()
    assert (event.action, event.outcome, event.actor_name) == ("audit.verified", "succeeded", "李编辑")
    read = {name: event.details[name] for name in ("leaves", "events", "heads", "published", "findings")}
    assert read == {"leaves": 5, "events": 5, "heads": 2, "published": 2, "findings": 0}
    assert history() == [event]


def test_one_that_fails_says_where(sealed: list[int]) -> None:
    with superuser() as dba:
        dba.does("UPDATE audit_event SET outcome = 'failed' WHERE id = %s", sealed[3])
    verify_log(actor=SYSTEM)
    event = last_event()
    assert (event.action, event.outcome, event.code) == (
        "audit.verification_failed",
        "failed",
        "event_changed",
    )
    assert event.details["first"][0]["event"] == sealed[3]
    assert event.details["first"][0]["seq"] == 3


def test_the_background_does_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr("audit.tasks.verify_for.delay", lambda **words: asked.append(words))
    request_verification(actor=EDITOR)
    assert running() == Running(0, 0)
    with pytest.raises(VerificationRunning):
        request_verification(actor=EDITOR)
    assurance.verify_for(**asked[0])
    assert running() is None
    actions = list(Event.objects.order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["audit.verification_requested", "audit.verified"]
    assert last_event().actor_id == EDITOR.id


def test_two_at_a_time_are_one_too_many() -> None:
    """A task is sent again when it takes long; the second one leaves the first alone."""
    with superuser() as other:
        other.asks("SELECT pg_advisory_lock(%s) IS NULL", assurance._LOCK)
        with pytest.raises(VerificationRunning):
            verify_log(actor=SYSTEM)
        assurance.check_all()
    assert history() == []
    assurance.check_all()
    assurance.check_sample()
    assert [event.details["share"] for event in history()] == [0.01, 1.0]


def test_one_that_breaks_off_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.tasks.verify_for.delay", lambda **words: None)
    request_verification(actor=EDITOR)
    with superuser() as dba:
        dba.does("ALTER TABLE audit_leaf RENAME TO mislaid")
        try:
            with pytest.raises(ProgrammingError):
                assurance.check_all()
        finally:
            dba.does("ALTER TABLE mislaid RENAME TO audit_leaf")
    assert running() is None
    assert [(event.action, event.code) for event in history()] == [
        ("audit.verification_failed", "broken_off")
    ]


def test_without_a_head_file_it_says_so(settings: Any) -> None:
    Path(settings.AUDIT_HEADS).unlink()
    outcome = verify_log(actor=SYSTEM)
    assert (outcome.holds, outcome.published) == (True, 0)
    assert outcome.notes == ["树头文件不在本机，未与其比对"]


@pytest.mark.parametrize(
    "text", ["", "nonsense", "{}", '{"number": 1}', "[" * 10000, '{"number": "1", "size": 2}']
)
def test_what_is_no_head_is_told(text: str) -> None:
    with pytest.raises(HeadsUnreadable):
        read_text(text)


def test_heads_come_in_rising_order() -> None:
    two = [read_text(json.dumps({"number": number, "size": 0})) for number in (4, 2)]
    with pytest.raises(HeadsUnreadable):
        Witness(two).first_from(5)


# Proofs, made here and checked by the program auditors have.


def checked(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    status = verifier.main([str(path), "--json"])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "options", [["--event", "3"], ["--event", "3", "--redacted"], ["--from", "0", "--to", "1"]]
)
def test_a_proof_is_checked_offline(
    tmp_path: Path, options: list[str], sealed: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "proof.json"
    given = [str(sealed[3]) if option == "3" else option for option in options]
    call_command("audit", "prove", *given, "--out", str(path), stdout=StringIO())
    assert last_event().action == "audit.proved"
    status, said = checked(path, capsys)
    assert (status, said["findings"]) == (0, [])
    assert ("李编辑" in path.read_text()) == (options == ["--event", "3"])


def test_no_part_of_a_proof_can_be_changed(
    tmp_path: Path, sealed: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "proof.json"
    for options in (["--event", str(sealed[3])], ["--from", "0", "--to", "1"]):
        call_command("audit", "prove", *options, "--out", str(path), stdout=StringIO())
        proof = json.loads(path.read_text())
        for forged in _forgeries(proof):
            path.write_text(json.dumps(forged))
            assert checked(path, capsys)[0] == 1


def _forgeries(proof: dict[str, Any]) -> list[dict[str, Any]]:
    forged = [
        {**proof, "proof": {**proof["proof"], name: changed}}
        for name, nodes in proof["proof"].items()
        for changed in (nodes[:-1], [*nodes, "00" * 32], ["00" * 32, *nodes[1:]], [], ["zz"])
    ]
    if proof["kind"] == "inclusion":
        changes = ({"seq": 4}, {"seq": 0}, {"outcome": "failed"}, {"actor_name": "x"}, {"id": 999})
        forged += [{**proof, "event": {**proof["event"], **change}} for change in changes]
        return [*forged, {**proof, "head": {**proof["head"], "size": 4}}]
    forged.append({**proof, "first": proof["second"], "second": proof["first"]})
    return [*forged, {**proof, "first": {**proof["first"], "root_sha256": "00" * 32}}]


def test_what_cannot_be_proved_is_said(sealed: list[int], tmp_path: Path) -> None:
    unsealed = committed().id
    for options in (["--event", str(unsealed)], ["--event", "999999"], ["--from", "0", "--to", "7"], []):
        with pytest.raises(CommandError):
            call_command("audit", "prove", *options, "--out", str(tmp_path / "proof.json"))
    assert not (tmp_path / "proof.json").exists()


def test_the_keys_are_listed_with_their_fingerprints() -> None:
    said = StringIO()
    call_command("audit", "keys", stdout=said)
    used = {one["key_id"] for one in TreeHead.objects.get(number=1).signatures}
    assert used <= {line.split()[0] for line in said.getvalue().splitlines()}
    said = StringIO()
    call_command("audit", "keys", "--json", stdout=said)
    listed = json.loads(said.getvalue())
    assert all(key["fingerprint"].startswith(key["key_id"]) for key in listed)
