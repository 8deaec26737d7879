"""What the tests of receiving share: a stream, a storage, and a short way to receive."""

import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pyregistry.errors import Invalid, Refusal
from pyregistry.forklift.form import UploadForm
from pyregistry.forklift.limits import ReceiveLimits
from pyregistry.forklift.receive import ReceivedUpload, receive
from pyregistry.storage.interfaces import IFileStorage
from pyregistry.storage.local import LocalStorage
from tests.factories.uploads import field_part, file_part

KNOWN = -1
"""The length that the body has."""

LIMITS = ReceiveLimits(max_file_size=1_000_000)

CONTENT = bytes(range(256)) * 40 + b"\r\n--almost a boundary\r\n" + b"\r" * 10
FILENAME = "demo_pkg-1.0.tar.gz"
FILE = file_part(FILENAME, CONTENT)
ACTION = field_part(":action", "file_upload")
HEADER = 'Content-Disposition: form-data; name="'
"""How the header of a field begins."""


class Pieces:
    """A stream that gives its bytes in pieces of given sizes, the last size repeating."""

    def __init__(self, body: bytes, sizes: Iterable[int] = (1 << 20,)) -> None:
        self._rest = io.BytesIO(body)
        self._sizes = iter(sizes)
        self._size = 1
        self.given = 0

    def read(self, size: int, /) -> bytes:
        self._size = next(self._sizes, self._size)
        piece = self._rest.read(min(size, self._size))
        self.given += len(piece)
        return piece


def ready(folder: Path) -> LocalStorage:
    storage = LocalStorage(folder)
    storage.prepare()
    return storage


def received(
    storage: IFileStorage,
    request: tuple[str, bytes],
    *,
    length: int | None = KNOWN,
    sizes: Iterable[int] = (1 << 20,),
    limits: ReceiveLimits = LIMITS,
    on_field: Callable[[str, str], None] | None = None,
) -> ReceivedUpload:
    """Receive a content type and a body."""
    content_type, body = request
    return receive(
        Pieces(body, sizes),
        content_type,
        len(body) if length == KNOWN else length,
        storage=storage,
        limits=limits,
        on_field=on_field,
    )


def refused(
    storage: LocalStorage,
    request: tuple[str, bytes],
    kind: type[Refusal] = Invalid,
    **given: Any,
) -> str:
    """The sentence of a refusal that leaves nothing behind."""
    with pytest.raises(kind) as caught:
        received(storage, request, **given)
    assert nothing_left(storage)
    caught.value.sentence.encode("latin-1")
    return caught.value.sentence


def everything(form: UploadForm) -> dict[str, tuple[str, ...]]:
    """The raw values of every field."""
    return {name: form.raw(name) for name in form}


def nothing_left(storage: IFileStorage) -> bool:
    """Whether a storage holds neither objects nor what was received and not stored."""
    later = datetime.now(UTC) + timedelta(days=1)
    return not list(storage.objects()) and not list(storage.pending(later))
