"""One at a time for each key, within this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Turns:
    """Whoever comes for a key that is being worked on waits for his turn."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._turns: dict[str, tuple[Lock, int]] = {}

    @contextmanager
    def of(self, key: str) -> Iterator[None]:
        with self._guard:
            turn, present = self._turns.get(key, (Lock(), 0))
            self._turns[key] = (turn, present + 1)
        try:
            with turn:
                yield
        finally:
            with self._guard:
                turn, present = self._turns.pop(key)
                if present > 1:
                    self._turns[key] = (turn, present - 1)
