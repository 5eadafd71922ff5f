"""Why a step with a word list or a held text is refused."""

from __future__ import annotations

from synthesis.errors import SpeechError


class ListRefused(SpeechError):
    """The state of the list, of its version, or of the held text does not allow this step."""

    status = 409
    code = "wordlist_state"


class OwnList(SpeechError):
    """Nobody decides on what he wrote himself."""

    status = 403
    code = "own_work"
