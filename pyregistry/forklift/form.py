"""The fields of an upload form, as a client sent them."""

from collections.abc import Iterator

from pyregistry.errors import Invalid
from pyregistry.sentences import shown

# distutils fills what a package does not say with these words: 'UNKNOWN', and
# 'None' in Python 3.10 and 3.11.
_SAYS_NOTHING = frozenset({"", "UNKNOWN", "None"})

# Fields that describe one thing. Sent twice with two values, they leave open
# which one counts. Other fields repeat (classifiers, requires_dist, and
# keywords, which distutils sends one by one).
_SINGLE = frozenset(
    {
        ":action",
        "protocol_version",
        "metadata_version",
        "name",
        "version",
        "filetype",
        "pyversion",
        "summary",
        "description",
        "description_content_type",
        "home_page",
        "download_url",
        "author",
        "author_email",
        "maintainer",
        "maintainer_email",
        "license",
        "license_expression",
        "requires_python",
        "comment",
        "md5_digest",
        "sha256_digest",
        "blake2_256_digest",
    }
)


class UploadForm:
    """The fields of an upload: each name has the values that were sent, in their order.

    The order of different fields means nothing; no two clients agree on it.
    """

    def __init__(self) -> None:
        self._values: dict[str, list[str]] = {}

    def add(self, name: str, value: str) -> None:
        """Add a value as it was sent.

        Raises `Invalid` when a field that describes one thing has another
        value already.
        """
        values = self._values.setdefault(name, [])
        if name in _SINGLE and values and values[0] != value:
            raise _ambiguous(name)
        values.append(value)

    def one(self, name: str) -> str | None:
        """The value of a field, or None where it is not sent or says nothing.

        Empty and blank values, 'UNKNOWN' and 'None' say nothing; only a
        package can be called 'None'. Raises `Invalid` when the field has
        several values that differ.
        """
        values = set(self.many(name))
        if len(values) > 1:
            raise _ambiguous(name)
        return values.pop() if values else None

    def many(self, name: str) -> tuple[str, ...]:
        """The values of a field in their order, without those that say nothing."""
        return tuple(value for value in self.raw(name) if _says_something(name, value))

    def raw(self, name: str) -> tuple[str, ...]:
        """The values of a field exactly as they were sent."""
        return tuple(self._values.get(name, ()))

    def __contains__(self, name: str) -> bool:
        """Whether the field was sent, whatever its value."""
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        """The names of the fields that were sent."""
        return iter(self._values)

    def __len__(self) -> int:
        """The number of different fields."""
        return len(self._values)

    def __repr__(self) -> str:
        return f"<UploadForm {', '.join(self._values)}>"


def decoded(name: str, value: bytes) -> str:
    """The text of a field.

    Raises `Invalid` when it is not UTF-8, or holds a NUL character, which no
    metadata can have and no database keeps.
    """
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"The field {shown(name)} is not valid UTF-8: encode it as UTF-8") from None
    if "\0" in text:
        raise Invalid(f"The field {shown(name)} holds a NUL character: remove it")
    return text


def _says_something(name: str, value: str) -> bool:
    if name == "name" and value == "None":
        return True
    return value.strip() not in _SAYS_NOTHING


def _ambiguous(name: str) -> Invalid:
    return Invalid(f"The form has several values for the field {shown(name)}: send one")
