"""Proof files: what audit-verify.py checks without the log, one event or the growth between two heads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.canonical import instant, personal_fields, sealed_fields
from audit.digests import DIGESTS, sha256
from audit.errors import NotSealed
from audit.heads import head_record
from audit.models import Event, Leaf, SealKey, TreeHead
from audit.proofs import Range, consistency_plan, filled, inclusion_plan

FORMAT = "govvoice-proof-1"


def prove_growth(*, first: int, second: int) -> dict[str, Any]:
    """That the head numbered `second` sums up all that `first` does. Raises NotSealed, ValueError."""
    older, newer = _head(first), _head(second)
    return {
        **_frame("consistency"),
        "first": head_record(older),
        "second": head_record(newer),
        "proof": _filled(consistency_plan(older.size, newer.size), newer.size),
    }


def prove_event(*, event_id: int, redacted: bool = False) -> dict[str, Any]:
    """That the event is in the tree of the newest head, with all its fields or without the personal ones.

    Raises NotSealed for an event without a leaf, or that no head sums up yet.
    """
    leaf = Leaf.objects.filter(event_id=event_id).first()
    event = Event.objects.filter(id=event_id).first()
    head = TreeHead.objects.order_by("number").last()
    if leaf is None or event is None or head is None or head.size <= leaf.seq:
        raise NotSealed(f"event {event_id} is in no head yet, or there is none of that number")
    personal = {} if redacted or event.schema == 1 else personal_fields(event)
    return {
        **_frame("inclusion"),
        "event": {**sealed_fields(event), **personal, "seq": leaf.seq},
        "head": head_record(head),
        "proof": _filled(inclusion_plan(leaf.seq, head.size), head.size),
    }


def public_keys() -> list[dict[str, str]]:
    """All keys that were ever signed with, as exports list them, each with its whole fingerprint."""
    return [
        {
            "key_id": key.key_id,
            "algorithm": key.algorithm,
            "public": bytes(key.public).hex(),
            "since": instant(key.since),
            "fingerprint": sha256(bytes(key.public)).hex(),
        }
        for key in SealKey.objects.order_by("since", "key_id")
    ]


def _frame(kind: str) -> dict[str, Any]:
    return {"format": FORMAT, "kind": kind, "keys": public_keys()}


def _head(number: int) -> TreeHead:
    head = TreeHead.objects.filter(number=number).first()
    if head is None:
        raise NotSealed(f"there is no head {number}")
    return head


def _filled(plan: list[Range], size: int) -> dict[str, list[str]]:
    return {
        name: [node.hex() for node in filled(plan, _leaves(name, size), algorithm=name)] for name in DIGESTS
    }


def _leaves(algorithm: str, size: int) -> Iterator[bytes]:
    stored = Leaf.objects.filter(seq__lt=size).order_by("seq").values_list(algorithm, flat=True)
    return map(bytes, stored.iterator(chunk_size=10_000))
