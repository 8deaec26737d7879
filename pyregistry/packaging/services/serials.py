"""The instance-wide serial: the number of the last change of anything."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pyregistry.db import table_of
from pyregistry.packaging.models import RegistrySerial

_serials = table_of(RegistrySerial).c
_NEXT = (
    update(table_of(RegistrySerial))
    .where(_serials.id == 1)
    .values(value=_serials.value + 1)
    .returning(_serials.value)
)


def next_serial(session: Session) -> int:
    """Take the next number, and hold the lock on it until the transaction ends.

    The lock makes numbers grow in the order of commits: a reader that has seen a number
    will never see a smaller one appear. Recording and sweeping exclude each other by it.
    """
    return int(session.connection().execute(_NEXT).scalar_one())


def hold_serial(session: Session) -> None:
    """Hold the lock on the serial until the transaction ends, and take no number.

    Nobody records or deletes a file meanwhile: what was checked about packages still holds
    at the commit. SQLite has one writer and needs no lock.
    """
    session.execute(select(RegistrySerial.value).with_for_update(key_share=True))
