"""The lists in force, in this process, as the database has them now."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from synthesis.screening import vault
from synthesis.screening.documents import Document, Word, form_of
from synthesis.screening.matcher import Matcher
from synthesis.screening.models import ListVersion, Scope
from synthesis.screening.verdicts import Hit, Level, Options, Rule, Term, Verdict

# A decision is in force in every process after at most this long and the making of a matcher, which takes
# milliseconds for the lists of most, and two seconds for 100,000 words.
REFRESH_SECONDS = 0.5
# Lists of more words than this are made ready beside the requests, which go on with the lists as they were.
_MADE_AT_ONCE = 5_000

# What is let pass is let pass as it is written, not in its disguises.
_AS_WRITTEN = Options(
    repeats=False,
    gap=0,
    markup=False,
    escapes=False,
    pinyin=False,
    homophones=False,
    split=False,
    whole_word=False,
    innocent=False,
)

# (scope, its code): ("all", "") and the like.
Place = tuple[str, str]
_EVERYWHERE: Place = (Scope.ALL.value, "")
# Which versions hold, on which day.
_State = tuple[tuple[int, ...], date]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who has a text spoken, and where it is heard, by their codes: says which lists hold for it."""

    organisation: str = ""
    channels: Sequence[str] = ()
    client: str = ""

    @property
    def places(self) -> list[Place]:
        return [
            _EVERYWHERE,
            (Scope.ORGANISATION.value, self.organisation),
            *((Scope.CHANNEL.value, channel) for channel in self.channels),
            (Scope.CLIENT.value, self.client),
        ]


@dataclass(frozen=True, slots=True)
class Bench:
    """The lists of one place, ready to judge. `allowed` finds what its lists let pass, also for others."""

    source: _State
    matcher: Matcher
    allowed: Matcher | None
    confidential: frozenset[str]  # lists whose words are told to nobody, by what keys begin with

    def judge(self, text: str) -> list[Hit]:
        return [self._told(hit) for hit in self.matcher.judge(text).hits]

    def _told(self, hit: Hit) -> Hit:
        return replace(hit, term="") if hit.rule.partition(":")[0] in self.confidential else hit

    def let_pass(self, text: str) -> tuple[Hit, ...]:
        return self.allowed.judge(text).hits if self.allowed else ()


def make_bench(versions: Iterable[ListVersion], day: date) -> Bench:
    """The lists as they hold on that day. Raises ListSealed."""
    terms: list[Term] = []
    rules: list[Rule] = []
    allowed: list[str] = []
    versions = list(versions)
    for version in versions:
        document = vault.take(version)
        allowed += document.allowed
        options = Options(**version.options)
        terms += (term_of(version, word, options) for word in document.words if word.is_in_effect(day))
        rules += rules_of(version, document)
    through = Matcher([Term(text, "", options=_AS_WRITTEN) for text in allowed]) if allowed else None
    confidential = frozenset(str(one.word_list_id) for one in versions if one.word_list.is_confidential)
    source = (tuple(version.pk for version in versions), day)
    return Bench(source, Matcher(terms, allowed, rules), through, confidential)


def term_of(version: ListVersion, word: Word, options: Options) -> Term:
    return Term(
        text=word.text,
        category=version.category,
        level=Level(word.level or version.level),
        options=options,
        substitute=word.substitute,
        id=key_of(version, form_of(word.text)),
    )


def rules_of(version: ListVersion, document: Document) -> list[Rule]:
    return [
        Rule(
            id=key_of(version, rule.key),
            category=version.category,
            kind=rule.kind,  # type: ignore[arg-type]  # checked when it was written
            level=Level(rule.level or version.level),
            parameters=dict(rule.parameters),
        )
        for rule in document.rules
    ]


def key_of(version: ListVersion, form: str) -> str:
    """What hits, decisions and statistics call a word or rule: the same in every version of its list."""
    return f"{version.word_list_id}:{hashlib.sha256(form.encode()).hexdigest()[:24]}"


class _Current:
    """The benches of this process by their place, until other versions are in force or the day has turned."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._benches: dict[Place, Bench] = {}  # replaced as a whole, never changed
        self._state: _State | None = None
        self._checked = 0.0
        self._making: threading.Thread | None = None

    def benches(self, places: Iterable[Place]) -> list[Bench]:
        self._look()
        held = self._benches
        return [held[place] for place in places if place in held]

    def look_again(self) -> None:
        """For whoever has just changed something, or must not be a second late."""
        self._checked = 0.0

    def forget(self) -> None:
        """For a database that is another one now."""
        with self._lock:
            self._benches, self._state, self._checked = {}, None, 0.0

    def _look(self) -> None:
        """One request asks the database; the others go on with what there is, if there is anything."""
        if self._state is not None and time.monotonic() - self._checked < REFRESH_SECONDS:
            return
        if not self._lock.acquire(blocking=self._state is None):
            return
        try:
            self._refresh()
        finally:
            self._lock.release()

    def _refresh(self) -> None:
        asked = time.monotonic()  # before the database answers: its answer is as old as the question
        day = timezone.localdate()
        active = ListVersion.objects.filter(state=ListVersion.State.ACTIVE).order_by("pk")
        state = (tuple(active.values_list("pk", flat=True)), day)
        if state != self._state and not (self._making and self._making.is_alive()):
            versions = [
                version for version in active.select_related("word_list") if version.is_in_effect(day)
            ]
            self._renew(state, versions)
        self._checked = asked

    def _renew(self, state: _State, versions: list[ListVersion]) -> None:
        if self._state is None or sum(version.word_count for version in versions) <= _MADE_AT_ONCE:
            self._make(state, versions)
            return
        self._making = threading.Thread(target=self._make, args=(state, versions), name="lists", daemon=True)
        self._making.start()

    def _make(self, state: _State, versions: list[ListVersion]) -> None:
        by_place: dict[Place, list[ListVersion]] = {}
        for version in versions:
            by_place.setdefault((version.scope, version.scope_key), []).append(version)
        try:
            made = {place: self._bench(place, several, state[1]) for place, several in by_place.items()}
        except vault.ListSealed:
            self._state = None  # not the lists of before: nobody is to be answered until all can be opened
            raise
        self._benches, self._state = made, state

    def _bench(self, place: Place, versions: list[ListVersion], day: date) -> Bench:
        """The one that is there, where nothing has changed for this place."""
        held = self._benches.get(place)
        same = held is not None and held.source == (tuple(version.pk for version in versions), day)
        return held if held is not None and same else make_bench(versions, day)


_current = _Current()
look_again, forget = _current.look_again, _current.forget


def benches_for(audience: Audience) -> list[Bench]:
    return _current.benches(audience.places)


def judged(text: str, benches: Sequence[Bench]) -> Verdict:
    """What the lists say together: what one of them lets pass, the others let pass in its midst."""
    hits = [hit for bench in benches for hit in bench.judge(text)]
    if hits and len(benches) > 1:
        passes = [one for bench in benches for one in bench.let_pass(text)]
        hits = [hit for hit in hits if not any(_covers(one, hit) for one in passes)]
    return Verdict(tuple(sorted(hits, key=lambda hit: (hit.start, -hit.end))))


def _covers(one: Hit, other: Hit) -> bool:
    return one.start <= other.start and other.end <= one.end
