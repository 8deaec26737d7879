"""The caller of a request, as events record them."""

from dataclasses import replace

from pyramid.config import Configurator
from pyramid.request import Request

from pyregistry.authnz.identity import Actor

_MAXIMUM_ADDRESS_LENGTH = 64
_MAXIMUM_AGENT_LENGTH = 255


def visitor_of(request: Request) -> Actor:
    """Somebody of whom only the address and the User-Agent are known."""
    return seen_at(Actor(), request.client_addr, request.user_agent)


def seen_at(actor: Actor, address: str | None, user_agent: str | None) -> Actor:
    """The same actor with the address and User-Agent of a request, as the database takes them.

    A header may be as long as a server lets it be, and hold NUL, which PostgreSQL refuses:
    one such value would keep every note of the recorder's batch back.
    """
    return replace(
        actor,
        address=_fitting(address, _MAXIMUM_ADDRESS_LENGTH),
        user_agent=_fitting(user_agent, _MAXIMUM_AGENT_LENGTH),
    )


def actor_of(request: Request) -> Actor:
    """The caller, as events record them."""
    visitor = visitor_of(request)
    identity = request.identity
    if identity is None:
        return visitor
    return replace(
        visitor,
        user_id=identity.user_id,
        username=identity.username,
        credential_kind=identity.credential.kind,
        credential_name=identity.credential.name,
        build_id=identity.credential.build_id,
    )


def _fitting(text: str | None, length: int) -> str | None:
    return (text or "").replace("\x00", "")[:length] or None


def includeme(config: Configurator) -> None:
    """Give requests a `visitor` and an `actor`."""
    config.add_request_method(visitor_of, "visitor", property=True)
    config.add_request_method(actor_of, "actor", property=True)
