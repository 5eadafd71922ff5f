"""Who may do what in the database: the first wall around the evidence, from which the others are built.

Nobody can log in as the owner of the audit tables. The application adds events and reads, the sealer adds
leaves and heads; neither can change, remove or date anything. Business tables are the application's, except
for their shape. `apply` brings a database in step after every migrate, so that a table made since then is
covered; it takes a migrator that is no superuser, as on a managed server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connections, transaction
from psycopg import sql

from audit.errors import DatabaseRolesMissing
from audit.models import GIVEN_BY_WRITER

Verbs = tuple[str, ...]

# An audit table that is not named here, such as a month's partition, is closed to both.
TABLES: dict[str, dict[str, Verbs]] = {
    "audit_event": {"app": ("SELECT", f"INSERT ({', '.join(GIVEN_BY_WRITER)})"), "sealer": ("SELECT",)},
    "audit_leaf": {"app": ("SELECT",), "sealer": ("SELECT", "INSERT")},
    "audit_treehead": {"app": ("SELECT",), "sealer": ("SELECT", "INSERT")},
    "audit_sealkey": {"app": ("SELECT",), "sealer": ("SELECT", "INSERT")},
    "audit_manifest": {"app": ("SELECT", "INSERT"), "sealer": ("SELECT", "UPDATE (signatures)")},
    "audit_heartbeat": {"app": ("SELECT",), "sealer": ("SELECT", "INSERT", "UPDATE")},
    # A key is made, and destroyed; a trigger sees to it that nothing else becomes of it.
    "audit_textkey": {"app": ("SELECT", "INSERT", "UPDATE (sealed_key, destroyed_at)")},
    "audit_forwardcursor": {"app": ("SELECT", "INSERT", "UPDATE")},
    "audit_archive": {"app": ("SELECT", "INSERT"), "sealer": ("SELECT",)},
    "audit_hold": {"app": ("SELECT", "INSERT"), "sealer": ("SELECT",)},
}
# Run with the owner's rights, by these alone.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "audit_make_event_partition(date)": ("sealer",),
    "audit_detach_event_partition(date,integer)": ("sealer",),
    "audit_drop_detached_partition(date)": ("sealer",),
}
# What `migrate` remembers is read, so that a process can tell whether it fits, and written by nobody else.
READ_ONLY = frozenset({"django_migrations"})
BUSINESS: Verbs = ("SELECT", "INSERT", "UPDATE", "DELETE")


class Roles(NamedTuple):
    """Names of accounts in this database's cluster."""

    owner: str
    app: str
    sealer: str


def roles() -> Roles:
    return Roles(settings.AUDIT_OWNER, settings.DATABASE_APP.name, settings.DATABASE_SEALER.name)


def apply(using: str) -> None:
    """Makes the accounts that are missing, hands the audit tables over and sets every right anew.

    All in one transaction: whoever writes meanwhile notices nothing. Raises DatabaseRolesMissing.
    """
    names = roles()
    with transaction.atomic(using=using):
        database = _Database(using)
        _make_accounts(database, names)
        _hand_over(database, names.owner)
        _set_rights(database, names)


class _Database:
    """One connection, asked and told in SQL."""

    def __init__(self, using: str) -> None:
        self.using = using
        self._connection = connections[using]

    def run(self, statement: str, **names: str | list[str]) -> None:
        """`{name}` in the statement stands for an identifier, or a list of them."""
        quoted = {
            name: ", ".join(map(self.quote, value)) if isinstance(value, list) else self.quote(value)
            for name, value in names.items()
        }
        with self._connection.cursor() as cursor:
            cursor.execute(statement.format(**quoted))

    def rows(self, query: str, *values: Any) -> list[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    def value(self, expression: str, *values: Any) -> Any:
        return self.rows(f"SELECT {expression}", *values)[0][0]

    def is_member(self, account: str, role: str, *, at_once: bool = False) -> bool:
        """`at_once`: with the role's rights all the time; who makes a role is no such member of it yet."""
        mode = "USAGE" if at_once else "MEMBER"
        question = "pg_has_role(quote_ident(%s)::regrole, quote_ident(%s)::regrole, %s)"
        return bool(self.value(question, account, role, mode))

    def has(self, account: str, attribute: str) -> bool:
        """Whether an account has `rolsuper`, `rolcanlogin` ..."""
        return bool(self.rows(f"SELECT FROM pg_roles WHERE rolname = %s AND {attribute}", account))

    def quote(self, name: str) -> str:
        return self._connection.ops.quote_name(name)

    def literal(self, text: str) -> str:
        return sql.Literal(text).as_string(self._connection.connection)


def _make_accounts(database: _Database, names: Roles) -> None:
    missing = [name for name in names if not database.has(name, "true")]
    user = database.value("current_user")
    try:
        with transaction.atomic(using=database.using):
            for name in missing:
                database.run(f"CREATE ROLE {{name}} {_kind(database, name)}", name=name)
            if not database.is_member(user, names.owner, at_once=True):
                database.run("GRANT {owner} TO {user}", owner=names.owner, user=user)
    except DatabaseFailure as refused:
        raise DatabaseRolesMissing(_statements(database, names, missing, user)) from refused
    _refuse_open_walls(database, names)


def _kind(database: _Database, name: str) -> str:
    logins = {login.name: login for login in (settings.DATABASE_APP, settings.DATABASE_SEALER)}
    if name not in logins:
        return "NOLOGIN"
    # Braces doubled, because run() looks for names between them.
    password = database.literal(logins[name].password).replace("{", "{{").replace("}", "}}")
    return f"LOGIN PASSWORD {password}" if logins[name].password else "LOGIN"


def _statements(database: _Database, names: Roles, missing: list[str], user: str) -> list[str]:
    """What a database administrator has to run once."""
    kinds = dict.fromkeys((names.app, names.sealer), "LOGIN PASSWORD '…'") | {names.owner: "NOLOGIN"}
    made = [f"CREATE ROLE {database.quote(name)} {kinds[name]};" for name in missing]
    return [*made, f"GRANT {database.quote(names.owner)} TO {database.quote(user)};"]


def _refuse_open_walls(database: _Database, names: Roles) -> None:
    """Raises DatabaseRolesMissing where an account that is there may do what it must not."""
    wrong = []
    if database.has(names.owner, "rolcanlogin"):
        wrong.append(f"ALTER ROLE {database.quote(names.owner)} NOLOGIN;")
    for name in (names.app, names.sealer):
        if database.has(name, "rolsuper"):
            wrong.append(f"ALTER ROLE {database.quote(name)} NOSUPERUSER;")
        elif database.is_member(name, names.owner):
            wrong.append(f"REVOKE {database.quote(names.owner)} FROM {database.quote(name)};")
    if wrong:
        raise DatabaseRolesMissing(wrong)


def _hand_over(database: _Database, owner: str) -> None:
    """What a table is made of goes with it: its indexes, its triggers, the sequence of its ids."""
    schema = database.value("current_schema()")
    database.run("GRANT USAGE, CREATE ON SCHEMA {schema} TO {owner}", schema=schema, owner=owner)
    for table, owned_by in _audit_tables(database):
        if owned_by != owner:
            database.run("ALTER TABLE {table} OWNER TO {owner}", table=table, owner=owner)
    for function, owned_by in _audit_functions(database):
        if owned_by != owner:
            database.run(f"ALTER FUNCTION {function} OWNER TO {{owner}}", owner=owner)


def _set_rights(database: _Database, names: Roles) -> None:
    schema = database.value("current_schema()")
    accounts = [names.app, names.sealer]
    database.run(
        "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {accounts}", schema=schema, accounts=accounts
    )
    database.run("REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {accounts}", schema=schema, accounts=accounts)
    database.run("GRANT USAGE ON SCHEMA {schema} TO {accounts}", schema=schema, accounts=accounts)
    audit = {name for name, _owner in _audit_tables(database)}
    for table, account, verbs in _rights(audit, set(_tables(database)) - audit):
        to = getattr(names, account)
        database.run(f"GRANT {', '.join(verbs)} ON {{table}} TO {{to}}", table=table, to=to)
    _set_function_rights(database, names, schema)


def _rights(audit: set[str], business: set[str]) -> Iterator[tuple[str, str, Verbs]]:
    for table in TABLES.keys() & audit:
        for account, verbs in TABLES[table].items():
            yield table, account, verbs
    for table in business:
        yield table, "app", ("SELECT",) if table in READ_ONLY else BUSINESS


def _set_function_rights(database: _Database, names: Roles, schema: str) -> None:
    present = {function for function, _owner in _audit_functions(database)}
    for function, accounts in FUNCTIONS.items():
        if function not in present:
            continue
        # With a path of its own: nobody slips it a table of the same name.
        definer = f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = {{schema}}, pg_temp"
        database.run(definer, schema=schema)
        database.run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        granted = [getattr(names, account) for account in accounts]
        database.run(f"GRANT EXECUTE ON FUNCTION {function} TO {{accounts}}", accounts=granted)


def _tables(database: _Database) -> list[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    return [name for (name,) in database.rows(query)]


def _audit_tables(database: _Database) -> list[tuple[str, str]]:
    """(table, owner) of the audit tables with their partitions."""
    query = (
        "SELECT tablename, tableowner FROM pg_tables"
        " WHERE schemaname = current_schema() AND starts_with(tablename, 'audit_') ORDER BY tablename"
    )
    return database.rows(query)


def _audit_functions(database: _Database) -> list[tuple[str, str]]:
    """(name with the types of its arguments, owner), the name as it is written in SQL."""
    query = (
        "SELECT oid::regprocedure::text, pg_get_userbyid(proowner) FROM pg_proc"
        " WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'audit_') ORDER BY 1"
    )
    return database.rows(query)
