"""Receiving what every client sends."""

import hashlib

import pytest

from pyregistry.errors import Invalid
from pyregistry.forklift.receive import receive
from pyregistry.storage.local import LocalStorage
from tests.factories import uploads
from tests.factories.uploads import DEMO_FIELDS, field_part, file_part, parts_body
from tests.unit.forklift.receiving import (
    CONTENT,
    FILE,
    FILENAME,
    LIMITS,
    Pieces,
    nothing_left,
    received,
)


@pytest.mark.parametrize("client", uploads.ALL_UPLOADS)
@pytest.mark.parametrize("length", [-1, None], ids=["declared", "chunked"])
def test_every_client(storage: LocalStorage, client: str, length: int | None) -> None:
    request = uploads.ALL_UPLOADS[client](DEMO_FIELDS, FILENAME, CONTENT)
    with received(storage, request, length=length) as upload:
        assert upload.action == "file_upload"
        assert upload.filename == FILENAME
        assert upload.fields.one("name") == "demo-pkg"
        assert upload.fields.one("version") == "1.0"
        assert upload.fields.many("classifiers") == tuple(DEMO_FIELDS["classifiers"])
        assert upload.fields.one("summary") == "A summary with an umlaut: Überblick"
        assert upload.pending is not None
        assert upload.digests is not None
        assert upload.digests.sha256 == hashlib.sha256(CONTENT).hexdigest()
        assert upload.pending.path is not None
        assert upload.pending.path.read_bytes() == CONTENT
        assert list(storage.objects()) == []
        stored = upload.pending.store()
    assert b"".join(storage.open(stored.sha256)) == CONTENT


def test_what_is_not_stored_is_discarded(storage: LocalStorage) -> None:
    with received(storage, uploads.twine(DEMO_FIELDS, FILENAME, CONTENT)) as upload:
        assert upload.pending is not None
    assert nothing_left(storage)


def test_python_3_11_says_none_for_what_a_package_does_not_say(storage: LocalStorage) -> None:
    request = uploads.distutils_upload_python39(DEMO_FIELDS, FILENAME, CONTENT, nothing="None")
    with received(storage, request) as upload:
        assert upload.fields.raw("home_page") == ("None",)
        assert upload.fields.one("home_page") is None


def test_another_action_has_no_file(storage: LocalStorage) -> None:
    parts = [field_part(":action", "doc_upload"), FILE]
    for order in (parts, parts[::-1], parts[:1]):
        upload = received(storage, parts_body(order))
        assert (upload.action, upload.filename, upload.pending) == ("doc_upload", None, None)
        assert nothing_left(storage)


def test_a_form_without_action_is_an_upload(storage: LocalStorage) -> None:
    with received(storage, parts_body([FILE])) as upload:
        assert upload.action == "file_upload"
        assert upload.filename == FILENAME


def test_fields_are_told_as_they_come(storage: LocalStorage) -> None:
    seen: list[tuple[str, str]] = []
    parts = [field_part("name", "demo"), FILE, field_part("license", "UNKNOWN")]
    with received(storage, parts_body(parts), on_field=lambda *pair: seen.append(pair)):
        assert seen == [("name", "demo"), ("license", "UNKNOWN")]


def test_a_field_can_refuse_the_upload_before_the_rest_is_read(storage: LocalStorage) -> None:
    def refuse(name: str, value: str) -> None:
        raise Invalid(f"{name} {value}")

    content_type, body = parts_body([FILE, field_part("name", "demo"), field_part("x", "y" * 9999)])
    stream = Pieces(body, [100])
    with pytest.raises(Invalid, match="name demo"):
        receive(stream, content_type, len(body), storage=storage, limits=LIMITS, on_field=refuse)
    assert stream.given < len(body) - 9000
    assert nothing_left(storage)


@pytest.mark.parametrize(
    "extra",
    ["", "\r\nContent-Type: text/plain", "\r\nContent-Transfer-Encoding: binary", "; x=y"],
)
def test_headers_of_the_file(storage: LocalStorage, extra: str) -> None:
    with received(storage, parts_body([file_part(FILENAME, CONTENT, extra=extra)])) as upload:
        assert upload.digests is not None
        assert upload.digests.md5 == hashlib.md5(CONTENT).hexdigest()


def test_the_filename_is_only_text(storage: LocalStorage) -> None:
    name = "../../../etc/passwd"
    with received(storage, parts_body([file_part(name, CONTENT)])) as upload:
        assert upload.filename == name
        assert upload.pending is not None
        upload.pending.store()
    assert [made.size for made in storage.objects()] == [len(CONTENT)]


def test_signatures_and_attestations_are_passed_over(storage: LocalStorage) -> None:
    parts = [
        file_part(FILENAME + ".asc", b"\xff" * 100, name="gpg_signature"),
        field_part("attestations", "[]"),
        FILE,
    ]
    with received(storage, parts_body(parts)) as upload:
        assert "gpg_signature" not in upload.fields
        assert upload.fields.raw("attestations") == ("[]",)


def test_bytes_after_the_end_are_passed_over(storage: LocalStorage) -> None:
    content_type, body = parts_body([FILE])
    with received(storage, (content_type, body + b"epilogue" * 100)) as upload:
        assert upload.filename == FILENAME


def test_nothing_is_read_past_the_declared_length(storage: LocalStorage) -> None:
    content_type, body = parts_body([FILE])
    stream = Pieces(body + b"the next request")
    upload = receive(stream, content_type, len(body), storage=storage, limits=LIMITS)
    with upload:
        assert stream.given == len(body)


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data; charset=utf-8; boundary=x", 'Multipart/Form-Data;boundary="x"'],
)
def test_spellings_of_the_content_type(storage: LocalStorage, content_type: str) -> None:
    _, body = parts_body([FILE], "x")
    with received(storage, (content_type, body)) as upload:
        assert upload.filename == FILENAME
