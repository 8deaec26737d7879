"""`pyregistry token …`"""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import click
from sqlalchemy.orm import Session

from pyregistry.accounts.services.users import find_user
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.authnz.roles import Role
from pyregistry.cli.context import ADMINISTRATOR, MACHINE, Registry, pass_registry
from pyregistry.clock import utcnow
from pyregistry.namespaces.models import NamespaceKind
from pyregistry.namespaces.services.create import find
from pyregistry.sentences import shown
from pyregistry.tokens.errors import TokenNotFound
from pyregistry.tokens.secrets import is_token, kind_of
from pyregistry.tokens.services.access import NewAccessToken, create_access_token
from pyregistry.tokens.services.change import revoke_token
from pyregistry.tokens.services.check import KnownToken, TokenState, check_token
from pyregistry.tokens.services.deploy import NewDeployToken, create_deploy_token
from pyregistry.tokens.services.personal import create_personal_token
from pyregistry.tokens.services.selection import Selection


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of `token create`."""

    user: str | None
    project: str | None
    group: str | None
    role: str | None
    deploy: bool
    username: str | None
    name: str
    scopes: tuple[str, ...]
    expires: int | None

    def check(self) -> None:
        """Raise `click.UsageError` for options that do not go together."""
        if sum(owner is not None for owner in (self.user, self.project, self.group)) != 1:
            raise click.UsageError("Give one of --user, --project and --group.")
        if self.deploy and self.user is not None:
            raise click.UsageError("A deploy token needs --project or --group.")
        if self.username is not None and not self.deploy:
            raise click.UsageError("Only a deploy token (--deploy) has a --username.")
        if self.role is not None and (self.deploy or self.user is not None):
            raise click.UsageError("Only the access token of a project or group has a --role.")
        if self.role is None and self.user is None and not self.deploy:
            raise click.UsageError("Give --role, or --deploy for a deploy token.")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What every new token has."""

    name: str
    scopes: frozenset[Scope]
    expires_at: datetime | None
    longest: timedelta | None
    now: datetime


@click.group()
def token() -> None:
    """Create, check and revoke tokens."""


@token.command("create")
@click.option("--user", help="Whose personal access token it is.")
@click.option("--project", help="The project that it belongs to.")
@click.option("--group", help="The group that it belongs to.")
@click.option(
    "--role",
    type=click.Choice([role.label for role in Role], case_sensitive=False),
    help="The role of a project's or group's access token.",
)
@click.option("--deploy", is_flag=True, help="Make it a deploy token of the project or group.")
@click.option("--username", help="The user name of a deploy token; without it one of its own.")
@click.option("--name", required=True, help="What it is for, as lists show it.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    required=True,
    multiple=True,
    help="What it may be used for: api for everything, read_api for reading; of a deploy token "
    "read_package_registry, write_package_registry, or both.",
)
@click.option("--expires", type=click.IntRange(1, 36_500), help="In how many days it expires.")
@pass_registry
def create(registry: Registry, /, **given: Any) -> None:
    """Create a token and print it, alone, on standard output.

    It is a personal access token of a user, the access token of a project or group with a role,
    or a deploy token of a project or group. It is not kept and cannot be shown again.
    """
    options = _Options(**given)
    options.check()
    moment = utcnow()
    wanted = _Wanted(
        options.name,
        frozenset(Scope(scope) for scope in options.scopes),
        moment + timedelta(days=options.expires) if options.expires else None,
        registry.settings.tokens_max_lifetime,
        moment,
    )
    with registry.writing() as session:
        if options.user is not None:
            secret = _personal(session, options.user, wanted)
        elif options.deploy:
            secret = _deploy(session, _namespace_id(session, options), options.username, wanted)
        else:
            role = Role[(options.role or "").upper()]
            secret = _access(session, _namespace_id(session, options), role, wanted)
    click.echo(secret)


@token.command("check")
@pass_registry
@click.pass_context
def check(context: click.Context, registry: Registry) -> None:
    """Say what the token on standard input is, and whether it is valid.

    The exit status is 0 for a valid token, 1 for anything else. The token is never an argument:
    other users of the machine, and the history of the shell, would have it.
    """
    secret = _read_secret()
    _check_form(secret)
    with registry.reading() as session:
        known = check_token(session, secret, utcnow())
    if known is None:
        raise click.ClickException("It has the form of a token, but this registry knows no such.")
    click.echo(f"Kind: {known.kind.label}")
    click.echo(f"Name: {known.name}")
    click.echo(f"Owner: {_owner(known)}")
    click.echo(f"Scopes: {', '.join(known.scopes)}")
    click.echo(f"State: {known.state}")
    if known.state is not TokenState.VALID:
        context.exit(1)


@token.command("revoke")
@pass_registry
def revoke(registry: Registry) -> None:
    """Revoke the token on standard input, of whatever kind: it has leaked, for instance."""
    secret, moment = _read_secret(), utcnow()
    _check_form(secret)
    with registry.writing() as session:
        known = check_token(session, secret, moment)
        if known is None:
            raise TokenNotFound
        every = Selection(frozenset(CredentialKind))
        revoked = revoke_token(session, every, known.id, ADMINISTRATOR, moment)
    done = "Revoked" if revoked else "Nothing to do: revoked already was"
    click.echo(f"{done} the {known.kind.label} {shown(known.name)} of {_owner(known)}.")


def _namespace_id(session: Session, options: _Options) -> int:
    kind = NamespaceKind.PROJECT if options.project is not None else NamespaceKind.GROUP
    namespace = find(session, options.project or options.group or "")
    if namespace.kind is not kind:
        what = namespace.kind
        raise click.UsageError(f"{namespace.full_path} is a {what}: name it with --{what}.")
    return namespace.id


def _personal(session: Session, user: str, wanted: _Wanted) -> str:
    _, secret = create_personal_token(
        session,
        find_user(session, user).id,
        wanted.name,
        wanted.scopes,
        by=MACHINE,
        expires_at=wanted.expires_at,
        longest=wanted.longest,
        now=wanted.now,
    )
    return secret


def _access(session: Session, namespace_id: int, role: Role, wanted: _Wanted) -> str:
    _, secret = create_access_token(
        session,
        namespace_id,
        NewAccessToken(wanted.name, wanted.scopes, role, wanted.expires_at),
        ADMINISTRATOR,
        longest=wanted.longest,
        now=wanted.now,
    )
    return secret


def _deploy(session: Session, namespace_id: int, username: str | None, wanted: _Wanted) -> str:
    _, secret = create_deploy_token(
        session,
        namespace_id,
        NewDeployToken(wanted.name, wanted.scopes, username, wanted.expires_at),
        ADMINISTRATOR,
        longest=wanted.longest,
        now=wanted.now,
    )
    return secret


def _read_secret() -> str:
    """The token: asked for without showing it where somebody types, else read from the input."""
    if sys.stdin.isatty():
        answer: str = click.prompt("Token", hide_input=True, err=True)
        return answer.strip()
    return sys.stdin.readline().strip()


def _check_form(secret: str) -> None:
    """Raise `click.ClickException`, with nothing of it in the sentence, for what is no token."""
    kind = kind_of(secret)
    if kind is None:
        raise click.ClickException("It has not the form of a token.")
    if not is_token(secret):
        raise click.ClickException(
            f"It has the form of a {kind.label}, but its checksum is wrong: a character is "
            "missing or mistyped."
        )


def _owner(known: KnownToken) -> str:
    """Whose a token is: a user, or a bot, a deployment or a job of a group or project."""
    if known.namespace_path is None:
        return known.username or ""
    if known.username is None:
        return known.namespace_path
    return f"{known.username} in {known.namespace_path}"
