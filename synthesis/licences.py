"""Whether this office may use a voice: what is in doubt of those we ship, and staff's word on it."""

from __future__ import annotations

from collections.abc import Iterable

from synthesis.models import Voice

# What comes with the platform or its set-up. Models that an operator installs are his own to answer for, and
# their licence is shown to him when he does.
IN_DOUBT = frozenset({"fastspeech2", "kokoro"})


def is_cleared(voice: Voice) -> bool:
    """Staff have declared the licence checked, or the model is one that the operator brought himself."""
    return voice.licence_cleared_at is not None or voice.engine not in IN_DOUBT


def none_cleared(voices: Iterable[Voice]) -> bool:
    """Whether there are voices, and every one of them is in doubt."""
    standing = [is_cleared(voice) for voice in voices]
    return bool(standing) and not any(standing)
