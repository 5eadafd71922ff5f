"""Chinese text in, phrases of phones out. Pure: knows no Django and no voice."""

from __future__ import annotations

from synthesis.text.characters import fold
from synthesis.text.lexicon import Entry, Lexicon, LexiconError
from synthesis.text.making import script_of
from synthesis.text.polyphones import network
from synthesis.text.script import Manner, Phrase, Script, Syllable, Unreadable
from synthesis.text.ssml import Markup, SsmlError, line_and_column, make_markup_script, read_markup
from synthesis.text.words import dictionary

__all__ = [
    "Entry",
    "Lexicon",
    "LexiconError",
    "Manner",
    "Markup",
    "Phrase",
    "Script",
    "SsmlError",
    "Syllable",
    "Unreadable",
    "line_and_column",
    "load",
    "make_markup_script",
    "make_script",
    "read_markup",
]


def load() -> None:
    """Read dictionaries and network now (about 0.5 s) rather than with the first text."""
    dictionary()
    network()


def make_script(
    text: str, *, max_syllables: int = 40, lexicon: Lexicon | None = None, name_emoji: bool = False
) -> Script:
    """Make a text ready to speak; any string will do, and the time grows with its length only.

    No phrase has more than `max_syllables` syllables. `lexicon` has the last word on readings. With
    `name_emoji` those that have a name are said by it. What cannot be spoken is listed in `unreadable`; a
    text with nothing to speak has no phrases. Raises ValueError when `max_syllables` is less than 1.
    """
    lexicon = lexicon or Lexicon()
    folded = fold(text, name_emoji=name_emoji, keep=lexicon.rare)
    return script_of(folded, lexicon.islands(folded), max_syllables=max_syllables)
