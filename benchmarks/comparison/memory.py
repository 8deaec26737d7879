"""What processes hold in memory."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


def memory(processes: Iterable[int]) -> int:
    """The bytes that processes hold together; what they share is counted once (PSS)."""
    total = 0
    for process in processes:
        with suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


class Peak:
    """The most memory that processes hold together, looked at ten times a second."""

    def __init__(self, processes: Callable[[], Sequence[int]]) -> None:
        self._processes = processes
        self.idle = self.most = memory(processes())

    @contextmanager
    def watched(self) -> Iterator["Peak"]:
        """Look until the block ends."""
        done = threading.Event()

        def look() -> None:
            while not done.wait(0.1):
                self.most = max(self.most, memory(self._processes()))

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield self
        finally:
            done.set()
            thread.join()

    @property
    def more(self) -> int:
        """Bytes over what they held before."""
        return self.most - self.idle
