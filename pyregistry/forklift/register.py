"""Forms whose lines end in a bare line feed.

`setup.py register` sends such a form. It is no valid multipart body (RFC
2046 wants CRLF) and no strict parser takes it, but it is small and holds
only text.
"""

from multipart import parse_content_disposition

from pyregistry.errors import Invalid
from pyregistry.forklift.body import Body, broken_off
from pyregistry.forklift.form import UploadForm, decoded
from pyregistry.forklift.limits import MIB, ReceiveLimits

MAX_SIZE = MIB


def has_bare_line_feeds(start: bytes, boundary: bytes) -> bool:
    """Whether the first bytes of a body show that its lines end in a bare line feed."""
    return start.removeprefix(b"\n").startswith(b"--" + boundary + b"\n")


def read_form(body: Body, boundary: bytes, limits: ReceiveLimits) -> UploadForm:
    """Read a form of text fields whose lines end in a bare line feed.

    Raises `TooLarge` above 1 MiB, and `Invalid` where the form is broken or
    holds a file: binary content cannot be told apart from such line ends.
    """
    delimiter = b"\n--" + boundary
    first, *parts = (b"\n" + body.read_all(MAX_SIZE).removeprefix(b"\n")).split(delimiter)
    if first or not parts or parts.pop().strip() != b"--":
        raise broken_off()
    if len(parts) > limits.max_fields:
        raise Invalid(f"The form has more than {limits.max_fields} fields")
    form = UploadForm()
    for part in parts:
        name, value = _read_part(part)
        form.add(name, value)
    return form


def _read_part(part: bytes) -> tuple[str, str]:
    head, separator, value = part.partition(b"\n\n")
    if not separator or not head.startswith(b"\n"):
        raise Invalid("A part of the form has no header: send name and value of each field")
    for line in head[1:].split(b"\n"):
        key, _, disposition = line.partition(b":")
        if key.strip().lower() == b"content-disposition":
            return _field(disposition, value)
    raise Invalid("A part of the form has no Content-Disposition header")


def _field(disposition: bytes, value: bytes) -> tuple[str, str]:
    _, name, filename = parse_content_disposition(decoded("name", disposition).strip())
    if not name:
        raise Invalid("A part of the form has no name")
    if filename is not None or name == "content":
        raise Invalid(
            "The lines of the form end in a bare line feed, which damages files:"
            " end them in CRLF, or upload with twine"
        )
    return name, decoded(name, value)
