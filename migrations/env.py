"""Run by Alembic for every command. The connection comes from `models.schema`, which holds the lock."""

from alembic import context

from models.tables import METADATA

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("Migrate with `cadence migrate`; write a new revision with `python -m migrations`.")

context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by copying it
    compare_type=True,
    transactional_ddl=True,  # SQLite too: the whole way up is one transaction, begun by `models.schema`
)
context.run_migrations()
