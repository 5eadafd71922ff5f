from __future__ import annotations

import pytest

from tests.audit.offline.program import Auditor


@pytest.fixture
def auditor(capsys: pytest.CaptureFixture[str]) -> Auditor:
    return Auditor(capsys)
