"""The sealer gives every committed event exactly one leaf, whatever happens around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from audit.canonical import head_bytes, manifest_bytes
from audit.digests import sha256
from audit.errors import TreeBroken
from audit.models import Event, Heartbeat, Leaf, Manifest, TreeHead
from audit.sealer import Sealer
from audit.signatures import signatures
from audit.signers import configured_signers
from audit.verification import verify
from audit.watch import is_sealing, seal_lag
from tests.audit.cast import committed
from tests.audit.sealing import assert_whole, eventually, sealed_ids, sealer_process, slow_writer

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_committed_is_sealed_in_order() -> None:
    ids = [committed().id for _ in range(5)]
    sealer = Sealer()
    assert sealer.seal_pending() == 5
    assert sealer.seal_pending() == 0
    assert sealed_ids() == ids
    sealer.publish_head()
    assert_whole()


def test_an_open_transaction_holds_sealing_back_until_it_commits() -> None:
    with slow_writer() as commit:
        later = committed()
        sealer = Sealer()
        assert sealer.seal_pending() == 0, "a later id must not overtake one that may still appear"
        commit()
        assert sealer.seal_pending() == 2
    assert sealed_ids()[1] == later.id
    assert_whole()


def test_an_event_that_was_rolled_back_leaves_no_gap() -> None:
    first = committed()
    with transaction.atomic():
        committed()
        transaction.set_rollback(True)
    last = committed()
    Sealer().seal_pending()
    assert last.id == first.id + 2
    assert sealed_ids() == [first.id, last.id]
    assert_whole()


def test_one_transaction_larger_than_a_batch_is_sealed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.sealer._BATCH", 4)
    with transaction.atomic():
        ids = [committed().id for _ in range(10)]
    assert Sealer().seal_pending() == 10
    assert sealed_ids() == ids
    assert_whole()


@pytest.fixture
def small_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 events a turn."""
    monkeypatch.setattr("audit.sealer._BATCH", 50)
    monkeypatch.setattr("audit.sealer._TURN", 4)


def backlog(count: int, *, age: timedelta = timedelta()) -> None:
    """So many events, a millisecond between any two, the newest of them of that age."""
    newest = timezone.now() - age
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_is_sound")
    Event.objects.bulk_create(
        Event(
            action="auth.login",
            outcome="succeeded",
            actor_kind="system",
            at=newest - timedelta(milliseconds=count - number),
        )
        for number in range(count)
    )
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_is_sound")


@pytest.mark.usefixtures("small_turns")
def test_a_backlog_holds_up_neither_signatures_nor_heads() -> None:
    sealer = Sealer()
    sealer.step()
    backlog(2000)
    digest = sha256(manifest_bytes(b"{}")).hex()
    manifest = Manifest.objects.create(kind="export", body=b"{}", sha256=digest)
    sealer._head_time -= 60
    sealer._pulse.done(again_in=0)
    Heartbeat.objects.all().delete()
    assert sealer.step()
    manifest.refresh_from_db()
    assert manifest.signatures
    assert [head.size for head in TreeHead.objects.order_by("number")] == [0, 200]
    assert Heartbeat.objects.exists()
    turns = 1
    while sealer.step():
        turns += 1
        sealer._head_time -= 30
    assert (turns, sealer.trees.size) == (10, 2000)
    assert TreeHead.objects.count() > 3
    sealer.publish_head()
    assert verify().findings == []


@pytest.mark.usefixtures("small_turns")
def test_no_head_is_made_while_events_of_long_ago_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would make those that come after it look as if they were dated back."""
    sealer = Sealer()
    with monkeypatch.context() as patched:
        patched.setattr("audit.sealer._now", lambda: timezone.now() - timedelta(hours=4))
        sealer.publish_head()
    backlog(1000, age=timedelta(hours=3))
    backlog(300)
    while sealer.step():
        sealer._head_time -= 60
    assert sealer.trees.size == 1300
    sizes = [head.size for head in TreeHead.objects.order_by("number")]
    assert sizes == [0, 1000, 1200, 1300]
    assert verify().findings == []


def test_a_new_sealer_goes_on_where_the_last_one_stood() -> None:
    committed()
    first = Sealer()
    first.seal_pending()
    first.publish_head()
    committed()
    first.seal_pending()  # a leaf that no head covers
    committed()
    second = Sealer()
    assert second.trees.size == 2
    assert second.seal_pending() == 1
    second.publish_head()
    assert_whole()


def test_events_restored_from_another_cluster_are_sealed_too() -> None:
    """Their transaction numbers lie in this cluster's future; the gate alone would wait for years."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_is_sound")
    try:
        restored = Event(action="auth.login", outcome="succeeded", actor_kind="system", xid=10**12)
        restored.save()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_is_sound")
    ours = committed()
    sealer = Sealer()
    assert sealer.seal_pending() == 2
    assert sorted(sealed_ids()) == [restored.id, ours.id]
    committed()
    assert sealer.seal_pending() == 1
    assert_whole()


def test_a_head_is_written_with_news_after_a_minute_and_without_after_an_hour() -> None:
    sealer = Sealer()
    sealer.step()
    assert TreeHead.objects.get().size == 0, "the first head says that there was nothing"
    committed()
    sealer.step()
    assert TreeHead.objects.count() == 1
    sealer._head_time -= 60
    sealer.step()
    assert [head.size for head in TreeHead.objects.order_by("number")] == [0, 1]
    sealer._head_time -= 60
    sealer.step()
    assert TreeHead.objects.count() == 2
    sealer._head_time -= 3600
    sealer.step()
    assert [head.size for head in TreeHead.objects.order_by("number")] == [0, 1, 1]
    assert_whole()


def test_the_age_of_the_last_head_outlives_a_restart() -> None:
    Sealer().step()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_treehead DISABLE TRIGGER audit_treehead_append_only")
        head = TreeHead.objects.get()
        head.at -= timedelta(hours=1)
        head.signatures = signatures(head_bytes(head), configured_signers())
        head.save()
        Path(settings.AUDIT_HEADS).unlink()  # it would tell that the head is another one now
        cursor.execute("ALTER TABLE audit_treehead ENABLE TRIGGER audit_treehead_append_only")
    Sealer().step()
    assert TreeHead.objects.count() == 2


def test_the_pulse_tells_whether_the_sealer_lives() -> None:
    assert not is_sealing()
    Sealer().step()
    assert is_sealing()
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=3))
    assert not is_sealing()


def test_the_lag_is_the_age_of_the_oldest_event_without_a_leaf() -> None:
    assert seal_lag() is None
    event = committed()
    committed()
    lag = seal_lag()
    assert lag is not None
    assert timedelta() < lag <= timezone.now() - event.at + timedelta(seconds=1)
    Sealer().step()
    assert seal_lag() is None
    committed()
    assert seal_lag() is not None


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("DELETE FROM audit_leaf WHERE seq = 1", "leaf 1 is missing"),
        ("DELETE FROM audit_leaf WHERE seq = 3", "leaf 3 is missing"),
        ("UPDATE audit_treehead SET root_sm3 = decode(repeat('00', 32), 'hex')", "does not yield its root"),
        ("UPDATE audit_treehead SET at = at - interval '1 day'", "signatures do not hold"),
        ("UPDATE audit_treehead SET signatures = '[]'", "signatures do not hold"),
        (
            "UPDATE audit_treehead SET root_sha256 = decode(repeat('00', 32), 'hex')",
            "does not yield its root",
        ),
        ("UPDATE audit_treehead SET frontier_sm3 = ''", "perfect subtrees"),
    ],
)
def test_it_does_not_build_on_a_tree_that_contradicts_itself(damage: str, message: str) -> None:
    for _ in range(2):
        committed()
    sealer = Sealer()
    sealer.seal_pending()
    sealer.publish_head()
    for _ in range(3):
        committed()
    sealer.seal_pending()
    with connection.cursor() as cursor:
        # What a database administrator can do and the application cannot.
        cursor.execute(
            "ALTER TABLE audit_leaf DISABLE TRIGGER USER; ALTER TABLE audit_treehead DISABLE TRIGGER USER"
        )
        cursor.execute(damage)
        cursor.execute("ALTER TABLE audit_leaf ENABLE TRIGGER audit_leaf_append_only")
        cursor.execute("ALTER TABLE audit_treehead ENABLE TRIGGER audit_treehead_append_only")
    with pytest.raises(TreeBroken, match=message):
        Sealer()
    with pytest.raises(CommandError, match=message):
        call_command("seal", once=True)


def test_sealing_once_says_what_it_did() -> None:
    committed()
    said = StringIO()
    call_command("seal", once=True, stdout=said)
    head = TreeHead.objects.get()
    assert said.getvalue() == f"1 events sealed, root {bytes(head.root_sha256).hex()}\n"
    call_command("seal", once=True, stdout=StringIO())
    assert TreeHead.objects.count() == 1
    assert_whole()


def test_the_second_sealer_waits_for_the_first(tmp_path: Path) -> None:
    with sealer_process(tmp_path / "first.log") as first:
        eventually(lambda: first.said("sealing from leaf 0") == 1)
        with pytest.raises(CommandError, match="another sealer is at work"):
            call_command("seal", once=True)
        with sealer_process(tmp_path / "second.log") as second:
            eventually(lambda: second.said("waiting: another sealer is at work") == 1)
            committed()
            eventually(lambda: Leaf.objects.count() == 1)
            first.kill()
            eventually(lambda: second.said("sealing from leaf 1") == 1)
            committed()
            eventually(lambda: Leaf.objects.count() == 2)
            assert second.stop() == 0
    assert_whole()


def test_it_outlives_the_loss_of_its_database_and_says_so_once(tmp_path: Path) -> None:
    with sealer_process(tmp_path / "sealer.log") as sealer:
        eventually(lambda: sealer.said("sealing from leaf 0") == 1)
        committed()
        eventually(lambda: Leaf.objects.count() == 1)
        with database_lost():
            committed()
            eventually(lambda: sealer.said("the database failed") == 1)
        eventually(lambda: sealer.said("sealing from leaf 1, the database is back") == 1)
        eventually(lambda: Leaf.objects.count() == 2)
        assert sealer.said("the database failed") == 1
        assert sealer.stop() == 0
    assert_whole()


@contextmanager
def database_lost() -> Iterator[None]:
    """Ends every session but the test's own, and lets none in."""
    name = connection.settings_dict["NAME"]
    elsewhere = {**connection.get_connection_params(), "dbname": "postgres"}
    with psycopg.connect(**elsewhere, autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            yield
        finally:
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
