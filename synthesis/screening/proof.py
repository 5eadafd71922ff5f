"""Whether what might be a hit is one: its disguises have to be those that the term's list sees through."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from synthesis.screening.folding import INVISIBLE, SPACING, filler, fillers_of, form, mask_of
from synthesis.screening.sounds import english_words, is_spelled, sounds
from synthesis.screening.verdicts import Options
from synthesis.screening.wording import Wording
from synthesis.text.hanzi import is_hanzi

_NEAR = 24


class Way(Enum):
    """How one character of a word is written."""

    ITSELF = 1
    PINYIN = 2
    SPLIT = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One character of a word in the text: the signs [start, end) of those that are no fillers.

    `stands_for` is the syllable that is spelled, or the character that is split.
    """

    start: int
    end: int
    way: Way = Way.ITSELF
    stands_for: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A term as it is compared: runs of one character, and the signs that belong between them.

    `signs[i]` stand before run `i`, `signs[-1]` behind the last.
    """

    runs: tuple[str, ...]
    signs: tuple[str, ...]

    def reversed(self) -> Shape:
        return Shape(self.runs[::-1], self.signs[::-1])


@dataclass(frozen=True, slots=True)
class Found:
    """At [start, end) of the wording's text. `alike` are the signs that only sound like the term's."""

    start: int
    end: int
    alike: tuple[int, ...]
    is_bare: bool  # every character as the term has it, but for fillers


def shape_of(text: str) -> Shape:
    runs: list[str] = []
    signs = [""]
    for char in text:
        if filler(char):
            signs[-1] += "" if filler(char) & (INVISIBLE | SPACING) else form(char)
        elif runs and not signs[-1] and form(runs[-1][0]) == form(char):
            runs[-1] += char
        else:
            runs.append(char)
            signs.append("")
    return Shape(tuple(runs), tuple(signs))


class Prover:
    """Proves candidates in one wording; `kept` are the places of the signs that are no fillers."""

    def __init__(self, wording: Wording, kept: Sequence[int]) -> None:
        self._wording = wording
        self._text = wording.text
        self._kept = kept

    def prove(self, shape: Shape, options: Options, steps: Sequence[Step]) -> Found | None:
        """The hit that `steps`, one for each run of the shape, make; None when they may not."""
        used: list[list[int]] = []
        alike: list[int] = []
        for index, step in enumerate(steps):
            signs = self._signs_of(step, shape.runs[index], index, len(steps), options)
            if signs is None:
                return None
            used.append(signs)
            alike += self._alike(step, shape.runs[index], signs, options)
        if not self._may_be_parted(shape, used, options):
            return None
        span = self._with_signs(shape, self._kept[used[0][0]], self._kept[used[-1][-1]] + 1)
        if span is None or not self._has_edges(steps, span, options):
            return None
        is_bare = not alike and all(step.way is Way.ITSELF for step in steps)
        return Found(*span, tuple(alike), is_bare)

    def _signs_of(self, step: Step, run: str, index: int, count: int, options: Options) -> list[int] | None:
        """The signs of the step that belong to the word; None where one does not."""
        signs = list(range(step.start, step.end))
        if step.way is Way.PINYIN:
            return signs if options.pinyin and step.stands_for in sounds(form(run[0])) else None
        if step.way is Way.SPLIT:
            return signs if options.split and self._is_whole(step.stands_for, run[0], options) else None
        if len(signs) > len(run) and not options.repeats:
            # What stands before or behind the word is no part of it: 所 in 所所长 begins at the second.
            signs = signs[-len(run) :] if index == 0 else signs[: len(run)] if index == count - 1 else []
        if len(signs) < len(run):
            return None
        return signs if all(self._is_one(sign, run[0], options) for sign in signs) else None

    def _is_whole(self, whole: str, char: str, options: Options) -> bool:
        return whole == form(char) or (options.homophones and _sound_alike(whole, char))

    def _is_one(self, sign: int, char: str, options: Options) -> bool:
        place = self._kept[sign]
        written = self._text[place]
        if self._wording.is_escaped(place) and not options.escapes:
            return False
        mask = mask_of(options)
        if form(written, mask) == form(char, mask):
            return True
        return options.homophones and form(written) != form(char) and _sound_alike(written, char)

    def _alike(self, step: Step, run: str, signs: list[int], options: Options) -> list[int]:
        if step.way is not Way.ITSELF:
            return []
        return [sign for sign in signs if form(self._text[self._kept[sign]]) != form(run[0])]

    def _may_be_parted(self, shape: Shape, used: list[list[int]], options: Options) -> bool:
        for index, signs in enumerate(used):
            inner = pairwise(signs)
            if not all(self._may_part(one, other, "", options) for one, other in inner):
                return False
            if index and not self._may_part(used[index - 1][-1], signs[0], shape.signs[index], options):
                return False
        return True

    def _may_part(self, one: int, other: int, wanted: str, options: Options) -> bool:
        """Whether what stands between two signs may, and has what the word itself has there."""
        first, last = self._kept[one], self._kept[other]
        if last == first + 1 and not wanted and not self._wording.parted:
            return True
        between = self._text[first + 1 : last]
        if wanted:
            return (
                "".join(form(char) for char in between if not filler(char) & (INVISIBLE | SPACING)) == wanted
            )
        allowed = fillers_of(options)
        kinds = [filler(char) for char in between]
        if any(not kind & allowed for kind in kinds):
            return False
        parted = self._wording.parted
        is_parted = bisect_left(parted, first) < bisect_left(parted, last)
        return sum(kind != INVISIBLE for kind in kinds) <= options.gap and (options.markup or not is_parted)

    def _with_signs(self, shape: Shape, start: int, end: int) -> tuple[int, int] | None:
        """The span with the signs that the term begins and ends with: .com, http://"""
        before, behind = shape.signs[0], shape.signs[-1]
        for sign in reversed(before):
            start -= 1
            if start < 0 or form(self._text[start]) != sign:
                return None
        for sign in behind:
            if end >= len(self._text) or form(self._text[end]) != sign:
                return None
            end += 1
        return start, end

    def _has_edges(self, steps: Sequence[Step], span: tuple[int, int], options: Options) -> bool:
        before = self._neighbours(span[0] - 1, -1)
        behind = self._neighbours(span[1], 1)
        first, last = self._text[span[0]], self._text[span[1] - 1]
        is_apart = _is_apart(first, before, options) if steps[0].way is not Way.PINYIN else _spelled(before)
        if not is_apart:
            return False
        if steps[-1].way is not Way.PINYIN:
            return _is_apart(last, behind, options)
        letters = behind if form(last).isalpha() else ""  # a tone digit ends it
        return _spelled(letters) and not self._is_english(steps, before, behind, span)

    def _is_english(self, steps: Sequence[Step], before: str, behind: str, span: tuple[int, int]) -> bool:
        if any(step.way is not Way.PINYIN for step in steps):
            return False
        plain = "".join(form(char) if not filler(char) else " " for char in self._text[slice(*span)])
        return all(word in english_words() for word in (before + plain + behind).split())

    def _neighbours(self, place: int, direction: int) -> str:
        """The plain letters that adjoin at `place`, or else the digit; a few are enough to judge."""
        found = ""
        while 0 <= place < len(self._text) and len(found) < _NEAR:
            char = self._text[place]
            plain = form(char)
            if _is_digit(char):
                return found or plain
            if filler(char) != INVISIBLE:
                if not _is_latin(plain):
                    break
                found = found + plain if direction > 0 else plain + found
            place += direction
        return found


def _is_apart(edge: str, neighbours: str, options: Options) -> bool:
    """Whether a letter does not adjoin letters, nor a digit digits."""
    if options.whole_mixed and neighbours:
        return not (_is_latin(form(edge)) or _is_digit(edge))
    if options.whole_word and _is_latin(form(edge)):
        return not neighbours or neighbours.isdecimal()
    if options.whole_number and _is_digit(edge):
        return not neighbours.isdecimal()
    return True


def _is_latin(plain: str) -> bool:
    return plain.isascii() and plain.isalpha()


def _is_digit(char: str) -> bool:
    """A figure, not a number in Han characters: 三 in 三三 is no part of a longer number."""
    return form(char).isdecimal() and not is_hanzi(char)


def _spelled(neighbours: str) -> bool:
    return neighbours.isdecimal() or is_spelled(neighbours)


def _sound_alike(one: str, other: str) -> bool:
    return not set(sounds(form(one))).isdisjoint(sounds(form(other)))
