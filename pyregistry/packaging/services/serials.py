"""The instance-wide serial: the number of the last change of anything."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pyregistry.packaging.models import RegistrySerial


def next_serial(session: Session) -> int:
    """Take the next number, and hold the lock on it until the transaction ends.

    The lock makes numbers grow in the order of commits: a reader that has seen a number
    will never see a smaller one appear. Recording and sweeping exclude each other by it.
    """
    return session.scalars(
        update(RegistrySerial)
        .where(RegistrySerial.id == 1)
        .values(value=RegistrySerial.value + 1)
        .returning(RegistrySerial.value)
    ).one()


def hold_serial(session: Session) -> None:
    """Hold the lock on the serial until the transaction ends, and take no number.

    Nobody records or deletes a file meanwhile: what was checked about packages still holds
    at the commit. SQLite has one writer and needs no lock.
    """
    session.execute(select(RegistrySerial.value).with_for_update(key_share=True))
