"""Chinese text in, phrases of phones out. Pure: knows no Django, no voice and no staff lexicon."""

from __future__ import annotations

from synthesis.text.characters import fold
from synthesis.text.normalise import normalise
from synthesis.text.phrases import make_phrases
from synthesis.text.polyphones import network
from synthesis.text.script import Phrase, Script, Unreadable
from synthesis.text.words import dictionary

__all__ = ["Phrase", "Script", "Unreadable", "load", "make_script"]


def load() -> None:
    """Read dictionaries and network now (about 0.5 s) rather than with the first text."""
    dictionary()
    network()


def make_script(text: str, *, max_syllables: int = 40) -> Script:
    """Make a text ready to speak; any string will do, and the time grows with its length only.

    No phrase has more than `max_syllables` syllables. What cannot be spoken is listed in `unreadable`; a text
    with nothing to speak has no phrases. Raises ValueError when `max_syllables` is less than 1.
    """
    if max_syllables < 1:
        raise ValueError(f"max_syllables must be at least 1, got {max_syllables}")
    folded = fold(text)
    tokens = normalise(folded)
    return Script(
        text=text,
        normalized="".join(token.text for token in tokens),
        phrases=make_phrases(tokens, text=text, max_syllables=max_syllables),
        unreadable=tuple(folded.unreadable),
    )
