"""What long work says of how far it is, to whoever shows it."""

from typing import Protocol


class Watcher(Protocol):
    """Is told how far long work is."""

    def stage(self, name: str, count: int, size: int) -> None:
        """That something begins, with so many things of so many bytes in all; 0: not known."""

    def advance(self, size: int) -> None:
        """That one more of them is done, of so many bytes. It may be told by any thread."""


class Unwatched:
    """Is told, and says nothing."""

    def stage(self, name: str, count: int, size: int) -> None:
        """Say nothing."""

    def advance(self, size: int) -> None:
        """Say nothing."""
