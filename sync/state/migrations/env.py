"""Alembic's entry: run on the connection that `State.migrate` hands over."""

from alembic import context

from sync.state.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
