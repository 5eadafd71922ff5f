"""The two people most tests are about. Imports stand inside, as in tests.stage and for its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from synthesis.models import Voice
    from tests.portal.broadcasts.cast import Official


@pytest.fixture
def editor(voice: Voice) -> Official:
    from tests.portal.broadcasts.cast import official

    return official("editor")


@pytest.fixture
def reviewer(voice: Voice) -> Official:
    from tests.portal.broadcasts.cast import official

    return official("reviewer")
