"""Exports that nobody touched, in every shape they may have."""

from __future__ import annotations

import ast
import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit import bundling
from tests.audit.bundling import HASHES, Log, jcs, key_id, shown
from tests.audit.offline.program import PROGRAM, Auditor, verifier


def test_a_whole_log_passes(auditor: Auditor, tmp_path: Path) -> None:
    log = Log.of(70, 0, 1, 33, 33)
    answer = auditor.checks(log.write(tmp_path / "log.zip"))
    assert (answer.status, answer.said["findings"]) == (0, [])
    assert answer.said["checked"]["events"] == 70
    assert answer.said["checked"]["heads"] == 5
    assert answer.said["checked"]["sm3"] is True
    assert {key["key_id"] for key in answer.said["keys"]} == {key_id(signer) for signer in log.signers}


@pytest.mark.parametrize("start", [1, 33, 64, 70])
def test_a_stretch_of_it_passes(auditor: Auditor, tmp_path: Path, start: int) -> None:
    log = Log.of(70, 1, 33, 64, 70)
    answer = auditor.checks(log.write(tmp_path / "stretch.zip", log.members(start)))
    assert (answer.status, answer.said["findings"]) == (0, [])
    assert answer.said["checked"]["events"] == 70 - start


def test_a_large_one_passes(auditor: Auditor, tmp_path: Path) -> None:
    """Longer than the runs in which leaves are joined, and begun in the midst of one."""
    log = Log.of(2200, 300, 1500)
    for start in (0, 300):
        assert auditor.checks(log.write(tmp_path / "large.zip", log.members(start))).status == 0


def test_a_filtered_one_passes_and_tells_where_an_event_stands(auditor: Auditor, tmp_path: Path) -> None:
    log = Log.of(40, 20)
    path = log.write(tmp_path / "some.zip", log.members(wanted=[3, 17, 39]))
    answer = auditor.checks(path, "--event", "1017")
    assert answer.status == 0
    leaf = bundling.leaf(HASHES["sha256"], log.events[17]).hex()
    assert answer.said["event"] == {"seq": 17, "id": 1017, "leaf_sha256": leaf}
    absent = auditor.checks(path, "--event", "1018")
    assert (absent.status, absent.codes) == (2, {"no_such_event"})


def test_a_redacted_one_passes_and_holds_nothing_personal(auditor: Auditor, tmp_path: Path) -> None:
    events = [bundling.flat_event(0), bundling.event(1), bundling.event(2, details={})]
    log = Log(events)
    log.add_head(3)
    lines = b"".join(jcs(shown(event, redacted=True)) + b"\n" for event in events)
    assert "李编辑".encode() not in lines
    path = log.write(tmp_path / "redacted.zip", {**log.members(), "events.jsonl": lines}, redacted=True)
    answer = auditor.checks(path)
    assert (answer.status, answer.said["findings"]) == (0, [])


def test_events_of_the_first_schema_pass(auditor: Auditor, tmp_path: Path) -> None:
    log = Log([bundling.flat_event(0), bundling.flat_event(1, details={"a": [1.5, None]}), bundling.event(2)])
    log.add_head(3)
    assert auditor.checks(log.write(tmp_path / "old.zip")).status == 0


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"字": "\u2028\x7f\U0001f600", "a": 'quote " and \\ and \x1f'},
        {"forwarded_for": "x", "b": {"forwarded_for": "},"}},
        {"\U00010000": 1, "\uffff": 2.0, "n": 1e-7, "m": 123456789012345680000.0},
        {"long": "长" * 30000},
    ],
)
def test_any_details_pass(auditor: Auditor, tmp_path: Path, details: dict[str, object]) -> None:
    """Odd ones too, whose canonical form json.dumps does not write: the platform's own writer is asked."""
    from audit.canonical import canonical

    log = Log([bundling.event(0)])
    line = {**bundling.event(0), "details": details}
    personal = canonical({name: line[name] for name in bundling.PERSONAL})
    sealed = {name: value for name, value in line.items() if name not in ("seq", *bundling.PERSONAL)}
    sealed["personal"] = {name: hashed(personal).hex() for name, hashed in HASHES.items()}
    log.leaves = {name: [hashed(b"\x00" + canonical(sealed))] for name, hashed in HASHES.items()}
    log.add_head(1)
    members = {**log.members(), "events.jsonl": canonical({**line, **sealed}) + b"\n"}
    answer = auditor.checks(log.write(tmp_path / "odd.zip", members))
    assert (answer.status, answer.said["findings"]) == (0, [])


def test_an_empty_log_passes(auditor: Auditor, tmp_path: Path) -> None:
    assert auditor.checks(Log.of(0).write(tmp_path / "empty.zip")).status == 0


def test_ed25519_alone_is_enough(auditor: Auditor, tmp_path: Path) -> None:
    log = Log.of(5, 2, signers=[bundling.Ed25519()])
    assert auditor.checks(log.write(tmp_path / "log.zip")).status == 0


@pytest.mark.parametrize("how", ["id", "fingerprint", "file"])
def test_a_trusted_key_is_told_from_others(auditor: Auditor, tmp_path: Path, how: str) -> None:
    log = Log.of(5)
    spki, path = log.signers[0].spki, log.write(tmp_path / "log.zip")
    (tmp_path / "key.hex").write_text(spki.hex())
    fingerprint = hashlib.sha256(spki).hexdigest()
    given = {"id": fingerprint[:16], "fingerprint": fingerprint, "file": str(tmp_path / "key.hex")}[how]
    answer = auditor.checks(path, "--key", given)
    assert answer.status == 0
    assert [key["pinned"] for key in answer.said["keys"] if key["algorithm"] == "ed25519"] == [True]
    other = auditor.checks(path, "--key", "0" * 16)
    assert (other.status, other.codes) == (2, {"not_pinned"})


def test_without_a_trusted_key_it_says_which_to_compare(auditor: Auditor, tmp_path: Path) -> None:
    log = Log.of(5)
    answer = auditor.checks(log.write(tmp_path / "log.zip"))
    fingerprint = hashlib.sha256(log.signers[0].spki).hexdigest()
    assert any(fingerprint in note["zh"] for note in answer.said["notes"])


def test_heads_kept_elsewhere_are_compared(auditor: Auditor, tmp_path: Path) -> None:
    log = Log.of(40, 10, 20)
    path = log.write(tmp_path / "log.zip")
    kept = log.head_file(tmp_path / "heads.jsonl")
    assert auditor.checks(path, "--head", kept).said["checked"]["known_heads"] == 3
    kept.write_bytes(kept.read_bytes()[:-40])  # the sealer was writing the last line
    assert auditor.checks(path, "--head", kept).said["checked"]["known_heads"] == 2


def test_a_later_head_links_up_by_its_chain(auditor: Auditor, tmp_path: Path) -> None:
    log = Log.of(40, 10)
    path = log.write(tmp_path / "early.zip")
    log.events.append(bundling.event(40))
    log.leaves = {name: [bundling.leaf(hashed, one) for one in log.events] for name, hashed in HASHES.items()}
    log.add_head(41)
    (tmp_path / "later.jsonl").write_bytes(jcs(log.heads[-1]) + b"\n")
    answer = auditor.checks(path, "--head", tmp_path / "later.jsonl")
    assert (answer.status, answer.said["checked"]["known_heads"]) == (0, 1)
    log.add_head(41)
    (tmp_path / "far.jsonl").write_bytes(jcs(log.heads[-1]) + b"\n")
    far = auditor.checks(path, "--head", tmp_path / "far.jsonl")
    assert (far.status, far.codes) == (2, {"not_linked"})


def test_without_a_fast_sm3_the_other_tree_still_stands(
    auditor: Auditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Log.of(30).write(tmp_path / "log.zip")
    monkeypatch.setattr(verifier, "SM3_IS_FAST", False)
    assert auditor.checks(path).said["checked"]["sm3"] is True
    monkeypatch.setattr(verifier, "SLOW_SM3_LEAVES", 10)
    answer = auditor.checks(path)
    assert (answer.status, answer.said["checked"]["sm3"]) == (0, False)
    assert any("SM3" in note["zh"] for note in answer.said["notes"])


def test_it_runs_with_nothing_but_python(tmp_path: Path) -> None:
    log = Log.of(20, 5)
    path = log.write(tmp_path / "log.zip")
    command = [sys.executable, "-I", "-S", str(PROGRAM), str(path)]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=tmp_path, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "通过：未发现篡改" in ran.stdout
    assert "事件数 events: 20" in ran.stdout
    # As line 3 of a printed head has it.
    assert base64.b64encode(bytes.fromhex(log.heads[-1]["root_sha256"])).decode() in ran.stdout


def test_it_is_written_for_python_3_8_and_its_standard_library() -> None:
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {str(name).partition(".")[0] for name in imported} <= sys.stdlib_module_names | {"__future__"}


@pytest.mark.parametrize("arguments", [[], ["a.zip", "--event", "x"], ["a.zip", "--nonsense"]])
def test_wrong_usage_is_neither_good_nor_bad(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        verifier.main(arguments)
    assert left.value.code == 3
    assert "usage" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verifier.main([str(tmp_path / "none.zip")]) == 3
    path = Log.of(3).write(tmp_path / "log.zip")
    (tmp_path / "key").write_text("not a key")
    assert verifier.main([str(path), "--key", str(tmp_path / "key")]) == 3
