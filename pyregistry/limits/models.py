"""What is counted of stored bytes, and what limits them. Every size is in bytes."""

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pyregistry.db import Base


class NamespaceStorage(Base):
    """How much a group or project stores, with everything below it, and how much it may.

    One that never stored anything and has no limit of its own has no row. `used_bytes` is
    changed only by who holds the lock on the serial of the registry.
    """

    __tablename__ = "namespace_storage"

    namespace_id: Mapped[int] = mapped_column(
        ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    used_bytes: Mapped[int] = mapped_column(BigInteger)
    """The size of every file below, as often as projects hold it."""
    max_file_size: Mapped[int | None] = mapped_column(BigInteger)
    """As its Owners have chosen; None: they have set no limit."""
    storage_limit: Mapped[int | None] = mapped_column(BigInteger)
    admin_max_file_size: Mapped[int | None] = mapped_column(BigInteger)
    """As an administrator has set it; its Owners go no higher."""
    admin_storage_limit: Mapped[int | None] = mapped_column(BigInteger)


class InstanceStorage(Base):
    """One row: how much the whole registry stores, and how much it may."""

    __tablename__ = "instance_storage"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    used_bytes: Mapped[int] = mapped_column(BigInteger)
    max_file_size: Mapped[int | None] = mapped_column(BigInteger)
    """No more than what the registry was started with; None: that."""
    storage_limit: Mapped[int | None] = mapped_column(BigInteger)
