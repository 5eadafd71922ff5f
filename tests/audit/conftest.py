from __future__ import annotations

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.audit.flush import permit_flush


@pytest.fixture(scope="session", autouse=True)
def flushable(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        permit_flush()
