"""Does the live log still say what was sealed? Events, leaves and heads are held against each other.

Everything is read in one snapshot, in stretches from head to head, so memory stays flat and sealing goes on
meanwhile. What is found names its place: the number in the tree (seq) and the event's id.

What is looked for, besides heads that do not hold (audit.head_chain): leaves that do not yield a head's
roots; a leaf without its event, an event without its leaf, an event that is not the one that was sealed or
stands twice; a time that does not fit between its heads. The last one is how a row shows that was dated back
before it was sealed; where the clock itself was set back, its own event says so (audit.clock), and is told.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from audit.canonical import event_bytes, instant
from audit.clock import SealedStep, Times, between, sealed_steps
from audit.digests import sha256
from audit.findings import Outcome
from audit.head_chain import Heads
from audit.merkle import LeafHashes, Tree, Trees, leaf_hashes
from audit.models import Archive, Event, Heartbeat, Leaf, TreeHead
from audit.published import Witness
from audit.watch import without_leaf

_BATCH = 2000
_NO_LEAF = 1 << 62  # above the number of any leaf
_MOST_STEPS = 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is read: all, from the head before a time on, or of the events only a random share."""

    since: datetime | None = None
    share: float = 1.0


ALL = Scope()


def verify(
    *, scope: Scope = ALL, witnesses: Iterable[Witness] = (), progress: Progress | None = None
) -> Outcome:
    """Looks through the log; changes nothing. Not to be called inside a transaction."""
    began, outcome = time.monotonic(), Outcome()
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        steps, archived = sealed_steps(), _Archived(outcome)
        heads = Heads(outcome, list(witnesses), steps=steps, archived=archived.reaches)
        _Walk(outcome, scope, progress or _silent, steps, archived).go(heads)
        heads.close()
        _look_for_unsealed(outcome)
        _look_at_partitions(outcome)
    outcome.seconds = time.monotonic() - began
    return outcome


def _silent(done: int, of: int) -> None:
    """Nobody is waiting for news."""


class _Walk:
    """From head to head: the leaves make its roots, the events make the leaves."""

    def __init__(
        self,
        outcome: Outcome,
        scope: Scope,
        progress: Progress,
        steps: Sequence[SealedStep],
        archived: _Archived,
    ) -> None:
        self._outcome = outcome
        self._scope = scope
        self._progress = progress
        self._steps = steps
        self._chance = random.SystemRandom()
        self._trees: Trees | None = Trees()
        self._size = 0
        self._from: datetime | None = None
        self._times = Times(None, None)
        self._missing = _Gap(outcome)
        self._archived = archived

    def go(self, heads: Heads) -> None:
        total = Leaf.objects.count()
        for head in heads.checked(self._scope.since):
            if self._is_start(head):
                self._size = head.size
                self._take_up(head, head.size)
            else:
                self._stretch(head.size, head, total)
            self._from = head.at
        last = Leaf.objects.order_by("seq").last()
        self._stretch(last.seq + 1 if last else 0, None, total)
        self._missing.close()
        self._archived.close()
        if self._outcome.steps > _MOST_STEPS:
            self._outcome.notes.append(_("另有 %d 次时钟跳变") % (self._outcome.steps - _MOST_STEPS))

    def _is_start(self, head: TreeHead) -> bool:
        """Whether what lies before this head is left out, and its frontier taken as signed."""
        since = self._scope.since
        return since is not None and self._outcome.heads == 1 and head.at <= since

    def _stretch(self, end: int, head: TreeHead | None, total: int) -> None:
        """The leaves up to a head, or those that no head sums up yet."""
        begin = self._size
        steps = between(self._steps, begin, end)
        _tell_steps(self._outcome, steps)
        self._times = Times(self._from, head.at if head else None, steps)
        for start in range(begin, end, _BATCH):
            self._batch(start, min(start + _BATCH, end))
            self._progress(min(start + _BATCH, end), total)
        self._size = max(self._size, end)
        if head is not None:
            self._compare_roots(head, begin)

    def _compare_roots(self, head: TreeHead, begin: int) -> None:
        if self._trees is not None and _roots(self._trees) != _roots_of(head):
            self._outcome.add(
                "wrong_root",
                _("第 %(number)d 号树头的根与序号 %(begin)d 至 %(end)d 的叶不符")
                % {"number": head.number, "begin": begin, "end": head.size - 1},
                seq=begin,
            )
        self._take_up(head, begin)

    def _take_up(self, head: TreeHead, begin: int) -> None:
        """What comes after a head is judged by itself, so that one change is not told a thousand times."""
        self._trees = _trees_of(head)
        if self._trees is None:
            message = _("第 %d 号树头：前沿与根不符") % head.number
            self._outcome.add("wrong_frontier", message, seq=begin)

    def _batch(self, start: int, end: int) -> None:
        leaves = list(Leaf.objects.filter(seq__gte=start, seq__lt=end).order_by("seq"))
        self._check_places(leaves, start, end)
        if self._trees is not None:
            hashes = [LeafHashes(bytes(leaf.sha256), bytes(leaf.sm3)) for leaf in leaves]
            self._trees = self._trees.grown(hashes)
        self._outcome.leaves += len(leaves)
        chosen = [leaf for leaf in leaves if self._is_chosen()]
        ids = [leaf.event_id for leaf in chosen]
        found = list(Event.objects.filter(id__in=ids).order_by())
        events = {event.id: event for event in found}
        twice = Counter(event.id for event in found)
        for leaf in chosen:
            if twice[leaf.event_id] > 1:
                message = _("编号 %d 的事件有两条") % leaf.event_id
                self._outcome.add("event_twice", message, seq=leaf.seq, event=leaf.event_id)
            self._check_event(leaf, events.get(leaf.event_id))

    def _is_chosen(self) -> bool:
        return self._scope.share >= 1 or self._chance.random() < self._scope.share

    def _check_places(self, leaves: list[Leaf], start: int, end: int) -> None:
        if len(leaves) == end - start:
            return
        there = {leaf.seq for leaf in leaves}
        first = next(seq for seq in range(start, end) if seq not in there)
        message = _("序号 %(first)d 起缺少 %(count)d 个叶") % {
            "first": first,
            "count": end - start - len(leaves),
        }
        self._outcome.add("leaf_missing", message, seq=first)
        self._trees = None

    def _check_event(self, leaf: Leaf, event: Event | None) -> None:
        if event is None:
            if not self._archived.holds(leaf.seq):
                self._missing.add(leaf)
            return
        self._outcome.events += 1
        if leaf_hashes(event_bytes(event)) != (bytes(leaf.sha256), bytes(leaf.sm3)):
            self._say("event_changed", _("事件内容与封存时不同"), leaf)
        elif not _text_is_sealed(event):
            self._say("text_changed", _("封存的原文与其摘要不符"), leaf)
        if not self._times.hold(event.at, leaf.seq):
            self._say("wrong_time", _("事件时间与封存时间不符（疑似倒填）"), leaf)

    def _say(self, code: str, message: str, leaf: Leaf) -> None:
        said = _("序号 %(seq)d（编号 %(id)d）：%(message)s") % {
            "seq": leaf.seq,
            "id": leaf.event_id,
            "message": message,
        }
        self._outcome.add(code, said, seq=leaf.seq, event=leaf.event_id)


class _Gap:
    """Leaves in a row whose events are gone: one finding, however many."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._first: Leaf | None = None
        self._last = -1
        self._count = 0

    def add(self, leaf: Leaf) -> None:
        if self._first is not None and leaf.seq != self._last + 1:
            self.close()
        self._first = self._first or leaf
        self._last = leaf.seq
        self._count += 1

    def close(self) -> None:
        if self._first is None:
            return
        self._outcome.add(
            "event_missing",
            _("序号 %(first)d 至 %(last)d 的 %(count)d 条事件已不在库中（首条编号 %(id)d）")
            % {
                "first": self._first.seq,
                "last": self._last,
                "count": self._count,
                "id": self._first.event_id,
            },
            seq=self._first.seq,
            event=self._first.event_id,
        )
        self._first, self._count = None, 0


class _Archived:
    """The places of events that went to the archive: their leaves are here, they are in its files.

    That a month was archived is itself an event in the tree, so a row in the table alone excuses nothing.
    """

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._count = 0
        self._ranges: list[tuple[int, int]] = []
        for archive in Archive.objects.filter(detached_at__isnull=False):
            if _is_on_record(archive):
                self._ranges += [(first, last) for first, last in archive.ranges]
            else:
                message = _("%s 的归档没有封存的归档记录") % f"{archive.month:%Y-%m}"
                outcome.add("archive_unproved", message)
        self._ranges.sort()

    def holds(self, seq: int) -> bool:
        at = bisect_right(self._ranges, (seq, _NO_LEAF)) - 1
        found = at >= 0 and self._ranges[at][0] <= seq <= self._ranges[at][1]
        self._count += found
        return found

    def reaches(self, begin: int, end: int) -> bool:
        """Whether any of the places begin to end - 1 is among them."""
        at = bisect_left(self._ranges, (end, -1)) - 1
        return at >= 0 and self._ranges[at][1] >= begin

    def close(self) -> None:
        if self._count:
            self._outcome.notes.append(_("%d 条事件在归档中，未重新校验") % self._count)


def _tell_steps(outcome: Outcome, steps: Sequence[SealedStep]) -> None:
    """Nothing bad, and nothing to pass over: whoever forges one cannot keep it out of sight."""
    for one in steps:
        outcome.steps += 1
        if outcome.steps <= _MOST_STEPS:
            message = _("序号 %(seq)d（编号 %(id)d）：系统时钟跳变 %(seconds)+.1f 秒，从 %(old)s 到 %(new)s")
            times = {"old": instant(one.step.expected), "new": instant(one.step.now)}
            place = {"seq": one.seq, "id": one.event, "seconds": one.step.seconds}
            outcome.notes.append(message % {**place, **times})


def _is_on_record(archive: Archive) -> bool:
    said = Event.objects.filter(action="audit.archived", details__sha256=archive.sha256)
    return said.filter(Exists(Leaf.objects.filter(event_id=OuterRef("id")))).exists()


def _text_is_sealed(event: Event) -> bool:
    if event.sealed_text is None:
        return not event.sealed_sha256
    return sha256(bytes(event.sealed_text)).hex() == event.sealed_sha256


def _trees_of(head: TreeHead) -> Trees | None:
    """The trees by the head's own frontier; None when that is not a frontier of its roots."""
    try:
        trees = Trees(
            sha256=Tree.unpacked(head.size, bytes(head.frontier_sha256), algorithm="sha256"),
            sm3=Tree.unpacked(head.size, bytes(head.frontier_sm3), algorithm="sm3"),
        )
    except ValueError:
        return None
    return trees if _roots(trees) == _roots_of(head) else None


def _roots(trees: Trees) -> tuple[int, bytes, bytes]:
    return trees.size, trees.sha256.root(), trees.sm3.root()


def _roots_of(head: TreeHead) -> tuple[int, bytes, bytes]:
    return head.size, bytes(head.root_sha256), bytes(head.root_sm3)


def _look_for_unsealed(outcome: Outcome) -> None:
    """The sealer has read all below its mark, so what lies there without a leaf was put in afterwards."""
    unsealed = without_leaf().order_by("id")
    pulse = Heartbeat.objects.first()
    smuggled = unsealed.filter(xid__lt=pulse.sealed_below, at__lt=pulse.at) if pulse else unsealed.none()
    for event in smuggled.iterator():
        message = _("编号 %d 的事件从未封存，却早于封存进度：疑似事后插入") % event.id
        outcome.add("event_unsealed", message, event=event.id)
        outcome.waiting -= 1
    outcome.waiting += unsealed.count()


# Months of the log's own schema that hang on nothing.
_DETACHED = """
SELECT month.relname FROM pg_class AS month, pg_class AS log
WHERE log.oid = 'audit_event'::regclass AND month.relnamespace = log.relnamespace
AND month.relkind = 'r' AND month.relname ~ '^audit_event_[0-9]{4}_[0-9]{2}$'
AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = month.oid AND inhparent = log.oid)
ORDER BY 1
"""


def _look_at_partitions(outcome: Outcome) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DETACHED)
        archived = {f"audit_event_{month:%Y_%m}" for month in Archive.objects.values_list("month", flat=True)}
        for name in sorted({str(name) for (name,) in cursor.fetchall()} - archived):
            outcome.add("partition_detached", _("分区 %s 已被拆离审计日志") % name)
        # The application may not look into a partition itself, only at its size.
        cursor.execute("SELECT pg_relation_size('audit_event_default')")
        if cursor.fetchone()[0]:
            outcome.notes.append(_("默认分区中有事件：其月份的分区没有及时建立"))
