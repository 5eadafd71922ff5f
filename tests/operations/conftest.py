from __future__ import annotations

import pytest

from tests.stage import flushable

__all__ = ["flushable"]


@pytest.fixture(autouse=True)
def clean_stage(flushable: None) -> None:
    """Evidence of these tests can be cleared away."""
