"""Which events are asked for, and how people say so in parameters and options."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pyregistry.authnz.identity import COMMAND_LINE, TRUSTED_PUBLISHER
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.errors import Invalid
from pyregistry.events.actions import Action
from pyregistry.sentences import shown

_CREDENTIAL_KINDS = (*CredentialKind, COMMAND_LINE, TRUSTED_PUBLISHER)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What holds for every event that is asked for; None asks for nothing.

    Without any `actions` pulls are left out: they are by far the most, and are no changes.
    `namespace_path` stands for everything below it, too. Events are chosen from the moment
    `since` on, and before the moment `until`.
    """

    actions: frozenset[Action] = frozenset()
    author_id: int | None = None
    author_name: str | None = None
    package: str | None = None
    """A normalised name."""
    namespace_path: str | None = None
    credential_kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def leaves_out_pulls(self) -> bool:
        """Whether no pull is asked for."""
        return Action.FILE_PULLED not in self.actions


def actions_of(name: str, texts: Iterable[str]) -> frozenset[Action]:
    """The actions in lists with commas. What ends in a dot is all that begin with it: `token.`.

    Raises `Invalid`, naming the parameter `name`, for what is no action.
    """
    chosen: set[Action] = set()
    for word in (word.strip() for text in texts for word in text.split(",")):
        found = {action for action in Action if _is_meant(action, word)}
        if not found:
            raise Invalid(
                f"The parameter {name} holds {shown(word)}, which is no action: send one such as "
                f"{Action.MEMBER_ADDED}, or the beginning of several such as member."
            )
        chosen |= found
    return frozenset(chosen)


def credential_kind_of(name: str, text: str) -> str:
    """A kind of credential. Raises `Invalid`, naming the parameter `name`, for anything else."""
    if text not in _CREDENTIAL_KINDS:
        raise Invalid(f"The parameter {name} must be one of: {', '.join(_CREDENTIAL_KINDS)}.")
    return text


def moment_of(name: str, text: str) -> datetime:
    """The moment that a date or a time in ISO 8601 names; without a zone it is UTC.

    A date is its beginning. Raises `Invalid`, naming the parameter `name`, for anything else.
    """
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f"The parameter {name} must be a date such as 2026-12-31 or a time such as "
            "2026-12-31T18:00:00Z."
        ) from None


def _is_meant(action: Action, word: str) -> bool:
    return action == word or (word.endswith(".") and action.startswith(word))
