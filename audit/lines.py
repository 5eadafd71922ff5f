"""Foreign text made fit for a line of evidence: one line, bounded, nothing invisible, nothing lost unseen."""

from __future__ import annotations

import unicodedata

# Control and format characters (with bidi and zero-width ones), lone surrogates, U+2028, U+2029. Private use
# and unassigned code points stay: rare characters of personal names live there.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def one_line(text: str, *, limit: int) -> str:
    """The text on one printable line of at most `limit` characters.

    What could break a line, reorder it or hide in it is written as an escape (a backslash too, so that no
    text can pretend to be one). A cut is marked with the number of characters it took.
    """
    if len(text) <= limit and text.isprintable() and "\\" not in text:
        return text  # nearly always; a walk over each character costs many times as much
    if len(text) <= limit:
        shown = "".join(map(_escaped, text))
        if len(shown) <= limit:
            return shown
    return _cut(text, limit)


def visible(text: str) -> str:
    """The text, whole, with what could break a line, reorder it or hide in it written as an escape.

    For what was made by one_line already, or is JSON: a backslash stays as it is.
    """
    if text.isprintable():
        return text
    return "".join(character if character == "\\" else _escaped(character) for character in text)


def _cut(text: str, limit: int) -> str:
    # The marker's room is set aside for the longest it can be.
    room = limit - len(_marker(len(text)))
    kept: list[str] = []
    for character in text:
        escape = _escaped(character)
        if room < len(escape):
            break
        room -= len(escape)
        kept.append(escape)
    return "".join(kept) + _marker(len(text) - len(kept))


def _marker(count: int) -> str:
    return f"…(+{count})"


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if unicodedata.category(character) not in HIDDEN_CATEGORIES:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
