from __future__ import annotations

import pytest

from tests.stage import flushable, hotline, nothing_remembered, voice, worker

__all__ = ["flushable", "hotline", "nothing_remembered", "voice", "worker"]


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None) -> None:
    """For every test of this door."""
