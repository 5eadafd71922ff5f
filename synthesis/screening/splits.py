"""Characters written as their two parts: 弓虽 for 强."""

from __future__ import annotations

from functools import cache

from synthesis.screening.folding import form
from synthesis.screening.innocence import is_common
from synthesis.screening.sounds import words_of

# A part, and what is typed for it.
_TYPED = {
    "氵": "水", "扌": "手", "亻": "人", "讠": "言訁", "钅": "金釒", "忄": "心", "艹": "草", "犭": "犬",
    "衤": "衣", "礻": "示", "饣": "食飠", "纟": "糸糹", "刂": "刀", "辶": "走", "阝": "耳", "竹": "",
    "灬": "火", "攵": "文", "疒": "病", "贝": "貝", "车": "車", "马": "馬", "门": "門", "鸟": "鳥",
    "鱼": "魚", "见": "見", "页": "頁", "王": "玉", "月": "肉",
}  # fmt: skip


@cache
def wholes() -> dict[str, str]:
    """Two parts, as plain characters -> the plain character they make."""
    table: dict[str, str] = {}
    for first, second, whole in _entries():
        parts = form(first) + form(second)
        # 月二 is a date, and 门口 a word before it is a 问 that somebody split.
        if any(map(str.isdecimal, parts)) or is_common(parts):
            continue
        for one in first + _TYPED.get(first, ""):
            for other in second + _TYPED.get(second, ""):
                table.setdefault(form(one) + form(other), form(whole))
    return table


@cache
def parts() -> frozenset[str]:
    """All characters that are a part of another, plain."""
    return frozenset("".join(wholes()))


def _entries() -> list[tuple[str, str, str]]:
    entries: list[tuple[str, str, str]] = []
    first = ""
    for word in words_of("splits.txt"):
        if len(word) == 1:
            first = word
        else:
            entries.append((first, word[0], word[1]))
    return entries
