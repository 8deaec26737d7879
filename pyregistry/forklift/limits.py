"""How much an upload may hold."""

from collections.abc import Callable
from dataclasses import dataclass

from pyregistry.errors import Invalid, TooLarge
from pyregistry.sentences import shown_size

MIB = 1024 * 1024

# What a boundary, its dashes and line ends take beside each part.
_FRAME_SIZE = 512

CheckSize = Callable[[int], None]
"""Takes the bytes that a file has at least; raises where it may not have so many."""


@dataclass(frozen=True, slots=True)
class ReceiveLimits:
    """The limits of one upload; sizes in bytes.

    `max_field_size` bounds each field except the description, which has its
    own limit, and `max_form_size` everything in the form, part headers
    included, but not the file.
    """

    max_file_size: int
    max_fields: int = 2000
    max_field_size: int = MIB
    max_description_size: int = 5 * MIB
    max_form_size: int = 8 * MIB

    @property
    def max_body_size(self) -> int:
        """The largest body that can keep all of these limits, in bytes."""
        return self.max_file_size + self._max_rest

    def least_file_size(self, content_length: int | None) -> int:
        """How many bytes the file in a body of that length has at least."""
        return max(0, (content_length or 0) - self._max_rest)

    @property
    def _max_rest(self) -> int:
        return self.max_form_size + self.max_fields * _FRAME_SIZE

    def of_field(self, name: str) -> int:
        """The largest value of a field, in bytes."""
        return self.max_description_size if name == "description" else self.max_field_size


def check_declared_length(content_length: int | None, limits: ReceiveLimits) -> None:
    """Refuse an upload by its `Content-Length`, before a byte of it is read.

    None means that the length is not known. Raises `TooLarge` when no file
    within the limit makes a body of this length, `Invalid` for a negative
    length.
    """
    if content_length is None:
        return
    if content_length < 0:
        raise Invalid("The Content-Length of the upload is negative")
    if content_length > limits.max_body_size:
        raise TooLarge(
            f"The upload of {shown_size(content_length)} is larger than the limit"
            f" of {shown_size(limits.max_file_size)} for a file"
        )


def file_too_large(limits: ReceiveLimits) -> TooLarge:
    """The refusal of a file that is larger than allowed."""
    return TooLarge(f"The file is larger than the limit of {shown_size(limits.max_file_size)}")
