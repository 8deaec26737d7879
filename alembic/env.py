"""How Alembic reaches the database: through a connection that it is given.

`pyregistry.schema` gives one. There is no other way in, so that a migration
always runs against the database that the settings name.
"""

from alembic import context

from pyregistry.models import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    # SQLite cannot alter a column: Alembic copies the table there.
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
