"""Bundles: what they hold, and that the auditor's own tool finds nothing against them."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.bundles import stretch_of, write_bundle
from audit.canonical import canonical, event_bytes
from audit.errors import NotSealedYet
from audit.merkle import leaf_hashes
from audit.models import Event, Leaf, TreeHead
from audit.sealer import Sealer
from audit.selectors import EventFilter
from tests.audit.cast import HOTLINE, committed
from tests.audit.sealing import manifests_signed

pytestmark = pytest.mark.django_db(transaction=True)

VERIFIER = Path(__file__).resolve().parents[2] / "audit" / "offline" / "audit-verify.py"
PERSONAL = {"salt", "actor_name", "object_name", "address", "peer_address", "forwarded_for", "user_agent",
            "session", "text_sha256", "details"}  # fmt: skip


@pytest.fixture(autouse=True)
def signed() -> Iterator[None]:
    with manifests_signed():
        yield


def sealed(*actions: str, **more: Any) -> list[Event]:
    """Events, with a head over them."""
    events = [committed(action, **more) for action in actions]
    sealer = Sealer()
    sealer.seal_pending()
    sealer.publish_head()
    return events


def bundled(
    tmp_path: Path, wanted: EventFilter | None = None, *, redacted: bool = False, **more: Any
) -> Path:
    path = tmp_path / "bundle.zip"
    with path.open("wb") as target:
        write_bundle(
            target, wanted or EventFilter(), kind="export", made_by="赵审计", redacted=redacted, **more
        )
    return path


def verified(bundle: Path) -> tuple[int, str]:
    """What the auditor's tool says of it, in a Python of its own."""
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(bundle)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def members(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as file:
        return {name: file.read(name) for name in file.namelist()}


def lines(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def test_a_whole_log_verifies(tmp_path: Path) -> None:
    events = sealed("broadcast.created", "broadcast.approved", text="今日停水")
    events += sealed("key.issued", actor=HOTLINE)
    bundle = bundled(tmp_path)
    code, told = verified(bundle)
    assert code == 0, told
    found = members(bundle)
    manifest = json.loads(found["manifest.json"])
    assert (manifest["start"], manifest["size"], manifest["events"], manifest["complete"]) == (0, 3, 3, True)
    assert manifest["made_by"] == "赵审计"
    assert [line["id"] for line in lines(found["events.jsonl"])] == [event.id for event in events]
    assert found["manifest.json"] == canonical(manifest)
    for name, told_of in manifest["files"].items():
        assert told_of == {"sha256": hashlib.sha256(found[name]).hexdigest(), "bytes": len(found[name])}
    assert set(found) == {*manifest["files"], "manifest.json", "manifest.sig"}


def test_the_stretch_lies_between_two_heads(tmp_path: Path) -> None:
    for _ in range(3):
        sealed("broadcast.created", "broadcast.edited", "broadcast.submitted")
    wanted = sealed("key.issued", "key.revoked", "key.issued")
    sealed("broadcast.created")
    bundle = bundled(tmp_path, EventFilter(action="key.revoked"))
    code, told = verified(bundle)
    assert code == 0, told
    found = members(bundle)
    manifest = json.loads(found["manifest.json"])
    assert (manifest["start"], manifest["size"], manifest["events"], manifest["complete"]) == (
        9,
        12,
        1,
        False,
    )
    assert manifest["filter"] == {"action": "key.revoked"}
    assert [line["id"] for line in lines(found["events.jsonl"])] == [wanted[1].id]
    assert [head["size"] for head in lines(found["heads.jsonl"])] == [9, 12]
    assert len(json.loads(found["frontier.json"])["sm3"]) == 2, "9 leaves are two perfect subtrees"
    assert len(found["leaves.sha256"]) == len(found["leaves.sm3"]) == 3 * 32


def test_a_redacted_one_verifies_and_names_nobody(tmp_path: Path) -> None:
    sealed("broadcast.created", actor=HOTLINE, details={"note": "回拨 13812345678"})
    bundle = bundled(tmp_path, redacted=True)
    code, told = verified(bundle)
    assert code == 0, told
    content = members(bundle)["events.jsonl"]
    (line,) = lines(content)
    assert not PERSONAL & set(line)
    assert set(line["personal"]) == {"sha256", "sm3"}
    for secret in ("13812345678", "10.1.2.3", HOTLINE.name, "停水通知"):
        assert secret not in content.decode()


def test_leaves_are_those_of_the_events(tmp_path: Path) -> None:
    (event,) = sealed("broadcast.created")
    found = members(bundled(tmp_path))
    stored = Event.objects.get(pk=event.pk)
    assert (found["leaves.sha256"], found["leaves.sm3"]) == leaf_hashes(event_bytes(stored))


def test_a_changed_line_is_found(tmp_path: Path) -> None:
    sealed("broadcast.created", "broadcast.approved")
    bundle = bundled(tmp_path)
    found = members(bundle)
    found["events.jsonl"] = found["events.jsonl"].replace("停水通知".encode(), "停电通知".encode(), 1)
    with zipfile.ZipFile(bundle, "w") as file:
        for name, data in found.items():
            file.writestr(name, data)
    assert verified(bundle)[0] == 1


def test_nothing_is_bundled_before_a_head_covers_it(tmp_path: Path) -> None:
    with pytest.raises(NotSealedYet):
        stretch_of(EventFilter())
    sealed("broadcast.created")
    assert stretch_of(EventFilter()).size == 1
    committed()
    with pytest.raises(NotSealedYet):
        stretch_of(EventFilter())
    Sealer().seal_pending()
    with pytest.raises(NotSealedYet):
        stretch_of(EventFilter())


def test_a_filter_that_finds_nothing_makes_an_empty_bundle(tmp_path: Path) -> None:
    sealed("broadcast.created")
    bundle = bundled(tmp_path, EventFilter(action="key.revoked"))
    code, told = verified(bundle)
    assert code == 0, told
    assert members(bundle)["events.jsonl"] == b""


def test_what_is_attached_is_in_the_manifest(tmp_path: Path) -> None:
    sealed("broadcast.created")
    table = tmp_path / "table.csv"
    table.write_bytes("编号\r\n".encode() * 1000)
    bundle = bundled(tmp_path, attached={"events.csv": table})
    assert verified(bundle)[0] == 0
    assert members(bundle)["events.csv"] == table.read_bytes()
    assert "events.csv" in json.loads(members(bundle)["manifest.json"])["files"]


def test_an_archives_bundle_holds_the_sealed_texts(tmp_path: Path) -> None:
    sealed("broadcast.created", text="今日停水")
    (line,) = lines(members(bundled(tmp_path, with_texts=True))["events.jsonl"])
    stored = Event.objects.get()
    if stored.sealed_text is None:
        assert "sealed_text" not in line
    else:
        assert base64.b64decode(line["sealed_text"]) == bytes(stored.sealed_text)


def test_many_batches_join_without_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.bundles._BATCH", 3)
    sealed(*["broadcast.edited"] * 10)
    sealed(*["broadcast.edited"] * 4)
    bundle = bundled(tmp_path)
    code, told = verified(bundle)
    assert code == 0, told
    assert [line["seq"] for line in lines(members(bundle)["events.jsonl"])] == list(range(14))
    assert TreeHead.objects.count() == 2
    assert Leaf.objects.count() == 14
