from __future__ import annotations

from django.db import connection


def permit_flush() -> None:
    """Lets a transactional test's clean-up TRUNCATE the evidence of the test database.

    It takes the owner of the tables; the application has no switch for it. UPDATE and DELETE stay refused.
    """
    _set_truncate_triggers("DISABLE")


def forbid_flush() -> None:
    """As it is in production; inside a transaction that is rolled back, so that the clean-up still works."""
    _set_truncate_triggers("ENABLE")


def _set_truncate_triggers(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit_no_truncate'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} {state} TRIGGER audit_no_truncate")
