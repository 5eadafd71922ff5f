"""How long to rest at punctuation: a pause that ends a phrase, or a break inside one."""

from __future__ import annotations

PAUSES: dict[str, float] = {
    **dict.fromkeys("。！？!?.…⋯｡．", 0.4),
    **dict.fromkeys("；;：:", 0.3),
    **dict.fromkeys("，,", 0.2),
    **dict.fromkeys("—–", 0.25),
    "\n": 0.5,
}
# Folding makes these ASCII; a reader wants to see them as they were.
FULL_WIDTH_MARKS = frozenset("，！？：；（）．…")
# Break levels as in `prosody`: words, phrases, clauses.
_RESTS: dict[str, int] = {
    "": 0,
    **dict.fromkeys("“”‘’\"'《》「」『』〈〉〔〕·-_", 1),
    **dict.fromkeys("、()（）[]【】{}｛｝", 3),
}
_OTHER = 2


def pause_at(mark: str) -> float:
    """Seconds of silence, 0 when the mark ends no phrase."""
    return PAUSES.get(mark, 0.0)


def rest_at(mark: str) -> int:
    """Level of the break a mark makes inside a phrase."""
    return _RESTS.get(mark, _OTHER)
