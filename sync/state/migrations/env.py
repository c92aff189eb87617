"""Alembic's entry: run on the connection that `Engine.migrate` hands over, in its transaction."""

from alembic import context

from sync.state.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,  # SQLite can as well: the engine begins by hand
)
with context.begin_transaction():
    context.run_migrations()
