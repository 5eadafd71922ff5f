"""Chinese text in, phrases of phones out. Pure: knows no Django, no voice and no staff lexicon."""

from synthesis.text.script import Phrase, Script, Unreadable

__all__ = ["Phrase", "Script", "Unreadable"]
