"""A long page from short parts, without several copies of it in memory."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice

_AT_ONCE = 1_000


def encoded(parts: Iterable[str], separator: str = "") -> bytes:
    """The parts in UTF-8, with the separator between two of them.

    Half a surrogate pair is not text, and becomes a question mark.
    """
    page = BytesIO()
    for number, some in enumerate(_batches(parts)):
        if number:
            page.write(separator.encode())
        page.write(separator.join(some).encode("utf-8", "replace"))
    return page.getvalue()


def _batches(parts: Iterable[str]) -> Iterator[list[str]]:
    """The parts in lists: to join few at once takes less memory, and no more time."""
    rest = iter(parts)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
