from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None) -> None:
    """For every test here."""
