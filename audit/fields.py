"""Column types of Postgres that Django has no field for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import BuiltinLookup
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    _IntegerField = models.BigIntegerField[int, int]
    _AddressField = models.GenericIPAddressField[str | None, str | None]
else:
    _IntegerField = models.BigIntegerField  # Django's fields take no type arguments while running
    _AddressField = models.GenericIPAddressField


class TransactionIdField(_IntegerField):
    """xid8: the number of a transaction, which never wraps around (unlike xid)."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "xid8"

    def get_placeholder(self, value: Any, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> str:
        return "%s::xid8"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        # There is no cast from integer to xid8, only from text.
        return str(value) if isinstance(value, int) else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)


class CurrentTransaction(models.Func):
    function = "pg_current_xact_id"
    output_field = TransactionIdField()


class RandomUUID(models.Func):
    """Only migration 0004 names it: salts were the server's until 0010."""

    function = "gen_random_uuid"
    output_field = models.UUIDField()


class AddressField(_AddressField):
    """inet, with `field__within="10.0.0.0/8"`."""


@AddressField.register_lookup
class Within(BuiltinLookup):
    lookup_name = "within"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str, ...]]:
        return "%s::inet", (str(value),)

    def get_rhs_op(self, connection: BaseDatabaseWrapper, rhs: str) -> str:
        return f"<<= {rhs}"
