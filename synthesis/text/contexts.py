"""Readings that what stands around a character decides more surely than the network: `data/contexts.txt`.

They are for the polyphones of hotline talk that it misreads most.
"""

from __future__ import annotations

import re
from functools import cache

from synthesis.text.listed import DATA

_END = r"(?:[，。；！？、）)]|$)"


@cache
def _written() -> dict[str, list[list[str]]]:
    """Character -> its lines: before, after, reading."""
    table: dict[str, list[list[str]]] = {}
    for line in (DATA / "contexts.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            char, *rest = line.split("\t")
            table.setdefault(char, []).append(rest)
    return table


@cache
def _rules(char: str) -> tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...]:
    """Compiled when a character is first met: all at once would cost the start."""
    return tuple(
        (re.compile(f"(?:{before})$"), re.compile(after.replace("END", _END)), reading)
        for before, after, reading in _written()[char]
    )


def has_contexts(char: str) -> bool:
    return char in _written()


def reading_in(char: str, before: str, after: str) -> str | None:
    """What the context says of a character that has lines, None when it says nothing.

    `before` and `after` are what stands around it in the text, a few characters of each.
    """
    for leads, follows, reading in _rules(char):
        if leads.search(before) and follows.match(after):
            return reading
    return None
