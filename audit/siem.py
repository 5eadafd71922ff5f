"""One event as a SIEM reads it: RFC 5424 structured data, CEF (ArcSight's Common Event Format), or JSON.

Each carries `seq`, the event's place in the log, which has no gap: a receiver that has every number up to n
has every event, and tells what was sent twice. `leaf` is the event's hash in the tree, so that what the
receiver keeps can be held against any signed head. Personal numbers are masked, as in the portal's lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from audit.actions import label_of
from audit.canonical import instant
from audit.exports.cells import masked_fields
from audit.masking import mask
from audit.models import Event, Leaf
from audit.syslog import message

_SEVERITY: Final = {"succeeded": "informational", "refused": "warning", "failed": "error"}
# CEF counts from 0 to 10.
_CEF_SEVERITY: Final = {"succeeded": 3, "refused": 6, "failed": 8}
_CEF_VERSION: Final = "1"  # of this mapping; raise it when a receiver's rules would have to change


@dataclass(frozen=True, slots=True)
class Record:
    """A leaf and its event; None where the event's month lies in the archive."""

    leaf: Leaf
    event: Event | None


def as_syslog(record: Record) -> bytes:
    """Structured data; the text is the action's label and the object's name, for people."""
    event = record.event
    if event is None:
        return _absent(record)
    values = {name: str(value) for name, value in _fields(record, event).items() if value not in ("", None)}
    return message(
        at=event.at,
        severity=_SEVERITY[event.outcome],
        name=event.action,
        text=f"{label_of(event.action)} {mask(event.object_name)}".rstrip(),
        data=values,
    )


def as_cef(record: Record) -> bytes:
    """CEF:0 in a syslog message."""
    event = record.event
    if event is None:
        return _absent(record)
    fields = _fields(record, event)
    head = "|".join(_cef_head(part) for part in ("govvoice", "govvoice", _CEF_VERSION, event.action))
    label = _cef_head(label_of(event.action))
    said = " ".join(f"{name}={_cef_value(value)}" for name, value in _cef(fields, event) if value)
    return message(
        at=event.at,
        severity=_SEVERITY[event.outcome],
        name=event.action,
        text=f"CEF:0|{head}|{label}|{_CEF_SEVERITY[event.outcome]}|{said}",
        data={"seq": str(record.leaf.seq)},
    )


def as_json(record: Record) -> bytes:
    """One JSON object as the text of a syslog message."""
    event = record.event
    if event is None:
        return _absent(record)
    return message(
        at=event.at,
        severity=_SEVERITY[event.outcome],
        name=event.action,
        text=_json(_fields(record, event)),
        data={"seq": str(record.leaf.seq)},
    )


FORMATS: Final[dict[str, Callable[[Record], bytes]]] = {
    "syslog": as_syslog,
    "cef": as_cef,
    "json": as_json,
}


def _fields(record: Record, event: Event) -> dict[str, Any]:
    return {
        "seq": record.leaf.seq,
        **masked_fields(event),
        "at": instant(event.at),
        "details": mask(_json(event.details)) if event.details else "",
        "leaf": bytes(record.leaf.sha256).hex(),
    }


def _cef(fields: dict[str, Any], event: Event) -> list[tuple[str, str]]:
    """The extension of CEF, by its dictionary; what it has no name for stands in custom strings."""
    named = [
        ("rt", str(int(event.at.timestamp() * 1000))),
        ("externalId", str(fields["seq"])),
        ("act", event.action),
        ("outcome", event.outcome),
        ("reason", event.code),
        ("suid", event.actor_id),
        ("suser", fields["actor_name"]),
        ("spriv", event.actor_role),
        ("src", event.address or ""),
        ("requestClientApplication", fields["user_agent"]),
        ("msg", fields["details"]),
    ]
    custom = ("object_type", "object_id", "object_name", "request_id", "organisation", "leaf")
    for number, name in enumerate(custom, start=1):
        if fields[name]:
            named += [(f"cs{number}Label", name), (f"cs{number}", fields[name])]
    return named


def _absent(record: Record) -> bytes:
    """Says that the place is taken, by an event that is in the archive: the numbers stay without a gap."""
    data = {
        "seq": str(record.leaf.seq),
        "id": str(record.leaf.event_id),
        "leaf": bytes(record.leaf.sha256).hex(),
    }
    return message(at=timezone.now(), severity="notice", name="archived", text="已归档", data=data)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _cef_head(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _cef_value(text: str) -> str:
    return text.replace("\\", "\\\\").replace("=", "\\=")
