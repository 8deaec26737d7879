"""What the services of accounts refuse."""

from pyregistry.errors import Conflict, Invalid, NotAllowed, NotFound


class InvalidUser(Invalid):
    """A user name, email address or password breaks a rule."""


class UserExists(Conflict):
    """The user name or the email address is taken."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The {what} is taken: choose another.")


class UserNotFound(NotFound):
    """There is no such user."""


class LastAdministrator(NotAllowed):
    """Nobody would be left who can administer the instance."""


class OwnAccount(NotAllowed):
    """Nobody blocks or deletes themselves."""


class WrongPassword(Invalid):
    """What was typed as somebody's own password is another."""

    def __init__(self) -> None:
        super().__init__("The current password is wrong: type the one you sign in with.")


class SessionNotFound(NotFound):
    """The user has no such browser session, or it is over."""
