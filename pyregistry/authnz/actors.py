"""The caller of a request, as events record them."""

from pyramid.config import Configurator
from pyramid.request import Request

from pyregistry.authnz.identity import Actor


def actor_of(request: Request) -> Actor:
    """The caller, as events record them."""
    identity = request.identity
    address, agent = request.client_addr, _storable(request.user_agent)
    if identity is None:
        return Actor(address=address, user_agent=agent)
    return Actor(
        user_id=identity.user_id,
        username=identity.username,
        credential_kind=identity.credential.kind,
        credential_name=identity.credential.name,
        address=address,
        user_agent=agent,
        build_id=identity.credential.build_id,
    )


def _storable(agent: str | None) -> str | None:
    """The User-Agent as every database takes it: servers let NUL pass in a header."""
    return agent.replace("\x00", "") if agent else None


def includeme(config: Configurator) -> None:
    """Give requests an `actor`."""
    config.add_request_method(actor_of, "actor", property=True)
