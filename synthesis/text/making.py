"""The way from a folded text to a script, shared by plain text and SSML."""

from __future__ import annotations

from collections.abc import Sequence

from synthesis.text.characters import Folded, given
from synthesis.text.normalise import normalise
from synthesis.text.phrases import make_phrases
from synthesis.text.script import Script
from synthesis.text.tokens import Island, Kind


def script_of(folded: Folded, islands: Sequence[Island], *, max_syllables: int) -> Script:
    """Raises ValueError when `max_syllables` is less than 1."""
    if max_syllables < 1:
        raise ValueError(f"max_syllables must be at least 1, got {max_syllables}")
    if folded.kept or folded.named:
        folded = given(folded, settled=_settled_places(folded, islands), spoken=_spoken_places(islands))
    tokens = normalise(folded, islands)
    phrases, syllables = make_phrases(tokens, text=folded.original, max_syllables=max_syllables)
    return Script(
        text=folded.original,
        normalized="".join(token.text for token in tokens),
        phrases=phrases,
        unreadable=folded.unreadable,
        syllables=syllables,
        spans=tuple(span for token in tokens for span in token.spans),
    )


def _settled_places(folded: Folded, islands: Sequence[Island]) -> set[int]:
    return {folded.starts[at] for island in islands for at in range(island.start, island.end)}


def _spoken_places(islands: Sequence[Island]) -> set[int]:
    """Places of the original that an island gives a sound: not those of its marks."""
    return {
        place
        for island in islands
        for token in island.tokens
        if token.kind is not Kind.MARK
        for start, end in token.spans
        for place in range(start, end)
    }
