"""Forms with bare line feeds, as `setup.py register` sends them."""

from dataclasses import replace

import pytest

from pyregistry.errors import TooLarge
from pyregistry.storage.local import LocalStorage
from tests.factories import uploads
from tests.factories.uploads import DEMO_FIELDS
from tests.unit.forklift.receiving import HEADER, LIMITS, nothing_left, received, refused


@pytest.mark.parametrize("nothing", ["UNKNOWN", "None"])
@pytest.mark.parametrize("length", [-1, None], ids=["declared", "chunked"])
def test_setup_py_register(storage: LocalStorage, nothing: str, length: int | None) -> None:
    request = uploads.distutils_register({**DEMO_FIELDS, "keywords": ["a", "b"]}, nothing)
    seen: list[tuple[str, str]] = []
    upload = received(
        storage, request, length=length, on_field=lambda name, value: seen.append((name, value))
    )
    assert upload.action == "submit"
    assert (upload.filename, upload.pending, upload.digests) == (None, None, None)
    assert upload.fields.one("name") == "demo-pkg"
    assert upload.fields.many("keywords") == ("a", "b")
    assert upload.fields.one("description") == DEMO_FIELDS["description"]
    assert ("name", "demo-pkg") in seen
    assert nothing_left(storage)


def lines(*parts: str, end: str = "\n--x--\n") -> tuple[str, bytes]:
    body = "".join(f"\n--x\n{part}" for part in parts) + end
    return "multipart/form-data; boundary=x", body.encode()


@pytest.mark.parametrize("part", ['content"; filename="a.zip', "content", 'x"; filename="a.zip'])
@pytest.mark.parametrize("action", ["file_upload", "submit"])
def test_a_file_with_bare_line_feeds(storage: LocalStorage, part: str, action: str) -> None:
    request = lines(f'{HEADER}:action"\n\n{action}', f'{HEADER}{part}"\n\nbytes')
    assert refused(storage, request) == (
        "The lines of the form end in a bare line feed, which damages files:"
        " end them in CRLF, or upload with twine"
    )


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (lines(f'{HEADER}a"\n\nb'), "The form has no file: send it as a part named content"),
        (
            lines(f'{HEADER}a"'),
            "A part of the form has no header: send name and value of each field",
        ),
        (
            lines("\n\nb"),
            "A part of the form has no header: send name and value of each field",
        ),
        (lines("X: y\n\nb"), "A part of the form has no Content-Disposition header"),
        (lines(f'{HEADER}"\n\nb'), "A part of the form has no name"),
        (
            lines(f'{HEADER}:action"\n\nsubmit', end=""),
            "The upload broke off before the end of the form: send it again",
        ),
        (
            lines(f'{HEADER}:action"\n\nsubmit', f'{HEADER}:action"\n\nother'),
            "The form has several values for the field ':action': send one",
        ),
    ],
)
def test_broken_forms_with_bare_line_feeds(
    storage: LocalStorage, request_: tuple[str, bytes], sentence: str
) -> None:
    assert refused(storage, request_) == sentence


def test_bare_line_feeds_without_the_first(storage: LocalStorage) -> None:
    content_type, body = lines(f'{HEADER}:action"\n\nsubmit')
    assert received(storage, (content_type, body[1:])).action == "submit"


def test_a_long_form_with_bare_line_feeds(storage: LocalStorage) -> None:
    content_type, body = lines(f'{HEADER}:action"\n\nsubmit', f'{HEADER}x"\n\n' + "y" * (1 << 20))
    sentence = refused(storage, (content_type, body), TooLarge)
    assert sentence == "The form is larger than the limit of 1.0 MiB"


def test_many_fields_with_bare_line_feeds(storage: LocalStorage) -> None:
    request = lines(*[f'{HEADER}x"\n\ny'] * 11)
    sentence = refused(storage, request, limits=replace(LIMITS, max_fields=10))
    assert sentence == "The form has more than 10 fields"
