"""Working on many things in several threads, so that it can be watched and stopped."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from threading import Event
from typing import Final, TypeVar

from pyregistry.progress import Meter, ObjectMeter, OnProgress, ShouldStop, never, unseen

T = TypeVar("T")
R = TypeVar("R")

Check = Callable[[], None]
"""To be called between two pieces of whatever is done: raises where it is not wanted any more."""

_TICK: Final = 0.2
"""Seconds between two looks at whether to stop, while no object is finished."""

_QUEUED: Final = 2
"""Objects for each thread, one in work and one to come: it never waits for the next batch."""


class Stopped(Exception):
    """The run ends: whoever works on an object lets go of it."""


class Run:
    """One run: how far it is, and whether it ends early.

    `progress` and `should_stop` are called in the thread of the caller alone.
    """

    def __init__(self, workers: int, progress: OnProgress, should_stop: ShouldStop) -> None:
        self.meter = Meter()
        self.stopped = False
        """Whether the caller ended it."""
        self._workers = workers
        self._progress = progress
        self._should_stop = should_stop
        self._ending = Event()

    @property
    def is_ending(self) -> bool:
        """Whether no more objects are begun."""
        return self._ending.is_set()

    def end(self) -> None:
        """Begin no more objects, and let go of those in work."""
        self._ending.set()

    def check(self) -> None:
        """For threads, between two chunks of an object. Raises `Stopped`."""
        if self._ending.is_set():
            raise Stopped

    def measure(self, size: int) -> ObjectMeter:
        """Counts an object of so many bytes."""
        return ObjectMeter(self.meter, size)

    def tick(self) -> None:
        """Tell how far it is, and ask whether to go on."""
        self._progress(self.meter.now)
        if not self.is_ending and self._should_stop():
            self.stopped = True
            self.end()

    def each(self, items: Iterable[T], work: Callable[[T], R]) -> Iterator[R]:
        """What `work` gives for every item, in the order in which they are finished.

        Of items that come from a database only a few are held at once. What `work` raises is
        raised here, and ends the run.
        """
        coming = iter(items)
        running: set[Future[R]] = set()
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="pyregistry-parallel")
        try:
            while True:
                self.tick()
                room = 0 if self.is_ending else self._workers * _QUEUED - len(running)
                running |= {pool.submit(self._work, work, item) for item in islice(coming, room)}
                if not running:
                    return
                done, running = wait(running, timeout=_TICK, return_when=FIRST_COMPLETED)
                yield from self._results(done)
        except BaseException:
            self.end()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            self._progress(self.meter.now)

    def _work(self, work: Callable[[T], R], item: T) -> R:
        self.check()
        return work(item)

    @staticmethod
    def _results(done: Iterable[Future[R]]) -> Iterator[R]:
        for future in done:
            try:
                result = future.result()
            except Stopped:
                continue
            yield result


def in_parallel(work: Callable[[T, Check], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """What `work` gives for each item, as they are finished, by so many threads.

    Items are taken as threads come free. What `work` raises, or whoever takes the results, ends
    all of it: then no further item is begun.
    """
    run = Run(workers, unseen, never)
    return run.each(items, lambda item: work(item, run.check))
