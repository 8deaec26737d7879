"""The rebuilt bodies are framed as the clients frame them."""

import re

import pytest

from tests.factories import uploads
from tests.factories.uploads import DEMO_FIELDS, DISTUTILS_BOUNDARY


@pytest.mark.parametrize(
    ("client", "start", "disposition"),
    [
        ("twine", b"--c07c", b'; filename="f.zip"\r\nContent-Type: application/octet-stream'),
        ("uv", b"--d5d4", b'; filename="f.zip"'),
        ("flit", b"--c07c", b'; filename="f.zip"'),
        ("distutils-2.7", b"\r\n-----", b';filename="f.zip"'),
        ("distutils-3.6", b"\r\n-----", b'; filename="f.zip"'),
        ("distutils-3.9", b"\r\n-----", b'; filename="f.zip"'),
    ],
)
def test_framing(client: str, start: bytes, disposition: bytes) -> None:
    _, body = uploads.ALL_UPLOADS[client](DEMO_FIELDS, "f.zip", b"bytes")
    assert body.startswith(start)
    assert b'form-data; name="content"' + disposition + b"\r\n\r\nbytes\r\n" in body


def test_register_has_bare_line_feeds_only() -> None:
    content_type, body = uploads.distutils_register({"name": "demo", "version": "1.0"})
    assert content_type == f"multipart/form-data; boundary={DISTUTILS_BOUNDARY}; charset=utf-8"
    assert b"\r" not in body
    assert body.startswith(
        f'\n--{DISTUTILS_BOUNDARY}\nContent-Disposition: form-data; name=":action"\n\n'
        f"submit\n--{DISTUTILS_BOUNDARY}\n".encode()
    )
    assert body.endswith(f"UNKNOWN\n--{DISTUTILS_BOUNDARY}--\n".encode())


def test_python_2_7_misspells_the_protocol_version() -> None:
    _, body = uploads.distutils_upload_python27(DEMO_FIELDS, "f.zip", b"")
    assert b'name="protcol_version"' in body
    assert b'name="protocol_version"' not in body
    assert body.index(b'name="content"') < body.index(b'name="name"')


def test_python_3_9_sends_a_longer_digest() -> None:
    _, body = uploads.distutils_upload_python39(DEMO_FIELDS, "f.zip", b"")
    assert re.search(rb'name="blake2_256_digest"\r\n\r\n[0-9a-f]{128}\r\n', body)
