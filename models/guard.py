"""The second lock between workspaces: PostgreSQL shows a transaction the rows of its own workspace alone.

Every table has a policy (`lay_down`), forced on its owner too. Each transaction says for itself whom it acts for; what
says nothing sees nothing. The setting ends with the transaction, so that no pooled connection carries it on. SQLite has
nothing of the kind: there the queries' own conditions and `models.access` are the only lock. Superusers and roles with
BYPASSRLS pass by every policy; `cadence doctor` warns of them.
"""

from typing import Any

from sqlalchemy import Connection, Engine, PoolProxiedConnection, event, text

from models.access import Actor

SCOPE = "cadence_scope"
"""A mark on a connection: whom its transactions act for."""
ALL = ""
"""The clock, the dispatcher's look around and the operator: every workspace."""

_POLICY = "cadence_workspace"
_IS_GUARDED = "cadence_is_guarded"
_SAY = "SELECT set_config('cadence.workspace', %s, true), set_config('cadence.system', %s, true)"
_IS_SYSTEM = "(SELECT current_setting('cadence.system', true)) = 'on'"
_IS_OWN = "workspace_id = (SELECT current_setting('cadence.workspace', true))"
_TABLES = text(
    f"""
    SELECT c.relname AS name,
        EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id'
                AND NOT a.attisdropped) AS is_of_a_workspace,
        c.relrowsecurity AND c.relforcerowsecurity
            AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = '{_POLICY}') AS is_guarded
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace AND c.relname <> 'alembic_version'
    ORDER BY c.relname
    """  # noqa: S608 (constants of ours)
)
_PASSES_BY = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")


def watch(engine: Engine) -> None:
    """Let every transaction on this PostgreSQL engine say whom it acts for."""
    event.listen(engine, "connect", _look)
    engine.dialect.do_begin = _say  # type: ignore[method-assign,assignment]


def scope_of(actor: Actor) -> str | None:
    """Whom an actor's transactions act for: one workspace, or all of them; none sees nothing."""
    if actor.is_system and not actor.workspace_id:
        return ALL
    return actor.workspace_id or None


def narrow(connection: Connection, workspace_id: str) -> None:
    """From here on the running transaction is about one workspace."""
    if connection.info.get(_IS_GUARDED):
        connection.exec_driver_sql(_SAY, (workspace_id, ""))


def lay_down(connection: Connection) -> None:
    """Put the policy on every table that lacks it. Only the owner of the tables can; nothing to do is fine."""
    for table in connection.execute(_TABLES).all():
        if table.is_guarded:
            continue
        allowed = f"{_IS_SYSTEM} OR {_IS_OWN}" if table.is_of_a_workspace else _IS_SYSTEM
        name = connection.dialect.identifier_preparer.quote(table.name)
        for statement in (
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS {_POLICY} ON {name}",
            f"CREATE POLICY {_POLICY} ON {name} USING ({allowed})",
        ):
            connection.exec_driver_sql(statement)


def lift(connection: Connection) -> None:
    """Take the policy off every table."""
    for table in connection.execute(_TABLES).all():
        name = connection.dialect.identifier_preparer.quote(table.name)
        connection.exec_driver_sql(f"DROP POLICY IF EXISTS {_POLICY} ON {name}")
        connection.exec_driver_sql(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
        connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")


def unguarded(connection: Connection) -> tuple[str, ...]:
    """The tables without the policy."""
    return tuple(table.name for table in connection.execute(_TABLES) if not table.is_guarded)


def passes_by(connection: Connection) -> bool:
    """Whether the role of this connection is bound by no policy at all."""
    return bool(connection.execute(_PASSES_BY).scalar_one())


def _look(driver: Any, record: Any) -> None:
    """A role that no policy binds need not say anything: that spares a round trip a transaction."""
    driver.autocommit = True
    with driver.cursor() as cursor:
        cursor.execute(str(_PASSES_BY))
        record.info[_IS_GUARDED] = not cursor.fetchone()[0]
    driver.autocommit = False


def _say(connection: PoolProxiedConnection) -> None:
    scope = connection.info.get(SCOPE)
    if scope is not None and connection.info.get(_IS_GUARDED):
        connection.cursor().execute(_SAY, (scope, "on" if scope == ALL else ""))
