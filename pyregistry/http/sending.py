"""Handing a file over to the server, which sends it better than pieces of it."""

from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, Final, Protocol

FILE_WRAPPER: Final = "pyregistry.file_wrapper"
"""Where the environ has the server's own `wsgi.file_wrapper`, and who watches it (PEP 3333)."""

PIECE: Final = 256 * 1024
"""Bytes that are read and sent at once, where the server does not have the system copy the file."""


class SeekableFile(Protocol):
    """What a server asks of a file that it sends by itself, as `io` means it.

    It ends where what is to be sent ends.
    """

    def read(self, size: int = -1, /) -> bytes: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...

    def tell(self) -> int: ...

    def fileno(self) -> int: ...

    def close(self) -> None: ...


Wrap = Callable[[SeekableFile, int], Iterable[bytes]]
"""A server's wrapper of a file: it takes the file, and the size of the pieces where it reads."""


def sent_by_server(environ: MutableMapping[str, Any], body: Iterable[bytes]) -> Iterable[bytes]:
    """The same body, in the server's own wrapper where that is a file and the server has one.

    The answer must have a `Content-Length`: the server sends that much of the file.
    """
    wrap: Wrap | None = environ.get(FILE_WRAPPER)
    if wrap is None or not hasattr(body, "fileno"):
        return body
    return wrap(body, PIECE)  # type: ignore[arg-type]  # what has a number can be read and sought
