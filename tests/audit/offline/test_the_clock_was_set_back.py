"""Heads that are earlier than the one before: excused by a sealed step of the clock, and by nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.audit import bundling
from tests.audit.bundling import HASHES, Log, jcs, shown
from tests.audit.offline.program import Auditor

# Heads at 09:00:00 and 09:00:01; at 09:00:02 the clock goes back by an hour.
STEP = {
    "stepped": -3600,
    "now": "2026-11-21T08:00:02.000000Z",
    "expected": "2026-11-21T09:00:02.000000Z",
    "earliest": "2026-11-21T07:59:55.000000Z",
}
TOLD = {"action": "clock.step", "at": "2026-11-21T08:00:02.100000Z"}


def set_back(place: int = 25, **changed: Any) -> Log:
    """Heads over 10, 20, 30 and 40 events, the third is the first by the new time; the step is at `place`."""
    events = [bundling.event(seq) for seq in range(40)]
    event = changed.pop("event", {})
    events[place] = bundling.event(place, **{**TOLD, "details": {**STEP, **changed}, **event})
    log = Log(events)
    log.add_head(10)
    log.add_head(20)
    log.add_head(30, at="2026-11-21T08:01:00.000000Z")
    log.add_head(40, at="2026-11-21T08:59:00.000000Z")
    return log


@pytest.fixture
def codes(auditor: Auditor, tmp_path: Path) -> Any:
    def answer(log: Log, **members: bytes) -> tuple[int, set[str]]:
        found = auditor.checks(log.write(tmp_path / "log.zip", {**log.members(), **members}))
        return found.status, found.codes

    return answer


@pytest.mark.parametrize("start", [0, 10])
def test_a_step_is_a_note(auditor: Auditor, tmp_path: Path, start: int) -> None:
    log = set_back()
    answer = auditor.checks(log.write(tmp_path / "log.zip", log.members(start)))
    assert (answer.status, answer.said["findings"]) == (0, [])
    [note] = [note["en"] for note in answer.said["notes"] if "clock" in note["en"]]
    assert note.startswith("seq 25 (id 1025): the platform's clock stepped by -3600.0 s")
    assert "2026-11-21T09:00:02Z -> 2026-11-21T08:00:02Z" in note


def test_a_redacted_copy_and_a_filtered_one_tell_it_too(auditor: Auditor, tmp_path: Path) -> None:
    log = set_back()
    lines = b"".join(jcs(shown(event, redacted=True)) + b"\n" for event in log.events)
    redacted = log.write(tmp_path / "a.zip", {**log.members(), "events.jsonl": lines}, redacted=True)
    assert auditor.checks(redacted).status == 0
    assert auditor.checks(log.write(tmp_path / "b.zip", log.members(wanted=[3, 35]))).status == 0


def test_without_its_event_the_head_is_a_finding(codes: Any) -> None:
    assert codes(set_back(), **{"steps.jsonl": b""}) == (1, {"head_shrinks"})


def test_a_file_of_before_there_were_steps_in_it(auditor: Auditor, tmp_path: Path) -> None:
    log = Log.of(40, 20)
    members = log.members()
    del members["steps.jsonl"]
    assert auditor.checks(log.write(tmp_path / "old.zip", members)).status == 0


@pytest.mark.parametrize("place", [19, 30])
def test_a_step_excuses_only_the_heads_around_it(codes: Any, place: int) -> None:
    assert codes(set_back(place)) == (1, {"head_shrinks"})


@pytest.mark.parametrize(
    "changed",
    [
        {"expected": "2026-11-21T08:30:00.000000Z"},  # it went back from an earlier time than the head's
        {"earliest": "2026-11-21T06:00:00.000000Z"},  # nobody looks away for so long
        {"earliest": "2026-11-21T08:30:00.000000Z"},  # noticed before it was
        {"now": "2026-11-21T08:05:00.000000Z"},  # noticed after it was written
        {"now": "2026-13-21T08:00:02.000000Z"},
        {"now": None},
        {"event": {"details": {}}},
        {"event": {"at": "2026-11-21T08:30:00.000000Z"}},
    ],
)
def test_a_step_that_claims_otherwise_excuses_nothing(codes: Any, changed: dict[str, Any]) -> None:
    assert codes(set_back(**changed)) == (1, {"head_shrinks"})


def test_a_forged_step_that_the_next_head_knows_nothing_of(codes: Any) -> None:
    """The clock claims to have gone to 06:00; the head that is dated back says 08:01."""
    early = {name: value.replace("T08", "T06").replace("T07", "T05") for name, value in _times().items()}
    told = {**TOLD, "at": early.pop("at"), "details": {**STEP, **early}}
    assert codes(set_back(event=told)) == (1, {"head_shrinks"})


def _times() -> dict[str, str]:
    return {"now": str(STEP["now"]), "earliest": str(STEP["earliest"]), "at": TOLD["at"]}


def test_a_step_that_was_never_sealed(codes: Any) -> None:
    log = set_back()
    other = bundling.event(26, **TOLD, details=STEP)
    line = jcs(shown(other)) + b"\n"
    assert codes(log, **{"steps.jsonl": line}) == (1, {"wrong_leaf", "head_shrinks"})
    told = jcs(shown(log.events[25])) + b"\n"
    assert codes(log, **{"steps.jsonl": told + told}) == (1, {"wrong_order"})


def test_growth_over_a_step_is_growth(auditor: Auditor, tmp_path: Path) -> None:
    log = set_back()
    proof = {
        "format": "govvoice-proof-1",
        "kind": "consistency",
        "keys": log.keys(),
        "first": log.heads[1],
        "second": log.heads[2],
        "proof": {
            name: [node.hex() for node in bundling.consistency(hashed, 20, log.leaves[name][:30])]
            for name, hashed in HASHES.items()
        },
    }
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proof), encoding="utf-8")
    answer = auditor.checks(path)
    assert answer.status == 0
    assert any("head 2 is dated before head 1" in note["en"] for note in answer.said["notes"])
