"""What the database itself refuses, whoever asks: here its owner."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from audit.models import Event, Leaf, TreeHead
from audit.sealer import Sealer
from tests.audit.cast import committed
from tests.audit.flush import forbid_flush

pytestmark = pytest.mark.django_db


@pytest.fixture
def month() -> str:
    """The partition that holds the test's only event."""
    event = committed()
    Leaf.objects.create(seq=0, event_id=event.id, sha256=bytes(32), sm3=bytes(32))
    Sealer().publish_head()
    forbid_flush()
    return f"audit_event_{event.at.astimezone():%Y_%m}"


def refused(statement: str) -> None:
    with pytest.raises(IntegrityError, match="evidence is only ever added to"), transaction.atomic():
        execute(statement)


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["audit_event", "audit_leaf", "audit_treehead", "audit_sealkey"])
def test_rows_are_neither_changed_nor_removed(month: str, table: str) -> None:
    column = {"audit_leaf": "sha256", "audit_sealkey": "since"}.get(table, "at")
    refused(f"UPDATE {table} SET {column} = {column}")  # noqa: S608 - our own table names
    refused(f"DELETE FROM {table}")  # noqa: S608
    refused(f"TRUNCATE {table}")


def test_a_partition_is_no_side_door(month: str) -> None:
    refused(f"UPDATE {month} SET outcome = 'refused'")  # noqa: S608 - our own table names
    refused(f"DELETE FROM {month}")  # noqa: S608
    refused(f"TRUNCATE {month}")
    refused("TRUNCATE audit_event_default")


def test_the_orm_is_refused_like_anybody(month: str) -> None:
    for attempt in (Event.objects.all().delete, Leaf.objects.all().delete, TreeHead.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    event = Event.objects.get()
    event.outcome = "refused"
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save()
    assert Event.objects.get().outcome == "succeeded"


@pytest.mark.parametrize("column", ["at = now() - interval '1 day'", "xid = '3'::xid8"])
def test_nobody_dates_an_event_but_the_database(month: str, column: str) -> None:
    name, value = column.split(" = ")
    with pytest.raises(IntegrityError, match="dated by the database"), transaction.atomic():
        execute(_copy_with(name, value))


def test_nobody_chooses_an_event_number(month: str) -> None:
    with pytest.raises(ProgrammingError, match="GENERATED ALWAYS"), transaction.atomic():
        execute(_copy_with("id", "1000000"))


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"outcome": "perhaps"}, "an event's outcome is known"),
        ({"actor_kind": "robot"}, "an event's actor is of a known kind"),
        ({"action": "Approved"}, "an event's action is dotted"),
        ({"status": 42}, "an event's status is one of HTTP"),
        ({"text_sha256": "0" * 64}, "an event has a text's hash and length, or neither"),
        ({"text_sha256": "0" * 63, "characters": 2}, "an event has a text's hash and length, or neither"),
    ],
)
def test_the_table_keeps_its_own_rules(values: dict[str, object], rule: str) -> None:
    event = Event(**{"action": "auth.login", "outcome": "succeeded", "actor_kind": "system", **values})
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        event.save()


def _copy_with(column: str, value: str) -> str:
    """An INSERT of the event there is, with one of the columns the database fills given by the writer."""
    copied = [str(field.column) for field in Event._meta.fields if field.column not in ("id", "at", "xid")]
    names = ", ".join(copied)
    return f"INSERT INTO audit_event ({column}, {names}) SELECT {value}, {names} FROM audit_event"  # noqa: S608
