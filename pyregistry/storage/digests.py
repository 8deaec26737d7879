"""The digests of a file, computed while its bytes pass by."""

import hashlib
import re
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

_SHA256 = re.compile(r"[0-9a-f]{64}")

_ALONE: Final = 8 * 1024 * 1024
"""In bytes. What is smaller is hashed sooner than threads are started for it."""

_WAITING: Final = 16
"""Pieces that may wait for each thread: memory stays flat."""


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of one file, each in lower-case hexadecimal.

    `sha256` is the address of the object in a storage. `blake2b_256` is
    BLAKE2b with a digest of 32 bytes. `md5` and `sha1` are for old clients
    and say nothing about security.
    """

    sha256: str
    blake2b_256: str
    md5: str
    sha1: str


class Hasher:
    """Computes `Digests` and the size (in bytes) of a stream, chunk by chunk.

    Of a large stream in two threads beside the one that reads and writes it. Who gives up before
    `digests` closes it.
    """

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._blake2b_256 = hashlib.blake2b(digest_size=32)
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        # Each half takes about as long as the other.
        self._halves: tuple[tuple[Any, ...], ...] = (
            (self._sha256, self._md5),
            (self._blake2b_256, self._sha1),
        )
        self._threads: list[ThreadPoolExecutor] = []
        self._waiting: deque[Future[None]] = deque()

    def update(self, data: bytes) -> None:
        """Count and hash the next bytes."""
        self.size += len(data)
        if self.size <= _ALONE:
            for half in self._halves:
                _hash(half, data)
            return
        if not self._threads:
            # One thread each: what comes first is hashed first.
            self._threads = [ThreadPoolExecutor(1, "pyregistry-hasher") for _ in self._halves]
        for thread, half in zip(self._threads, self._halves, strict=True):
            self._waiting.append(thread.submit(_hash, half, data))
        while len(self._waiting) > _WAITING * len(self._halves):
            self._waiting.popleft().result()

    def digests(self) -> Digests:
        """The digests of everything given so far; more may follow."""
        while self._waiting:
            self._waiting.popleft().result()
        self.close()
        return Digests(
            sha256=self._sha256.hexdigest(),
            blake2b_256=self._blake2b_256.hexdigest(),
            md5=self._md5.hexdigest(),
            sha1=self._sha1.hexdigest(),
        )

    def close(self) -> None:
        """End the threads; harmless when done twice."""
        for thread in self._threads:
            thread.shutdown(wait=False, cancel_futures=True)
        self._threads = []
        self._waiting.clear()


def _hash(half: Sequence[Any], data: bytes) -> None:
    for digest in half:
        digest.update(data)


def is_sha256(text: str) -> bool:
    """Whether the text is a SHA-256 digest as an address: 64 lower-case hexadecimal digits."""
    return _SHA256.fullmatch(text) is not None
