"""Uploads cut, reordered, damaged and delivered in any pieces."""

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pyregistry.errors import Invalid, TooLarge
from pyregistry.storage.local import LocalStorage
from tests.factories import uploads
from tests.factories.uploads import DEMO_FIELDS, field_part, file_part, parts_body
from tests.unit.forklift.receiving import everything, nothing_left, ready, received

FILENAME = "demo_pkg-1.0.tar.gz"
# Bytes that look like the start of a boundary in many places.
CONTENT = random.Random(1).randbytes(500) + b"\r\n--c07c4b51f87e\r\r\n--\r\n" * 20

CLIENTS = st.sampled_from(sorted(uploads.ALL_UPLOADS))
SIZES = st.lists(st.integers(1, 3000), min_size=1, max_size=20)
LENGTHS = st.sampled_from([-1, None])
ANSWER = tuple[object, ...]


def answer(
    storage: LocalStorage, request: tuple[str, bytes], sizes: Sequence[int], length: int | None
) -> ANSWER | None:
    """What an upload says; None for a refusal, which leaves nothing behind."""
    try:
        with received(storage, request, sizes=sizes, length=length) as upload:
            return (everything(upload.fields), upload.action, upload.filename, upload.digests)
    except (Invalid, TooLarge):
        return None
    finally:
        assert nothing_left(storage)


def ask(request: tuple[str, bytes], sizes: Sequence[int], length: int | None) -> ANSWER | None:
    with tempfile.TemporaryDirectory() as folder:
        return answer(ready(Path(folder) / "files"), request, sizes, length)


@settings(deadline=None)
@given(CLIENTS, SIZES, LENGTHS)
def test_pieces_make_no_difference(client: str, sizes: list[int], length: int | None) -> None:
    request = uploads.ALL_UPLOADS[client](DEMO_FIELDS, FILENAME, CONTENT)
    whole = ask(request, [1 << 20], -1)
    assert whole is not None
    assert ask(request, sizes, length) == whole


@settings(deadline=None)
@given(CLIENTS, st.data(), SIZES)
def test_a_cut_upload_is_refused(client: str, data: st.DataObject, sizes: list[int]) -> None:
    content_type, body = uploads.ALL_UPLOADS[client](DEMO_FIELDS, FILENAME, CONTENT)
    # Without the last line end a form is still complete.
    cut = data.draw(st.integers(0, len(body) - 3))
    assert ask((content_type, body[:cut]), sizes, None) is None
    assert ask((content_type, body[:cut]), sizes, -1) is None
    assert ask((content_type, body[:cut]), sizes, len(body)) is None


@settings(deadline=None)
@given(st.data(), SIZES)
def test_a_cut_register_is_refused_or_complete(data: st.DataObject, sizes: list[int]) -> None:
    content_type, body = uploads.distutils_register(DEMO_FIELDS)
    cut = data.draw(st.integers(0, len(body)))
    told = ask((content_type, body[:cut]), sizes, None)
    assert (told is not None) == (cut >= len(body) - 1)


PARTS = [
    field_part(":action", "file_upload"),
    field_part("name", "demo"),
    field_part("version", "1.0"),
    field_part("license", "UNKNOWN"),
    field_part("comment", ""),
    field_part("classifiers", "One"),
    file_part(FILENAME, CONTENT),
    file_part(FILENAME + ".asc", b"signature", name="gpg_signature"),
]


@settings(deadline=None)
@given(st.permutations(PARTS), SIZES, LENGTHS)
def test_the_order_makes_no_difference(
    parts: list[tuple[str, bytes]], sizes: list[int], length: int | None
) -> None:
    told = ask(parts_body(PARTS), [1 << 20], -1)
    assert told is not None
    assert ask(parts_body(parts), sizes, length) == told


@settings(deadline=None)
@given(CLIENTS, st.data(), SIZES, LENGTHS)
def test_damage_is_refused_or_harmless(
    client: str, data: st.DataObject, sizes: list[int], length: int | None
) -> None:
    """Whatever bytes change, there is an answer, the same for any pieces."""
    content_type, body = uploads.ALL_UPLOADS[client](DEMO_FIELDS, FILENAME, CONTENT)
    damaged = bytearray(body)
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(damaged) - 1))
        end = start + data.draw(st.integers(0, 40))
        damaged[start:end] = data.draw(
            st.sampled_from([b"", b"\r", b"\n", b"\r\n", b"--", b'"', b";", b"\\", b"\xff", b"\0"])
            | st.binary(max_size=10)
        )
        if not damaged:
            break
    request = content_type, bytes(damaged)
    assert ask(request, sizes, length) == ask(request, [1 << 20], length)


@settings(deadline=None)
@given(st.text(max_size=60), st.binary(max_size=200), SIZES, LENGTHS)
def test_anything_at_all_has_an_answer(
    parameters: str, body: bytes, sizes: list[int], length: int | None
) -> None:
    ask(("multipart/form-data; boundary=" + parameters, body), sizes, length)
    ask(("multipart/form-data; boundary=x", b"--x\r\n" + body), sizes, length)
    ask(("multipart/form-data; boundary=x", b"--x\n" + body), sizes, length)
    ask((parameters, body), sizes, length)
