"""What is counted by day."""

from enum import StrEnum

from pyregistry.events.actions import Action


class CountedAction(StrEnum):
    """The actions whose numbers are kept. Those on files are events, too; copies are not."""

    FILE_PUSHED = Action.FILE_PUSHED.value
    FILE_PULLED = Action.FILE_PULLED.value
    FILE_DELETED = Action.FILE_DELETED.value
    SETUP_COPIED = "command.setup_copied"
    """The commands that set a client up were copied from a page."""
    INSTALL_COPIED = "command.install_copied"
    """The command that installs a package was copied from a page."""


COPIES = frozenset({CountedAction.SETUP_COPIED, CountedAction.INSTALL_COPIED})
"""What pages tell: nothing else shows that it was done."""
