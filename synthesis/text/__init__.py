"""Chinese text in, phrases of phones out. Pure: knows no Django and no voice."""

from __future__ import annotations

from synthesis.text.characters import fold
from synthesis.text.lexicon import Entry, Lexicon, LexiconError
from synthesis.text.normalise import normalise
from synthesis.text.phrases import make_phrases
from synthesis.text.polyphones import network
from synthesis.text.script import Manner, Phrase, Script, Syllable, Unreadable
from synthesis.text.words import dictionary

__all__ = [
    "Entry",
    "Lexicon",
    "LexiconError",
    "Manner",
    "Phrase",
    "Script",
    "Syllable",
    "Unreadable",
    "load",
    "make_script",
]


def load() -> None:
    """Read dictionaries and network now (about 0.5 s) rather than with the first text."""
    dictionary()
    network()


def make_script(text: str, *, max_syllables: int = 40, lexicon: Lexicon | None = None) -> Script:
    """Make a text ready to speak; any string will do, and the time grows with its length only.

    No phrase has more than `max_syllables` syllables. `lexicon` has the last word on readings. What cannot be
    spoken is listed in `unreadable`; a text with nothing to speak has no phrases. Raises ValueError when
    `max_syllables` is less than 1.
    """
    if max_syllables < 1:
        raise ValueError(f"max_syllables must be at least 1, got {max_syllables}")
    folded = fold(text)
    tokens = normalise(folded, lexicon.islands(folded) if lexicon else ())
    phrases, syllables = make_phrases(tokens, text=text, max_syllables=max_syllables)
    return Script(
        text=text,
        normalized="".join(token.text for token in tokens),
        phrases=phrases,
        unreadable=tuple(folded.unreadable),
        syllables=syllables,
        spans=tuple(span for token in tokens for span in token.spans),
    )
