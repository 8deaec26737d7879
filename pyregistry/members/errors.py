"""What the services of members refuse."""

from pyregistry.errors import Conflict, Invalid, NotAllowed, NotFound


class InvalidRole(Invalid):
    """The role is lower than the one that the user has from a group above."""

    about = "role"


class MemberExists(Conflict):
    """The user has a role in the namespace already."""

    about = "username"

    def __init__(self) -> None:
        super().__init__("Member already exists")


class MemberNotFound(NotFound):
    """The user has no role of their own in the namespace."""

    def __init__(self) -> None:
        super().__init__("Not found: the user has no role of their own here.")


class RoleTooLow(NotAllowed):
    """Who grants a role, or takes it away, has none that is high enough."""


class GroupsForAdministrators(NotAllowed):
    """People bring no groups to the top of this registry, or this account brings none."""

    def __init__(self) -> None:
        super().__init__(
            "You cannot have groups at the top: ask an administrator, or name a group of yours."
        )


class LastOwner(NotAllowed):
    """Nobody would be left as Owner."""


class SoleOwner(Conflict):
    """A user cannot be deleted: nobody else is Owner of what they own."""
