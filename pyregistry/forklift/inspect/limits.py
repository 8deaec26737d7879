"""How far an archive may expand."""

from dataclasses import dataclass

from pyregistry.errors import Invalid

MIB = 1024 * 1024
GIB = 1024 * MIB

# Small archives of repetitive text compress very well and do no harm.
_RATIO_COUNTS_FROM = 64 * MIB

# All names of an archive are held in memory together.
_MAX_NAMES_SIZE = 32 * MIB


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """The limits of one archive.

    `max_expanded_size` and `max_metadata_size` are in bytes. `max_ratio` is
    expanded over compressed size and counts for archives that expand to more
    than 64 MiB. `max_members` counts files, folders and links.
    """

    max_expanded_size: int = 4 * GIB
    max_ratio: int = 200
    max_members: int = 100_000
    max_metadata_size: int = 5 * MIB


class ExpansionBudget:
    """Counts what comes out of an archive while it is read.

    Headers of the archive are never trusted for this. `archive_size` is in bytes.
    """

    def __init__(self, limits: ArchiveLimits, archive_size: int) -> None:
        self._limits = limits
        self._archive_size = archive_size
        self._members = 0
        self._names_size = 0
        self._expanded = 0

    def count_member(self, name_size: int) -> None:
        """Count one member with a name of that many bytes. Raises `Invalid` over the limit."""
        self._members += 1
        self._names_size += name_size
        if self._members > self._limits.max_members:
            raise Invalid(f"The archive has more than {self._limits.max_members} members: split it")
        if self._names_size > _MAX_NAMES_SIZE:
            raise Invalid("The names in the archive are longer than 32 MiB together: shorten them")

    def spend(self, size: int) -> None:
        """Count expanded bytes. Raises `Invalid` over the limit."""
        self._expanded += size
        if self._expanded > self._limits.max_expanded_size:
            raise Invalid(
                f"The archive expands to more than {self._limits.max_expanded_size} bytes: split it"
            )
        if (
            self._expanded > _RATIO_COUNTS_FROM
            and self._expanded > self._limits.max_ratio * self._archive_size
        ):
            raise Invalid(
                f"The archive expands to more than {self._limits.max_ratio} times its size,"
                " as bombs do: leave out what compresses that well"
            )
