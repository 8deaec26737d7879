"""What moving in refuses."""

from pyregistry.errors import Invalid, NotAllowed


class NotAsTold(Invalid):
    """The bytes are others than whoever offers them says."""


class CannotFetch(Invalid):
    """Another index does not give what was asked of it."""


class TurnedOff(NotAllowed):
    """The package registry of the project is turned off."""
