"""record() is the only writer of events."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from psycopg import Cursor

from audit.actions import require_registered
from audit.addresses import plain_address
from audit.details import safe_details
from audit.errors import AuditUnavailable, OutsideTransaction
from audit.lines import one_line
from audit.models import GIVEN_BY_WRITER, SCHEMA, Event
from audit.parties import Actor, Origin, Outcome, Target
from audit.sealed import SealBroken
from audit.texts import sealed_text

_LIMITS: dict[str, int] = {
    field.name: field.max_length for field in Event._meta.fields if field.max_length is not None
}
_COLUMNS = [str(field.attname) for field in Event._meta.concrete_fields]
_INSERT = (
    f"INSERT INTO {Event._meta.db_table} ({', '.join(GIVEN_BY_WRITER)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join(['%s'] * len(GIVEN_BY_WRITER))}) RETURNING id, at, xid::text::bigint"
).encode()
_NOTHING = Target(type="")
_NOWHERE = Origin()


class _Own(threading.local):
    cursor: Cursor[Any] | None = None


_own = _Own()


def record(  # noqa: PLR0913 - an event has this many sides, all by keyword
    *,
    action: str,
    actor: Actor,
    outcome: Outcome = "succeeded",
    target: Target | None = None,
    origin: Origin | None = None,
    code: str = "",
    status: int | None = None,
    text: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Event:
    """Writes one event in the caller's transaction: rolled back together, no record means no act.

    A refusal is an act of its own: record it in its own transaction, after the refused one has rolled back.
    `code` is the stable reason of a refusal or failure, `status` the HTTP answer. Of `text` the SHA-256 of
    its UTF-8 bytes and its length in code points are kept, and the text itself under the key of its month
    unless the deployment wants none (audit.texts). Whatever callers and strangers put into the other values
    is bounded and made printable here, see audit.lines and audit.details.

    Raises OutsideTransaction and UnknownAction for programming errors, AuditUnavailable when the database
    refuses the event; the transaction is then marked for rollback: swallowing the error saves nothing.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(action)
    require_registered(action)
    try:
        return _insert(
            {
                "schema": SCHEMA,
                "salt": uuid4(),
                "action": action,
                "outcome": outcome,
                "code": _fit("code", code),
                "status": status,
                **_actor_fields(actor),
                **_target_fields(target or _NOTHING),
                **_text_fields(text),
                **_origin_fields(origin or _NOWHERE),
                "details": safe_details({**(details or {}), **_notes(origin or _NOWHERE)}),
            }
        )
    except (DatabaseFailure, SealBroken) as refused:
        transaction.set_rollback(True)
        raise AuditUnavailable(f"{action} could not be recorded") from refused


def _insert(given: dict[str, Any]) -> Event:
    """One statement that names no column which only the database may fill; Django's own INSERT names them.

    Prepared where the deployment lets it be: parsing and planning are half of its cost in the database.
    """
    connection.validate_no_broken_transaction()
    values = [_stored(given[column]) for column in GIVEN_BY_WRITER]
    with connection.wrap_database_errors:
        written = _cursor().execute(_INSERT, values, prepare=True).fetchone()
    given |= zip(("id", "at", "xid"), written or (), strict=True)
    # From a row, as a query would: an Event made of names and values takes five times as long.
    return Event.from_db(connection.alias, _COLUMNS, [given[column] for column in _COLUMNS])


def _cursor() -> Cursor[Any]:
    """The thread's own, on Django's connection: a new one looks up anew how each kind of value is written."""
    if _own.cursor is None or _own.cursor.connection is not connection.connection:
        _own.cursor = Cursor(connection.connection)
    return _own.cursor


def _stored(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _fit(field: str, text: str) -> str:
    return one_line(text, limit=_LIMITS[field])


def _actor_fields(actor: Actor) -> dict[str, str]:
    return {
        "actor_kind": actor.kind,
        "actor_id": _fit("actor_id", actor.id),
        "actor_name": _fit("actor_name", actor.name),
        "actor_role": _fit("actor_role", actor.role),
        "organisation": _fit("organisation", actor.organisation),
    }


def _target_fields(target: Target) -> dict[str, str]:
    return {
        "object_type": _fit("object_type", target.type),
        "object_id": _fit("object_id", target.id),
        "object_name": _fit("object_name", target.name),
    }


def _origin_fields(origin: Origin) -> dict[str, str | None]:
    return {
        "address": plain_address(origin.address or ""),
        "peer_address": plain_address(origin.peer_address or ""),
        "forwarded_for": _fit("forwarded_for", origin.forwarded_for),
        "user_agent": _fit("user_agent", origin.user_agent),
        "request_id": _fit("request_id", origin.request_id),
        "auth_method": _fit("auth_method", origin.auth_method),
        "session": _fit("session", origin.session),
    }


def _text_fields(text: str | None) -> dict[str, Any]:
    if text is None:
        return {"text_sha256": "", "characters": None, "sealed_text": None, "sealed_sha256": ""}
    # A refused text may hold lone surrogates; its hash must exist all the same.
    encoded = text.encode("utf-8", "surrogatepass")
    sealed = sealed_text(encoded) if settings.AUDIT_TEXT_SEALED else None
    return {
        "text_sha256": hashlib.sha256(encoded).hexdigest(),
        "characters": len(text),
        "sealed_text": sealed,
        "sealed_sha256": hashlib.sha256(sealed).hexdigest() if sealed else "",
    }


def _notes(origin: Origin) -> dict[str, str]:
    """What has no column: addresses that are none, and what else there is to say of where it came from."""
    given = {"address_as_given": origin.address, "peer_address_as_given": origin.peer_address}
    unreadable = {name: text for name, text in given.items() if text and plain_address(text) is None}
    return {**unreadable, **origin.notes}
