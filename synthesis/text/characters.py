"""Folding: every character into the plain form the rules know, with its place in the original.

What is folded or left out, and nothing else is:
- Compatibility forms (full width, ligatures, circled and roman numerals) become plain ones (NFKC, one
  character at a time so that places stay known).
- Traditional and variant characters become the simplified ones that the dictionaries know, one for one.
- A combining mark or variation selector belongs to the character it stands on: composed where Unicode has the
  whole (NFC), dropped where it has not.
- Format characters (zero-width, joiners, byte order marks, bidi and tag characters) are no text: dropped.
- An emoji becomes its name where the caller wants that, and it has one.
- What can never be spoken (emoji, other scripts, private use, controls, lone surrogates ...) leaves a blank
  and a line in `unreadable`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from synthesis.text.emoji import RANGES, name_at
from synthesis.text.hanzi import has_reading, is_hanzi
from synthesis.text.letters import GREEK
from synthesis.text.listed import simplified
from synthesis.text.numbers import cardinal
from synthesis.text.script import Unreadable
from synthesis.text.signs import BULLETS, SPOKEN_SIGNS, SUPERSCRIPTS

BLANK = " "
_REASON_BY_CATEGORY = {"Co": "private_use", "Cn": "unassigned", "Cs": "surrogate", "Cc": "control"}
VULGAR_FRACTIONS = {
    "½": "二分之一", "⅓": "三分之一", "⅔": "三分之二", "¼": "四分之一", "¾": "四分之三", "⅕": "五分之一",
    "⅖": "五分之二", "⅗": "五分之三", "⅘": "五分之四", "⅙": "六分之一", "⅚": "六分之五", "⅐": "七分之一",
    "⅛": "八分之一", "⅜": "八分之三", "⅝": "八分之五", "⅞": "八分之七", "⅑": "九分之一", "⅒": "十分之一",
    "↉": "三分之零",
}  # fmt: skip
_KEPT = SUPERSCRIPTS.keys() | BULLETS | {"…", "⋯", "‰", "№"}


Fault = tuple[int, int, str]


@dataclass(slots=True)
class Folded:
    """Plain text; character `i` of it stands for `original[starts[i]:ends[i]]`.

    `faults` are places of the original and why they cannot be spoken. `kept` are places in the plain text of
    characters that have no reading of their own, which whoever asked to keep them still has to give; `named`
    are the places of the original of emoji that became names.
    """

    original: str
    text: str = ""
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    named: list[tuple[int, int]] = field(default_factory=list)

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        return tuple(
            Unreadable(start, end, self.original[start:end], reason)
            for start, end, reason in _merged(self.faults)
        )


def fold(original: str, *, name_emoji: bool = False, keep: Collection[str] = ()) -> Folded:
    """Fold a text in one pass; never raises, whatever the code points.

    `keep` are characters that may stay although they have no reading: `given` takes out the rest.
    """
    folded = Folded(original)
    plain: list[str] = []
    place = 0
    while place < len(original):
        named = name_at(original, place) if name_emoji and original[place] > "\u2300" else None
        if named:
            name, end = named
            folded.named.append((place, end))
            spoken = _parted(name, before="".join(plain[-1:]), after=original[end : end + 1])
        else:
            end = _cluster_end(original, place)
            spoken = _spoken(folded, place, end, keep)
        plain.append(spoken)
        folded.starts += [place] * len(spoken)
        folded.ends += [end] * len(spoken)
        place = end
    folded.text = "".join(plain)
    return folded


def given(folded: Folded, *, settled: Collection[int], spoken: Collection[int]) -> Folded:
    """What is not said after all becomes a fault: kept characters that nobody reads, and names that are lost.

    `settled` are the places of the original whose tokens are not made from the plain text, `spoken` those of
    them that are heard.
    """
    mute = [at for at in folded.kept if folded.starts[at] not in spoken]
    lost = [(*place, "emoji") for place in folded.named if place[0] in settled and place[0] not in spoken]
    text = list(folded.text)
    for at in mute:
        text[at] = BLANK
    faults = [(folded.starts[at], folded.ends[at], "no_reading") for at in mute] + lost
    return replace(folded, text="".join(text), faults=sorted([*folded.faults, *faults]), kept=[], named=[])


def _parted(name: str, *, before: str, after: str) -> str:
    """A name is no part of the sentence: a short break keeps it from running into its neighbours."""
    return ("、" if before[-1:].isalnum() else "") + name + ("、" if after.isalnum() else "")


def _spoken(folded: Folded, start: int, end: int, keep: Collection[str]) -> str:
    """The plain form of a cluster of the original; faults are noted in `folded`."""
    original = folded.original
    spoken, reason = _fold_cluster(original[start:end])
    if reason == "no_reading" and original[start] in keep:
        folded.kept.append(len(folded.starts))
        return original[start]
    if reason:
        folded.faults.append((start, end, reason))
    if start and spoken[1:] and original[start] in VULGAR_FRACTIONS and original[start - 1].isdigit():
        return "又" + spoken  # 3½ is three and a half
    return spoken


def _merged(faults: Iterable[Fault]) -> list[Fault]:
    """Neighbours with the same reason become one, so an emoji of many code points is one line."""
    merged: list[Fault] = []
    for start, end, reason in faults:
        if merged and merged[-1][1:] == (start, reason):
            merged[-1] = (merged[-1][0], end, reason)
        else:
            merged.append((start, end, reason))
    return merged


def _cluster_end(text: str, place: int) -> int:
    end = place + 1
    while end < len(text) and _extends(text[end]):
        end += 1
    return end


@lru_cache(maxsize=4096)
def _extends(char: str) -> bool:
    return char > "\u02ff" and unicodedata.category(char) in {"Mn", "Me", "Mc", "Cf"}


def _fold_cluster(cluster: str) -> tuple[str, str | None]:
    if len(cluster) == 1:
        return _fold_character(cluster)
    # Only a bounded head is composed: a thousand marks on one letter are no other letter than ten.
    return _fold_character(unicodedata.normalize("NFC", cluster[:8])[0])


@lru_cache(maxsize=8192)
def _fold_character(char: str) -> tuple[str, str | None]:
    """The plain form of one character, or a blank and the reason why it cannot be spoken."""
    # Some letters are never composed: of ଡ଼ the mark goes, as of every cluster.
    char = unicodedata.normalize("NFC", char)[0]
    if char in _KEPT or is_hanzi(char):
        char = simplified().get(char, char)
        return (char, None) if char in _KEPT or has_reading(char) else (BLANK, "no_reading")
    if unicodedata.category(char) in {"Cf", "Mn", "Me", "Mc"}:
        return "", None
    if unicodedata.category(char) in {"No", "Nl"} and char not in VULGAR_FRACTIONS:
        return _fold_numeral(char)
    if char in VULGAR_FRACTIONS:
        return VULGAR_FRACTIONS[char], None
    plain = "".join(_plain(part) for part in unicodedata.normalize("NFKC", char))
    reasons = [reason for reason in map(_why_not, plain) if reason]
    return (BLANK, reasons[0]) if reasons else (plain, None)


def _fold_numeral(char: str) -> tuple[str, str | None]:
    """Circled and roman numerals as Chinese numbers: as digits they would run into their neighbours.

    A circled one counts the items of a list, so a short break parts it from what follows.
    """
    value = unicodedata.numeric(char, -1.0)
    if value < 0 or value != int(value):
        return BLANK, "symbol"
    listed = unicodedata.category(char) == "No"
    return cardinal(str(int(value))) + ("、" if listed else ""), None


def _plain(char: str) -> str:
    if char in "\n\r\v\f\x85\u2028\u2029":
        return "\n"
    if char == "\t" or unicodedata.category(char) == "Zs":
        return BLANK
    if char in "\u2044\u2215\u2236":
        return ":" if char == "\u2236" else "/"
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.digit(char))
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() and base.isalpha() else char


def _why_not(char: str) -> str | None:
    """The reason why a plain character cannot be spoken, None when it can or is a mark."""
    if char.isascii() and (char.isprintable() or char == "\n"):
        return None
    if char in SPOKEN_SIGNS or char in GREEK or char in _KEPT:
        return None
    if is_hanzi(char):
        return None if has_reading(char) else "no_reading"
    if any(low <= ord(char) <= high for low, high in RANGES):
        return "emoji"
    return _why_not_category(unicodedata.category(char))


def _why_not_category(category: str) -> str | None:
    """Punctuation and accents standing alone are marks; of the rest nothing has a reading."""
    if category[0] == "P" or category == "Sk":
        return None
    if category in _REASON_BY_CATEGORY:
        return _REASON_BY_CATEGORY[category]
    return "foreign_script" if category[0] in "LMN" else "symbol"
