from __future__ import annotations

import pytest

from tests.portal.officials import editor, reviewer
from tests.stage import flushable, hotline, nothing_remembered, voice, worker

__all__ = ["editor", "flushable", "hotline", "nothing_remembered", "reviewer", "voice", "worker"]


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None) -> None:
    """For every test here."""
