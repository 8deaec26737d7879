"""What the services of limits refuse."""

from http import HTTPStatus

from pyregistry.errors import Invalid, NotAllowed, Refusal, TooLarge


class FileTooLarge(TooLarge):
    """A file is larger than the largest that a project takes."""


class OverQuota(Refusal):
    """A file does not fit into a quota any more.

    413 as well: it is a matter of size, and no client sends it again; twine does so with 507.
    """

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class MovedOverQuota(Invalid):
    """What would be moved does not fit into the quota of a group that it would come into."""

    about = "group"


class InvalidLimit(Invalid):
    """A limit is no size, or above what applies from above."""


class LimitsForAdministrators(NotAllowed):
    """A limit that only administrators set."""

    def __init__(self) -> None:
        super().__init__("Only an administrator sets limits that Owners may not exceed.")
