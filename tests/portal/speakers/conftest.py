"""Two voices and a store of the test's own. Imports stand inside, as in tests.stage and for its reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from synthesis.models import Voice


@pytest.fixture
def kept_here(settings: Settings, tmp_path: Path) -> Path:
    """The store of samples and pictures."""
    backend = "django.core.files.storage.FileSystemStorage"
    store = {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "voices": store}
    return tmp_path


@pytest.fixture
def other(voice: Voice) -> Voice:
    """A second voice that speaks without a model."""
    from synthesis.models import Voice

    second = Voice.objects.get(code="qinghe")
    second.engine = "tone"
    second.save()
    return second
