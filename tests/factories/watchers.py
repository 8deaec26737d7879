"""Who watches long work, where a test looks at what comes of it."""


class Unwatched:
    """Is told, and says nothing."""

    def stage(self, name: str, count: int, size: int) -> None:
        """Say nothing."""

    def advance(self, size: int) -> None:
        """Say nothing."""
