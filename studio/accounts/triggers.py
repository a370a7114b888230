"""The database's own refusal to change or delete audit entries. Installed by a migration.

Row triggers: a TRUNCATE, as PostgreSQL's tests empty their tables, passes. On SQLite tests take
`DELETE_TRIGGER` away, since there it is a DELETE of every row that empties a table. Whoever alters
the table in a later migration on SQLite makes it anew, and must call `install` again.
"""

from __future__ import annotations

from typing import Any

TABLE = "accounts_auditentry"
UPDATE_TRIGGER, DELETE_TRIGGER = "audit_no_update", "audit_no_delete"
_MESSAGE = "The audit is append-only."
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$"""
_CREATE = {
    "postgresql": "CREATE TRIGGER {name} BEFORE {verb} ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
    "sqlite": "CREATE TRIGGER {name} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
}


def install(apps: Any, schema_editor: Any) -> None:
    """Forwards, on the databases that we know."""
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(_FUNCTION)
    for name, verb in ((UPDATE_TRIGGER, "UPDATE"), (DELETE_TRIGGER, "DELETE")):
        schema_editor.execute(_CREATE[vendor].format(name=name, verb=verb, table=TABLE))


def remove(apps: Any, schema_editor: Any) -> None:
    """Backwards."""
    on_table = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
    for name in (UPDATE_TRIGGER, DELETE_TRIGGER):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")
