"""Every month has its partition before it begins."""

from __future__ import annotations

from datetime import date
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from audit.partitions import make_partitions
from audit.sealer import Sealer
from tests.audit.cast import committed
from tests.audit.flush import permit_flush
from tests.audit.sealing import slow_writer


def partitions() -> dict[str, str]:
    """Name -> bounds."""
    with connection.cursor() as cursor:
        cursor.execute("SET timezone TO 'Asia/Shanghai'")
        cursor.execute(
            "SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class"
            " WHERE relispartition AND relkind = 'r' AND relname LIKE 'audit_event_%'"
        )
        return dict(cursor.fetchall())


def partition_of(event: Event) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM audit_event WHERE id = %s", [event.id])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_migrating_makes_this_month_and_the_next_three() -> None:
    assert make_partitions(ahead=3) == []
    assert partition_of(committed()) == f"audit_event_{timezone.localdate():%Y_%m}"


@pytest.mark.django_db
def test_months_are_those_of_the_calendar_in_shanghai() -> None:
    assert make_partitions(ahead=2, today=date(2031, 11, 30)) == ["2031-11", "2031-12", "2032-01"]
    bounds = partitions()["audit_event_2031_12"]
    assert bounds == "FOR VALUES FROM ('2031-12-01 00:00:00+08') TO ('2032-01-01 00:00:00+08')"
    assert make_partitions(ahead=2, today=date(2031, 11, 1)) == []


@pytest.mark.django_db
def test_a_month_whose_events_came_first_stays_in_the_default_partition(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE audit_event_{timezone.localdate():%Y_%m}")
    assert partition_of(committed()) == "audit_event_default"
    assert make_partitions(ahead=0) == []
    assert "stay in the default one" in caplog.text
    assert Event.objects.count() == 1


@pytest.mark.django_db
def test_the_command_tells_what_it_made() -> None:
    said = StringIO()
    call_command("partitions", ahead=4, stdout=said)
    call_command("partitions", ahead=4, stdout=said)
    made, again = said.getvalue().splitlines()
    assert made.startswith("made: ")
    assert again == "all there"


@pytest.mark.django_db(transaction=True)
def test_writers_do_not_hold_up_a_new_month() -> None:
    with slow_writer():
        assert make_partitions(ahead=0, today=date(2031, 11, 1)) == ["2031-11"]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE audit_event_2031_11")


@pytest.mark.django_db(transaction=True)
def test_a_long_reader_is_not_waited_for() -> None:
    """A waiting ATTACH would hold up everybody who comes after it."""
    before = partitions()
    with psycopg.connect(**connection.get_connection_params()) as reader:
        reader.execute("SELECT count(*) FROM audit_event_default")
        with pytest.raises(CommandError, match="in use"):
            call_command("partitions", ahead=12)
    assert partitions() == before


@pytest.mark.django_db(transaction=True)
def test_the_sealer_makes_them_and_goes_on_sealing_when_it_cannot(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE audit_event_{_months_ahead(3):%Y_%m}")
    with psycopg.connect(**connection.get_connection_params()) as reader:
        reader.execute("SELECT count(*) FROM audit_event_default")
        sealer = Sealer()
        committed()
        sealer.step()
        assert sealer.trees.size == 1
        assert "could not be made now" in caplog.text
    Sealer().step()
    assert f"audit_event_{_months_ahead(3):%Y_%m}" in partitions()
    permit_flush()


@pytest.mark.django_db(transaction=True)
def test_the_sealer_looks_once_for_months_that_may_go() -> None:
    sealer = Sealer()
    with CaptureQueriesContext(connection) as asked:
        sealer.step()
    assert sum("FROM pg_inherits" in query["sql"] for query in asked) == 1


def _months_ahead(months: int) -> date:
    today = timezone.localdate()
    count = today.year * 12 + today.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
