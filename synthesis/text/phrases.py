"""Clauses from tokens, and phrases no longer than the voice can take from clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from synthesis.text import prosody, sandhi
from synthesis.text.marks import pause_at
from synthesis.text.readings import Sound, read
from synthesis.text.script import Manner, Phrase, Syllable
from synthesis.text.tokens import Kind, Token

# Silence where a clause is cut only for its length, by the break found there.
_CUT_PAUSES = (0.0, 0.03, 0.06, 0.12)
# The first phrase of a long beginning is cut early, so that sound starts while the rest is made.
_LONG_BEGINNING = 20
_SHORT_FIRST = range(5, 16)
# A clause of so few syllables makes no utterance of its own: voices learn on sentences, and say it worse.
# With its neighbour it is one phrase, which is not to grow long.
_SHORT = 4
_TOGETHER = 24
_SENTENCE_END = 0.4  # seconds of rest from which a sentence, not a clause, is over
_LEAD = 8  # characters of a clause that the next one sees


@dataclass(frozen=True, slots=True)
class _Clause:
    tokens: list[Token]
    pause: float
    manner: Manner | None
    comma: bool = False  # ends with one, and with nothing that the author asked for
    asked: bool = False  # the author said how long to rest after it


def make_phrases(
    tokens: Iterable[Token], *, text: str, max_syllables: int
) -> tuple[tuple[Phrase, ...], tuple[Syllable, ...]]:
    """Phrases in order, and their syllables. Nobody waits for silence after the last one: its pause is 0."""
    phrases: list[Phrase] = []
    syllables: list[Syllable] = []
    lead = ""
    comma = False
    for clause in _clauses(tokens):
        spoken, levels = _speak(clause, lead)
        borders = _borders(levels, limit=max_syllables, opening=not phrases) if spoken else []
        made = list(_clause_phrases(clause, spoken, levels, text=text, borders=borders))
        # The first phrase stays by itself: it is what everybody waits for.
        if comma and made and len(phrases) > 1 and _go_together(phrases[-1], made[0], max_syllables):
            made[0] = _joined(phrases.pop(), made[0], text)
        phrases += made
        comma = clause.comma
        if phrases and not spoken and clause.pause > phrases[-1].pause:
            closing = _closing(clause.pause)
            phrases[-1] = replace(phrases[-1], pause=clause.pause, closing=closing, rest_asked=clause.asked)
        syllables += [sound.spoken() for sound in spoken]
        lead = "".join(token.text for token in clause.tokens[-_LEAD:])[-_LEAD:]
    if phrases:
        phrases[-1] = replace(phrases[-1], pause=0.0, closing=prosody.SENTENCE)
    return tuple(_without_overlap(phrases, text)), tuple(syllables)


def _clauses(tokens: Iterable[Token]) -> Iterator[_Clause]:
    """Cut where the author asks for it and at marks that take a pause: of several the longest counts."""
    gathered: list[Token] = []
    spoken = False
    pause = 0.0
    manner: Manner | None = None
    for token in tokens:
        if token.kind is Kind.CUT:
            yield _Clause(gathered, max(pause, token.pause), manner, asked=token.pause > pause)
            gathered, spoken, pause, manner = [], False, 0.0, token.manner
            continue
        if token.kind is Kind.MARK:
            pause = max(pause, pause_at(token.text)) if spoken else 0.0
        elif pause:
            yield _Clause(gathered, pause, manner, comma=pause == pause_at("，"))
            gathered, pause = [], 0.0
        spoken = spoken or token.kind is not Kind.MARK
        gathered.append(token)
    yield _Clause(gathered, pause, manner)


def _speak(clause: _Clause, lead: str) -> tuple[list[Sound], list[int]]:
    """The syllables of a clause with the tones they are spoken in, and the break after each."""
    words = read(clause.tokens, lead=lead)
    between = prosody.breaks(words)
    sandhi.apply(words, between)
    spoken = [sound for word in words for sound in word.syllables]
    return spoken, _levels_after([len(word.syllables) for word in words], between)


def _clause_phrases(
    clause: _Clause, spoken: Sequence[Sound], levels: Sequence[int], *, text: str, borders: Sequence[int]
) -> Iterator[Phrase]:
    for start, end in pairwise(borders):
        last = end == len(spoken)
        closing = _closing(clause.pause) if last else levels[end - 1]
        pause = clause.pause if last else _CUT_PAUSES[levels[end - 1]]
        phrase = _phrase(spoken[start:end], levels[start:end], text=text, pause=pause, closing=closing)
        yield replace(phrase, delivery=clause.manner, rest_asked=last and clause.asked)


def _levels_after(lengths: Sequence[int], between: Sequence[int]) -> list[int]:
    """The break after each syllable; inside a word there is none, after the last it does not matter."""
    levels: list[int] = []
    for length, level in zip(lengths, [*between, prosody.NONE], strict=False):
        levels += [prosody.NONE] * (length - 1) + [level]
    return levels


def _borders(levels: Sequence[int], *, limit: int, opening: bool) -> list[int]:
    """Where to cut: parts of like size, at the strongest break near the ideal place."""
    borders = [0]
    if opening and len(levels) > _LONG_BEGINNING:
        borders += _early_cut(levels, limit)
    while len(levels) - borders[-1] > limit:
        start = borders[-1]
        parts = -(-(len(levels) - start) // limit)
        ideal = -(-(len(levels) - start) // parts)
        places = range(start + max(1, ideal // 2), start + limit + 1)
        borders.append(max(places, key=lambda place: (levels[place - 1], -abs(place - start - ideal))))
    return [*borders, len(levels)]


def _early_cut(levels: Sequence[int], limit: int) -> list[int]:
    places = [place for place in _SHORT_FIRST if place <= limit and levels[place - 1] >= prosody.PHRASE]
    return [max(places, key=lambda place: levels[place - 1])] if places else []


def _closing(pause: float) -> int:
    return prosody.SENTENCE if pause >= _SENTENCE_END else prosody.CLAUSE


def _go_together(left: Phrase, right: Phrase, limit: int) -> bool:
    lengths = [sum(not phone.startswith("#") for phone in phrase.phones) for phrase in (left, right)]
    return min(lengths) <= _SHORT and sum(lengths) <= min(limit, _TOGETHER)


def _joined(left: Phrase, right: Phrase, text: str) -> Phrase:
    """The comma between them is a break inside the phrase, whose length is the voice's."""
    phones = (*left.phones, f"#{prosody.CLAUSE}", *right.phones)
    return replace(right, text=text[left.start : right.end], start=left.start, phones=phones)


def _phrase(
    syllables: Sequence[Sound], levels: Sequence[int], *, text: str, pause: float, closing: int
) -> Phrase:
    phones: list[str] = []
    for syllable, level in zip(syllables, levels, strict=True):
        phones += [syllable.pinyin, f"#{level}"] if level else [syllable.pinyin]
    if levels[-1]:
        phones.pop()
    start, end = syllables[0].start, max(syllable.end for syllable in syllables)
    return Phrase(text[start:end], start, end, tuple(phones), pause, closing=closing)


def _without_overlap(phrases: Iterable[Phrase], text: str) -> Iterator[Phrase]:
    """A cut inside a long number would give its place to both sides: the first keeps it."""
    place = 0
    for phrase in phrases:
        start, end = max(place, phrase.start), max(place, phrase.end)
        place = end
        yield phrase if start == phrase.start else replace(phrase, start=start, end=end, text=text[start:end])
