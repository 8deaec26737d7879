"""What is another number after each change to who may read what."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from pyregistry.db import Base


class AccessSerial(Base):
    """One row with a number that is another one after each change to who may read what, or where.

    Triggers draw a new one by lot with every change to a token, a user, a membership, a group, a
    project or the instance's settings that may take something from a reader or show them
    something else, whoever makes it. By lot, so that no number comes again with other rights, not
    even where a backup is put back. It is seen with the change and never before it: a reader that
    finds the same number finds the same rights. On PostgreSQL it is drawn at the commit, once a
    transaction, so that its lock is the last one that a transaction takes.
    """

    __tablename__ = "access_serial"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigInteger)
