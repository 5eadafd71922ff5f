from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.audit.flush import permit_flush


@pytest.fixture(scope="session", autouse=True)
def flushable(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        permit_flush()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate for 127.0.0.1 in one file, signed by itself."""
    from tests.audit.receiver import make_certificate  # needs the settings

    path = tmp_path_factory.mktemp("tls") / "receiver.pem"
    make_certificate(path)
    return path
