"""Why a step with an entry is refused."""

from __future__ import annotations

from synthesis.errors import SpeechError


class LexiconRefused(SpeechError):
    """The entry's state does not allow this step."""

    status = 409
    code = "entry_state"


class OwnEntry(SpeechError):
    """Nobody decides on what he wrote himself."""

    status = 403
    code = "own_work"
