"""The instance-wide serial: the number of the last change of anything."""

from sqlalchemy import update
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
