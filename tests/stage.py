"""The stage on which requests are played: clean caches, a voice that needs no model, a real worker.

Imports stand inside: a conftest brings these in before the session's servers are named in the environment.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

from tests.audit.flush import permit_flush

if TYPE_CHECKING:
    from synthesis.models import Voice
    from tests.api.cast import Hotline

QUEUES = ("tone", "sambert", "default", "renders")


@pytest.fixture(scope="session")
def flushable(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        permit_flush()


@pytest.fixture
def nothing_remembered(servers: None) -> None:
    """The test begins with empty caches, counters and queues."""
    from audit import texts
    from govvoice.api.auth import remembered
    from synthesis.cache import layered
    from synthesis.cache.redis import connection
    from synthesis.lexicon import current as lexicon
    from synthesis.screening import current as lists

    remembered.forget()
    texts.forget()
    lists.forget()
    lexicon.forget()
    layered.memory().clear()
    queues = [f"govvoice:broker:{name}" for name in QUEUES]
    connection().delete(*queues, *connection().scan_iter("govvoice:[^b]*"))


@pytest.fixture
def voice(db: None) -> Voice:
    """The tone engine's voice, as the default one: it needs no model and speaks at once."""
    from tests.api.cast import make_tone_voice

    call_command("load_reference", verbosity=0)
    return make_tone_voice()


@pytest.fixture
def hotline(voice: Voice) -> Hotline:
    from tests.api.cast import open_hotline

    return open_hotline()


@contextmanager
def as_the_application() -> Iterator[None]:
    """Django's connection logs in with the application's account instead of the tests', which owns all.

    For transactional tests: what they wrote before must be committed to be seen.
    """
    from django.db import connection

    owner = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = "govvoice_app"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = owner


@contextmanager
def no_evidence() -> Iterator[None]:
    """The application may add no events, until this ends; it is the application that asks meanwhile."""
    from django.db import connection

    from audit import grants

    with connection.cursor() as cursor:
        cursor.execute("REVOKE INSERT ON audit_event FROM govvoice_app")
    try:
        with as_the_application():
            yield
    finally:
        grants.apply("default")


@contextmanager
def celery_worker() -> Iterator[None]:
    """A real Celery worker, consuming from Valkey on a thread of this process."""
    from celery.contrib.testing.worker import start_worker

    from govvoice.celery import app

    level = logging.root.level  # Celery sets its own, which would silence the tests that come after
    with start_worker(app, pool="solo", perform_ping_check=False, queues=QUEUES, shutdown_timeout=30):
        logging.root.setLevel(level)
        yield


@pytest.fixture(scope="module")
def worker(servers: None) -> Iterator[None]:
    """A worker until the module is done."""
    with celery_worker():
        yield
