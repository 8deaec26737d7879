"""`pyregistry member …`"""

from datetime import UTC, datetime, timedelta

import click

from pyregistry.accounts.services.users import find_user
from pyregistry.authnz.roles import Role
from pyregistry.cli.context import Registry, pass_registry
from pyregistry.clock import utcnow
from pyregistry.namespaces.services.create import find
from pyregistry.namespaces.services.members import set_member


@click.group()
def member() -> None:
    """Give users roles in groups and projects."""


@member.command("add")
@click.argument("path")
@click.argument("user")
@click.argument("role", type=click.Choice([role.label for role in Role], case_sensitive=False))
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day (UTC) on which the role holds.",
)
@pass_registry
def add(registry: Registry, path: str, user: str, role: str, expires: datetime | None) -> None:
    """Give USER a ROLE in the group or project PATH and everything below it."""
    expires_at = _end_of(expires) if expires else None
    with registry.writing() as session:
        namespace = find(session, path)
        found = find_user(session, user)
        set_member(
            session, namespace.id, found.id, Role[role.upper()], expires_at=expires_at, now=utcnow()
        )
        until = f" until {expires:%Y-%m-%d}" if expires else ""
        click.echo(f"{found.username} is {role} of {namespace.full_path}{until}.")


def _end_of(day: datetime) -> datetime:
    try:
        return day.replace(tzinfo=UTC) + timedelta(days=1)
    except OverflowError:
        raise click.BadParameter(
            "There is no day after this one.", param_hint="--expires"
        ) from None
