"""A gzip stream, expanded with care."""

import zlib
from typing import BinaryIO

from pyregistry.forklift.inspect.limits import ExpansionBudget
from pyregistry.forklift.inspect.tar_headers import broken

_READ_SIZE = 64 * 1024
_EXPAND_SIZE = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS


class GzipStream:
    """Reads the one member of a gzip file, forward alone, in bounded memory.

    What comes out is counted in the budget. Several members, one behind the
    other, are refused: some readers stop after the first. Zeros behind it are
    padding. Every method raises `Invalid` for damaged data.
    """

    def __init__(self, stream: BinaryIO, budget: ExpansionBudget) -> None:
        self._stream = stream
        self._budget = budget
        self._inflater = zlib.decompressobj(_GZIP)
        self._pending = b""
        self._expanded = bytearray()
        self._finished = False

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end."""
        while len(self._expanded) < size and not self._finished:
            self._expand()
        data = bytes(self._expanded[:size])
        del self._expanded[:size]
        return data

    def _expand(self) -> None:
        if not self._pending:
            self._pending = self._stream.read(_READ_SIZE)
        try:
            chunk = self._inflater.decompress(self._pending, _EXPAND_SIZE)
        except zlib.error:
            raise broken("its compressed data is damaged") from None
        if not (chunk or self._pending or self._inflater.eof):
            raise broken("its compressed data is cut off")
        self._pending = self._inflater.unconsumed_tail
        self._budget.spend(len(chunk))
        self._expanded += chunk
        if self._inflater.eof:
            self._finished = True
            self._check_padding()

    def _check_padding(self) -> None:
        rest = self._inflater.unused_data
        while rest:
            if rest.strip(b"\0"):
                raise broken("there is data behind its end")
            rest = self._stream.read(_READ_SIZE)
