"""The way from a folded text to a script, shared by plain text and SSML."""

from __future__ import annotations

from collections.abc import Iterable

from synthesis.text.characters import Folded
from synthesis.text.normalise import normalise
from synthesis.text.phrases import make_phrases
from synthesis.text.script import Script
from synthesis.text.tokens import Island


def script_of(folded: Folded, islands: Iterable[Island], *, max_syllables: int) -> Script:
    """Raises ValueError when `max_syllables` is less than 1."""
    if max_syllables < 1:
        raise ValueError(f"max_syllables must be at least 1, got {max_syllables}")
    tokens = normalise(folded, islands)
    phrases, syllables = make_phrases(tokens, text=folded.original, max_syllables=max_syllables)
    return Script(
        text=folded.original,
        normalized="".join(token.text for token in tokens),
        phrases=phrases,
        unreadable=tuple(folded.unreadable),
        syllables=syllables,
        spans=tuple(span for token in tokens for span in token.spans),
    )
