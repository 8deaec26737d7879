"""What becomes of the parts of an upload form while their bytes arrive."""

from collections.abc import Callable
from typing import Protocol

from pyregistry.errors import Invalid, TooLarge
from pyregistry.forklift.form import decoded
from pyregistry.forklift.limits import CheckSize, ReceiveLimits, file_too_large
from pyregistry.sentences import shown, shown_size
from pyregistry.storage.interfaces import PendingObject


class Part(Protocol):
    """Takes the bytes of one part."""

    def write(self, data: bytes) -> None:
        """Take the next bytes; raises `TooLarge` beyond a limit."""

    def end(self) -> None:
        """The part is complete."""


class FormBudget:
    """How much of the form may still arrive: parts, and bytes of everything but the file."""

    def __init__(self, limits: ReceiveLimits) -> None:
        self._limits = limits
        self._parts = 0
        self._size = 0

    def spend_part(self, header_size: int) -> None:
        """Count a part and its header, in bytes.

        Raises `Invalid` for too many parts, `TooLarge` for too many bytes.
        """
        self._parts += 1
        # The file is a part, and not a field.
        if self._parts > self._limits.max_fields + 1:
            raise Invalid(f"The form has more than {self._limits.max_fields} fields")
        self.spend(header_size)

    def spend(self, size: int) -> None:
        """Count bytes; raises `TooLarge` when the form has too many."""
        self._size += size
        if self._size > self._limits.max_form_size:
            raise TooLarge(
                "The fields of the form are larger than the limit"
                f" of {shown_size(self._limits.max_form_size)}"
            )


class TextPart:
    """A field: kept in memory, and given to `accept` as text when it is complete."""

    def __init__(
        self, name: str, limit: int, budget: FormBudget, accept: Callable[[str, str], None]
    ) -> None:
        self._name = name
        self._limit = limit
        self._budget = budget
        self._accept = accept
        self._value = bytearray()

    def write(self, data: bytes) -> None:
        self._budget.spend(len(data))
        self._value += data
        if len(self._value) > self._limit:
            raise TooLarge(
                f"The field {shown(self._name)} is larger than the limit"
                f" of {shown_size(self._limit)}"
            )

    def end(self) -> None:
        self._accept(self._name, decoded(self._name, bytes(self._value)))


class IgnoredPart:
    """A file that is not the distribution archive, such as a signature: read, not kept."""

    def __init__(self, budget: FormBudget) -> None:
        self._budget = budget

    def write(self, data: bytes) -> None:
        self._budget.spend(len(data))

    def end(self) -> None:
        """Nothing was kept."""


class FilePart:
    """The distribution archive: written to the storage as it arrives."""

    def __init__(
        self, pending: PendingObject, limits: ReceiveLimits, check_size: CheckSize | None = None
    ) -> None:
        self._pending = pending
        self._limits = limits
        self._check_size = check_size

    def write(self, data: bytes) -> None:
        size = self._pending.size + len(data)
        if size > self._limits.max_file_size:
            raise file_too_large(self._limits)
        if self._check_size is not None:
            self._check_size(size)
        self._pending.write(data)

    def end(self) -> None:
        self._pending.finish()
