"""Label lines from text with break marks, as training corpora are written: `北京#1今天#1天气#2怎么样#4`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from synthesis.engines.base import UnknownPhone
from synthesis.engines.sambert.labels import Syllable, Word, label_words, syllable
from synthesis.engines.sambert.symbols import PHONES, SENTENCE_END

_ENGLISH: Final = re.compile(r"(?P<phone>[A-Z]+)(?P<stress>[0-2]?)")
_BREAK: Final = re.compile(r"#([0-4])")
_WRITTEN: Final = re.compile(
    r"(?P<latin>[A-Za-z'’]+)|(?P<character>[\u3400-\u9fff\U00020000-\U0003ffff〇])|(?P<digit>\d)"
)


def label_script(prosody: str, pronunciation: str, *, emotion: str, speaker: str) -> str:
    """A label line from text with its breaks (`北京#1今天#4`) and how it is said (`bei3 jing1 jin1 tian1`).

    English words stand between slashes in the pronunciation, upper case, syllables parted by dots. Level 0 is
    no break. Raises UnknownPhone, and ValueError when text and pronunciation do not fit.
    """
    words = _script_words(prosody, pronunciation)
    labels = label_words(words, emotion=emotion, speaker=speaker, feeling_breaks=True)
    return " ".join(str(label) for label in labels)


def _script_words(prosody: str, pronunciation: str) -> list[Word]:
    """Words of a text with marks: what stands between two breaks, level 0 being none."""
    said = _Said(pronunciation)
    words: list[Word] = []
    gathered: list[Syllable] = []
    pieces = _BREAK.split(prosody)
    for text, level in zip(pieces[::2], [*pieces[1::2], "4"], strict=True):
        for match in _WRITTEN.finditer(text):
            gathered += said.next(match)
        if gathered and level != "0":
            words.append(Word(tuple(gathered), f"#{level}"))
            gathered = []
    said.finish()
    if not words:
        raise ValueError(f"nothing to say in {prosody!r}")
    return [*words[:-1], words[-1]._replace(pause=SENTENCE_END)]


class _Said:
    """A pronunciation, taken word by word and character by character."""

    def __init__(self, pronunciation: str) -> None:
        self._items: list[list[Syllable]] = []
        self._erhua: list[bool] = []
        self._at = 0
        for english, stretch in groupby(enumerate(pronunciation.split()), key=lambda item: _kind(item[1])):
            if english == "latin":
                self._add(_english(list(stretch)), erhua=False)
            elif english == "pinyin":
                for position, written in stretch:
                    erhua = written.rstrip("123456").endswith("r") and not written.startswith("er")
                    self._add(syllable(written, position), erhua=erhua)

    def _add(self, syllables: list[Syllable], *, erhua: bool) -> None:
        self._items.append(syllables)
        self._erhua.append(erhua)

    def next(self, match: re.Match[str]) -> list[Syllable]:
        """What is said for a character or a Latin word; nothing for the 儿 of an erhua."""
        if match["digit"]:
            raise ValueError(f"{match.string!r}: numbers must be written as they are read")
        if match[0] == "儿" and self._at and self._erhua[self._at - 1]:
            self._erhua[self._at - 1] = False  # it was this 儿; a second one has its own syllable
            return []
        if self._at == len(self._items):
            raise ValueError(f"nothing is said for {match[0]!r} in {match.string!r}")
        self._at += 1
        return self._items[self._at - 1]

    def finish(self) -> None:
        if self._at < len(self._items):
            raise ValueError(f"{len(self._items) - self._at} syllables are said that nothing is written for")


def _kind(written: str) -> str:
    if written == "/":
        return "slash"
    return "latin" if written == "." or written[:1].isupper() else "pinyin"


def _english(stretch: Sequence[tuple[int, str]]) -> list[Syllable]:
    """The syllables of one word in ARPAbet; stress 1 counts, 0, 2 and none are alike."""
    syllables = []
    for dot, group in groupby(stretch, key=lambda item: item[1] == "."):
        if dot:
            continue
        phones, stress = [], "0"
        for position, written in group:
            match = _ENGLISH.fullmatch(written)
            if match is None or match["phone"].lower() not in PHONES:
                raise UnknownPhone(written, position)
            phones.append(match["phone"].lower())
            stress = "1" if match["stress"] == "1" else stress
        syllables.append(Syllable(tuple(phones), f"tone{stress}"))
    return syllables
