"""Callers who wait at the same time are served together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition
from typing import Generic, TypeVar

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


class _Ticket(Generic[_Given, _Made]):
    __slots__ = ("error", "given", "made", "taken")

    def __init__(self, given: _Given) -> None:
        self.given = given
        self.taken = False
        self.made: list[_Made] = []
        self.error: BaseException | None = None

    @property
    def done(self) -> bool:
        return bool(self.made) or self.error is not None


class Batcher(Generic[_Given, _Made]):
    """Runs `work` on what several threads bring: at most `limit` things at once, in `leaders` places.

    Nobody waits for company: who finds a leader's place free begins with all who wait at that moment, and
    those who come meanwhile go together in the next round. `work` gives one result for each thing, in order.
    """

    def __init__(
        self, work: Callable[[Sequence[_Given]], Sequence[_Made]], *, limit: int, leaders: int = 1
    ) -> None:
        self._work = work
        self._limit = limit
        self._free = leaders
        self._waiting: deque[_Ticket[_Given, _Made]] = deque()
        self._changed = Condition()

    def __call__(self, given: _Given) -> _Made:
        """Raises what `work` raises for this one thing."""
        ticket: _Ticket[_Given, _Made] = _Ticket(given)
        with self._changed:
            self._waiting.append(ticket)
            while not ticket.done:
                if ticket.taken or not self._free:
                    self._changed.wait()
                else:
                    self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.made[0]

    def _lead(self) -> None:
        """One round, in the lock when called and when left, out of it while at work."""
        tickets = [self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))]
        for ticket in tickets:
            ticket.taken = True
        self._free -= 1
        self._changed.release()
        try:
            self._serve(tickets)
        finally:
            self._changed.acquire()
            self._free += 1
            self._changed.notify_all()

    def _serve(self, tickets: Sequence[_Ticket[_Given, _Made]]) -> None:
        try:
            made = self._work([ticket.given for ticket in tickets])
            for ticket, one in zip(tickets, made, strict=True):
                ticket.made.append(one)
        except BaseException as error:  # whoever leads must leave nobody waiting
            if len(tickets) == 1:
                tickets[0].error = error
                return
            for ticket in tickets:  # one of them spoils it for all: each on its own then
                ticket.made.clear()
                self._serve([ticket])
