"""What the services of accounts refuse."""

from pyregistry.errors import Conflict, Invalid, NotFound


class InvalidUser(Invalid):
    """A user name, email address or password breaks a rule."""


class UserExists(Conflict):
    """The user name or the email address is taken."""


class UserNotFound(NotFound):
    """There is no such user."""
