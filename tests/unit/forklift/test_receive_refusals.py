"""Every rule that refuses an upload, and its sentence."""

import hashlib
from pathlib import Path

import pytest

from pyregistry.errors import Invalid
from pyregistry.forklift.receive import receive
from pyregistry.storage.errors import StorageUnavailable
from pyregistry.storage.local import LocalStorage
from tests.factories import uploads
from tests.factories.uploads import DEMO_FIELDS, field_part, file_part, parts_body
from tests.unit.forklift.receiving import (
    ACTION,
    CONTENT,
    FILE,
    FILENAME,
    HEADER,
    LIMITS,
    Pieces,
    nothing_left,
    received,
    refused,
)


@pytest.mark.parametrize("parts", [[], [ACTION], [field_part("name", "demo")]])
def test_a_form_without_file(storage: LocalStorage, parts: list[tuple[str, bytes]]) -> None:
    sentence = "The form has no file: send it as a part named content"
    assert refused(storage, parts_body(parts)) == sentence


def test_two_files(storage: LocalStorage) -> None:
    sentence = refused(storage, parts_body([ACTION, FILE, FILE]))
    assert sentence == "The form has more than one file: send one part named content"


@pytest.mark.parametrize(
    "part", [field_part("content", "x"), file_part("", b"x")], ids=["none", "empty"]
)
def test_a_file_without_filename(storage: LocalStorage, part: tuple[str, bytes]) -> None:
    sentence = "The part named content has no filename: send the name of the file"
    assert refused(storage, parts_body([part])) == sentence


def test_an_encoded_file(storage: LocalStorage) -> None:
    part = file_part(FILENAME, b"eA==", extra="\r\nContent-Transfer-Encoding: base64")
    assert refused(storage, parts_body([part])) == (
        "The file is sent as 'base64': send its bytes as they are"
    )


@pytest.mark.parametrize("name", ["name", "version", ":action", "sha256_digest", "description"])
def test_two_values_for_one_field(storage: LocalStorage, name: str) -> None:
    parts = [FILE, field_part(name, "a"), field_part(name, "b")]
    assert refused(storage, parts_body(parts)) == (
        f"The form has several values for the field '{name}': send one"
    )


def test_the_same_value_twice(storage: LocalStorage) -> None:
    parts = [FILE, field_part("name", "a"), field_part("name", "a")]
    with received(storage, parts_body(parts)) as upload:
        assert upload.fields.one("name") == "a"


@pytest.mark.parametrize("value", [b"\xff", "Überblick".encode("latin-1"), b"\xed\xa0\x80"])
def test_a_value_that_is_not_utf_8(storage: LocalStorage, value: bytes) -> None:
    sentence = refused(storage, parts_body([FILE, field_part("summary", value)]))
    assert sentence == "The field 'summary' is not valid UTF-8: encode it as UTF-8"


def test_a_nul_character(storage: LocalStorage) -> None:
    sentence = refused(storage, parts_body([FILE, field_part("summary", "a\0b")]))
    assert sentence == "The field 'summary' holds a NUL character: remove it"


def test_a_nul_character_in_the_filename(storage: LocalStorage) -> None:
    sentence = refused(storage, parts_body([file_part("a\0b-1.0.tar.gz", b"x")]))
    assert sentence == "The parameter 'filename' holds a character that cannot be stored."


@pytest.mark.parametrize(
    "head",
    [
        'Content-Disposition: form-data; filename="x"',
        'Content-Disposition: form-data; name=""',
        "Content-Disposition: form-data",
    ],
)
def test_a_part_without_name(storage: LocalStorage, head: str) -> None:
    assert refused(storage, parts_body([FILE, (head, b"x")])) == "A part of the form has no name"


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("Content-Type: text/plain", "Missing Content-Disposition segment header"),
        (
            'Content-Disposition: attachment; name="a"',
            "Invalid Content-Disposition segment header: Wrong type",
        ),
        ("no colon", "Malformed segment header"),
        (f'{HEADER}a"\r\nBad Name: x', "Invalid segment header name"),
        (f'{HEADER}a"\r\nContent-Length: 7', "Segment size does not match Content-Length header"),
    ],
)
def test_a_bad_header(storage: LocalStorage, head: str, why: str) -> None:
    sentence = refused(storage, parts_body([FILE, (head, b"x")]))
    assert sentence == f"The upload is not a well-formed form: {why}"


def test_a_bare_line_feed_in_a_header(storage: LocalStorage) -> None:
    request = parts_body([FILE, (f'{HEADER}a"\nX: y', b"x")])
    assert refused(storage, request) == (
        "A header of a part has a bare line feed: end its lines in CRLF"
    )
    sentence = refused(storage, request, sizes=[1])
    assert sentence.startswith("The upload is not a well-formed form: Invalid line break")


@pytest.mark.parametrize(
    "head", [f'{HEADER}{"a" * 2000}"', f'{HEADER}a"' + "\r\nX-More: x" * 20], ids=["long", "many"]
)
def test_too_much_header(storage: LocalStorage, head: str) -> None:
    sentence = refused(storage, parts_body([FILE, (head, b"x")]))
    assert sentence == "A part of the form has too long a header, or too many of them"


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=x"],
)
def test_another_content_type(storage: LocalStorage, content_type: str) -> None:
    sentence = "The upload is not a form: send it as multipart/form-data"
    assert refused(storage, (content_type, b"{}")) == sentence


@pytest.mark.parametrize(
    "boundary", ["", "; boundary=", '; boundary=" "', '; boundary="ä"', f"; boundary={'x' * 201}"]
)
def test_an_unusable_boundary(storage: LocalStorage, boundary: str) -> None:
    sentence = refused(storage, ("multipart/form-data" + boundary, b"--\r\n"))
    assert sentence.startswith("The Content-Type of the upload names no usable boundary")


@pytest.mark.parametrize(
    "body", [b"--other\r\n", b"preamble\r\n--x\r\n", b"\r\n\r\n--x\r\n", b"", b"-"]
)
def test_a_body_that_begins_otherwise(storage: LocalStorage, body: bytes) -> None:
    sentence = refused(storage, ("multipart/form-data; boundary=x", body))
    assert sentence == "The body does not begin with the boundary that its Content-Type names"


def test_a_wrong_boundary_is_refused_before_the_body_is_read(storage: LocalStorage) -> None:
    _, body = parts_body([FILE], "x")
    stream = Pieces(body, [50])
    with pytest.raises(Invalid):
        receive(stream, "multipart/form-data; boundary=y", None, storage=storage, limits=LIMITS)
    assert stream.given == 50


def test_a_body_that_is_shorter_than_declared(storage: LocalStorage) -> None:
    content_type, body = uploads.twine(DEMO_FIELDS, FILENAME, CONTENT)
    sentence = refused(storage, (content_type, body[:-500]), length=len(body))
    assert sentence == (
        f"The upload broke off after {len(body) - 500} of {len(body)} bytes: send it again"
    )


def test_a_body_that_ends_too_early(storage: LocalStorage) -> None:
    content_type, body = uploads.twine(DEMO_FIELDS, FILENAME, CONTENT)
    sentence = refused(storage, (content_type, body[:-500]), length=None)
    assert sentence == "The upload broke off before the end of the form: send it again"


@pytest.mark.parametrize("error", [ConnectionResetError(), OSError("read"), EOFError()])
def test_a_connection_that_breaks(storage: LocalStorage, error: Exception) -> None:
    content_type, body = parts_body([FILE])

    class Breaking(Pieces):
        def read(self, size: int, /) -> bytes:
            if self.given:
                raise error
            return super().read(size)

    with pytest.raises(Invalid, match="broke off after 5000 of"):
        receive(Breaking(body, [5000]), content_type, len(body), storage=storage, limits=LIMITS)
    assert nothing_left(storage)


def test_a_storage_that_does_not_work_is_not_the_fault_of_the_client(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        received(LocalStorage(tmp_path / "nowhere"), parts_body([FILE]))


def test_a_digest_of_other_bytes(storage: LocalStorage) -> None:
    digest = field_part("sha256_digest", hashlib.sha256(b"other").hexdigest())
    for parts in ([digest, FILE], [FILE, digest]):
        sentence = refused(storage, parts_body(parts))
        assert sentence.startswith("The field sha256_digest is d9298a10d1b073")
