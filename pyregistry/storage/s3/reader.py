"""The bytes of an object as they come from the service."""

from typing import Any, Self

from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.s3.errors import s3_errors

CHUNK_SIZE = 256 * 1024


class BodyReader:
    """Reads the body of an answer in chunks of `CHUNK_SIZE` bytes, exactly `length` bytes.

    A body that ends early is `StorageUnavailable`: whoever sends the bytes on must break the
    connection, and not end it as if all were there.
    """

    def __init__(self, body: Any, length: int) -> None:
        self._body = body
        self._left = length
        self._ahead = b""

    def begin(self) -> None:
        """Have the first chunk ready, all of it.

        What fails before it can be told to a client; after it, only the connection can break.
        Raises `StorageUnavailable`.
        """
        wanted = min(CHUNK_SIZE, self._left)
        pieces: list[bytes] = []
        try:
            while wanted:
                pieces.append(self._read(wanted))
                wanted -= len(pieces[-1])
            self._ahead = b"".join(pieces)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self._body is None:
            raise StopIteration
        if self._ahead:
            chunk, self._ahead = self._ahead, b""
            return chunk
        if self._left:
            return self._read(CHUNK_SIZE)
        self._finish()
        raise StopIteration

    def close(self) -> None:
        """Give the connection up, unless all of the body was read."""
        body, self._body, self._ahead = self._body, None, b""
        if body is not None:
            body.close()

    def _read(self, most: int) -> bytes:
        with s3_errors("read an object"):
            chunk: bytes = self._body.read(min(most, self._left))
        if not chunk:
            self.close()
            raise StorageUnavailable("The S3 service ended an object before its last byte")
        self._left -= len(chunk)
        return chunk

    def _finish(self) -> None:
        """Read the end of the body, with which its connection can be used again."""
        with s3_errors("read an object"):
            self._body.read(1)
        self.close()


class NoBytes:
    """A reader of a range without bytes."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        raise StopIteration

    def close(self) -> None:
        """There is nothing to let go of."""
