"""What Alembic runs to bring a database up to date, on the connection and in the transaction of the caller.

Knows only the connection that `journal.database.migrate` hands over.
"""

from alembic import context

from journal.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
