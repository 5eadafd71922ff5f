"""Judges a text by the lists as they stand now."""

from __future__ import annotations

from synthesis.screening.current import Audience, benches_for, judged
from synthesis.screening.verdicts import Verdict

EVERYBODY = Audience()


def judge(text: str, audience: Audience = EVERYBODY) -> Verdict:
    """What the lists say of the text, for those who hear it. Reads the database at most twice a second.

    Raises ListSealed when a confidential list cannot be opened: then nobody knows what it would say.
    """
    return judged(text, benches_for(audience))
