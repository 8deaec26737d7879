"""The levels of access that a protection rule can ask for, in GitLab's words."""

from enum import IntEnum


class Level(IntEnum):
    """The numbers are those of roles; only an administrator of the instance has the highest."""

    MAINTAINER = 40
    OWNER = 50
    ADMIN = 60

    @property
    def word(self) -> str:
        """The level in parameters and answers of the API."""
        return self.name.lower()

    @property
    def who(self) -> str:
        """Who has it, as sentences say it."""
        return _WHO[self]


_WHO = {
    Level.MAINTAINER: "a Maintainer or an Owner",
    Level.OWNER: "an Owner",
    Level.ADMIN: "an administrator",
}
