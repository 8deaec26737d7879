"""A whole registry in a test: its parts, what lives in it, and a client."""

from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import URL, func, select
from webtest import TestApp, TestResponse

from pyregistry.accounts.models import User
from pyregistry.accounts.services.users import NewUser, create_user
from pyregistry.authnz.identity import Actor
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import Role
from pyregistry.builds.services.record import BuildFacts, record_build
from pyregistry.components import Components
from pyregistry.config import build_components
from pyregistry.events.models import Event
from pyregistry.namespaces.models import Namespace, NamespaceKind, Visibility
from pyregistry.namespaces.services.create import create_group, create_project, find
from pyregistry.namespaces.services.members import set_member
from pyregistry.packaging.models import File
from pyregistry.settings import Settings
from pyregistry.tokens.services.issue import NewToken, issue_token
from pyregistry.tokens.services.jobs import create_job_token
from tests.factories import uploads
from tests.factories.distributions import Distribution

PASSWORD = "correct horse battery staple"
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FOUNDER = Actor(credential_name="founder")
"""Who makes the users, groups and projects that a test begins with."""


@dataclass
class Clock:
    """A clock that tests set."""

    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **parts: float) -> None:
        """Let time pass: `advance(days=1)`."""
        self.moment += timedelta(**parts)


def basic(secret: str, username: str = "__token__") -> dict[str, str]:
    """The header of Basic authentication, as clients send it with a token."""
    encoded = b64encode(f"{username}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


@dataclass
class World:
    """A registry of its own. `app` is a client that sends what it is told and no more."""

    components: Components
    clock: Clock
    app: TestApp
    users: dict[str, int] = field(default_factory=dict)

    def user(self, username: str, **options: Any) -> int:
        """Create a user (`is_admin`, `is_external`, `password`) and return the id."""
        wanted = NewUser(username, f"{username}@example.org", **options)
        with self.components.database.writing() as session:
            user = create_user(session, wanted, FOUNDER, self.clock())
            self.users[username] = user.id
            return user.id

    def group(self, path: str, visibility: str = "private") -> int:
        """Create a group and return its id."""
        with self.components.database.writing() as session:
            return create_group(
                session,
                path,
                visibility=Visibility(visibility),
                actor=FOUNDER,
                now=self.clock(),
            ).id

    def project(
        self, path: str, visibility: str = "private", *, anyone_can_pull: bool = False
    ) -> int:
        """Create a project, and the groups above it where they are missing; return its id."""
        parents = path.split("/")[:-1]
        with self.components.database.writing() as session:
            for depth in range(1, len(parents) + 1):
                parent = "/".join(parents[:depth])
                known = session.scalars(
                    select(Namespace).where(Namespace.full_path_key == parent.lower())
                ).first()
                if known is None:
                    create_group(
                        session,
                        parent,
                        visibility=Visibility.PUBLIC,
                        actor=FOUNDER,
                        now=self.clock(),
                    )
            project = create_project(
                session,
                path,
                visibility=Visibility(visibility),
                actor=FOUNDER,
                now=self.clock(),
            )
            project.anyone_can_pull = project.pulls_open = anyone_can_pull
            return project.id

    def member(
        self, path: str, username: str, role: Role, *, expires_at: datetime | None = None
    ) -> None:
        """Give a user a role; the user is created where they are new."""
        if username not in self.users:
            self.user(username)
        with self.components.database.writing() as session:
            set_member(
                session,
                find(session, path).id,
                self.users[username],
                role,
                expires_at=expires_at,
                now=self.clock(),
            )

    def token(
        self, username: str, scope: Scope = Scope.API, *, expires_at: datetime | None = None
    ) -> str:
        """A new personal access token of a user, who is created where they are new."""
        if username not in self.users:
            self.user(username)
        with self.components.database.writing() as session:
            # Not as users create them: tests look at events, and this is none of theirs.
            _, secret = issue_token(
                session,
                NewToken(
                    CredentialKind.PERSONAL_ACCESS_TOKEN,
                    f"token of {username}",
                    {scope},
                    expires_at,
                ),
                user_id=self.users[username],
                now=self.clock(),
            )
            return secret

    def access_token(
        self,
        path: str,
        role: Role,
        scope: Scope = Scope.API,
        *,
        expires_at: datetime | None = None,
    ) -> str:
        """A new access token of a group or project, whose bot is a member with that role."""
        username = f"bot-{token_hex(4)}"
        bot = self.user(username, is_external=True)
        self.member(path, username, role)
        with self.components.database.writing() as session:
            session.get_one(User, bot).is_bot = True
            namespace = find(session, path)
            kind = CredentialKind.GROUP_ACCESS_TOKEN
            if namespace.kind is NamespaceKind.PROJECT:
                kind = CredentialKind.PROJECT_ACCESS_TOKEN
            _, secret = issue_token(
                session,
                NewToken(kind, f"token of {username}", {scope}, expires_at),
                user_id=bot,
                namespace_id=namespace.id,
                now=self.clock(),
            )
            return secret

    def deploy_token(
        self,
        path: str,
        *scopes: Scope,
        username: str = "deployer",
        expires_at: datetime | None = None,
    ) -> str:
        """A new deploy token of a group or project, which reads where no scope is named."""
        wanted = NewToken(
            CredentialKind.DEPLOY_TOKEN,
            f"deploy token of {username}",
            scopes or {Scope.READ_PACKAGE_REGISTRY},
            expires_at,
        )
        with self.components.database.writing() as session:
            token, secret = issue_token(
                session, wanted, namespace_id=find(session, path).id, now=self.clock()
            )
            token.username = username
            return secret

    def job_token(
        self, path: str, *, lifetime: timedelta = timedelta(hours=1), **facts: str | None
    ) -> str:
        """A new job token of a project; `facts` are those of its build."""
        with self.components.database.writing() as session:
            project = find(session, path)
            build = record_build(session, project.id, BuildFacts(**facts), now=self.clock())
            _, secret = create_job_token(session, build, lifetime=lifetime, now=self.clock())
            return secret

    def as_(self, username: str, scope: Scope = Scope.API) -> dict[str, str]:
        """Headers with a new token of that user."""
        return basic(self.token(username, scope))

    def publisher(self, path: str) -> dict[str, str]:
        """Headers of somebody who may publish into a project."""
        username = f"publisher-{len(self.users)}"
        self.member(path, username, Role.DEVELOPER)
        return self.as_(username)

    def upload(
        self,
        path: str,
        distribution: Distribution,
        headers: dict[str, str] | None = None,
        *,
        client: Any = uploads.twine,
        status: Any = 200,
        address: str | None = None,
        **fields: Any,
    ) -> TestResponse:
        """Publish a distribution into a project as a client would."""
        form = {**fields_of(distribution), **fields}
        content_type, body = client(form, distribution.filename, distribution.content)
        return self.app.post(
            address or f"/{path}/-/legacy/",
            body,
            headers={
                "Content-Type": content_type,
                **(self.publisher(path) if headers is None else headers),
            },
            status=status,
        )

    def count(self, model: type) -> int:
        """The number of rows of a model."""
        with self.components.database.reading() as session:
            return session.scalars(select(func.count()).select_from(model)).one()

    def events(self) -> list[Event]:
        """What was recorded, oldest first, but for what the test began with."""
        with self.components.database.reading() as session:
            return list(
                session.scalars(
                    select(Event)
                    .where(Event.credential_name.is_distinct_from(FOUNDER.credential_name))
                    .order_by(Event.id)
                )
            )

    def stored_objects(self) -> set[str]:
        """The digests of everything in the storage."""
        return {found.sha256 for found in self.components.storage.objects()}

    def leftovers(self) -> list[str]:
        """What uploads left in the storage without storing it."""
        later = datetime.now(UTC) + timedelta(days=1)
        return [found.name for found in self.components.storage.pending(later)]

    def file_named(self, filename: str) -> File | None:
        """The row of a file."""
        with self.components.database.reading() as session:
            return session.scalars(select(File).where(File.filename == filename)).first()

    def user_row(self, username: str) -> User:
        """The row of a user."""
        with self.components.database.reading() as session:
            return session.scalars(select(User).where(User.username == username)).one()


def new_components(database_url: URL, folder: Path, clock: Clock, **ini: str) -> Components:
    """The parts of a registry with a database of its own and files in `folder`.

    What is counted is written when a test says so: a slow one would find it half written.
    """
    ini = {"events__flush_interval": "1 day", **ini}
    keys = {f"pyregistry.{key.replace('__', '.')}": value for key, value in ini.items()}
    settings = replace(Settings.parse({"here": str(folder), **keys}, {}), database_url=database_url)
    components = replace(build_components(settings), clock=clock)
    components.storage.prepare()
    return components


def fields_of(distribution: Distribution) -> dict[str, Any]:
    """The form fields that a client sends with a distribution."""
    metadata = BytesParser().parsebytes(distribution.metadata, headersonly=True)
    is_wheel = distribution.filename.endswith(".whl")
    return {
        "name": metadata["Name"],
        "version": metadata["Version"],
        "filetype": "bdist_wheel" if is_wheel else "sdist",
        "pyversion": "py3" if is_wheel else "source",
        "metadata_version": "2.4",
        "sha256_digest": distribution.sha256,
        "blake2_256_digest": distribution.blake2b_256,
    }
