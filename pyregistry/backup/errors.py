"""What exporting and importing refuse."""

from pyregistry.errors import Conflict, Invalid


class NoExport(Invalid):
    """The folder holds no export, or not all of one."""


class DamagedExport(Invalid):
    """Something of an export is missing, or is not what was written."""


class OtherExport(Invalid):
    """The export is whole, and not one that can be read into this."""


class NotEmpty(Conflict):
    """What must be empty is not."""


class FolderInUse(Conflict):
    """Another export is being written to the folder."""


class FilesMissing(Conflict):
    """The storage lacks bytes of files that the registry has."""


class InTheWay(Conflict):
    """Something else is where an import would put what it brings."""
