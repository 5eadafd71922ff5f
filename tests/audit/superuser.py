"""The database's administrator, whom no right and no trigger stops: only the tree and its heads tell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from django.db import connection

from govvoice.embedded.postgres import OWNER


class Superuser:
    """A session of his, with every trigger asleep (session_replication_role = replica)."""

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        self._session = session
        self.does("SET session_replication_role = replica")

    def does(self, statement: str, *values: Any) -> int:
        """How many rows it touched. The statements are the tests' own."""
        return self._session.execute(statement.encode(), values).rowcount

    def asks(self, question: str, *values: Any) -> Any:
        """The first column of the first row."""
        row = self._session.execute(question.encode(), values).fetchone()
        assert row is not None
        return row[0]


@contextmanager
def superuser() -> Iterator[Superuser]:
    """On the test database, past the application's connection and its roles."""
    folder = parse_qs(urlsplit(os.environ["DATABASE_URL"]).query)["host"][0]
    database = str(connection.settings_dict["NAME"])
    with psycopg.connect(host=folder, user=OWNER, dbname=database, autocommit=True) as session:
        yield Superuser(session)
