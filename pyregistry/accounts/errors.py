"""What the services of accounts refuse."""

from http import HTTPStatus

from pyregistry.errors import Conflict, Invalid, NotAllowed, NotFound


class InvalidUser(Invalid):
    """A user name, email address or password breaks a rule."""


class UserExists(Conflict):
    """The user name or the email address is taken."""

    def __init__(self, what: str, *, about: str) -> None:
        super().__init__(f"The {what} is taken: choose another.", about=about)


class UserNotFound(NotFound):
    """There is no such user."""

    about = "username"


class LastAdministrator(NotAllowed):
    """Nobody would be left who can administer the instance."""


class OwnAccount(NotAllowed):
    """Nobody blocks or deletes themselves."""


class WrongPassword(Invalid):
    """The present password, which is asked for before it is changed, is another."""

    about = "current_password"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__("The current password is wrong.")


class SessionNotFound(NotFound):
    """There is no such session, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such session: it may have ended already.")
