"""What the services of namespaces refuse."""

from pyregistry.errors import Conflict, Invalid, NotAllowed, NotFound


class InvalidPath(Invalid):
    """A name or path of a group or project breaks the rules."""

    about = "path"


class InvalidName(Invalid):
    """A group or project cannot be called so."""

    about = "name"


class InvalidDescription(Invalid):
    """The description of a group or project is too long."""

    about = "description"


class NamespaceExists(Conflict):
    """The path is taken."""

    about = "path"


class NamespaceNotFound(NotFound):
    """There is no namespace at the path."""


class TooVisible(Invalid):
    """A namespace would be visible to more people than its group."""

    about = "visibility"


class NotVisibleEnough(Invalid):
    """A group would be visible to fewer people than what it holds."""

    about = "visibility"


class PullsForbidden(NotAllowed):
    """A project would let anyone pull, which an administrator does not permit."""


class MovedMeanwhile(Conflict):
    """A group or project was moved elsewhere while a change to it waited for its turn."""

    def __init__(self) -> None:
        super().__init__("The group or project was moved at the same time: try again.")


class InvalidMove(Invalid):
    """A group or project cannot be where it would be moved to."""
