"""From phones to label symbols: seven rules for syllables, flags for places, a break after every word.

A label is what the voice was trained on, one symbol for each phone and break:
`{n_c$tone2$s_begin$word_begin$emotion_neutral$F7}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from synthesis.engines import base
from synthesis.engines.base import EmptyPhrase, UnknownPhone
from synthesis.engines.sambert.config import LinguisticConfig
from synthesis.engines.sambert.symbols import (
    NO_EMOTION,
    PHONES,
    SENTENCE_END,
    inventories,
)

_PINYIN: Final = re.compile(r"(?P<letters>[a-zê]+)(?P<tone>[1-6])(?P<light>5?)")
_INITIALS: Final = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
_ONSETS: Final = {"a": "ga", "e": "ge", "o": "go"}
_PALATAL: Final = frozenset("jqxy")  # where pinyin writes u and means ü
_IN_FULL: Final = {"iu": "iou", "ui": "uei", "un": "uen", "ue": "ve"}
_VOWELS: Final = frozenset("aeiouv")
_BUZZED: Final = {"z": "ii", "c": "ii", "s": "ii", "zh": "ih", "ch": "ih", "sh": "ih", "r": "ih"}
# Interjections have no symbols of their own and take the nearest, as 嗯 does in the training texts.
_INTERJECTIONS: Final = {"ng": "en", "n": "en", "m": "en", "hm": "hen", "hng": "heng", "ê": "ei"}
_NEUTRAL_TONE: Final = "5"
_RETROFLEX: Final = ("ge", "er_c")


class Syllable(NamedTuple):
    """One syllable as phones of the voice, all with one tone."""

    phones: tuple[str, ...]
    tone: str


class Word(NamedTuple):
    """A prosodic word and the break after it, `#1` to `#4`."""

    syllables: tuple[Syllable, ...]
    pause: str


class Label(NamedTuple):
    """One symbol: the six fields in the order of the voice's units."""

    phone: str
    tone: str
    syllable: str
    word: str
    emotion: str
    speaker: str

    def __str__(self) -> str:
        return "{" + "$".join(self) + "}"


def label_phrase(
    phones: Sequence[str], *, emotion: str, speaker: str, feeling_breaks: bool = True
) -> list[Label]:
    """The labels of a phrase as the front end makes it: pinyin with spoken tones, and break marks.

    `emotion` is a symbol of the voice (`emotion_happy`). Marks count between syllables only, of several in a
    row the strongest; the end is always that of a sentence. `feeling_breaks`: breaks carry the emotion too.
    Raises UnknownPhone, EmptyPhrase.
    """
    words = _words(phones)
    if not words:
        raise EmptyPhrase("nothing to say: a phrase without a syllable")
    return list(label_words(words, emotion=emotion, speaker=speaker, feeling_breaks=feeling_breaks))


def parse_labels(line: str) -> list[Label]:
    """The labels of a written line (without its number). Raises ValueError."""
    labels = []
    for position, symbol in enumerate(line.split()):
        fields = symbol[1:-1].split("$")
        if not (symbol.startswith("{") and symbol.endswith("}")) or len(fields) != len(Label._fields):
            raise ValueError(
                f"symbol {position} {symbol!r} is not {{phone$tone$syllable$word$emotion$speaker}}"
            )
        labels.append(Label(*fields))
    return labels


def encode(labels: Iterable[Label], linguistic: LinguisticConfig) -> list[list[int]]:
    """Six rows of ids, without the end that training texts close with. Raises UnknownPhone, UnknownSymbol."""
    units = inventories(linguistic)
    rows = [
        [unit.id(symbol, position) for unit, symbol in zip(units, label, strict=True)]
        for position, label in enumerate(labels)
    ]
    return [list(row) for row in zip(*rows, strict=True)] if rows else [[] for _ in units]


def close(rows: Iterable[list[int]], linguistic: LinguisticConfig) -> list[list[int]]:
    """The rows with the end symbol, as training texts are encoded."""
    return [[*row, unit.end] for row, unit in zip(rows, inventories(linguistic), strict=True)]


def speaker_of(linguistic: LinguisticConfig) -> str:
    """The name released front ends write into every label, where the voice has it, or the voice's first."""
    return "F7" if "F7" in linguistic.speakers else linguistic.speakers[0]


def syllable(written: str, position: int) -> list[Syllable]:
    """A pinyin syllable with its tone digit as two phones; two syllables where erhua has no final of its own.

    The tone is the one spoken: 6 marks a third tone raised by the next, a 5 behind a digit one gone light.
    Raises UnknownPhone.
    """
    match = _PINYIN.fullmatch(written)
    if match is None:
        raise UnknownPhone(written, position)
    tone = match["light"] or match["tone"].replace("6", "2")
    letters = _INTERJECTIONS.get(match["letters"], match["letters"])
    plain = letters[:-1]
    erhua = letters.endswith("r") and letters != "er"
    initial, final = _parts(_INTERJECTIONS.get(plain, plain) if erhua else letters)
    if final[:1] not in _VOWELS or f"{final}_c" not in PHONES or initial not in PHONES:
        raise UnknownPhone(written, position)
    if not erhua:
        return [Syllable((initial, f"{final}_c"), f"tone{tone}")]
    return _with_erhua(initial, final, tone)


def _with_erhua(initial: str, final: str, tone: str) -> list[Syllable]:
    coloured = "er_c" if final == "e" else f"{final}r_c"
    if coloured in PHONES:
        return [Syllable((initial, coloured), f"tone{tone}")]
    apart = Syllable(_RETROFLEX, f"tone{_NEUTRAL_TONE}")
    return [Syllable((initial, f"{final}_c"), f"tone{tone}"), apart]


def _parts(letters: str) -> tuple[str, str]:
    """The phone a syllable begins with, and the name of its final."""
    initial = next((found for found in _INITIALS if letters.startswith(found)), "")
    final = letters[len(initial) :]
    if not initial:
        return _ONSETS.get(letters[:1], ""), final
    phone = "xx_c" if initial == "x" else f"{initial}_c"
    if initial in _PALATAL and final.startswith("u"):
        return phone, "v" + final[1:]
    if final == "i":
        return phone, _BUZZED.get(initial, "i")
    return phone, _IN_FULL.get(final, final)


def _words(phones: Sequence[str]) -> list[Word]:
    words: list[Word] = []
    gathered: list[Syllable] = []
    for mark, stretch in groupby(_joined(phones), key=lambda item: item[0] in base.BREAKS):
        if not mark:
            gathered = [part for phone, position in stretch for part in syllable(phone, position)]
        elif gathered:
            words.append(Word(tuple(gathered), max(phone for phone, _ in stretch)))
            gathered = []
    if gathered:
        words.append(Word(tuple(gathered), SENTENCE_END))
    return [*words[:-1], words[-1]._replace(pause=SENTENCE_END)] if words else []


def _joined(phones: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Phones with their places; an erhua given on its own (`hua1 r5`) joins the syllable it leans on."""
    pending: tuple[str, int] | None = None
    for position, phone in enumerate(phones):
        if phone == "r5":
            if pending is None or pending[0] in base.BREAKS:
                raise UnknownPhone(phone, position)
            pending = f"{pending[0][:-1]}r{pending[0][-1]}", pending[1]
            continue
        if pending:
            yield pending
        pending = phone, position
    if pending:
        yield pending


def label_words(
    words: Sequence[Word], *, emotion: str, speaker: str, feeling_breaks: bool
) -> Iterator[Label]:
    resting = emotion if feeling_breaks else NO_EMOTION
    for word in words:
        phones = [
            (phone, part.tone, flag)
            for part in word.syllables
            for phone, flag in zip(part.phones, _places(len(part.phones), "s"), strict=True)
        ]
        for (phone, tone, flag), place in zip(phones, _places(len(phones), "word"), strict=True):
            yield Label(phone, tone, flag, place, emotion, speaker)
        yield Label(word.pause, "tone_none", "s_none", "word_none", resting, speaker)


def _places(length: int, unit: str) -> list[str]:
    """Where each of `length` phones stands in its syllable or word."""
    if length == 1:
        return [f"{unit}_both"]
    return [f"{unit}_begin", *[f"{unit}_middle"] * (length - 2), f"{unit}_end"]
