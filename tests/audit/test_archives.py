"""A closed month goes to the object store, leaves the database, and comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from audit.archiving import Verdict, archive, archive_due, check, verdict
from audit.errors import ArchiveRefused
from audit.models import Archive, Event, Hold, Leaf
from audit.parties import SYSTEM
from audit.restoring import restore
from audit.retention import bounds, due, hold, let_go, lift, month_of, months
from audit.sealer import Sealer
from tests.audit.cast import EDITOR, committed
from tests.audit.sealing import manifests_signed

pytestmark = pytest.mark.django_db(transaction=True)

OLD = date(2025, 3, 1)
CODE = "2025-03"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Iterator[None]:
    evidence = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "evidence"},
    }
    settings.STORAGES = {**settings.STORAGES, "evidence": evidence}
    yield
    _run(f"DROP TABLE IF EXISTS audit_event_{OLD:%Y_%m}")


def _run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)  # type: ignore[arg-type]


@pytest.fixture
def old_month() -> list[int]:
    """Seven sealed events of a month long past; the ids. Only the owner of the tables can date events."""
    _run("SELECT audit_make_event_partition(%s)", OLD)
    _run("ALTER TABLE audit_event DISABLE TRIGGER audit_event_is_sound")
    day = bounds(OLD)[0] + timedelta(days=3)
    try:
        events = [committed(details={"number": n, "ratio": 0.1, "note": "停水\n通知"}) for n in range(7)]
        with transaction.atomic():
            _run("SET LOCAL session_replication_role = replica") if _is_superuser() else _allow_dating()
            for number, event in enumerate(events):
                _run("UPDATE audit_event SET at = %s WHERE id = %s", day + timedelta(hours=number), event.id)
            if not _is_superuser():
                _run("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    finally:
        _run("ALTER TABLE audit_event ENABLE TRIGGER audit_event_is_sound")
    committed("auth.login")
    seal()
    return [event.id for event in events]


def _is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def _allow_dating() -> None:
    _run("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")


def seal() -> None:
    sealer = Sealer()
    sealer.seal_pending()
    sealer.publish_head()


def archived() -> Archive:
    with manifests_signed():
        kept = archive(month=month_of(CODE), actor=EDITOR)
    seal()
    return kept


def found(ids: list[int]) -> int:
    return Event.objects.filter(id__in=ids).count()


def test_a_month_leaves_once_its_archive_is_verified_and_on_record(old_month: list[int]) -> None:
    assert let_go() == []
    kept = archived()
    assert (kept.rows, kept.detached_at) == (7, None)
    assert sum(last - first + 1 for first, last in kept.ranges) == 7
    assert let_go() == [f"{CODE}: detached"]
    assert found(old_month) == 0
    assert Leaf.objects.filter(event_id__in=old_month).count() == 7
    assert check(Archive.objects.get()).status == 0
    assert not month_of(CODE).is_online


def test_the_archiving_itself_has_to_be_sealed_first(old_month: list[int]) -> None:
    with manifests_signed():
        archive(month=month_of(CODE), actor=EDITOR)
    assert let_go() == [f"{CODE}: archiving not sealed"]
    assert found(old_month) == 7


def test_a_held_month_stays_until_the_hold_is_lifted(old_month: list[int]) -> None:
    archived()
    hold(code=CODE, reason="诉讼证据", actor=EDITOR)
    assert let_go() == []
    with connection.cursor() as cursor:  # whoever calls the function himself gets the same answer
        cursor.execute("SELECT audit_detach_event_partition(%s, 400)", [OLD])
        assert cursor.fetchone()[0] == "held"
    lift(code=CODE, reason="结案", actor=EDITOR)
    assert let_go() == [f"{CODE}: detached"]
    said = list(
        Event.objects.filter(object_type="audit_month").order_by("id").values_list("action", flat=True)
    )
    assert said == ["audit.archived", "audit.held", "audit.hold_lifted"]


def test_an_archive_that_misses_an_event_lets_nothing_go(old_month: list[int]) -> None:
    archived()
    Archive.objects.update(rows=6)
    with pytest.raises(IntegrityError, match="its archive 6"):
        let_go()
    assert found(old_month) == 7


def test_a_month_put_back_is_found_again_as_it_was(old_month: list[int]) -> None:
    before = {event.id: event for event in Event.objects.filter(id__in=old_month)}
    archived()
    let_go()
    _run(f"DROP TABLE audit_event_{OLD:%Y_%m}")
    assert restore(month=month_of(CODE), reason="审计署调阅", actor=EDITOR) == 7
    after = {event.id: event for event in Event.objects.filter(id__in=old_month)}
    fields = [field.attname for field in Event._meta.concrete_fields]
    assert {i: [getattr(e, f) for f in fields] for i, e in after.items()} == {
        i: [getattr(e, f) for f in fields] for i, e in before.items()
    }
    assert month_of(CODE).is_held
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(id__in=old_month).delete()


@pytest.mark.parametrize("at", [40, -40])
def test_a_damaged_archive_is_refused(old_month: list[int], at: int) -> None:
    kept = archived()
    let_go()
    store = storages["evidence"]
    with store.open(kept.name) as file:
        data = bytearray(file.read())
    data[at] ^= 1
    store.delete(kept.name)
    with store.open(kept.name, "wb") as file:
        file.write(bytes(data))
    with pytest.raises(ArchiveRefused):
        check(kept)
    with pytest.raises(ArchiveRefused):
        restore(month=month_of(CODE), reason="调阅", actor=EDITOR)
    assert found(old_month) == 0
    assert not month_of(CODE).is_online


def test_an_event_altered_before_it_was_archived_is_not_archived(old_month: list[int]) -> None:
    with transaction.atomic():
        _allow_dating()
        _run("UPDATE audit_event SET outcome = 'failed' WHERE id = %s", old_month[3])
        _run("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    with manifests_signed(), pytest.raises(ArchiveRefused, match="没有通过校验"):
        archive(month=month_of(CODE), actor=EDITOR)
    assert not Archive.objects.exists()


def test_nobody_writes_down_an_archive_of_what_is_gone(old_month: list[int]) -> None:
    facts = {"rows": 7, "ranges": [[0, 6]], "name": "x", "bytes": 1, "sha256": "0" * 64}
    with pytest.raises(IntegrityError, match="while it is in the database"):
        Archive.objects.create(month=OLD, detached_at=timezone.now(), **facts)


def test_this_month_is_not_archived(old_month: list[int]) -> None:
    with pytest.raises(ArchiveRefused, match="尚未结束"):
        archive(month=month_of(f"{timezone.localdate():%Y-%m}"), actor=EDITOR)


def test_only_months_past_their_time_are_due(old_month: list[int], settings: Settings) -> None:
    assert [month.code for month in due()] == [CODE]
    with manifests_signed():
        assert [kept.month for kept in archive_due()] == [OLD]
        assert archive_due() == []
    settings.AUDIT_ONLINE_DAYS = 5000
    assert due() == []
    assert months()[0].is_online


def test_the_database_keeps_six_months_whatever_the_settings_say(
    old_month: list[int], settings: Settings
) -> None:
    archived()
    settings.AUDIT_ONLINE_DAYS = 30
    with pytest.raises(IntegrityError, match="six months"):
        let_go()
    assert [problem.id for problem in run_checks() if problem.id == "audit.E010"] == ["audit.E010"]


def test_an_archive_is_handed_to_an_auditor(old_month: list[int], tmp_path: Path) -> None:
    archived()
    let_go()
    call_command("archives", "fetch", CODE, str(tmp_path / "month.zip"))
    assert verdict(tmp_path / "month.zip") == Verdict(0, ())
    call_command("archives", "check", CODE)


def test_a_detached_month_is_dropped_a_week_later(old_month: list[int]) -> None:
    archived()
    let_go()
    assert let_go() == []
    Archive.objects.update(detached_at=timezone.now() - timedelta(days=8))
    assert let_go() == [f"{CODE}: dropped"]


def test_the_command_tells_and_does(old_month: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("archives", "hold", CODE, "--reason", "调查")
    call_command("archives", "list")
    assert f"{CODE}\t在线 (online)\t法律保全 (held)" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有归档"):
        call_command("archives", "check", CODE)
    with pytest.raises(CommandError, match="没有这个月份"):
        call_command("archives", "hold", "1999-01", "--reason", "调查")
    assert Hold.objects.get().by.startswith("manage.py")
    assert SYSTEM.kind == "system"
