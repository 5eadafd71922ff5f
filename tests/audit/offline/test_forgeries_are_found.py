"""Exports that were tampered with by somebody who knows the format, each named with its place.

Unless a test says otherwise the forger has written manifest and zip anew, with a signature that is good.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.audit import bundling
from tests.audit.bundling import HASHES, Ed25519, Log, jcs, shown, signatures, write_zip
from tests.audit.offline.program import Answer, Auditor

Members = dict[str, bytes]


@pytest.fixture
def log() -> Log:
    return Log.of(40, 10, 20, 30)


@pytest.fixture
def forged(auditor: Auditor, tmp_path: Path, log: Log) -> Callable[..., Answer]:
    """The answer to an export of the log with some members replaced."""

    def answer(members: Members | None = None, **manifest: Any) -> Answer:
        return auditor.checks(
            log.write(tmp_path / "forged.zip", {**log.members(), **(members or {})}, **manifest)
        )

    return answer


def line_of(event: dict[str, Any]) -> bytes:
    return jcs(shown(event)) + b"\n"


def lines_of(log: Log) -> list[bytes]:
    return log.members()["events.jsonl"].splitlines(keepends=True)


@pytest.mark.parametrize(
    "change",
    [
        (b'"outcome":"succeeded"', b'"outcome":"refused"'),
        (b'"status":200', b'"status":403'),
        (b'"id":1007', b'"id":1008'),
        (b"T08:00:07", b"T08:00:08"),
    ],
)
def test_a_changed_field_of_an_event(
    log: Log, forged: Callable[..., Answer], change: tuple[bytes, bytes]
) -> None:
    lines = lines_of(log)
    assert change[0] in lines[7]
    lines[7] = lines[7].replace(*change)
    answer = forged({"events.jsonl": b"".join(lines)})
    assert (answer.status, answer.codes, answer.place[0]) == (1, {"wrong_leaf"}, 7)


@pytest.mark.parametrize("field", ["actor_name", "address", "user_agent", "salt", "details"])
def test_a_changed_personal_field(log: Log, forged: Callable[..., Answer], field: str) -> None:
    line = shown(log.events[7])
    lines = lines_of(log)
    lines[7] = jcs({**line, field: {"x": 1} if field == "details" else "9"}) + b"\n"
    answer = forged({"events.jsonl": b"".join(lines)})
    assert (answer.status, answer.codes, answer.place) == (1, {"wrong_personal"}, (7, 1007))
    log.events[7] = {**log.events[7], field: {"x": 1} if field == "details" else "9"}
    answer = forged()  # with hashes that fit
    assert (answer.status, answer.codes, answer.place) == (1, {"wrong_leaf"}, (7, 1007))


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda line: line.replace(b'{"action"', b'{ "action"'),
        lambda line: line.replace(b'"status":200', b'"status":200.0'),
        lambda line: line.replace(b'"status":200', b'"status":2e2'),
        lambda line: line.replace("市".encode(), b"\\u5e02"),
        lambda line: line.replace(b'"code":""', b'"code":"","code":""'),
        lambda line: line.replace(b'"xid":707', b'"xid":0707'),
        lambda line: line.replace(b',"xid":707', b"").replace(b'{"action"', b'{"xid":707,"action"'),
        lambda line: line.replace("李".encode(), b"\xed\xa0\x80"),
        lambda line: line[:-2] + b"\n",
        lambda line: b"[]\n",
        lambda line: b"\n",
        lambda line: b'{"a":' * 100000 + b"1" + b"}" * 100000 + b"\n",
    ],
)
def test_a_line_written_in_another_way(
    log: Log, forged: Callable[..., Answer], rewrite: Callable[[bytes], bytes]
) -> None:
    """Two spellings of one value would let a reader see what the verifier did not."""
    lines = lines_of(log)
    lines[7] = rewrite(lines[7])
    answer = forged({"events.jsonl": b"".join(lines)})
    assert answer.status == 1
    assert "not_canonical" in answer.codes
    assert answer.place[0] == 7


def test_a_broken_line_of_a_selection_is_named(auditor: Auditor, log: Log, tmp_path: Path) -> None:
    """Nothing else tells which event of a selection it was."""
    members = log.members(wanted=[3, 17, 39])
    lines = members["events.jsonl"].splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"', b"#", 1)
    path = log.write(tmp_path / "some.zip", {**members, "events.jsonl": b"".join(lines)})
    answer = auditor.checks(path)
    assert answer.status == 1
    assert any("events.jsonl 第 2 行" in finding["zh"] for finding in answer.said["findings"])


@pytest.mark.parametrize("extra", [{"note": "x"}, {"redacted": True}])
def test_a_field_too_many(log: Log, forged: Callable[..., Answer], extra: dict[str, Any]) -> None:
    lines = lines_of(log)
    lines[7] = jcs({**shown(log.events[7]), **extra}) + b"\n"
    answer = forged({"events.jsonl": b"".join(lines)})
    assert (answer.status, answer.codes, answer.place[0]) == (1, {"wrong_fields"}, 7)


def test_the_text_of_an_archive_is_held_to_its_hash(auditor: Auditor, tmp_path: Path) -> None:
    sealed = b"nonce, ciphertext and tag"
    log = Log([bundling.event(0), bundling.event(1, sealed_sha256=hashlib.sha256(sealed).hexdigest())])
    log.add_head(2)

    def answer(text: Any, at: int = 1) -> Answer:
        lines = [shown(event) for event in log.events]
        lines[at]["sealed_text"] = text
        members = {**log.members(), "events.jsonl": b"".join(jcs(line) + b"\n" for line in lines)}
        return auditor.checks(log.write(tmp_path / "archive.zip", members))

    text = base64.b64encode(sealed).decode()
    assert answer(text).status == 0
    for changed in (base64.b64encode(b"another").decode(), text.rstrip("=") + "x", "", None, 1, text + "\n"):
        forged_text = answer(changed)
        assert (forged_text.status, forged_text.codes, forged_text.place) == (1, {"wrong_text"}, (1, 1001))
    assert answer(text, at=0).codes == {"wrong_text"}


def test_an_event_that_hides_as_redacted(log: Log, forged: Callable[..., Answer]) -> None:
    lines = lines_of(log)
    lines[7] = b'{"redacted":true,"schema":1,"seq":7}\n'
    assert forged({"events.jsonl": b"".join(lines)}).codes == {"wrong_fields"}


@pytest.mark.parametrize(("gone", "place"), [(0, 0), (7, 7), (39, 39)])
def test_a_deleted_event(log: Log, forged: Callable[..., Answer], gone: int, place: int) -> None:
    lines = lines_of(log)
    del lines[gone]
    for claim in ({}, {"complete": True, "events": 40}):
        answer = forged({"events.jsonl": b"".join(lines)}, **claim)
        if claim:
            assert (answer.status, answer.place[0]) == (1, place)
        else:  # a filtered export by its manifest: nothing in it is wrong
            assert answer.status == 0
    assert forged({"events.jsonl": b"".join(lines)}, complete=True).codes >= {"bad_counts"}


def test_two_events_swapped_and_one_told_twice(log: Log, forged: Callable[..., Answer]) -> None:
    lines = lines_of(log)
    for order in ([7, 7], [8, 7]):
        answer = forged({"events.jsonl": b"".join([*lines[:7], *(lines[i] for i in order), *lines[9:]])})
        assert answer.status == 1
        assert answer.codes & {"wrong_order", "event_gap"}
        assert answer.place[0] in (7, 8)
    exchanged = {**log.events[7], "seq": 8}, {**log.events[8], "seq": 7}
    log.events[7:9] = exchanged[1], exchanged[0]
    answer = forged()
    assert (answer.status, answer.codes, answer.place[0]) == (1, {"wrong_leaf"}, 7)


def test_a_changed_event_with_its_leaf(log: Log, forged: Callable[..., Answer]) -> None:
    log.events[17]["outcome"] = "failed"
    leaves = {name: list(log.leaves[name]) for name in HASHES}
    for name, hashed in HASHES.items():
        leaves[name][17] = bundling.leaf(hashed, log.events[17])
    answer = forged({f"leaves.{name}": b"".join(leaves[name]) for name in HASHES})
    assert (answer.status, answer.codes, answer.place[0]) == (1, {"wrong_root"}, 10)
    # With the leaf of one tree only, the other one tells which event it is.
    answer = forged({"leaves.sha256": b"".join(leaves["sha256"])})
    assert (answer.status, answer.codes, answer.place) == (1, {"wrong_root", "wrong_leaf"}, (17, 1017))


@pytest.mark.parametrize("name", ["sha256", "sm3"])
@pytest.mark.parametrize(
    "change", [lambda data: data[:-32], lambda data: data + bytes(32), lambda data: data[:-1]]
)
def test_leaves_missing_or_added(
    log: Log, forged: Callable[..., Answer], name: str, change: Callable[[bytes], bytes]
) -> None:
    answer = forged({f"leaves.{name}": change(log.members()[f"leaves.{name}"])})
    assert answer.status == 1
    assert "leaf_count" in answer.codes


HEAD_CHANGES: list[tuple[str, Any, str]] = [
    ("root_sha256", "00" * 32, "wrong_root"),
    ("root_sm3", "00" * 32, "wrong_root"),
    ("size", 21, "wrong_root"),
    ("number", 7, "head_gap"),
    ("previous", "00" * 32, "bad_chain"),
    ("at", "2026-11-20T00:00:00.000000Z", "head_shrinks"),
    ("at", "yesterday", "bad_head"),
    ("origin", "govvoice/another", "other_origin"),
    ("size", 5, "head_shrinks"),
    ("size", 41, "head_outside"),
    ("size", -1, "bad_head"),
    ("size", True, "bad_head"),
    ("size", 2**70, "bad_head"),
    ("number", "1", "bad_head"),
    ("schema", 1, "bad_head"),
]


@pytest.mark.parametrize(("field", "value", "code"), HEAD_CHANGES)
def test_a_head_that_the_key_signed_wrongly(
    log: Log, forged: Callable[..., Answer], field: str, value: Any, code: str
) -> None:
    fields = {name: item for name, item in log.heads[1].items() if name != "signatures"}
    log.heads[1] = log.signed({**fields, field: value})
    heads = b"".join(jcs(head) + b"\n" for head in log.heads)
    answer = forged({"heads.jsonl": heads})
    assert (answer.status, answer.codes) == (1, {code})


def test_a_head_that_was_changed_after_it_was_signed(log: Log, forged: Callable[..., Answer]) -> None:
    log.heads[1] = {**log.heads[1], "size": 19}
    assert forged().codes == {"bad_signature"}


def test_a_head_left_out_and_one_replayed(log: Log, forged: Callable[..., Answer]) -> None:
    whole = list(log.heads)
    log.heads = [whole[0], *whole[2:]]
    assert forged().codes == {"head_gap"}
    log.heads = [*whole[:3], whole[1], whole[3]]
    assert forged().codes == {"head_gap"}
    log.heads = whole[:2]
    leaves = {f"leaves.{name}": b"".join(log.leaves[name]) for name in HASHES}
    answer = forged({**leaves, "events.jsonl": b"".join(map(line_of, log.events))}, size=40, complete=True)
    assert (answer.status, answer.codes) == (1, {"heads_cut"})


def test_an_algorithm_dropped(log: Log, forged: Callable[..., Answer]) -> None:
    whole = list(log.heads)
    log.heads = [*whole[:2], {**whole[2], "signatures": whole[2]["signatures"][:1]}, whole[3]]
    assert forged().codes == {"downgrade"}
    log.heads = [*whole[:2], {**whole[2], "signatures": []}, whole[3]]
    assert forged().codes == {"unsigned"}
    without = {name: value for name, value in whole[2].items() if name not in ("root_sm3", "signatures")}
    log.heads = [*whole[:2], log.signed(without), whole[3]]
    assert forged().codes == {"bad_head"}
    log.heads = [*whole[:2], {**whole[2], "signatures": whole[2]["signatures"][:1] * 2}, whole[3]]
    assert forged().codes == {"signed_twice"}


def test_the_manifest_signed_by_fewer_than_the_heads(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    members = log.members()
    manifest = log.manifest(members)
    signed = signatures(log.signers[:1], b"govvoice-manifest-1\n" + jcs(manifest))
    path = write_zip(
        tmp_path / "log.zip", {**members, "manifest.json": jcs(manifest), "manifest.sig": jcs(signed)}
    )
    answer = auditor.checks(path)
    assert (answer.status, answer.codes) == (1, {"downgrade"})


def test_a_log_rebuilt_by_whoever_holds_the_key(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    """Everything fits, so only a head that was given away before tells."""
    published = log.head_file(tmp_path / "published.jsonl")
    rebuilt = Log([*log.events[:15], *log.events[16:]], signers=log.signers)
    rebuilt.events = [{**event, "seq": seq} for seq, event in enumerate(rebuilt.events)]
    for size in (10, 20, 30, 39):
        rebuilt.add_head(size)
    path = rebuilt.write(tmp_path / "rebuilt.zip")
    assert auditor.checks(path).status == 0
    answer = auditor.checks(path, "--head", published)
    assert (answer.status, answer.codes, answer.place[0]) == (1, {"other_head"}, 20)


def test_a_false_witness_accuses_nobody(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    path = log.write(tmp_path / "log.zip")
    false = Log.of(40, 11, signers=[Ed25519()])
    answer = auditor.checks(path, "--head", false.head_file(tmp_path / "false.jsonl"))
    assert (answer.status, answer.codes) == (2, {"bad_witness"})


def test_a_log_signed_by_another_key(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    another = Log.of(40, 10, signers=[Ed25519()])
    path = another.write(tmp_path / "another.zip")
    answer = auditor.checks(path, "--key", bundling.key_id(log.signers[0]))
    assert (answer.status, answer.codes) == (2, {"not_pinned"})


def test_a_key_under_the_name_of_another(log: Log, forged: Callable[..., Answer]) -> None:
    keys = log.keys()
    keys[0]["public"] = Ed25519().spki.hex()
    answer = forged({"keys.json": jcs(keys)})
    assert (answer.status, answer.codes) == (1, {"bad_key_id"})


@pytest.mark.parametrize("start", [10, 20])
def test_a_frontier_that_is_not_its_own(auditor: Auditor, tmp_path: Path, log: Log, start: int) -> None:
    members = log.members(start)
    frontier = json.loads(members["frontier.json"])
    frontier["sm3"][0] = "11" * 32
    forged = log.write(tmp_path / "a.zip", {**members, "frontier.json": jcs(frontier)})
    assert auditor.checks(forged).codes == {"wrong_root"}
    frontier["sm3"].append("11" * 32)
    forged = log.write(tmp_path / "a.zip", {**members, "frontier.json": jcs(frontier)})
    assert auditor.checks(forged).codes == {"bad_frontier"}


# What was done to the finished file, without the key.


def rewritten(path: Path, change: Callable[[Members], None]) -> Path:
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    return write_zip(path, members)


@pytest.mark.parametrize("name", ["keys.json", "heads.jsonl", "events.jsonl", "frontier.json", "leaves.sm3"])
def test_any_byte_of_any_member(auditor: Auditor, tmp_path: Path, log: Log, name: str) -> None:
    def flip(members: Members) -> None:
        data = bytearray(members[name])
        data[len(data) // 2] ^= 1
        members[name] = bytes(data)

    assert auditor.checks(rewritten(log.write(tmp_path / "log.zip"), flip)).status in (1, 2)


def test_a_claim_of_the_manifest(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    def change(members: Members) -> None:
        members["manifest.json"] = members["manifest.json"].replace("王审计".encode(), "李审计".encode())

    answer = auditor.checks(rewritten(log.write(tmp_path / "log.zip"), change))
    assert (answer.status, answer.codes) == (1, {"bad_signature"})


def test_a_table_put_beside_or_exchanged(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    path = log.write(tmp_path / "log.zip")
    assert auditor.checks(rewritten(path, lambda members: members.update({"extra.csv": b"x"}))).codes == {
        "wrong_files"
    }
    path = log.write(tmp_path / "log.zip", {**log.members(), "events.csv": b"a"})
    assert auditor.checks(path).status == 0
    assert auditor.checks(rewritten(path, lambda members: members.update({"events.csv": b"b"}))).codes == {
        "wrong_file"
    }
    assert auditor.checks(rewritten(path, lambda members: members.pop("events.csv"))).codes == {"wrong_files"}


# What it will not be led by: it cannot tell, and says why.


def test_files_of_another_kind(auditor: Auditor, tmp_path: Path) -> None:
    for content, code in (
        (b"", "bad_json"),
        (b"PK\x03\x04 nonsense", "bad_zip"),
        (b"{}", "other_format"),
        (b"\x28\xb5\x2f\xfd....", "zstd"),
        (b"[" * 100000, "bad_json"),
    ):
        (tmp_path / "file").write_bytes(content)
        answer = auditor.checks(tmp_path / "file")
        assert (answer.status, answer.codes) == (2, {code})


@pytest.mark.parametrize("name", ["../events.jsonl", "/etc/passwd", "a\\b", "a" * 200, "目录", ".hidden"])
def test_names_that_would_lead_astray(auditor: Auditor, tmp_path: Path, log: Log, name: str) -> None:
    path = log.write(tmp_path / "log.zip", {**log.members(), name: b"x"})
    answer = auditor.checks(path)
    assert (answer.status, answer.codes) == (2, {"strange_member"})


def test_a_member_twice(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    path = log.write(tmp_path / "log.zip")
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr("events.jsonl", b"")
    assert auditor.checks(path).codes == {"strange_member"}


def test_a_bomb(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    path = log.write(tmp_path / "log.zip", {**log.members(), "report.pdf": bytes(5_000_000)})
    answer = auditor.checks(path)
    assert (answer.status, answer.codes) == (2, {"bomb"})


def test_a_line_without_end(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    endless = bytes(range(256)).replace(b"\n", b"") * 20000
    answer = auditor.checks(
        log.write(tmp_path / "log.zip", {**log.members(), "events.jsonl": endless}, events=40)
    )
    assert answer.status == 2
    assert "long_line" in answer.codes


@pytest.mark.parametrize(
    "claim", [{"size": 2**60}, {"start": -1}, {"events": 1.5}, {"complete": 1}, {"files": []}]
)
def test_absurd_claims(forged: Callable[..., Answer], claim: dict[str, Any]) -> None:
    answer = forged(**claim)
    assert (answer.status, answer.codes) == (2, {"bad_manifest"})


def test_members_that_are_missing_or_damaged(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    members = log.members()
    for name in ("manifest.json", "keys.json", "manifest.sig"):
        path = rewritten(log.write(tmp_path / "log.zip"), lambda members, name=name: members.pop(name))
        assert auditor.checks(path).codes >= {"missing_member"}
    path = log.write(tmp_path / "log.zip", members)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        data[file.getinfo("leaves.sm3").header_offset + 60] ^= 255
    path.write_bytes(data)
    answer = auditor.checks(path)
    assert (answer.status, "damaged" in answer.codes) == (2, True)


def test_no_head_to_compare_with(auditor: Auditor, tmp_path: Path, log: Log) -> None:
    path = log.write(tmp_path / "log.zip")
    for content in (b"", b"nonsense", b"{\n", b'{"a":1}\n'):
        (tmp_path / "heads").write_bytes(content)
        assert auditor.checks(path, "--head", tmp_path / "heads").status in (1, 2)
