"""Finding the people that an export names by their user names."""

from sqlalchemy.orm import Session

from pyregistry.accounts.models import User
from pyregistry.accounts.services.users import user_called
from pyregistry.db import Database


class People:
    """Remembers who has which user name here; several threads may ask."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, int | None] = {}

    def id_of(self, username: str | None) -> int | None:
        """The number of the person with that user name; None where there is nobody, or a bot."""
        if username is None:
            return None
        if username not in self._known:
            found = self._database.read(lambda session: person_called(session, username))
            self._known[username] = found.id if found is not None else None
        return self._known[username]


def person_called(session: Session, username: str) -> User | None:
    """The person with that user name, who is no bot."""
    user = user_called(session, username)
    return None if user is None or user.is_bot else user
