"""What a view says of its answer, so that it can be given again without the view."""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from pyramid.request import Request

from pyregistry.authnz.identity import Identity
from pyregistry.events.services.record import Happening
from pyregistry.freshness.questions import Subject

_OFFERED: Final = "pyregistry.offered"


class Body(Protocol):
    """Where the body of an answer comes from, each time it is given. Holds no request."""

    @property
    def size(self) -> int:
        """How many bytes lie in memory because the answer is remembered."""

    def again(self, environ: MutableMapping[str, Any]) -> Iterable[bytes] | None:
        """The body for another request; None where the application has to give the answer."""


@dataclass(frozen=True, slots=True)
class SameBytes:
    """A body that is kept itself: short, and the same for everybody who gets it."""

    content: bytes

    @property
    def size(self) -> int:
        """As `Body` promises."""
        return len(self.content)

    def again(self, _environ: MutableMapping[str, Any]) -> Iterable[bytes]:
        """As `Body` promises."""
        return [self.content]


NO_BYTES: Final = SameBytes(b"")
"""The body of a 304, and of an answer to HEAD."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What decides an answer besides what the request says, and what it is made of.

    `pulled` is what is noted of a file that went out, for each time that it does.
    """

    subject: Subject
    identity: Identity | None
    body: Body
    pulled: Happening | None = None


def offer(
    request: Request, subject: Subject, body: Body, *, pulled: Happening | None = None
) -> None:
    """Say what the answer to a request is, for whoever remembers it."""
    identity: Identity | None = request.identity
    if identity is not None:
        # Who it was is told to the log again; what they may do is never asked of this.
        identity = replace(identity, principals=frozenset())
    request.environ[_OFFERED] = Offer(subject, identity, body, pulled)


def offered(environ: Mapping[str, Any]) -> Offer | None:
    """What the view has said; None where no view has that answers twice."""
    found: Offer | None = environ.get(_OFFERED)
    return found
