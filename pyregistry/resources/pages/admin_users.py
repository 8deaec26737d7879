"""The pages on which administrators manage users."""

from typing import ClassVar

from pyregistry.resources.pages.base import InstancePage, NumberedInstancePage


class OfUserPage(InstancePage):
    """Where a form of the page of one user is sent."""

    __parent__: "UserPage"

    @property
    def number(self) -> int:
        """The user's id; whether anybody has it, services say."""
        return self.__parent__.number


class ChangeUser(OfUserPage):
    """Name, email address, administrator, external."""


class ResetPassword(OfUserPage):
    """A new password."""


class BlockUser(OfUserPage):
    """Stop a user."""


class UnblockUser(OfUserPage):
    """Let a user in again."""


class DeleteUser(OfUserPage):
    """Delete a user for ever."""


class UserPage(NumberedInstancePage):
    """One user."""

    below: ClassVar[dict[str, type[InstancePage]]] = {
        "change": ChangeUser,
        "password": ResetPassword,
        "block": BlockUser,
        "unblock": UnblockUser,
        "delete": DeleteUser,
    }


class AddUser(InstancePage):
    """The form for a new user."""


class UsersPage(InstancePage):
    """Every user."""

    below: ClassVar[dict[str, type[InstancePage]]] = {"add": AddUser}
    numbered = UserPage
