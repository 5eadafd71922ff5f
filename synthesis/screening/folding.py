"""What a character is when its dress is taken off, and which signs are only put between characters.

Two characters are one when their forms under the same folds are equal; which folds, a list's options say. A
form is mostly one character; a few signs hide several (㎏, ﬁ, ⑩), a few hide none.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from synthesis.screening.verdicts import Options
from synthesis.text.hanzi import is_hanzi
from synthesis.text.listed import simplified as listed_simplified

# Folds of form, bits of a mask. Plain integers: an IntFlag costs ten times as much to test.
WIDTH, STYLED, LOOKALIKES, CASE, SCRIPT, DIGITS = 1, 2, 4, 8, 16, 32
ALL = 63
# Kinds of signs that may stand between the characters of a word, bits of a mask.
INVISIBLE, SPACING, PUNCTUATION, EMOJI = 1, 2, 4, 8

HAN_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x323B0))
_DIGITS = dict(zip("零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖弌弍弎", "00123456789123456789123", strict=True))
_TENS = {"拾": "十", "佰": "百", "仟": "千"}
# Letters of other scripts that look like Latin ones; both cases, since what looks alike differs by case.
_LOOKALIKES = str.maketrans(
    # Cyrillic
    "АВСЕНІЈКМОРЅТХУѴԜԚҮҺԁаеоорсухіјѕһԛԝѵкмнтвгпьӏІ"
    # Greek
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχωϲϳ"
    # Armenian, Cherokee and others
    "ՕօՏՍսոցհզᎪᏴᏟᎬᎻᎫᏦᏞᎷᏢᏚᎢᏙᏔᏃıłøđħſƖɡɑɩʋ",
    "ABCEHIJKMOPSTXYVWQYhdaeoopcyxijshqwvkmhtbrnblI"
    "ABEZHIKMNOPTYXaiknoptuxwcj"
    "OoSUunghqABCEHJKLMPSTVWZilodhsIgaiv",
)  # fmt: skip
# Radicals that Unicode gives no decomposition.
_RADICALS = str.maketrans("⺀⺅⺉⺖⺘⺙⺡⺣⺨⺬⺮⺾⻂⻊⻌⻏⻖", "冫亻刂忄扌攵氵灬犭礻竹艹衤足辶阝阝")
_WIDTH_BLOCKS = ((0xFF00, 0xFFF0), (0x3000, 0x3001), (0xF900, 0xFB00), (0x2F800, 0x2FA20), (0x2E80, 0x2FE0))
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0010ffff")
_LETTER_NAMES = (" LETTER ", " LATIN SMALL LETTER ", " LATIN CAPITAL LETTER ")
_EMOJI_BLOCKS = ((0x231A, 0x2400), (0x25A0, 0x27C0), (0x2900, 0x2C00), (0x1F000, 0x20000))


@cache
def mask_of(options: Options) -> int:
    """The folds of form that are switched on."""
    chosen = (
        (options.width, WIDTH),
        (options.styled, STYLED),
        (options.lookalikes, LOOKALIKES),
        (options.case, CASE),
        (options.script, SCRIPT),
        (options.digits, DIGITS),
    )
    return sum(fold for is_on, fold in chosen if is_on)


@cache
def fillers_of(options: Options) -> int:
    chosen = (
        (options.invisible, INVISIBLE),
        (options.spacing, SPACING),
        (options.punctuation, PUNCTUATION),
        (options.emoji, EMOJI),
    )
    return sum(filler for is_on, filler in chosen if is_on)


@lru_cache(maxsize=65536)
def form(char: str, mask: int = ALL) -> str:
    """One character under the folds of `mask`; signs that only fill stay as they are."""
    if mask & WIDTH and _within(ord(char), _WIDTH_BLOCKS):
        char = unicodedata.normalize("NFKC", char).translate(_RADICALS)
    if mask & STYLED:
        char = "".join(map(_plain, char))
    return "".join(_letter(piece, mask) for piece in char)


def han_form(char: str) -> str:
    """What `form` says of a Han character of the unified blocks under all folds."""
    char = simplified().get(char, char)
    return _DIGITS.get(char) or _TENS.get(char, char)


def _letter(char: str, mask: int) -> str:
    if mask & LOOKALIKES:
        char = _undressed(char.translate(_LOOKALIKES))
    if mask & CASE:
        char = char.lower()[0]
    if mask & SCRIPT:
        char = simplified().get(char, char)
    return _digit(char) if mask & DIGITS else char


def _undressed(char: str) -> str:
    """A Latin letter without its accents; any other character as it is."""
    if char.isascii():
        return char
    base = unicodedata.normalize("NFD", char)[0].translate(_LOOKALIKES)
    return base if base.isascii() and base.isalpha() else char


def _digit(char: str) -> str:
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.digit(char))
    return _DIGITS.get(char) or _TENS.get(char, char)


def _plain(char: str) -> str:
    """A styled, enclosed or ligated sign as what it stands for."""
    if char.isascii() or is_hanzi(char) or ord(char) in _LOOKALIKES:
        return char
    if unicodedata.category(char) in {"No", "Nl"} and unicodedata.numeric(char, -1.0) in range(1, 51):
        return str(int(unicodedata.numeric(char)))
    named = _named_letter(char)
    if named:
        return named
    plain = unicodedata.normalize("NFKC", char)
    if plain[0] == "(" and plain[-1] == ")":
        plain = plain[1:-1]
    # Full width and the like are another fold's; an NFKC of blanks and marks (´ is " ́") is no letter.
    return plain if any(map(str.isalnum, plain)) and not _within(ord(char), _WIDTH_BLOCKS) else char


def _named_letter(char: str) -> str:
    """🅐, 🇦, ᴀ and their like have no decomposition, but a name that ends in the letter."""
    if unicodedata.decomposition(char) or ord(char) < 0x250:
        return ""
    name = unicodedata.name(char, "")
    is_styled = unicodedata.category(char) == "So" or "SMALL CAPITAL" in name or "TURNED" in name
    if not is_styled or not (" LETTER " in name or "SMALL CAPITAL" in name):
        return ""
    letter = name.rsplit(" ", 1)[1]
    return letter if len(letter) == 1 and letter.isalpha() else ""


@lru_cache(maxsize=16384)
def filler(char: str) -> int:
    """The kind of a sign that may only be put between; 0 for a character of words."""
    category = unicodedata.category(char)
    if category in {"Cf", "Mn", "Me", "Mc", "Cs", "Co", "Cn"} or char in _INVISIBLE_LETTERS:
        return INVISIBLE
    if char.isspace():
        return SPACING
    if category == "Cc":
        return INVISIBLE
    if category[0] not in "PS" or any(map(str.isalnum, form(char))):
        return 0
    return EMOJI if _is_emoji(char, category) else PUNCTUATION


def _is_emoji(char: str, category: str) -> bool:
    return category in {"So", "Sk", "Sm"} and _within(ord(char), _EMOJI_BLOCKS)


def _within(code: int, blocks: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= code < high for low, high in blocks)


@cache
def simplified() -> dict[str, str]:
    """Traditional and variant characters -> the simplified one, one for one."""
    import opencc

    characters = [chr(code) for low, high in HAN_BLOCKS for code in range(low, high)]
    # Parted by line ends, so that no two make a phrase, which would be converted as a whole.
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {char: plain for char, plain in zip(characters, converted, strict=True) if char != plain}
    return {**listed_simplified(), **{char: plain for char, plain in table.items() if len(plain) == 1}}
