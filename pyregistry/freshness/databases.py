"""Which class asks which database about freshness."""

from pyregistry.db import Database
from pyregistry.freshness.postgresql import FreshnessOfPostgreSQL
from pyregistry.freshness.questions import Freshness
from pyregistry.freshness.sqlite import FreshnessOfSQLite


def freshness_of(database: Database) -> Freshness:
    """What asks that database. Nothing is opened before the first question."""
    if database.kind == "sqlite":
        return FreshnessOfSQLite(database.impatient_engine)
    return FreshnessOfPostgreSQL(database.impatient_engine, database.pool_size)
