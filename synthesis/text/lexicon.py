"""Staff's word on how something is read: an input of the library, checked before it is used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from synthesis.text.characters import Folded, fold
from synthesis.text.hanzi import has_reading, is_hanzi
from synthesis.text.normalise import normalise
from synthesis.text.syllables import is_speakable
from synthesis.text.tokens import Island, Kind, Token

LONGEST = 64


class LexiconError(ValueError):
    """An entry that cannot be used; `word` names it."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(f"{word!r}: {message}")
        self.word = word


@dataclass(frozen=True, slots=True)
class Entry:
    """A word, and either its syllables as pinyin with tone digits (`chong2 qing4`) or a text said instead.

    Tones are those that dictionaries give; third tones in a row change as everywhere. A Han word has a
    syllable for each character, or one less for each 儿 that is written as `huar1`.
    """

    word: str
    pinyin: str = ""
    replacement: str = ""


class Lexicon:
    """Entries ready for look-up: the longest match wins, and wins over everything the library knows.

    Raises LexiconError for the first entry that is empty, too long, given twice or has a wrong reading.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        words: dict[str, Entry] = {}
        for entry in entries:
            check(entry)
            word = folded_word(entry.word).text
            if word in words:
                raise LexiconError(entry.word, "given more than once")
            words[word] = entry
        self._entries = list(words.values())
        # Characters without a reading of their own: a text keeps them for the entries that read them.
        self.rare = frozenset(
            char for word in words for char in word if is_hanzi(char) and not has_reading(char)
        )
        self._automaton: Any = None
        if words:
            import ahocorasick_rs

            self._automaton = ahocorasick_rs.AhoCorasick(
                list(words), ahocorasick_rs.MatchKind.LeftmostLongest
            )

    def islands(self, folded: Folded) -> list[Island]:
        """The entries met in a text, in order; letters and digits match as whole words only."""
        if self._automaton is None:
            return []
        return [
            Island(start, end, _tokens(self._entries[index], folded, start, end))
            for index, start, end in self._automaton.find_matches_as_indexes(folded.text)
            if _stands_apart(folded.text, start, end)
        ]


def folded_word(word: str) -> Folded:
    """A word as it is looked for. Han characters without a reading may stand in it: the entry gives one."""
    return fold(word, keep=frozenset(word))


def check(entry: Entry) -> None:
    """Raise LexiconError when an entry cannot be used."""
    word = folded_word(entry.word)
    if not word.text.strip() or word.unreadable:
        raise LexiconError(entry.word, "not a word that can be looked for")
    if len(entry.word) > LONGEST:
        raise LexiconError(entry.word, f"longer than {LONGEST} characters")
    if bool(entry.pinyin.split()) == bool(entry.replacement.strip()):
        raise LexiconError(entry.word, "needs either a reading or a replacement")
    if entry.pinyin.split():
        _check_reading(entry.word, word.text, entry.pinyin.split())
    elif fold(entry.replacement).unreadable:
        raise LexiconError(entry.word, f"the replacement {entry.replacement!r} cannot be spoken")


def _check_reading(word: str, folded: str, syllables: Sequence[str]) -> None:
    for syllable in syllables:
        if not is_speakable(syllable):
            raise LexiconError(word, f"{syllable!r} is no pinyin syllable with a tone from 1 to 5")
    if not all(is_hanzi(char) for char in folded):
        return
    joined = sum(syllable[-2] == "r" and syllable[:-1] != "er" for syllable in syllables)
    if len(syllables) + min(joined, folded.count("儿")) != len(folded):
        raise LexiconError(word, f"has {len(folded)} characters but {len(syllables)} syllables")


def _stands_apart(text: str, start: int, end: int) -> bool:
    """APP is not met in APPLE, nor 12 in 123."""
    return not (_joined(text, start) or _joined(text, end))


def _joined(text: str, border: int) -> bool:
    pair = text[max(0, border - 1) : border + 1]
    return len(pair) == 2 and 0 < border < len(text) and pair.isascii() and (pair.isalpha() or pair.isdigit())


def _tokens(entry: Entry, folded: Folded, start: int, end: int) -> tuple[Token, ...]:
    if entry.replacement:
        return replaced(entry.replacement, (folded.starts[start], folded.ends[end - 1]))
    spans = tuple((folded.starts[place], folded.ends[place]) for place in range(start, end))
    return (Token(Kind.FIXED, folded.text[start:end], spans, tuple(entry.pinyin.split())),)


def replaced(spoken: str, span: tuple[int, int]) -> tuple[Token, ...]:
    """Tokens of a text that is said in place of what is written at `span`."""
    return tuple(
        Token(token.kind, token.text, (span,) * len(token.text)) for token in normalise(fold(spoken))
    )
