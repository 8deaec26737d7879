"""Which stored objects files are made of."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.db import Database
from pyregistry.packaging.models import File
from pyregistry.packaging.services.serials import next_serial


def named_digests(
    database: Database,
    storage: str,
) -> Callable[[Collection[str]], AbstractContextManager[set[str]]]:
    """A question for the sweeper: which of some digests do the files of a storage name?

    The answer holds while its context is open: the lock that recording takes is held,
    and given back without a change. Where files name all of them nothing is to be done about
    them, and nobody is made to wait.
    """

    def named(session: Session, digests: Collection[str]) -> set[str]:
        here = (File.storage == storage, File.sha256.in_(digests))
        return set(session.scalars(select(File.sha256).where(*here)))

    @contextmanager
    def ask(digests: Collection[str]) -> Iterator[set[str]]:
        before = database.read(lambda session: named(session, digests))
        if before.issuperset(digests):
            yield before
            return
        with database.writing_session() as session:
            next_serial(session)
            yield named(session, digests)
            session.rollback()

    return ask
