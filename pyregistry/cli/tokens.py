"""`pyregistry token …`"""

from datetime import timedelta

import click

from pyregistry.accounts.services.users import find_user
from pyregistry.authnz.permissions import KIND_SCOPES, CredentialKind, Scope
from pyregistry.cli.context import Registry, pass_registry
from pyregistry.clock import utcnow
from pyregistry.tokens.services.personal import create_personal_token


@click.group()
def token() -> None:
    """Create tokens."""


@token.command("create")
@click.option("--user", required=True, help="Whose personal access token it is.")
@click.option("--name", required=True, help="What it is for, as lists show it.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(
        sorted(scope.value for scope in KIND_SCOPES[CredentialKind.PERSONAL_ACCESS_TOKEN])
    ),
    required=True,
    multiple=True,
    help="What it may be used for: api for everything, read_api for reading.",
)
@click.option("--expires", type=click.IntRange(1, 36_500), help="In how many days it expires.")
@pass_registry
def create(
    registry: Registry, user: str, name: str, scopes: tuple[str, ...], expires: int | None
) -> None:
    """Create a personal access token and print it, alone, on standard output.

    It is not kept and cannot be shown again.
    """
    moment = utcnow()
    with registry.writing() as session:
        _, secret = create_personal_token(
            session,
            find_user(session, user).id,
            name,
            {Scope(scope) for scope in scopes},
            expires_at=moment + timedelta(days=expires) if expires else None,
            longest=registry.settings.tokens_max_lifetime,
            now=moment,
        )
    click.echo(secret)
