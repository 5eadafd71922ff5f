"""Emoji by name, where the operator wants them said: `data/emoji.txt` holds the names."""

from __future__ import annotations

import re
from functools import cache

from synthesis.text.listed import DATA

RANGES = ((0x231A, 0x23FF), (0x2600, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))
_MODIFIERS = "\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"  # text or picture, and the five skin tones
_SIGN = (
    "[\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
# Two regional indicators are a flag; signs joined by U+200D are one picture.
_SEQUENCE = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|{_SIGN}[{_MODIFIERS}]{{0,2}}(?:\u200d{_SIGN}[{_MODIFIERS}]{{0,2}}){{0,6}}"
)
_MODIFIER = re.compile(f"[{_MODIFIERS}]")
_SEX = re.compile("\u200d[♀♂]")


@cache
def names() -> dict[str, str]:
    """Emoji without modifiers -> what is said."""
    lines = (DATA / "emoji.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {_MODIFIER.sub("", sign): name for sign, name in pairs}


def name_at(text: str, place: int) -> tuple[str, int] | None:
    """The name of the emoji that begins at `place`, and where it ends; None when it has no name."""
    match = _SEQUENCE.match(text, place)
    if match is None:
        return None
    plain = _MODIFIER.sub("", match[0])
    name = names().get(plain) or names().get(_SEX.sub("", plain))
    return (name, match.end()) if name else None
