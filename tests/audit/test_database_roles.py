"""What the database lets each account do: one adds events, the sealer leaves; nobody changes any."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from django.test import override_settings
from psycopg import sql
from psycopg.errors import GeneratedAlways, InsufficientPrivilege

from audit import grants
from audit.errors import DatabaseRolesMissing
from audit.models import GIVEN_BY_WRITER, Event
from govvoice.connecting import Login
from govvoice.embedded.places import ROOT
from tests.audit.cast import committed

APP, SEALER, OWNER = "govvoice_app", "govvoice_sealer", "govvoice_audit_owner"
READ, ADD = "SELECT", "INSERT"
VERBS = (READ, ADD, "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

# Table: what the application may, what the sealer may, on the whole of it.
GOLDEN = {
    "audit_event": ({READ}, {READ}),
    "audit_heartbeat": ({READ}, {READ, ADD, "UPDATE"}),
    "audit_leaf": ({READ}, {READ, ADD}),
    "audit_treehead": ({READ}, {READ, ADD}),
    "audit_sealkey": ({READ}, {READ, ADD}),
    "audit_manifest": ({READ, ADD}, {READ}),
    "audit_textkey": ({READ, ADD}, set()),
    "audit_forwardcursor": ({READ, ADD, "UPDATE"}, set()),
    "audit_archive": ({READ, ADD}, {READ}),
    "audit_hold": ({READ, ADD}, {READ}),
    "django_migrations": ({READ}, set()),
}
# Single columns beyond that.
GOLDEN_COLUMNS = {
    (APP, "audit_event", ADD): set(GIVEN_BY_WRITER),
    (SEALER, "audit_manifest", "UPDATE"): {"signatures"},
    (APP, "audit_textkey", "UPDATE"): {"sealed_key", "destroyed_at"},
}


def logged_in(account: str) -> psycopg.Connection[tuple[object, ...]]:
    settings = connection.settings_dict
    return psycopg.connect(host=settings["HOST"], dbname=settings["NAME"], user=account)


@pytest.fixture
def app(transactional_db: None, flushable: None) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A session of the application, beside one event; what it does is taken back."""
    committed()
    with logged_in(APP) as session:
        yield session
        session.rollback()


@pytest.mark.django_db
def test_each_account_may_do_to_each_table_what_is_written_here_and_no_more() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = [name for (name,) in cursor.fetchall()]
    months = {name for name in tables if name.startswith("audit_event_")}
    assert len(months) >= 5
    for table in tables:
        business = ({READ, ADD, "UPDATE", "DELETE"}, set[str]())
        app, sealer = (set(), set()) if table in months else GOLDEN.get(table, business)
        assert {APP: may(APP, table), SEALER: may(SEALER, table)} == {APP: app, SEALER: sealer}, (
            f"{table}: a new audit table needs its line in audit/grants.py, and here"
        )


def may(account: str, table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT verb FROM unnest(%s::text[]) verb WHERE has_table_privilege(%s, %s, verb)",
            [list(VERBS), account, table],
        )
        return {verb for (verb,) in cursor.fetchall()}


@pytest.mark.django_db
def test_single_columns_are_given_where_a_table_is_not() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT grantee, table_name, privilege_type, column_name"
            " FROM information_schema.column_privileges"
            " WHERE grantee IN (%s, %s) AND NOT has_table_privilege(grantee, table_name, privilege_type)",
            [APP, SEALER],
        )
        found: dict[tuple[str, str, str], set[str]] = {}
        for *what, column in cursor.fetchall():
            found.setdefault((what[0], what[1], what[2]), set()).add(column)
    assert found == GOLDEN_COLUMNS


@pytest.mark.django_db
def test_all_of_the_evidence_has_an_owner_that_cannot_log_in() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE tablename LIKE 'audit\\_%'")
        assert cursor.fetchall() == [(OWNER,)]
        cursor.execute("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = %s", [OWNER])
        assert cursor.fetchone() == (False, False)
        cursor.execute(
            "SELECT pg_has_role(%s, %s, 'MEMBER'), pg_has_role(%s, %s, 'MEMBER')", [APP, OWNER] * 2
        )
        assert cursor.fetchone() == (False, False)
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        logged_in(OWNER)


def test_the_application_adds_events_and_reads_them(app: psycopg.Connection[tuple[object, ...]]) -> None:
    added = app.execute(copy_of(GIVEN_BY_WRITER) + sql.SQL(" RETURNING id")).fetchone()
    assert added is not None
    assert app.execute("SELECT count(*) FROM audit_event WHERE id = %s", added).fetchone() == (1,)


@pytest.mark.parametrize("column", ["id", "at", "xid"])
def test_the_application_fills_no_column_of_the_database(
    app: psycopg.Connection[tuple[object, ...]], column: str
) -> None:
    with pytest.raises((InsufficientPrivilege, GeneratedAlways)):
        app.execute(copy_of((column, *GIVEN_BY_WRITER)))


def copy_of(columns: tuple[str, ...]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("INSERT INTO audit_event ({0}) SELECT {0} FROM audit_event LIMIT 1").format(names)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET outcome = 'refused'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "TRUNCATE audit_event_default",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "ALTER TABLE audit_event DROP COLUMN code",
        "ALTER TABLE audit_event DETACH PARTITION audit_event_default",
        "ALTER TABLE audit_event OWNER TO govvoice_app",
        "DROP TABLE audit_event",
        "DROP TRIGGER audit_event_append_only ON audit_event",
        "DROP FUNCTION audit_refuse_change() CASCADE",
        "ALTER FUNCTION audit_refuse_change() RENAME TO nothing",
        "CREATE RULE quiet AS ON INSERT TO audit_event DO INSTEAD NOTHING",
        "CREATE TRIGGER own BEFORE INSERT ON audit_event EXECUTE FUNCTION audit_refuse_change()",
        "SET session_replication_role = replica",
        "SET ROLE govvoice_audit_owner",
        "SET ROLE govvoice",
        "SELECT audit_make_event_partition('2031-01-01')",
        "SELECT audit_detach_event_partition('2026-11-01', 400)",
        "SELECT audit_drop_detached_partition('2026-11-01')",
        "SELECT * FROM audit_event_default",
        "INSERT INTO audit_event_default (action) VALUES ('auth.login')",
        "COPY audit_event_default FROM STDIN",
        "INSERT INTO audit_leaf (seq, event_id) VALUES (0, 1)",
        "UPDATE audit_leaf SET seq = seq",
        "DELETE FROM audit_treehead",
        "UPDATE audit_heartbeat SET at = now()",
        "CREATE TABLE own (id int)",
        "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '9999', now())",
    ],
)
def test_the_application_is_refused(app: psycopg.Connection[tuple[object, ...]], statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        app.execute(statement)


def test_the_migrator_is_no_superuser_and_made_the_accounts_itself() -> None:
    """As on a managed server; this session's whole database was migrated by such an account."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as session:
        row = session.execute(
            "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row == ("govvoice", False)


@pytest.mark.django_db
def test_a_second_round_changes_nothing() -> None:
    query = "SELECT relname, relowner, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    with connection.cursor() as cursor:
        cursor.execute(query)
        before = sorted(map(str, cursor.fetchall()))
        grants.apply("default")
        cursor.execute(query)
        assert sorted(map(str, cursor.fetchall())) == before


def administrator(database: str) -> psycopg.Connection[tuple[object, ...]]:
    host = connection.settings_dict["HOST"]
    return psycopg.connect(host=host, dbname=database, user="postgres", autocommit=True)


@pytest.fixture
def humble(transactional_db: None) -> Iterator[str]:
    """An account that owns a database and may make no others."""
    with psycopg.connect(
        host=connection.settings_dict["HOST"], dbname="postgres", user="postgres"
    ) as session:
        session.autocommit = True
        session.execute("CREATE ROLE humble LOGIN")
        session.execute("CREATE DATABASE humble OWNER humble")
        try:
            yield "humble"
        finally:
            session.execute("DROP DATABASE humble")
            for role in ("humble", "his_app", "his_sealer", "his_owner"):
                session.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def test_who_may_make_no_accounts_is_told_what_to_ask_for(humble: str) -> None:
    """The words are SQL for the administrator; once he has run them the same migrate goes through."""
    host = connection.settings_dict["HOST"]
    address = f"postgresql://{{}}@/{humble}?host={host}"
    environment = {
        **os.environ,
        "DATABASE_URL": address.format("his_app:pass%25word"),
        "GOVVOICE_SEALER_DATABASE_URL": address.format("his_sealer"),
        "GOVVOICE_MIGRATION_DATABASE_URL": address.format(humble),
        "GOVVOICE_AUDIT_OWNER": "his_owner",
    }
    command = [sys.executable, "manage.py", "migrate", "audit", "-v", "0"]
    refused = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    asked = [line.strip() for line in refused.stderr.splitlines() if line.startswith("  ")]
    assert asked == [
        'CREATE ROLE "his_owner" NOLOGIN;',
        "CREATE ROLE \"his_app\" LOGIN PASSWORD '…';",
        "CREATE ROLE \"his_sealer\" LOGIN PASSWORD '…';",
        'GRANT "his_owner" TO "humble";',
    ]
    with administrator(humble) as session:
        for statement in asked:
            session.execute(statement.encode())
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(host=host, dbname=humble, user="his_app") as session:
        assert session.execute("SELECT count(*) FROM audit_event").fetchone() == (0,)
        with pytest.raises(InsufficientPrivilege):
            session.execute("DELETE FROM audit_event")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("app", "owner", "asked"),
    [
        ("postgres", OWNER, 'ALTER ROLE "postgres" NOSUPERUSER;'),
        (APP, SEALER, f'ALTER ROLE "{SEALER}" NOLOGIN;'),
    ],
)
def test_an_account_that_may_too_much_is_not_taken(app: str, owner: str, asked: str) -> None:
    changed = override_settings(
        DATABASE_APP=Login(app, ""), AUDIT_OWNER=owner, DATABASE_SEALER=Login(APP, "")
    )
    with changed, pytest.raises(DatabaseRolesMissing) as refusal:
        grants.apply("default")
    assert asked in refusal.value.statements


@pytest.mark.django_db
def test_an_event_comes_back_with_what_the_database_filled_in() -> None:
    event = committed(details={"a": {"b": [1, "字"]}})
    stored = Event.objects.get()
    for field in Event._meta.fields:
        assert getattr(event, field.attname) == getattr(stored, field.attname), field.name
