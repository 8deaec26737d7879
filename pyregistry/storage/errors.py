"""What a storage raises when it cannot do what it was asked.

None of these is the fault of the client whose request met them.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager


class StorageError(Exception):
    """The storage could not do what it was asked; the message says what."""


class ObjectMissing(StorageError):
    """The storage holds no object with this digest."""


class StorageFull(StorageError):
    """There is no room left for these bytes: a full volume, a quota, a limit on file sizes."""


class StorageUnavailable(StorageError):
    """The storage cannot be reached, read or written."""


class StorageReadOnly(StorageUnavailable):
    """The storage lets this process write nothing, or not even read."""


# EFBIG: the process or the file system allows no file of this size.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_REFUSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


@contextmanager
def storage_errors(attempt: str, *, missing: str | None = None) -> Iterator[None]:
    """Turn an `OSError` into `StorageFull`, `StorageReadOnly` or `StorageUnavailable`.

    `attempt` completes the sentence "could not …" for the log. With
    `missing`, the digest of an object, a file that does not exist is
    `ObjectMissing`. The message names no path: it may end up in a response.
    """
    try:
        yield
    except OSError as error:
        if missing is not None and isinstance(error, FileNotFoundError):
            raise ObjectMissing(f"The storage holds no object {missing}") from error
        reason = error.strerror or type(error).__name__
        raise _kind_of(error)(f"The storage could not {attempt}: {reason}") from error


def _kind_of(error: OSError) -> type[StorageError]:
    if error.errno in _NO_ROOM:
        return StorageFull
    return StorageReadOnly if error.errno in _REFUSED else StorageUnavailable
