"""Every disguise that the matcher promises to see through, as something that can be put on a word."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

from synthesis.screening.folding import form, simplified
from synthesis.screening.sounds import sounds
from synthesis.screening.splits import wholes
from synthesis.text.words import dictionary


@dataclass
class Word:
    """A word in the making: `cells` write its characters, `joins[i]` stands behind cell `i`."""

    chars: str
    cells: list[str]
    joins: list[str]

    def __init__(self, chars: str) -> None:
        self.chars, self.cells, self.joins = chars, list(chars), [""] * len(chars)

    def written(self) -> str:
        return "".join(cell + join for cell, join in zip(self.cells, [*self.joins[:-1], ""], strict=True))


Disguise = Callable[[Word, Random], bool]


def _on_a_cell(dress: Callable[[str, Random], str | None]) -> Disguise:
    """Puts it on one or more of the cells that nothing is on yet; False where it fits none."""

    def disguise(word: Word, chance: Random) -> bool:
        bare = [at for at, cell in enumerate(word.cells) if cell == word.chars[at]]
        fitting = [(at, dressed) for at in bare if (dressed := dress(word.chars[at], chance))]
        for at, dressed in chance.sample(fitting, chance.randint(1, len(fitting))) if fitting else ():
            word.cells[at] = dressed
        return bool(fitting)

    return disguise


def _between(signs: tuple[str, ...], most: int) -> Disguise:
    def disguise(word: Word, chance: Random) -> bool:
        if len(word.cells) < 2:
            return False
        at = chance.randrange(len(word.cells) - 1)
        word.joins[at] += "".join(chance.choices(signs, k=chance.randint(1, most)))
        return True

    return disguise


def _width(char: str, chance: Random) -> str | None:
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else None


def _case(char: str, chance: Random) -> str | None:
    return char.swapcase() if char.swapcase() != char else None


@cache
def _traditional() -> dict[str, list[str]]:
    table: dict[str, list[str]] = defaultdict(list)
    for char, plain in simplified().items():
        table[plain].append(char)
    return table


def _script(char: str, chance: Random) -> str | None:
    found = _traditional().get(char)
    return chance.choice(found) if found else None


def _styled(char: str, chance: Random) -> str | None:
    if char.isascii() and char.isalpha():
        place = ord(char.lower()) - ord("a")
        return chance.choice(
            [chr(start + place) for start in (0x24D0, 0x249C, 0x1D41A, 0x1D4EA, 0x1F150, 0x1F1E6)]
        )
    if char in "123456789":
        return chance.choice([chr(start + int(char)) for start in (0x245F, 0x2473, 0x1D7CE, 0x2775)])
    return None


_NUMERALS = (
    "0０零〇",
    "1１一壹①Ⅰ",
    "2２二贰②٢",
    "3３三叁③३",
    "4４四肆④",
    "5５五伍⑤",
    "6６六陆⑥",
    "7７七柒⑦",
    "8８八捌",
    "9９九玖⑨",
)


def _digits(char: str, chance: Random) -> str | None:
    for style in _NUMERALS:
        if char in style:
            return chance.choice(style.replace(char, ""))
    return None


_TWINS = {
    "a": "аɑά",
    "c": "сϲ",
    "e": "еé",
    "i": "іι",
    "o": "оοօ",
    "p": "рρ",
    "x": "хχ",
    "y": "уý",
    "s": "ѕ",
    "j": "ј",
}
_TWINS |= {
    "A": "АΑ",
    "B": "ВΒ",
    "C": "С",
    "E": "ЕΕ",
    "H": "НΗ",
    "K": "КΚ",
    "M": "МΜ",
    "O": "ОΟ",
    "P": "РΡ",
    "T": "ТΤ",
    "X": "ХΧ",
}


def _lookalikes(char: str, chance: Random) -> str | None:
    return chance.choice(_TWINS[char]) if char in _TWINS else None


def _repeats(char: str, chance: Random) -> str | None:
    return char * chance.randint(2, 4)


def _escapes(char: str, chance: Random) -> str | None:
    percent = "".join(f"%{byte:02X}" for byte in char.encode())
    wide = f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
    return chance.choice(
        [percent, f"&#{ord(char)};", f"&#x{ord(char):x};", wide, percent.replace("%", "%25")]
    )


_TONES = "\u0304\u0301\u030c\u0300"


def _pinyin(char: str, chance: Random) -> str | None:
    spelled = [sound for sound in sounds(form(char)) if len(sound) > 1 and not char.isascii()]
    if not spelled:
        return None
    sound = chance.choice(spelled)
    vowel = next(at for at, letter in enumerate(sound) if letter in "aoeiuv")
    marked = unicodedata.normalize("NFC", sound[: vowel + 1] + chance.choice(_TONES) + sound[vowel + 1 :])
    return chance.choice(
        [sound, sound.upper(), marked if "v" not in sound else sound, sound + chance.choice("1234")]
    )


@cache
def _odd_ones() -> dict[str, list[str]]:
    """By sound, the characters of the basic block that stand in no common word."""
    known = {form(char) for word in dictionary().words for char in word}
    table: dict[str, list[str]] = defaultdict(list)
    for code in range(0x4E00, 0xA000):
        char = chr(code)
        if form(char) == char and char not in known:
            for sound in sounds(char)[:1]:
                table[sound].append(char)
    return table


def _homophones(char: str, chance: Random) -> str | None:
    if not sounds(form(char)) or char.isascii():
        return None
    found = [odd for sound in sounds(form(char)) for odd in _odd_ones()[sound] if odd != form(char)]
    return chance.choice(found) if found else None


@cache
def _parts() -> dict[str, list[str]]:
    """By character, its two parts."""
    table: dict[str, list[str]] = defaultdict(list)
    for parts, whole in wholes().items():
        table[whole].append(parts)
    return table


def _split(char: str, chance: Random) -> str | None:
    found = _parts().get(form(char))
    return chance.choice(found) if found else None


DISGUISES: dict[str, Disguise] = {
    "case": _on_a_cell(_case),
    "width": _on_a_cell(_width),
    "script": _on_a_cell(_script),
    "styled": _on_a_cell(_styled),
    "digits": _on_a_cell(_digits),
    "lookalikes": _on_a_cell(_lookalikes),
    "repeats": _on_a_cell(_repeats),
    "escapes": _on_a_cell(_escapes),
    "pinyin": _on_a_cell(_pinyin),
    "homophones": _on_a_cell(_homophones),
    "split": _on_a_cell(_split),
    "invisible": _between(
        ("\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\ufe0f", "\u0301", "\U000e0041"), 12
    ),
    "spacing": _between((" ", "\u3000", "\t", "\n", "\xa0"), 4),
    "punctuation": _between(("。", "，", "*", "-", "·", "_", "|", "…", "【", "~"), 4),
    "emoji": _between(("😀", "🔥", "❤️", "👨\u200d👩", "⭐"), 2),
    "markup": _between(("<b>", "</b>", '<break time="1s"/>', "<!-- x -->"), 2),
}
