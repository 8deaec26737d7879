"""Doing many things of one kind in a few threads, which let go of them when the command ends."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from pyregistry.upkeep.progress import never, unseen
from pyregistry.upkeep.run import Run

T = TypeVar("T")
R = TypeVar("R")

Check = Callable[[], None]
"""To be called between two pieces of whatever is done: raises where it is not wanted any more."""


def in_parallel(work: Callable[[T, Check], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """What `work` gives for each item, as they are finished, by so many threads.

    Items are taken as threads come free. What `work` raises, or whoever takes the results, ends
    all of it: then no further item is begun.
    """
    run = Run(workers, unseen, never)
    return run.each(items, lambda item: work(item, run.check))
