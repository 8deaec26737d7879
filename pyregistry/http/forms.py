"""The fields of small forms, read strictly: what is not UTF-8 is refused, not replaced."""

from io import BytesIO
from typing import Final
from urllib.parse import parse_qsl

from multipart import MultipartParser, parse_options_header

from pyregistry.errors import Invalid

URL_ENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
MAXIMUM_FIELDS: Final = 1000
_BROKEN: Final = "The body is not a valid form in UTF-8."


def read_fields(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """The text fields of a form, in its order; parts with a filename are left out.

    `content_type` is the whole header, with boundary and charset; an empty one stands for
    URL-encoded. Raises `Invalid` for what is no such form, or has more than 1,000 fields.

    The URL Standard (application/x-www-form-urlencoded), RFC 7578 (multipart/form-data).
    """
    if not body:
        return []
    kind, options = parse_options_header(content_type)
    if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Invalid(_BROKEN)
    try:
        if kind == MULTIPART:
            return _multipart(body, options.get("boundary", ""))
        return parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAXIMUM_FIELDS,
        )
    except ValueError:
        # Broken escapes, other encodings, too many fields, and all that `multipart` raises.
        raise Invalid(_BROKEN) from None


def _multipart(body: bytes, boundary: str) -> list[tuple[str, str]]:
    if not boundary or not boundary.isascii():
        raise ValueError("no boundary")
    parser = MultipartParser(
        BytesIO(body), boundary, len(body), strict=True, part_limit=MAXIMUM_FIELDS
    )
    found = []
    for part in parser:
        if not part.name:
            raise ValueError("a part has no name")
        if part.filename is None:
            found.append((part.name, part.raw.decode("utf-8")))
    return found
