"""What screening looks for and what it says: plain values, shared by the matcher, the lists and the doors."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal


class Level(StrEnum):
    """What happens to a text that says it; the severest of all hits counts."""

    RECORD = "record"  # it passes, and the hit is counted
    MASK = "mask"  # the word is never read: the phrase is refused, or the list's own substitute is spoken
    REVIEW = "review"  # a person decides
    BLOCK = "block"

    @property
    def severity(self) -> int:
        """0 for the mildest."""
        return _SEVERITY[self]


_SEVERITY = {level: place for place, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Options:
    """Which disguises of a word are seen through. The defaults are what a government's list wants.

    A form: the text and the word are compared after folding both. A filler: what may stand between two
    characters of the word. A spelling: another way of writing one of its characters.
    """

    # Forms
    case: bool = True
    width: bool = True  # Ａ１, compatibility and radical forms of Han
    script: bool = True  # traditional and variant Han
    styled: bool = True  # ⓐ 𝐚 ᵃ ① ㊀
    digits: bool = True  # 三 叁 ３ ③ ٣ are one
    lookalikes: bool = True  # Cyrillic а, Greek ο, accented á
    # Fillers
    invisible: bool = True  # zero-width, bidi, variation selectors, combining marks
    spacing: bool = True
    punctuation: bool = True  # and every other sign that is no emoji
    emoji: bool = True
    markup: bool = True  # <b>, <break/>, comments
    gap: int = 8  # the most visible fillers between two characters of the word
    repeats: bool = True  # 赌赌博
    # Spellings
    escapes: bool = True  # %E8%B5%8C, &#x8d4c; and \u8d4c
    pinyin: bool = True  # whole or mixed, with or without tones: wei信, wēixìn, wei1 xin4
    homophones: bool = True  # same syllable, any tone, where the characters make no words of their own
    split: bool = True  # 弓虽 for 强
    reverse: bool = False
    # Edges
    whole_word: bool = True  # letters only where no letter follows or goes before: av is not in have
    whole_number: bool = True  # 69 is not in 695
    whole_mixed: bool = False  # letters and digits are one word: VX is not in VX123
    innocent: bool = True  # passes what is parts of two words (成分 in 提成|分红) and the guard phrases


@dataclass(frozen=True, slots=True)
class Term:
    """A word that may not be said. `id` is what the list calls it and comes back in hits."""

    text: str
    category: str
    level: Level = Level.BLOCK
    options: Options = Options()
    substitute: str = ""  # what is said in its place, where staff gave one
    id: str = ""


RuleKind = Literal[
    "pattern",
    "identity_card",
    "mobile",
    "bank_card",
    "address",
    "email",
    "url",
    "ip",
    "number",
    "name_title",
    "event_date",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """Something beside words that may not be said; `parameters` are told by `rules.KINDS`."""

    id: str
    category: str
    kind: RuleKind
    level: Level = Level.BLOCK
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """Found at [start, end) of the text as written, in code points; `text` is what stands there.

    `term` is the word as listed ("" for a rule), `rule` the id of the term or rule, `suggestion` what might
    be said instead ("" where nobody said).
    """

    start: int
    end: int
    text: str
    term: str
    category: str
    level: Level
    rule: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All hits in the order of the text; `level` is the severest, None where nothing was found."""

    hits: tuple[Hit, ...] = ()

    @property
    def level(self) -> Level | None:
        return max((hit.level for hit in self.hits), key=lambda level: level.severity, default=None)

    @property
    def blocked(self) -> bool:
        return self.level is Level.BLOCK
