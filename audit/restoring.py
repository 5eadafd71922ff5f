"""An archived month put back into the database, so that it can be searched again.

It takes the owner of the audit tables: run it with the migrator's account. Every event is held against its
leaf, which never left, before it goes in; a month put back is put on legal hold, or it would leave again.
"""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg import sql

from audit.archiving import fetched
from audit.canonical import event_bytes
from audit.errors import ArchiveRefused
from audit.merkle import leaf_hashes
from audit.models import Archive, Event, Leaf
from audit.parties import Actor, Origin, Target
from audit.retention import Month, bounds, hold
from audit.services import record

_BATCH = 2000
_NO_TRUNCATE = (
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()"
)
_COLUMNS = tuple(field.attname for field in Event._meta.concrete_fields)


def restore(*, month: Month, reason: str, actor: Actor, origin: Origin | None = None) -> int:
    """Puts the month back and holds it for `reason`; returns how many events came back.

    All or nothing. Raises ArchiveRefused when it is online, has no archive, or an event is not the one
    that was sealed; and what the store and the database do.
    """
    kept = month.archive
    if kept is None or month.is_online:
        raise ArchiveRefused(_("%(month)s 在线或没有归档，无须恢复") % {"month": month.code})
    with fetched(kept) as bundle, transaction.atomic():
        table = _empty_table(month)
        count = _fill(table, bundle)
        if count != kept.rows:
            words = _("归档中有 %(found)d 条，应有 %(kept)d 条")
            raise ArchiveRefused(words % {"found": count, "kept": kept.rows})
        _attach(table, month)
        Archive.objects.filter(pk=kept.pk).update(detached_at=None)
        record(
            action="audit.restored",
            actor=actor,
            origin=origin,
            target=Target(type="audit_month", id=month.code, name=kept.name),
            details={"rows": count, "reason": reason},
        )
        hold(code=month.code, reason=reason, actor=actor, origin=origin)
    return count


def _empty_table(month: Month) -> sql.Identifier:
    """The partition's table; one that was only detached and not dropped yet gives way to the archive."""
    name = f"audit_event_{month.first:%Y_%m}"
    table = sql.Identifier(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'audit_event'::regclass")
        owner = sql.Identifier(cursor.fetchone()[0])
        for statement in (
            "SET LOCAL lock_timeout = '10s'",
            "DROP TABLE IF EXISTS {table}",
            "CREATE TABLE {table} (LIKE audit_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
            "ALTER TABLE {table} OWNER TO {owner}",
            _NO_TRUNCATE,
        ):
            cursor.execute(sql.SQL(statement).format(table=table, owner=owner))
    return table


def _fill(table: sql.Identifier, bundle: Path) -> int:
    columns = sql.SQL(", ").join([sql.Identifier(name) for name in _COLUMNS])
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns)
    count = 0
    with connection.cursor() as cursor:
        for batch in _batches(bundle):
            with cursor.copy(statement) as copy:
                for event in batch:
                    copy.write_row([_written(event, name) for name in _COLUMNS])
            count += len(batch)
    return count


def _attach(table: sql.Identifier, month: Month) -> None:
    begins, ends = bounds(month.first)
    statement = sql.SQL("ALTER TABLE audit_event ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table, sql.Literal(begins), sql.Literal(ends)))


def _batches(bundle: Path) -> Iterator[list[Event]]:
    """The bundle's events, each the one its leaf says. Raises ArchiveRefused."""
    with zipfile.ZipFile(bundle) as file, file.open("events.jsonl") as lines:
        events = map(_event, lines)
        while batch := list(islice(events, _BATCH)):
            found = Leaf.objects.filter(event_id__in=[event.id for event in batch])
            leaves = {leaf.event_id: leaf for leaf in found}
            for event in batch:
                _require_sealed(event, leaves.get(event.id))
            yield batch


def _require_sealed(event: Event, leaf: Leaf | None) -> None:
    if leaf is None or leaf_hashes(event_bytes(event)) != (bytes(leaf.sha256), bytes(leaf.sm3)):
        raise ArchiveRefused(_("归档中的事件 %(id)d 与封存时的不同") % {"id": event.id})


def _event(line: bytes) -> Event:
    fields: dict[str, Any] = json.loads(line)
    given = {name: fields[name] for name in _COLUMNS if name in fields}
    given["at"] = datetime.fromisoformat(fields["at"])
    given.setdefault("salt", str(uuid4()))  # schema 1 is sealed without one
    if text := fields.get("sealed_text"):
        given["sealed_text"] = base64.b64decode(text, validate=True)
    return Event(**given)


def _written(event: Event, name: str) -> Any:
    value = getattr(event, name)
    return json.dumps(value, ensure_ascii=False) if name == "details" else value
