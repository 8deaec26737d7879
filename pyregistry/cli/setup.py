"""`pyregistry setup`"""

from dataclasses import dataclass

import click
from sqlalchemy.orm import Session

from pyregistry import schema
from pyregistry.accounts.services.passwords import new_password
from pyregistry.accounts.services.users import NewUser, create_user, has_administrator
from pyregistry.authnz.permissions import Scope
from pyregistry.cli.context import MACHINE, Registry, pass_registry
from pyregistry.clock import utcnow
from pyregistry.namespaces.errors import NamespaceExists
from pyregistry.namespaces.services.create import create_group, create_project
from pyregistry.tokens.services.personal import create_personal_token

ADMINISTRATOR = "admin"
DEMO_GROUP = "demo"
DEMO_PROJECT = "demo/sandbox"


@dataclass(frozen=True, slots=True)
class Created:
    """What the first run created, with the secrets that are shown once."""

    password: str
    token: str | None


@click.command()
@click.option(
    "--demo", is_flag=True, help="On the first run also create a group, a project and a token."
)
@pass_registry
def setup(registry: Registry, demo: bool) -> None:
    """Bring the schema up to date and create the first administrator.

    Safe to run again: what is in place stays as it is, and nothing is printed.
    """
    # Asked for first: what is shown once must not be created if it cannot be shown.
    address = registry.address
    if schema.problem(registry.database) is not None:
        schema.upgrade(registry.database, limits=registry.migration_limits)
    registry.storages.default.prepare()
    created = _create_first(registry, demo)
    if created is not None:
        click.echo(_block(address, created))


def _create_first(registry: Registry, demo: bool) -> Created | None:
    moment = utcnow()
    registry.check_schema()

    def create(session: Session) -> Created | None:
        # Several hosts may be set up at once: one of them creates what the others find.
        schema.exclude_others(session)
        if has_administrator(session):
            return None
        password = new_password()
        wanted = NewUser(ADMINISTRATOR, "admin@localhost", password=password, is_admin=True)
        administrator = create_user(session, wanted, MACHINE, moment)
        if not demo:
            return Created(password, None)
        for make, path in ((create_group, DEMO_GROUP), (create_project, DEMO_PROJECT)):
            try:
                created = make(session, path, actor=MACHINE, now=moment)
            except NamespaceExists:
                continue
            created.creator_id = administrator.id
        _, token = create_personal_token(
            session, administrator.id, "demo", {Scope.API}, by=MACHINE, now=moment
        )
        return Created(password, token)

    return registry.database.write(create)


def _block(address: str, created: Created) -> str:
    lines = [
        "",
        "  The registry is ready. This is shown once; keep it.",
        "",
        f"  Address:   {address}/",
        f"  User:      {ADMINISTRATOR}",
        f"  Password:  {created.password}",
    ]
    if created.token is not None:
        scheme, _, host = address.partition("://")
        index = f"{scheme}://{ADMINISTRATOR}:{created.token}@{host}/{DEMO_PROJECT}/-/simple/"
        lines += [
            f"  Token:     {created.token}",
            "",
            "  Try it, with a distribution in dist/ and its name for NAME:",
            "",
            f"  twine upload --repository-url {address}/{DEMO_PROJECT}/-/legacy/ "
            f"-u {ADMINISTRATOR} -p {created.token} dist/*",
            f"  pip install --index-url {index} NAME",
            f"  uv pip install --index-url {index} NAME",
        ]
    return "\n".join([*lines, ""])
