"""Names of letters. The voice has no English sounds, so Latin letters borrow Mandarin syllables."""

from __future__ import annotations

LETTER_NAMES: dict[str, tuple[str, ...]] = {
    "A": ("ei1",),
    "B": ("bi4",),
    "C": ("xi1",),
    "D": ("di4",),
    "E": ("yi4",),
    "F": ("ai2", "fu5"),
    "G": ("ji4",),
    "H": ("ei2", "chi5"),
    "I": ("ai4",),
    "J": ("zhei4",),
    "K": ("kei4",),
    "L": ("ai2", "lou5"),
    "M": ("ai2", "mu5"),
    "N": ("en1",),
    "O": ("ou1",),
    "P": ("pi4",),
    "Q": ("kou1",),
    "R": ("a4", "er5"),
    "S": ("ai2", "si5"),
    "T": ("ti4",),
    "U": ("you1",),
    "V": ("wei1",),
    "W": ("da2", "bu5", "liu5"),
    "X": ("ai2", "ke5", "si5"),
    "Y": ("wai1",),
    "Z": ("zei4",),
}

# The names science teachers use, in the order of the alphabet.
_GREEK_NAMES = (
    "阿尔法", "贝塔", "伽马", "德尔塔", "艾普西龙", "泽塔", "伊塔", "西塔", "约塔", "卡帕", "兰姆达",
    "谬", "纽", "克西", "奥密克戎", "派", "柔", "西格玛", "陶", "宇普西龙", "斐", "希", "普西",
    "欧米伽",
)  # fmt: skip
GREEK: dict[str, str] = {
    letter: name
    for alphabet in ("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", "αβγδεζηθικλμνξοπρστυφχψω")
    for letter, name in zip(alphabet, _GREEK_NAMES, strict=True)
} | {"ς": "西格玛"}


def spell(letter: str) -> tuple[str, ...]:
    """The syllables of an ASCII letter's name."""
    return LETTER_NAMES[letter.upper()]
