"""Which stored objects files are made of."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import select

from pyregistry.db import Database
from pyregistry.packaging.models import File
from pyregistry.packaging.services.serials import next_serial


def named_digests(
    database: Database,
    storage: str,
) -> Callable[[Collection[str]], AbstractContextManager[set[str]]]:
    """A question for the sweeper: which of some digests do the files of a storage name?

    The answer holds while its context is open: the lock that recording takes is held,
    and given back without a change.
    """

    @contextmanager
    def ask(digests: Collection[str]) -> Iterator[set[str]]:
        with database.writing_session() as session:
            next_serial(session)
            here = (File.storage == storage, File.sha256.in_(digests))
            yield set(session.scalars(select(File.sha256).where(*here)))
            session.rollback()

    return ask
