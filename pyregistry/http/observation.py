"""What the parts of the application tell about a request, for the log and the metrics.

It lies in the environ, which all attempts at answering share, and each part writes it again: what
was tried twice is counted once.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Final

NO_VIEW: Final = "none"
"""What answered where no view did: a refusal, or a redirect to another address."""

SENT: Final = "sent"
"""That a file went out from here, or from nginx in front."""

EXCEPTION: Final = "pyregistry.exception"
"""Where the environ has what made us answer 500, for middleware around the application."""

_KEY: Final = "pyregistry.observation"


@dataclass(slots=True)
class Observation:
    """What is known of a request besides what the server sees. Nothing in it is a secret."""

    view: str = NO_VIEW
    """The view that answered; one of those that there are, whatever the address was."""
    user_id: int | None = None
    username: str | None = None
    """Whose the request is: a user, a bot, or a deploy token's own name."""
    credential: str | None = None
    """The kind of credential that it proved itself with."""
    upload: str | None = None
    """What became of an upload."""
    download: str | None = None
    """In which way a file went out."""


def observation_of(environ: MutableMapping[str, Any]) -> Observation:
    """The observation of a request; where nobody watches, one that nobody reads."""
    found: Observation = environ.setdefault(_KEY, Observation())
    return found


def observe_anew(environ: MutableMapping[str, Any]) -> Observation:
    """Begin to watch a request."""
    environ[_KEY] = observation = Observation()
    return observation
