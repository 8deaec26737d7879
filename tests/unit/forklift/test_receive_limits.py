"""The limits of an upload, and its memory."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from pyregistry.errors import TooLarge
from pyregistry.forklift.receive import receive
from pyregistry.storage.local import LocalStorage
from tests.factories.uploads import field_part, file_part, parts_body
from tests.unit.forklift.receiving import (
    ACTION,
    CONTENT,
    FILE,
    FILENAME,
    HEADER,
    LIMITS,
    Pieces,
    everything,
    nothing_left,
    received,
    refused,
)


def test_a_file_of_exactly_the_limit(storage: LocalStorage) -> None:
    limits = replace(LIMITS, max_file_size=len(CONTENT))
    with received(storage, parts_body([FILE]), limits=limits) as upload:
        assert upload.pending is not None
        assert upload.pending.size == len(CONTENT)


@pytest.mark.parametrize("length", [-1, None], ids=["declared", "chunked"])
def test_a_file_over_the_limit(storage: LocalStorage, length: int | None) -> None:
    limits = replace(LIMITS, max_file_size=10 * 1024)
    content_type, body = parts_body([file_part(FILENAME, b"x" * 10_241)])
    sentence = refused(storage, (content_type, body), TooLarge, length=length, limits=limits)
    assert sentence == "The file is larger than the limit of 10.0 KiB"


def test_a_file_over_the_limit_is_not_read_to_its_end(storage: LocalStorage) -> None:
    content_type, body = parts_body([file_part(FILENAME, b"x" * 5_000_000)])
    stream = Pieces(body, [10_000])
    with pytest.raises(TooLarge):
        receive(stream, content_type, None, storage=storage, limits=LIMITS)
    assert stream.given <= 1_010_000
    assert nothing_left(storage)


def test_a_declared_length_over_the_limit_is_refused_unread(storage: LocalStorage) -> None:
    stream = Pieces(b"--x\r\n")
    with pytest.raises(TooLarge) as caught:
        receive(
            stream,
            "multipart/form-data; boundary=x",
            5 * 1024**3,
            storage=storage,
            limits=replace(LIMITS, max_file_size=100 * 1024**2),
        )
    assert stream.given == 0
    assert caught.value.sentence == (
        "The upload of 5.0 GiB is larger than the limit of 100 MiB for a file"
    )


def test_an_endless_epilogue(storage: LocalStorage) -> None:
    limits = replace(LIMITS, max_file_size=20_000, max_form_size=1000, max_fields=5)
    content_type, body = parts_body([FILE])
    request = content_type, body + b"x" * 1_000_000
    assert refused(storage, request, TooLarge, length=None, limits=limits) == (
        "The file is larger than the limit of 19.5 KiB"
    )


def test_a_field_over_the_limit(storage: LocalStorage) -> None:
    limits = replace(LIMITS, max_field_size=100, max_description_size=200)
    for name, size in (("summary", 100), ("description", 200)):
        allowed, too_long = ([FILE, field_part(name, "x" * (size + more))] for more in (0, 1))
        with received(storage, parts_body(allowed), limits=limits) as upload:
            assert upload.fields.one(name) == "x" * size
        sentence = refused(storage, parts_body(too_long), TooLarge, limits=limits)
        assert sentence == f"The field '{name}' is larger than the limit of {size} bytes"


@pytest.mark.parametrize("ignored", [False, True])
def test_a_form_over_the_limit(storage: LocalStorage, ignored: bool) -> None:
    value = "x" * 400
    part = file_part("x.asc", value.encode(), "gpg") if ignored else field_part("x", value)
    limits = replace(LIMITS, max_form_size=3000)
    with received(storage, parts_body([FILE, *[part] * 5]), limits=limits) as upload:
        assert upload.filename == FILENAME
    sentence = refused(storage, parts_body([FILE, *[part] * 8]), TooLarge, limits=limits)
    assert sentence == "The fields of the form are larger than the limit of 2.9 KiB"


def test_headers_count_towards_the_form(storage: LocalStorage) -> None:
    part = (f'{HEADER}{"x" * 500}"', b"")
    limits = replace(LIMITS, max_form_size=3000)
    refused(storage, parts_body([FILE, *[part] * 6]), TooLarge, limits=limits)


def test_many_fields(storage: LocalStorage) -> None:
    limits = replace(LIMITS, max_fields=10)
    part = field_part("requires_dist", "a")
    with received(storage, parts_body([FILE, *[part] * 10]), limits=limits) as upload:
        assert len(upload.fields.many("requires_dist")) == 10
    sentence = refused(storage, parts_body([FILE, *[part] * 11]), limits=limits)
    assert sentence == "The form has more than 10 fields"


def test_memory_stays_flat(storage: LocalStorage) -> None:
    size = 200 * 1024 * 1024
    content_type, body = parts_body([ACTION, file_part(FILENAME, b"@"), field_part("name", "demo")])
    before, after = body.split(b"@")

    class Endless:
        def __init__(self) -> None:
            self._pieces = self._generate()

        def _generate(self) -> Iterator[bytes]:
            yield before
            block = b"\r\n" + b"x" * 65_534
            for _ in range(size // len(block)):
                yield block
            yield after

        def read(self, size: int, /) -> bytes:
            return next(self._pieces, b"")

    tracemalloc.start()
    try:
        limits = replace(LIMITS, max_file_size=size)
        with receive(Endless(), content_type, None, storage=storage, limits=limits) as upload:
            assert upload.pending is not None
            assert upload.pending.size == size
            assert everything(upload.fields)["name"] == ("demo",)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


class TestRoom:
    """What is asked about a file before its bytes are kept, and as they arrive."""

    @staticmethod
    def asked(storage: LocalStorage, length: int | None, most: int) -> tuple[list[str], list[int]]:
        """Receive a file of which `most` bytes are allowed; the names and sizes asked about."""
        names: list[str] = []
        sizes: list[int] = []

        def check(size: int) -> None:
            sizes.append(size)
            if size > most:
                raise TooLarge("no room")

        def on_file(name: str) -> Callable[[int], None]:
            names.append(name)
            return check

        content_type, body = parts_body([file_part(FILENAME, b"x" * 1_000_000)])
        stream = Pieces(body, [10_000])
        with suppress(TooLarge):
            receive(stream, content_type, length, storage=storage, limits=LIMITS, on_file=on_file)
        assert nothing_left(storage)
        return names, sizes

    def test_a_length_that_leaves_no_doubt(self, storage: LocalStorage) -> None:
        rest = LIMITS.max_body_size - LIMITS.max_file_size
        assert self.asked(storage, rest + 200_000, 199_999) == ([FILENAME], [200_000])

    def test_without_a_length(self, storage: LocalStorage) -> None:
        names, sizes = self.asked(storage, None, 100_000)
        assert (names, sizes[0]) == ([FILENAME], 0)
        assert 100_000 < sizes[-1] <= 120_000
