"""Doing many things of one kind in a few threads, without having all of them in memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
U = TypeVar("U")

_WAITING_PER_WORKER: Final = 2


def in_parallel(work: Callable[[T], U], items: Iterable[T], workers: int) -> Iterator[U]:
    """What `work` gives for each item, in the order of the items, by so many threads.

    Items are taken as threads come free. What `work` raises is raised here; then no further item
    is begun, and those under way are waited for.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[U]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= workers * _WAITING_PER_WORKER:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
