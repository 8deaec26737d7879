"""What the services of protection refuse."""

from http import HTTPStatus

from pyregistry.errors import Conflict, Invalid, NotAllowed, NotFound


class Protected(NotAllowed):
    """A protection rule asks for a higher role."""


class Reserved(NotAllowed):
    """The name belongs to other projects of a group."""


class InvalidProtection(Invalid):
    """A pattern, level or prefix breaks the rules for these."""


class RuleExists(Conflict):
    """The project has a rule with that pattern, or as many rules as it can have."""


class RuleNotFound(NotFound):
    """The project has no such rule."""

    def __init__(self) -> None:
        super().__init__("Not found: the project has no such protection rule.")


class LevelTooHigh(NotAllowed):
    """A rule asks for more than who would make, change or remove it may do."""


class PrefixExists(Conflict):
    """The group has reserved that prefix, or as many as it can."""


class PrefixNotFound(NotFound):
    """The group has not reserved such a prefix."""

    def __init__(self) -> None:
        super().__init__("Not found: the group has no such reserved prefix.")


class PrefixInUse(Conflict):
    """Projects that a prefix would not belong to hold packages that fall under it."""

    about = "projects"


class ProjectsElsewhere(Invalid):
    """A prefix would belong to projects that are not in the group."""

    about = "projects"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
