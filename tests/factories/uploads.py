"""The bodies of uploads, byte for byte as each client sends them.

Each function takes the metadata fields (name to value, or to several), the
filename and the content of the file, and gives the `Content-Type` header and
the body. `fields` may say `filetype` and `pyversion`; every client puts those,
the digests and the fields of the protocol where it always does, and the rest
in the order given.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Fields = Mapping[str, str | Sequence[str]]
Request = tuple[str, bytes]

CONTENT = "content"
METADATA = "*"
"""Stands for all fields that an order does not name."""

DISTUTILS_BOUNDARY = "--------------GHSKFJDLGDS7543FJKLFHRE75642756743254"
RANDOM_BOUNDARY = "c07c4b51f87e4aa4ba2b565e64557d5f"
UV_BOUNDARY = "d5d488071dc76247-c6b1ef53b6c077fd-f75f4697a54d29d3-16483253b287d711"

DEMO_FIELDS: Fields = {
    "metadata_version": "2.1",
    "name": "demo-pkg",
    "version": "1.0",
    "filetype": "sdist",
    "pyversion": "source",
    "summary": "A summary with an umlaut: Überblick",
    "author_email": "Ann Author <ann@example.org>",
    "classifiers": ["Programming Language :: Python", "Topic :: Software Development"],
    "requires_dist": ["click>=8", 'rich; extra == "extra"'],
    "description": "# Demo\n\nTwo lines.\n",
}


@dataclass(frozen=True)
class _Client:
    """Where a client puts which field, and how it frames them."""

    order: tuple[str, ...]
    boundary: str = RANDOM_BOUNDARY
    disposition: str = 'form-data; name="content"; filename="{filename}"'
    content_header: str = "\r\nContent-Type: application/octet-stream"
    before: bytes = b""
    """What comes before the first boundary."""


_TWINE = _Client(
    order=(
        METADATA,
        "pyversion",
        "filetype",
        "sha256_digest",
        "blake2_256_digest",
        ":action",
        "protocol_version",
        CONTENT,
    )
)
_UV = _Client(
    order=(
        ":action",
        "sha256_digest",
        "blake2_256_digest",
        "protocol_version",
        "metadata_version",
        "name",
        "version",
        "filetype",
        "pyversion",
        METADATA,
        CONTENT,
    ),
    boundary=UV_BOUNDARY,
    content_header="",
)
_POETRY = _Client(
    order=(
        "md5_digest",
        "sha256_digest",
        "blake2_256_digest",
        "filetype",
        "pyversion",
        METADATA,
        ":action",
        "protocol_version",
        CONTENT,
    )
)
_PDM = _Client(
    order=(
        "name",
        "version",
        "filetype",
        "pyversion",
        "metadata_version",
        METADATA,
        "sha256_digest",
        "md5_digest",
        "blake2_256_digest",
        ":action",
        "protocol_version",
        CONTENT,
    )
)
_HATCH = _Client(
    order=(
        "description",
        METADATA,
        "filetype",
        "pyversion",
        ":action",
        "protocol_version",
        "md5_digest",
        "sha256_digest",
        "blake2_256_digest",
        CONTENT,
    )
)
_FLIT = _Client(
    order=(
        ":action",
        "name",
        "version",
        "metadata_version",
        METADATA,
        "protocol_version",
        "filetype",
        "pyversion",
        "md5_digest",
        "sha256_digest",
        CONTENT,
    ),
    content_header="",
)
_DISTUTILS_METADATA = (
    "metadata_version",
    "summary",
    "home_page",
    "author",
    "author_email",
    "license",
    "description",
    "keywords",
    "platform",
    "classifiers",
    "download_url",
    "provides",
    "requires",
    "obsoletes",
)
_DISTUTILS_START = (":action", "protocol_version", "name", "version", CONTENT)
_DISTUTILS_36 = _Client(
    order=(
        *_DISTUTILS_START,
        "filetype",
        "pyversion",
        "md5_digest",
        *_DISTUTILS_METADATA,
        "comment",
    ),
    boundary=DISTUTILS_BOUNDARY,
    content_header="",
    before=b"\r\n",
)
_DISTUTILS_39 = _Client(
    order=(
        *_DISTUTILS_START,
        "filetype",
        "pyversion",
        *_DISTUTILS_METADATA,
        "comment",
        "md5_digest",
        "sha256_digest",
        "blake2_256_digest",
    ),
    boundary=DISTUTILS_BOUNDARY,
    content_header="",
    before=b"\r\n",
)
# Python 2.7 sends its fields in the order of a dictionary: this is the one
# that CPython 2.7.18 gives on 64-bit machines without hash randomisation.
_DISTUTILS_27 = _Client(
    order=(
        "comment",
        "metadata_version",
        "filetype",
        "keywords",
        "protcol_version",
        "author",
        "home_page",
        "download_url",
        CONTENT,
        "platform",
        "version",
        "description",
        "obsoletes",
        "md5_digest",
        ":action",
        "classifiers",
        "name",
        "license",
        "pyversion",
        "summary",
        "author_email",
        "requires",
        "provides",
    ),
    boundary=DISTUTILS_BOUNDARY,
    disposition='form-data; name="content";filename="{filename}"',
    content_header="",
    before=b"\r\n",
)
_REGISTER_ORDER = (":action", "metadata_version", "name", "version", *_DISTUTILS_METADATA[1:])


def twine(fields: Fields, filename: str, content: bytes, boundary: str = "") -> Request:
    return _upload(_TWINE, fields, filename, content, boundary)


def uv(fields: Fields, filename: str, content: bytes, boundary: str = "") -> Request:
    """uv: `requires_python` always, even empty; no content type on the file."""
    filled = {**fields, "requires_python": fields.get("requires_python", "")}
    return _upload(_UV, filled, filename, content, boundary)


def poetry(fields: Fields, filename: str, content: bytes, boundary: str = "") -> Request:
    return _upload(_POETRY, fields, filename, content, boundary)


def pdm(fields: Fields, filename: str, content: bytes, boundary: str = "") -> Request:
    """pdm: fields that a package does not have are sent empty."""
    empty = ("home_page", "author", "maintainer", "maintainer_email", "license")
    filled = {**fields, **{name: fields.get(name, "") for name in (*empty, "comment")}}
    return _upload(_PDM, filled, filename, content, boundary)


def hatch(fields: Fields, filename: str, content: bytes, boundary: str = "") -> Request:
    return _upload(_HATCH, fields, filename, content, boundary)


def flit(fields: Fields, filename: str, content: bytes, boundary: str = "") -> Request:
    """flit: metadata version 2.3 whatever the file says."""
    return _upload(_FLIT, {**fields, "metadata_version": "2.3"}, filename, content, boundary)


def distutils_upload_python27(fields: Fields, filename: str, content: bytes) -> Request:
    """`setup.py sdist upload` of Python 2.7, with its misspelt `protcol_version`."""
    return _upload(_DISTUTILS_27, _distutils_fields(fields, "UNKNOWN"), filename, content)


def distutils_upload_python36(fields: Fields, filename: str, content: bytes) -> Request:
    """`setup.py sdist upload` of Python 3.6 to 3.8."""
    return _upload(_DISTUTILS_36, _distutils_fields(fields, "UNKNOWN"), filename, content)


def distutils_upload_python39(
    fields: Fields, filename: str, content: bytes, nothing: str = "UNKNOWN"
) -> Request:
    """`setup.py sdist upload` of Python 3.9 to 3.11: its BLAKE2b digest has 64 bytes.

    From Python 3.10 on, `nothing` is 'None'.
    """
    digest = {"blake2_256_digest": hashlib.blake2b(content).hexdigest()}
    filled = {**_distutils_fields(fields, nothing), **digest}
    return _upload(_DISTUTILS_39, filled, filename, content)


def distutils_register(fields: Fields, nothing: str = "UNKNOWN") -> Request:
    """`setup.py register`: no file, and lines that end in a bare line feed."""
    filled = _distutils_fields({**fields, ":action": "submit"}, nothing)
    body = b""
    for name, value in _pairs(_REGISTER_ORDER, filled):
        body += f"\n--{DISTUTILS_BOUNDARY}\n".encode()
        body += f'Content-Disposition: form-data; name="{name}"\n\n{value}'.encode()
    body += f"\n--{DISTUTILS_BOUNDARY}--\n".encode()
    return f"multipart/form-data; boundary={DISTUTILS_BOUNDARY}; charset=utf-8", body


ALL_UPLOADS = {
    "twine": twine,
    "uv": uv,
    "poetry": poetry,
    "pdm": pdm,
    "hatch": hatch,
    "flit": flit,
    "distutils-2.7": distutils_upload_python27,
    "distutils-3.6": distutils_upload_python36,
    "distutils-3.9": distutils_upload_python39,
}
"""Every client that uploads a file, by a name for the test that is run with it."""


def parts_body(parts: Iterable[tuple[str, bytes]], boundary: str = RANDOM_BOUNDARY) -> Request:
    """A form of parts, each with the text of its header (without the last line end)."""
    body = b"".join(
        f"--{boundary}\r\n{head}\r\n\r\n".encode() + value + b"\r\n" for head, value in parts
    )
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def field_part(name: str, value: str | bytes) -> tuple[str, bytes]:
    """A part for `parts_body` that holds a field."""
    raw = value.encode() if isinstance(value, str) else value
    return f'Content-Disposition: form-data; name="{name}"', raw


def file_part(
    filename: str, content: bytes, name: str = CONTENT, extra: str = ""
) -> tuple[str, bytes]:
    """A part for `parts_body` that holds a file; `extra` is more text for its header."""
    return f'Content-Disposition: form-data; name="{name}"; filename="{filename}"{extra}', content


def _upload(
    client: _Client, fields: Fields, filename: str, content: bytes, boundary: str = ""
) -> Request:
    boundary = boundary or client.boundary
    filled = {**_protocol_fields(content), **fields}
    before, chunks = client.before, []
    for name, value in _pairs(client.order, filled):
        if name == CONTENT:
            disposition = client.disposition.format(filename=filename) + client.content_header
            raw = content
        else:
            disposition, raw = f'form-data; name="{name}"', value.encode()
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n".encode()
        chunks.append(head + raw)
    end = f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", before + b"\r\n".join(chunks) + end


def _protocol_fields(content: bytes) -> dict[str, str]:
    return {
        ":action": "file_upload",
        "protocol_version": "1",
        "protcol_version": "1",
        "md5_digest": hashlib.md5(content).hexdigest(),
        "sha256_digest": hashlib.sha256(content).hexdigest(),
        "blake2_256_digest": hashlib.blake2b(content, digest_size=32).hexdigest(),
    }


def _distutils_fields(fields: Fields, nothing: str) -> Fields:
    """The fields that distutils knows, those that a package does not have filled in."""
    defaults = dict.fromkeys(
        ("summary", "home_page", "author", "author_email", "license", "description"), nothing
    )
    defaults |= {"platform": nothing, "download_url": nothing, "comment": ""}
    known = {*_DISTUTILS_39.order, *_DISTUTILS_27.order}
    return defaults | {
        "metadata_version": "1.0",
        **{name: value for name, value in fields.items() if name in known},
        # What distutils says of a source distribution.
        **({"pyversion": ""} if fields.get("filetype") == "sdist" else {}),
    }


def _pairs(order: Sequence[str], fields: Fields) -> Iterator[tuple[str, str]]:
    """Each field as often as it has values, in an order that may hold `METADATA`."""
    named = {*order, *_protocol_fields(b"")}
    for slot in order:
        if slot == CONTENT:
            yield CONTENT, ""
            continue
        names = [slot] if slot != METADATA else [name for name in fields if name not in named]
        for name in names:
            value = fields.get(name, ())
            for single in [value] if isinstance(value, str) else value:
                yield name, single
