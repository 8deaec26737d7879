"""A registry that trusts an issuer, and what is sent to its exchange."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyramid.registry import Registry
from sqlalchemy import select
from webtest import TestApp, TestResponse

from pyregistry.authnz.roles import Role
from pyregistry.builds.models import Build
from pyregistry.events.models import Event
from pyregistry.namespaces.services.create import find
from pyregistry.tokens.models import Token
from pyregistry.trusted_publishing.models import TrustedPublisher, UsedIDToken
from tests.factories.certificates import Certificates
from tests.factories.issuer import Issuer
from tests.factories.world import World, new_components
from tests.functional.support import PROJECT, sentence_of

AUDIENCE = "/_/oidc/audience"
MINT = "/_/oidc/mint-token"
BURN = "/_/oidc/burn-token"


@dataclass
class Trusting:
    """A registry that trusts an issuer: `acme/core` trusts the jobs of its own repository."""

    world: World
    issuer: Issuer

    @property
    def app(self) -> TestApp:
        """A client."""
        return self.world.app

    def publisher(self, path: str = PROJECT, name: str = "ci", **claims: Any) -> int:
        """Have a project trust jobs with these claims, or those of its own repository."""
        with self.world.components.database.writing() as session:
            publisher = TrustedPublisher(
                project_id=find(session, path).id,
                name=name,
                issuer=self.issuer.address,
                claims=claims or {"project_path": "acme/core"},
                created_at=self.world.clock(),
            )
            session.add(publisher)
            session.flush()
            return publisher.id

    def claims(self, **more: Any) -> dict[str, Any]:
        """The claims of a job that runs now."""
        return self.issuer.claims(self.world.clock().timestamp(), **more)

    def token(self, **claims: Any) -> str:
        """An ID token of a job that runs now."""
        return self.issuer.id_token(self.claims(**claims))

    def mint(self, token: str, status: int = 200) -> dict[str, Any]:
        """Exchange an ID token."""
        return exchanged(self.app, MINT, {"token": token}, status).json

    def refused(self, token: object) -> tuple[str, str]:
        """The code and the sentence with which an ID token is refused; nothing is left behind."""
        before = self.rows()
        response = exchanged(self.app, MINT, {"token": token}, 422)
        assert self.rows() == before
        return refusal_of(response)

    def rows(self) -> list[int]:
        """How many rows there are of what an exchange writes."""
        return [self.world.count(model) for model in (UsedIDToken, Build, Token, Event)]

    def upload_headers(self, **claims: Any) -> dict[str, str]:
        """The credentials of a job that has exchanged its ID token."""
        return {"JOB-TOKEN": self.mint(self.token(**claims))["token"]}


def exchanged(app: TestApp, address: str, body: object, status: Any) -> TestResponse:
    """Send JSON."""
    return app.post(
        address,
        json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        status=status,
    )


def refusal_of(response: TestResponse) -> tuple[str, str]:
    """The code and the sentence of a refusal, in the shape of PyPI's."""
    (error,) = response.json["errors"]
    assert response.json.keys() == {"message", "errors"}
    assert error["description"] == sentence_of(response)
    assert response.headers["Cache-Control"] == "no-store"
    return error["code"], error["description"]


def trust(
    world: World,
    registry: Registry,
    certificates: Certificates | None,
    issuers: Collection[str],
    **settings: str,
) -> None:
    """Have the world's registry trust issuers."""
    ini = {"oidc__issuers": " ".join(issuers), **settings}
    if certificates is not None:
        ini["oidc__ca_file"] = str(certificates.authority)
    old = world.components
    new = new_components(
        old.settings.database_url, old.settings.storage_local_folder.parent, world.clock, **ini
    )
    world.components = replace(old, settings=new.settings, issuer_keys=new.issuer_keys)
    new.database.dispose()
    registry["pyregistry.components"] = world.components


def job_tokens(world: World) -> list[Token]:
    """The rows of job tokens, oldest first."""
    with world.components.database.reading() as session:
        return list(
            session.scalars(select(Token).where(Token.kind == "job_token").order_by(Token.id))
        )


def builds(world: World) -> list[Build]:
    """The rows of builds, oldest first."""
    with world.components.database.reading() as session:
        return list(session.scalars(select(Build).order_by(Build.id)))


def events(world: World, *actions: str) -> list[Event]:
    """What happened, of some kinds, oldest first."""
    with world.components.database.reading() as session:
        chosen = select(Event).where(Event.action.in_(actions)).order_by(Event.id)
        return list(session.scalars(chosen))


def maintainer(world: World, path: str = PROJECT) -> dict[str, str]:
    """Headers of a new Maintainer of a project."""
    username = f"maintainer-{len(world.users)}"
    world.member(path, username, Role.MAINTAINER)
    return world.as_(username)


Send = Callable[..., TestResponse]


def send(
    world: World,
    method: str,
    address: str,
    headers: Mapping[str, str],
    status: Any,
    body: object = None,
) -> TestResponse:
    """Send parameters as JSON."""
    return world.app.request(
        address,
        method=method,
        body=b"" if body is None else json.dumps(body).encode(),
        headers={**headers, "Content-Type": "application/json"},
        status=status,
    )
