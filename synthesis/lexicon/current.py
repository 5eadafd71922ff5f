"""The lexicon in force, in this process, as the database has it now."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date
from threading import Lock

from django.db.models import Q
from django.utils import timezone

from synthesis import text
from synthesis.lexicon.models import Entry, Version
from synthesis.lexicon.reading import normal_word
from synthesis.lexicon.scopes import Scope
from synthesis.text.lexicon import check

log = logging.getLogger(__name__)

# A decision is in force in every process after at most this long and one query; we promise two seconds.
REFRESH_SECONDS = 1.0
_LEXICONS_KEPT = 64

# (scope, its code): ("all", "") and the like.
Place = tuple[str, str]


class _Current:
    """The entries of this process by their scope, and lexicons made of them, until the version moves on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: dict[Place, list[text.Entry]] = {}
        self._lexicons: OrderedDict[tuple[Place, ...], text.Lexicon] = OrderedDict()
        self._state: tuple[int, date] | None = None
        self._checked = 0.0

    def lexicon(self, places: Sequence[Place]) -> text.Lexicon:
        """The lexicon where `places` apply, the narrowest first."""
        with self._lock:
            self._refresh()
            held = tuple(place for place in places if place in self._entries)
            if held not in self._lexicons:
                self._lexicons[held] = text.Lexicon(merged(self._entries[place] for place in held))
                if len(self._lexicons) > _LEXICONS_KEPT:
                    self._lexicons.popitem(last=False)
            self._lexicons.move_to_end(held)
            return self._lexicons[held]

    def entries(self, places: Sequence[Place]) -> list[text.Entry]:
        """What that lexicon is made of."""
        with self._lock:
            self._refresh()
            return merged(self._entries.get(place, []) for place in places)

    def look_again(self) -> None:
        """For whoever has just changed something, or must not be a second late."""
        with self._lock:
            self._checked = 0.0

    def forget(self) -> None:
        """For a database that is another one now, whatever its version says."""
        with self._lock:
            self._state, self._checked = None, 0.0

    def _refresh(self) -> None:
        if self._state is not None and time.monotonic() - self._checked < REFRESH_SECONDS:
            return
        asked = time.monotonic()  # before the database answers: its answer is as old as the question
        # The day belongs to it: entries begin and end at midnight without anybody's doing.
        state = (version(), timezone.localdate())
        if state != self._state:
            self._entries = _by_place(state[1])
            self._lexicons.clear()
            self._state = state
        self._checked = asked


_current = _Current()
look_again, forget = _current.look_again, _current.forget


def lexicon(
    *,
    voice: str,
    organisation: str = "",
    channels: Sequence[str] = (),
    trials: Sequence[text.Entry] = (),
) -> text.Lexicon:
    """Staff's readings for one text, by the codes of where it is heard; asks the database once a second.

    The voice's word goes before a channel's, that before the organisation's, that before everybody's; of
    several channels the first one's. `trials` go before all: entries to be heard before they are proposed.
    Raises LexiconError for a trial that cannot be used.
    """
    places = places_of(voice=voice, organisation=organisation, channels=channels)
    if not trials:
        return _current.lexicon(places)
    return text.Lexicon(merged([trials, _current.entries(places)]))


def places_of(*, voice: str, organisation: str, channels: Sequence[str]) -> list[Place]:
    return [
        (Scope.VOICE, voice),
        *((Scope.CHANNEL, channel) for channel in channels),
        (Scope.ORGANISATION, organisation),
        (Scope.ALL, ""),
    ]


def version() -> int:
    """Counts the decisions so far."""
    return Version.objects.values_list("number", flat=True).first() or 0


def as_text(entry: Entry) -> text.Entry:
    """The entry as the reading library takes it."""
    return text.Entry(word=entry.word, pinyin=entry.reading, replacement=entry.replacement)


def in_effect(day: date) -> Q:
    return Q(effective_from__lte=day) & (Q(effective_to__isnull=True) | Q(effective_to__gte=day))


def merged(groups: Iterable[Iterable[text.Entry]]) -> list[text.Entry]:
    """One entry a word: the first group's that has it."""
    found: dict[str, text.Entry] = {}
    for group in groups:
        for entry in group:
            found.setdefault(normal_word(entry.word), entry)
    return list(found.values())


def _by_place(day: date) -> dict[Place, list[text.Entry]]:
    places: dict[Place, list[text.Entry]] = {}
    for entry in Entry.objects.filter(in_effect(day), state=Entry.State.ACTIVE).iterator():
        if _is_usable(entry):
            places.setdefault((entry.scope, entry.scope_key), []).append(as_text(entry))
    return places


def _is_usable(entry: Entry) -> bool:
    """An entry that a newer library no longer takes must not silence all the others."""
    try:
        check(as_text(entry))
    except text.LexiconError as error:
        log.error("lexicon entry %d is left out: %s", entry.pk, error)
        return False
    return True
