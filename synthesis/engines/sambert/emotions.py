"""The catalogue's emotions as the released voices name them, and which of them a voice may offer."""

from __future__ import annotations

from typing import Final

from synthesis.engines.base import EMOTIONS

# All released voices share one table of 33 emotions; these are the catalogue's among them.
SYMBOLS: Final = {name: f"emotion_{name}" for name in EMOTIONS}

# A row of that table which a voice never saw in training is noise near its first random value, and no
# configuration tells which those are. So a voice offers what somebody has proven by listening, and from its
# first day only the emotion that every released text carries.
PROVEN: Final = ("neutral",)
_PROVEN_OF: Final[dict[str, tuple[str, ...]]] = {}


def proven(voice: str) -> tuple[str, ...]:
    """Emotions of the catalogue that the released voice of this name is known to have."""
    return _PROVEN_OF.get(voice, PROVEN)
