"""What a database administrator can do to the log, and how `audit verify` names the place.

Each attack is done through SQL by a superuser who sleeps no trigger, on the real Postgres. Some go as far as
the sealer's own key, and are then told only by heads that had left the database before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection

from audit.assurance import verify_log
from audit.canonical import event_bytes, head_bytes
from audit.digests import sha256
from audit.findings import Outcome
from audit.heads import head_line, head_text
from audit.merkle import Trees, leaf_hashes
from audit.models import Archive, Event, Heartbeat, Leaf, TreeHead
from audit.parties import SYSTEM
from audit.sealer import Sealer
from audit.signatures import signatures
from audit.signers import Ed25519Signer, Signer, SM2Signer, configured_signers
from audit.verification import Scope, verify
from tests.audit.cast import committed
from tests.audit.superuser import Superuser, superuser

pytestmark = pytest.mark.django_db(transaction=True)

SM2_SCALAR = "1" * 64


@pytest.fixture
def head_file(tmp_path: Path, settings: Any) -> Path:
    settings.AUDIT_HEADS = tmp_path / "heads.jsonl"
    return settings.AUDIT_HEADS


@pytest.fixture
def log(head_file: Path, settings: Any) -> list[int]:
    """The ids of twelve events in their order of sealing, with a head after each four, signed twice."""
    settings.SEAL_SM2_KEY = lambda: SM2_SCALAR
    sealer = Sealer()
    ids = []
    for number in range(12):
        ids.append(committed(details={"number": number}, text="今日停水").id)
        if number % 4 == 3:
            sealer.seal_pending()
            sealer.publish_head()
    sealer._beat()
    return ids


@pytest.fixture
def dba(log: list[int]) -> Iterator[Superuser]:
    with superuser() as session:
        yield session


def found() -> Outcome:
    """With the head file of this machine, as the command does it."""
    return verify_log(actor=SYSTEM)


def codes(outcome: Outcome) -> set[str]:
    return {finding.code for finding in outcome.findings}


def place(outcome: Outcome) -> tuple[int | None, int | None]:
    assert outcome.first_bad is not None
    return outcome.first_bad.seq, outcome.first_bad.event


def test_a_log_that_nobody_touched_holds(log: list[int]) -> None:
    outcome = found()
    assert outcome.findings == []
    assert (outcome.events, outcome.leaves, outcome.heads, outcome.published) == (12, 12, 3, 3)
    assert Event.objects.order_by("id").last().action == "audit.verified"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change",
    [
        "action = 'broadcast.approved'",
        "outcome = 'refused'",
        "actor_name = '张三'",
        "details = '{}'",
        "address = '10.9.9.9'",
        "salt = gen_random_uuid()",
        "at = at - interval '1 microsecond'",
        "user_agent = 'Firefow'",
    ],
)
def test_a_byte_flipped(dba: Superuser, log: list[int], change: str) -> None:
    assert dba.does(f"UPDATE audit_event SET {change} WHERE id = %s", log[6]) == 1  # noqa: S608
    outcome = found()
    assert codes(outcome) == {"event_changed"}
    assert place(outcome) == (6, log[6])
    assert Event.objects.order_by("id").last().action == "audit.verification_failed"  # type: ignore[union-attr]


def test_a_byte_flipped_by_an_owner_who_switched_the_trigger_off(log: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        cursor.execute("UPDATE audit_event SET actor_name = '张三' WHERE id = %s", [log[2]])
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    assert place(found()) == (2, log[2])


def test_an_event_changed_together_with_its_leaf(dba: Superuser, log: list[int]) -> None:
    dba.does("UPDATE audit_event SET outcome = 'refused' WHERE id = %s", log[6])
    _leaf_made_to_fit(dba, log[6])
    outcome = found()
    assert codes(outcome) == {"wrong_root"}
    assert place(outcome) == (4, None)  # the stretch between two heads: from leaf 4 on


def test_a_row_deleted(dba: Superuser, log: list[int]) -> None:
    dba.does("DELETE FROM audit_event WHERE id = ANY(%s)", log[5:8])
    outcome = found()
    assert codes(outcome) == {"event_missing"}
    assert place(outcome) == (5, log[5])
    assert "序号 5 至 7 的 3 条" in outcome.findings[0].message


def test_a_row_deleted_with_its_leaf(dba: Superuser, log: list[int]) -> None:
    dba.does("DELETE FROM audit_event WHERE id = %s", log[5])
    dba.does("DELETE FROM audit_leaf WHERE event_id = %s", log[5])
    outcome = found()
    assert codes(outcome) >= {"leaf_missing"}
    assert place(outcome)[0] == 5


def test_the_tail_deleted(dba: Superuser, log: list[int], head_file: Path) -> None:
    """Events, leaves and heads: what is left is a good log, only shorter than the one that was published."""
    _tail_deleted(dba, log)
    published = head_file.read_bytes()
    outcome = found()
    assert codes(outcome) == {"head_gone"}
    assert place(outcome)[0] == 8
    head_file.write_bytes(b"".join(published.splitlines(keepends=True)[:2]))
    assert found().holds  # the file was cut as well; only a copy elsewhere tells now
    copy = head_file.with_name("copy.jsonl")
    copy.write_bytes(published)
    assert codes(verify_log(actor=SYSTEM, copies=[copy])) == {"head_gone"}


def test_two_rows_swapped(dba: Superuser, log: list[int]) -> None:
    """All but their numbers: what happened first is told as what happened second."""
    swap = "details = other.details, at = other.at FROM audit_event AS other WHERE other.id"
    dba.does(
        f"UPDATE audit_event AS event SET {swap} = CASE event.id WHEN %s THEN %s ELSE %s END"  # noqa: S608
        " AND event.id = ANY(%s)",
        *(log[2], log[3], log[2], log[2:4]),
    )
    outcome = found()
    assert codes(outcome) == {"event_changed"}
    assert [finding.event for finding in outcome.findings] == log[2:4]


def test_two_leaves_swapped(dba: Superuser, log: list[int]) -> None:
    dba.does("UPDATE audit_leaf SET event_id = -1 WHERE seq = 2")
    dba.does("UPDATE audit_leaf SET event_id = %s WHERE seq = 3", log[2])
    dba.does("UPDATE audit_leaf SET event_id = %s WHERE seq = 2", log[3])
    outcome = found()
    assert codes(outcome) == {"event_changed"}
    assert place(outcome) == (2, log[3])


def test_a_row_put_in_with_an_old_date(dba: Superuser, log: list[int]) -> None:
    """With a number and a transaction of its time, so that the sealer never looks at it."""
    _copied(dba, log[5], id=1_000_000, at="at", xid="xid")
    outcome = found()
    assert codes(outcome) == {"event_unsealed"}
    assert place(outcome) == (None, 1_000_000)


def test_a_row_put_in_with_an_old_date_and_sealed_today(dba: Superuser, log: list[int]) -> None:
    """The sealer takes it for a new one; its date does not fit between the heads."""
    _copied(dba, log[5], id=1_000_000, at="at - interval '2 hours'", xid="pg_current_xact_id()")
    sealer = Sealer()
    sealer.seal_pending()
    sealer.publish_head()
    outcome = found()
    assert codes(outcome) == {"wrong_time"}
    assert place(outcome) == (12, 1_000_000)


def test_an_event_told_twice_under_one_number(dba: Superuser, log: list[int]) -> None:
    """The table's key is the number with the time, so one number can stand in two months."""
    _copied(dba, log[5], id=log[5], at="at - interval '1 minute'", xid="xid")
    outcome = found()
    assert codes(outcome) >= {"event_twice"}
    assert place(outcome) == (5, log[5])


def test_the_whole_tree_built_anew_with_the_sealers_key(dba: Superuser, log: list[int]) -> None:
    """Everything fits again: leaves, roots, chain, signatures. Only what was published does not."""
    dba.does("UPDATE audit_event SET actor_name = '张三' WHERE id = %s", log[6])
    _rebuilt(dba, configured_signers())
    assert codes(verify()) == set()
    outcome = found()
    assert codes(outcome) == {"other_head"}
    assert place(outcome)[0] == 4


def test_a_printed_head_is_enough_to_tell(
    dba: Superuser, log: list[int], head_file: Path, tmp_path: Path
) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text(head_text(TreeHead.objects.get(number=1)), encoding="utf-8")
    assert verify_log(actor=SYSTEM, copies=[paper]).holds
    dba.does("UPDATE audit_event SET actor_name = '张三' WHERE id = %s", log[6])
    _rebuilt(dba, configured_signers())
    head_file.unlink()
    assert codes(verify_log(actor=SYSTEM, copies=[paper])) == {"other_head"}


def test_the_tree_built_anew_with_another_key(dba: Superuser, log: list[int]) -> None:
    _rebuilt(dba, [Ed25519Signer(Ed25519PrivateKey.generate()), SM2Signer(bytes.fromhex(SM2_SCALAR))])
    assert "bad_signature" in codes(verify())


def test_the_head_file_cut(log: list[int], head_file: Path, dba: Superuser) -> None:
    _heads_made_earlier(dba)
    lines = head_file.read_bytes().splitlines(keepends=True)
    head_file.write_bytes(b"".join(lines[:-1]))
    assert codes(found()) == {"head_file_cut"}
    head_file.write_bytes(lines[0] + lines[2])
    assert codes(found()) == {"head_file_cut"}
    head_file.write_bytes(lines[0] + lines[1].replace(b'"size":8', b'"size":7') + lines[2])
    assert codes(found()) == {"bad_witness"}
    head_file.write_bytes(lines[1] + lines[0])
    assert "heads_unreadable" in codes(found())
    head_file.write_bytes(b"".join(lines))
    assert found().holds


def test_an_old_head_replayed(dba: Superuser, log: list[int]) -> None:
    old = TreeHead.objects.get(number=1)
    dba.does(
        "UPDATE audit_treehead AS head SET at = old.at, size = old.size, root_sha256 = old.root_sha256,"
        " root_sm3 = old.root_sm3, frontier_sha256 = old.frontier_sha256, frontier_sm3 = old.frontier_sm3,"
        " signatures = old.signatures FROM audit_treehead AS old WHERE head.number = 2 AND old.number = 1"
    )
    outcome = found()
    assert codes(outcome) >= {"bad_signature", "other_head"}
    assert place(outcome)[0] == old.size


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            "signatures = jsonb_path_query_array(signatures, '$[*] ? (@.algorithm == \"ed25519\")')",
            "downgrade",
        ),
        ("signatures = '[]'", "unsigned"),
        ("root_sm3 = root_sha256", "bad_signature"),
        ("previous = decode(repeat('11', 32), 'hex')", "bad_signature"),
        ("frontier_sm3 = frontier_sha256", "wrong_frontier"),
    ],
)
def test_an_algorithm_dropped_or_a_head_changed(
    dba: Superuser, log: list[int], change: str, code: str
) -> None:
    assert dba.does(f"UPDATE audit_treehead SET {change} WHERE number = 1") == 1  # noqa: S608
    outcome = verify()
    assert code in codes(outcome)
    assert place(outcome)[0] == 4


def test_a_head_deleted(dba: Superuser, log: list[int]) -> None:
    dba.does("DELETE FROM audit_treehead WHERE number = 1")
    outcome = found()
    assert codes(outcome) == {"head_gap"}
    assert place(outcome)[0] == 4


def test_a_partition_dropped(dba: Superuser, log: list[int]) -> None:
    month = dba.asks("SELECT tableoid::regclass::text FROM audit_event WHERE id = %s", log[0])
    dba.does(f"ALTER TABLE audit_event DETACH PARTITION {month}")
    try:
        outcome = verify()
        assert codes(outcome) == {"event_missing", "partition_detached"}
        assert place(outcome) == (0, log[0])
        dba.does(f"ALTER TABLE {month} RENAME TO stolen")  # gone by any name: what a DROP leaves
        assert codes(verify()) == {"event_missing"}
    finally:
        dba.does(f"ALTER TABLE IF EXISTS stolen RENAME TO {month}")
        bounds = dba.asks(
            "SELECT date_trunc('month', %s::timestamp)", month.removeprefix("audit_event_") + "_01"
        )
        dba.does(
            f"ALTER TABLE audit_event ATTACH PARTITION {month} FOR VALUES FROM"
            f" ('{bounds:%Y-%m-%d} 00:00+08') TO ('{bounds + timedelta(days=32):%Y-%m-01} 00:00+08')"
        )


def test_an_archived_month_is_no_gap_but_a_forged_row_of_it_is(dba: Superuser, log: list[int]) -> None:
    """Events may leave the database only behind an archive that the log itself tells of."""
    Archive.objects.create(
        month=date(2026, 5, 1), rows=8, ranges=[[0, 3], [4, 7]], name="a", bytes=1, sha256="ab"
    )
    dba.does("UPDATE audit_archive SET detached_at = now()")
    dba.does("DELETE FROM audit_event WHERE id = ANY(%s)", log[:8])
    assert codes(verify()) == {"archive_unproved", "event_missing"}
    committed("audit.archived", details={"sha256": "ab"})
    sealer = Sealer()
    sealer.seal_pending()
    sealer.publish_head()
    outcome = verify()
    assert (codes(outcome), outcome.notes) == (set(), ["8 条事件在归档中，未重新校验"])
    dba.does("DELETE FROM audit_event WHERE id = %s", log[8])
    assert place(verify()) == (8, log[8])


def test_a_key_exchanged(dba: Superuser, log: list[int]) -> None:
    other = Ed25519Signer(Ed25519PrivateKey.generate())
    dba.does("UPDATE audit_sealkey SET public = %s WHERE algorithm = 'ed25519'", other.public)
    assert codes(verify()) >= {"bad_key", "bad_signature"}


def test_the_command_names_the_place(dba: Superuser, log: list[int]) -> None:
    said = StringIO()
    call_command("audit", "verify", stdout=said)
    assert "校验通过" in said.getvalue()
    dba.does("UPDATE audit_event SET outcome = 'failed' WHERE id = %s", log[9])
    said = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("audit", "verify", "--json", stdout=said)
    assert left.value.code == 1
    answer = json.loads(said.getvalue())
    assert answer["first"] == {**answer["first"], "code": "event_changed", "seq": 9, "event": log[9]}
    with pytest.raises(CommandError, match="nonsense") as cannot:
        call_command("audit", "verify", "--head", "/nonsense")
    assert cannot.value.returncode == 2


def test_from_a_head_on(dba: Superuser, log: list[int]) -> None:
    dba.does("UPDATE audit_event SET outcome = 'failed' WHERE id = %s", log[1])
    since = TreeHead.objects.get(number=1).at
    outcome = verify(scope=Scope(since=since))
    assert (outcome.holds, outcome.events, outcome.heads) == (True, 4, 2)
    assert not verify(scope=Scope(since=TreeHead.objects.get(number=0).at - timedelta(days=1))).holds


def test_a_sample_reads_all_leaves_and_some_events(log: list[int], dba: Superuser) -> None:
    outcome = verify(scope=Scope(share=0.0))
    assert (outcome.holds, outcome.leaves, outcome.events) == (True, 12, 0)
    dba.does("UPDATE audit_leaf SET sm3 = sha256 WHERE seq = 2")
    assert codes(verify(scope=Scope(share=0.0))) == {"wrong_root"}


def test_what_waits_to_be_sealed_is_no_finding(log: list[int]) -> None:
    committed()
    outcome = verify()
    assert (outcome.holds, outcome.waiting) == (True, 1)
    Heartbeat.objects.all().delete()
    assert verify().waiting == 1


def _leaf_made_to_fit(dba: Superuser, event_id: int) -> None:
    hashes = leaf_hashes(event_bytes(Event.objects.get(id=event_id)))
    dba.does("UPDATE audit_leaf SET sha256 = %s, sm3 = %s WHERE event_id = %s", *hashes, event_id)


def _tail_deleted(dba: Superuser, log: list[int]) -> None:
    dba.does("DELETE FROM audit_event WHERE id >= %s", log[8])
    dba.does("DELETE FROM audit_leaf WHERE seq >= 8")
    dba.does("DELETE FROM audit_treehead WHERE number = 2")


def _rebuilt(dba: Superuser, signers: list[Signer]) -> None:
    """All leaves and heads anew over the events as they are now, numbers and times kept."""
    trees, previous = Trees(), bytes(32)
    heads = {head.size: head for head in TreeHead.objects.order_by("number")}
    for leaf in Leaf.objects.order_by("seq"):
        _leaf_made_to_fit(dba, leaf.event_id)
        trees = trees.grown([leaf_hashes(event_bytes(Event.objects.get(id=leaf.event_id)))])
        head = heads.get(trees.size)
        if head is None:
            continue
        head.root_sha256, head.root_sm3 = trees.sha256.root(), trees.sm3.root()
        head.previous = previous
        dba.does(
            "UPDATE audit_treehead SET root_sha256 = %s, root_sm3 = %s, previous = %s, frontier_sha256 = %s,"
            " frontier_sm3 = %s, signatures = %s WHERE number = %s",
            *(head.root_sha256, head.root_sm3, previous, trees.sha256.packed(), trees.sm3.packed()),
            *(json.dumps(signatures(head_bytes(head), signers)), head.number),
        )
        previous = sha256(head_bytes(head))


def _heads_made_earlier(dba: Superuser) -> None:
    """As if they had been made an hour ago, signed and filed then."""
    dba.does("UPDATE audit_event SET at = at - interval '1 hour'")
    dba.does("UPDATE audit_treehead SET at = at - interval '1 hour'")
    _rebuilt(dba, configured_signers())
    from django.conf import settings

    heads = TreeHead.objects.order_by("number")
    Path(settings.AUDIT_HEADS).write_bytes(b"".join(head_line(head) + b"\n" for head in heads))


def _copied(dba: Superuser, event_id: int, **values: Any) -> None:
    """A second row like the event's, with these columns otherwise."""
    kept = [field.column for field in Event._meta.fields if field.column not in values]
    columns = ", ".join([*values, *kept])
    chosen = ", ".join([*map(str, values.values()), *kept])
    statement = f"INSERT INTO audit_event ({columns}) OVERRIDING SYSTEM VALUE SELECT {chosen}"
    assert dba.does(f"{statement} FROM audit_event WHERE id = %s", event_id) == 1
