"""The sealer gives every committed event its leaf in the Merkle tree and sums the tree up in heads.

It reads behind a gate. Ids and times are handed out before commit, so "everything after the last one I saw"
would miss events of slower transactions. The gate is the oldest transaction still running, pg_snapshot_xmin:
whatever carries a smaller number is finished, and nothing can appear among it any more. One transaction left
open therefore holds up sealing, never the events; audit.watch shows it.

Transaction numbers start anew when a dump is restored into another cluster. So the sealer keeps no number
from one run to the next: it starts by looking through all events for those without a leaf, and from then on
looks only above the last gate.

A head says that nothing much older than itself is still to come, and that what it covers was there before it;
verification relies on both (audit.clock). So no head is made while a long backlog is worked off, nor, when
the clock was set back, until the event that tells of it is sealed.

Work is done in turns, so that however much waits, manifests are signed and heads made in between.

It may be stopped anywhere, by SIGKILL or by losing its database: leaves are written whole batches at a time,
each in one transaction, and the trees in memory follow only what is committed.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Literal

import psycopg
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, Min, QuerySet
from django.db.models.functions import Now

from audit.canonical import SEALED_FROM, Row, head_bytes, row_bytes
from audit.clock import CLOCK_STEP
from audit.digests import HASH_BYTES, sha256
from audit.errors import OriginUnusable, PartitionsBusy, SealerRunning, SealKeyUnusable, TreeBroken
from audit.head_file import HeadFile
from audit.head_stream import streaming
from audit.merkle import LeafHashes, Tree, Trees, leaf_hashes
from audit.models import Event, Heartbeat, Leaf, TreeHead
from audit.partitions import make_partitions
from audit.retention import let_go
from audit.signatures import are_valid, publish_keys, sign_waiting, signatures
from audit.signers import Signer, configured_signers
from audit.syslog import Receiver
from audit.watch import lag_from, without_leaf

logger = logging.getLogger(__name__)

_LOCK = 0x61756469_7365616C  # "audiseal"
_BATCH = 1000
_TURN = 20  # batches
_POLL = 0.5
_LOCK_POLL = 0.5
_HEAD_WITH_NEWS = 60.0
_HEAD_WITHOUT_NEWS = 3600.0
_HEAD_WAITS_FOR_STEP = 600.0  # the clock was set back and nobody tells: the heads go on then
_LONGEST_BACKLOG = timedelta(minutes=30)
_PULSE = 5.0
_PARTITIONS = 24 * 3600.0
_PARTITIONS_RETRY = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_COPY_LEAVES = f"COPY {Leaf._meta.db_table} (seq, event_id, sha256, sm3) FROM STDIN"
_NO_HEAD = bytes(HASH_BYTES)
# A cursor that is closed after its session has ended lets the driver's own error through.
_FAILURES = (DatabaseFailure, psycopg.Error)
_ORIGIN = re.compile(r"[A-Za-z0-9._/+-]{1,100}")


class _Repeated:
    """Says when something is due again; due at once at first."""

    def __init__(self, period: float) -> None:
        self._period = period
        self._next = 0.0

    def due(self) -> bool:
        return time.monotonic() >= self._next

    def done(self, *, again_in: float | None = None) -> None:
        self._next = time.monotonic() + (self._period if again_in is None else again_in)


class Sealer:
    """The tree and how far the events have been read, for as long as one database session lasts.

    Only one may exist at a time, see _take_lock(). After any database error it is worthless: make another.
    """

    def __init__(self) -> None:
        """Raises TreeBroken, HeadFileContradicts, SealKeyUnusable, OriginUnusable, AlgorithmMissing."""
        self.signers = configured_signers()
        self.head = TreeHead.objects.order_by("number").last()
        self.trees = _stored_trees(self.head)
        self.origin = _origin(self.head)
        _require_no_downgrade(self.head, self.signers)
        publish_keys(self.signers)
        self.file = HeadFile(Path(settings.AUDIT_HEADS))
        self.file.follow()
        self._head_time = time.monotonic() - _seconds_since(self.head)
        self._covered_at = _covered_at(self.head)
        self._read_to = (0, 0)  # (xid, id): all events up to here have their leaf
        self._pulse = _Repeated(_PULSE)
        self._partitions = _Repeated(_PARTITIONS)
        self._strangers_sealed = False

    def step(self) -> bool:
        """Everything that is due; returns whether more waits. If not, call it again in half a second."""
        self._keep_partitions()
        more = self._seal_turn(_gate())
        sign_waiting(self.signers)
        if self._head_is_due():
            self.publish_head()
        if self._pulse.due():
            self._beat()
        return more

    def seal_pending(self) -> int:
        """Seals all that lies below the gate now; returns how many events that were."""
        before, gate = self.trees.size, _gate()
        while self._seal_turn(gate):
            pass
        return self.trees.size - before

    def publish_head(self) -> TreeHead:
        """Writes and signs a head over all leaves so far."""
        head = TreeHead(
            number=self.head.number + 1 if self.head else 0,
            at=_now(),
            origin=self.origin,
            size=self.trees.size,
            root_sha256=self.trees.sha256.root(),
            root_sm3=self.trees.sm3.root(),
            previous=sha256(head_bytes(self.head)) if self.head else _NO_HEAD,
            frontier_sha256=self.trees.sha256.packed(),
            frontier_sm3=self.trees.sm3.packed(),
        )
        head.signatures = signatures(head_bytes(head), self.signers)
        head.save(force_insert=True)
        self.head = head
        self._head_time = time.monotonic()
        self._covered_at = head.at
        self.file.follow()
        return self.head

    @property
    def has_news(self) -> bool:
        """Whether there is something that no head sums up yet; the very first head is news too."""
        return self.head is None or self.head.size < self.trees.size

    def _seal_turn(self, gate: int) -> bool:
        """A bounded number of batches below the gate; returns whether there may be more."""
        return all(self._seal_strangers() or self._seal_next(gate) for _ in range(_TURN))

    def _seal_strangers(self) -> bool:
        if self._strangers_sealed:
            return False
        events = _events_of_another_cluster()
        if not events:
            self._strangers_sealed = True
            return False
        self._seal(events)
        return True

    def _seal_next(self, gate: int) -> bool:
        events = _next_events(self._read_to, gate)
        if not events:
            self._read_to = (gate, 0)
            return False
        self._seal(events)
        self._read_to = (events[-1]["xid"], events[-1]["id"])
        return True

    def _seal(self, events: list[Row]) -> None:
        hashes = [leaf_hashes(row_bytes(event)) for event in events]
        # One statement, so all or nothing; memory follows only once it is committed.
        with connection.cursor() as cursor, cursor.copy(_COPY_LEAVES) as copy:
            for seq, event, leaf in zip(count(self.trees.size), events, hashes, strict=False):
                copy.write_row((seq, event["id"], leaf.sha256, leaf.sm3))
        self.trees = self.trees.grown(hashes)
        self._covered_at = _run_on(self._covered_at, ((event["action"], event["at"]) for event in events))
        if self._pulse.due():
            self._beat()

    def _head_is_due(self) -> bool:
        period = _HEAD_WITH_NEWS if self.has_news else _HEAD_WITHOUT_NEWS
        overdue = time.monotonic() - self._head_time - period
        return (self.head is None or overdue >= 0) and self._head_would_fit(overdue)

    def _head_would_fit(self, overdue: float) -> bool:
        """Whether a head of now is later than what it covers, and nothing older is to follow it."""
        if overdue < _HEAD_WAITS_FOR_STEP and _now() < self._covered_at:
            return False
        lag = lag_from(self._read_to[0])
        return lag is None or lag < _LONGEST_BACKLOG

    def _beat(self) -> None:
        Heartbeat.objects.bulk_create(
            [Heartbeat(id=1, at=Now(), sealed_below=self._read_to[0])],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["at", "sealed_below"],
        )
        self._pulse.done()

    def _keep_partitions(self) -> None:
        if not self._partitions.due():
            return
        try:
            make_partitions()
        except PartitionsBusy as busy:
            logger.warning("the partition of %s could not be made now, trying again", busy)
            self._partitions.done(again_in=_PARTITIONS_RETRY)
        else:
            self._partitions.done()
            for outcome in let_go():
                logger.info("evidence past its time in the database: %s", outcome)


def run() -> None:
    """Seals until the process is told to stop (KeyboardInterrupt); outlives restarts of the database.

    Raises what Sealer() raises, and ReceiverUnusable. An outage is logged once, and its end once, however
    many tries lie between.
    """
    with _heads_streamed():
        _seal_for_ever()


def _heads_streamed() -> AbstractContextManager[None]:
    if not settings.AUDIT_SYSLOG:
        return nullcontext()
    receiver = Receiver.parse(settings.AUDIT_SYSLOG, ca_file=settings.AUDIT_SYSLOG_CA)
    return streaming(Path(settings.AUDIT_HEADS), receiver)


def _seal_for_ever() -> None:
    pause, down = _FIRST_PAUSE, False
    while True:
        try:
            _wait_for_lock()
            sealer = Sealer()
            logger.info("sealing from leaf %d%s", sealer.trees.size, ", the database is back" if down else "")
            pause, down = _FIRST_PAUSE, False
            while True:
                if not sealer.step():
                    time.sleep(_POLL)
        except _FAILURES as failure:
            if not down:
                logger.warning("the database failed, trying again until it is back: %s", _first_line(failure))
            down = True
        connection.close()
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def run_once() -> Sealer:
    """Seals what is there, with a head if there is news. Raises SealerRunning when another one is at work,
    and what Sealer() raises.
    """
    if not _take_lock():
        raise SealerRunning("another sealer is at work")
    try:
        sealer = Sealer()
        sealer.seal_pending()
        sign_waiting(sealer.signers)
        if sealer.has_news:
            sealer.publish_head()
        return sealer
    finally:
        connection.close()  # gives the lock back


def _wait_for_lock() -> None:
    if _take_lock():
        return
    logger.info("waiting: another sealer is at work")
    while not _take_lock():
        time.sleep(_LOCK_POLL)


def _take_lock() -> bool:
    # Held by the session, so a killed sealer's lock goes with its connection. Polled rather than waited for:
    # a statement that waits for ever would keep the oldest transaction, and so the gate, where it is.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _gate() -> int:
    return _snapshot("xmin")


def _snapshot(bound: Literal["xmin", "xmax"]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_snapshot_{bound}(pg_current_snapshot())::text")
        return int(cursor.fetchone()[0])


def _next_events(read_to: tuple[int, int], gate: int) -> list[Row]:
    """The next batch after `read_to` and below the gate, in the order of (xid, id)."""
    xid, last_id = read_to
    # Two questions, each a plain range of the index: one large transaction may fill many batches.
    same = without_leaf().filter(xid=xid, id__gt=last_id, xid__lt=gate).order_by("id")
    later = without_leaf().filter(xid__gt=xid, xid__lt=gate).order_by("xid", "id")
    return _batch(same) or _batch(later)


def _events_of_another_cluster() -> list[Row]:
    """Of restored events: they can be seen although their transaction, by its number, has not begun."""
    # Asked for first: only of a number, not of a function, the planner knows that hardly a row lies above it.
    return _batch(without_leaf().filter(xid__gte=_snapshot("xmax")).order_by("xid", "id"))


def _batch(events: QuerySet[Event]) -> list[Row]:
    # Values, not models, which take half as long again to make, and none that is not hashed.
    return list(events.values(*SEALED_FROM)[:_BATCH])


def _stored_trees(head: TreeHead | None) -> Trees:
    """The trees of all leaves: the head's, and the leaves written after it. Raises TreeBroken."""
    trees = _trees_of(head) if head else Trees()
    if trees.size and not Leaf.objects.filter(seq=trees.size - 1).exists():
        raise TreeBroken(f"the newest head covers {trees.size} leaves, but leaf {trees.size - 1} is missing")
    newer = Leaf.objects.filter(seq__gte=trees.size).order_by("seq").values_list("seq", "sha256", "sm3")
    for seq, by_sha256, by_sm3 in newer.iterator():
        if seq != trees.size:
            raise TreeBroken(f"leaf {trees.size} is missing")
        trees = trees.grown([LeafHashes(bytes(by_sha256), bytes(by_sm3))])
    return trees


def _trees_of(head: TreeHead) -> Trees:
    try:
        trees = Trees(
            sha256=Tree.unpacked(head.size, bytes(head.frontier_sha256), algorithm="sha256"),
            sm3=Tree.unpacked(head.size, bytes(head.frontier_sm3), algorithm="sm3"),
        )
    except ValueError as error:
        raise TreeBroken(f"head {head.number}: {error}") from error
    if (trees.sha256.root(), trees.sm3.root()) != (bytes(head.root_sha256), bytes(head.root_sm3)):
        raise TreeBroken(f"head {head.number}: its frontier does not yield its root")
    if not are_valid(head.signatures, head_bytes(head)):
        raise TreeBroken(f"head {head.number}: its signatures do not hold")
    return trees


def _covered_at(head: TreeHead | None) -> datetime:
    """The latest time of the head and of the events sealed after it."""
    leaves = Leaf.objects.filter(seq__gte=head.size if head else 0)
    events = Event.objects.filter(id__in=leaves.values("event_id")).order_by("xid", "id")
    covered = events.values_list("action", "at").iterator()
    return _run_on(head.at if head else datetime.min.replace(tzinfo=UTC), covered)


def _run_on(at: datetime, events: Iterable[tuple[str, datetime]]) -> datetime:
    """The latest time once these events, given by action and time, are covered too.

    A step of the clock begins a new count: what comes after it is by the new time.
    """
    for action, written in events:
        at = written if action == CLOCK_STEP else max(at, written)
    return at


def _origin(head: TreeHead | None) -> str:
    """The log's name: that of its heads, else the setting, else one made up. Raises OriginUnusable."""
    asked: str = settings.AUDIT_ORIGIN
    if asked and not _ORIGIN.fullmatch(asked):
        raise OriginUnusable(f"GOVVOICE_AUDIT_ORIGIN={asked!r}: letters, digits and ._/+- only, 100 at most")
    if head is None:
        return asked or f"govvoice/{secrets.token_hex(8)}"
    if asked not in ("", head.origin):
        raise OriginUnusable(
            f"GOVVOICE_AUDIT_ORIGIN={asked!r}, but the heads of this log say {head.origin!r}"
        )
    return head.origin


def _require_no_downgrade(head: TreeHead | None, signers: Sequence[Signer]) -> None:
    """A verifier takes a head without a signature of every algorithm of the one before for a forged one."""
    asked = {signature["algorithm"] for signature in head.signatures} if head else set()
    if missing := asked - {signer.algorithm for signer in signers}:
        raise SealKeyUnusable(
            f"此前的树头带有 {'、'.join(sorted(missing))} 签名，缺少对应的封存私钥"
            " (earlier heads are signed by an algorithm that no key is given for)"
        )


def _now() -> datetime:
    """The database's clock, which dates the events too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
        return at


def _seconds_since(head: TreeHead | None) -> float:
    if head is None:
        return 0.0
    age = ExpressionWrapper(Now() - F("at"), output_field=DurationField())
    since: timedelta = TreeHead.objects.filter(number=head.number).aggregate(since=Min(age))["since"]
    return since.total_seconds()


def _first_line(failure: Exception) -> str:
    return str(failure).partition("\n")[0]
