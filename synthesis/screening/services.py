"""Judges a text by the list as it stands now."""

from __future__ import annotations

import time
from threading import Lock

from synthesis.screening import verdicts
from synthesis.screening.matcher import Matcher
from synthesis.screening.models import Term
from synthesis.screening.verdicts import Verdict

# A changed list is in force in every process after at most this long.
REFRESH_SECONDS = 2.0


class _Current:
    """The matcher of this process, made anew when the list has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._matcher: Matcher | None = None
        self._version: tuple[int, object] | None = None
        self._checked = 0.0

    def get(self) -> Matcher:
        with self._lock:
            if self._matcher is None or time.monotonic() - self._checked >= REFRESH_SECONDS:
                self._refresh()
            assert self._matcher is not None  # noqa: S101  (_refresh sets it)
            return self._matcher

    def forget(self) -> None:
        with self._lock:
            self._matcher = self._version = None

    def _refresh(self) -> None:
        active = Term.objects.filter(is_active=True)
        newest = active.order_by("-updated_at").values_list("updated_at", flat=True).first()
        version = (active.count(), newest)
        if self._matcher is None or version != self._version:
            self._matcher = Matcher(
                verdicts.Term(text, category) for text, category in active.values_list("text", "category")
            )
            self._version = version
        self._checked = time.monotonic()


current = _Current()


def judge(text: str) -> Verdict:
    """What the list says of the text. Reads the database at most every REFRESH_SECONDS."""
    return current.get().judge(text)
