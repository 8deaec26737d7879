"""`pyregistry member …`"""

from datetime import datetime

import click

from pyregistry.accounts.services.users import find_user
from pyregistry.authnz.roles import Role
from pyregistry.cli.context import ADMINISTRATOR, Registry, pass_registry
from pyregistry.clock import utcnow
from pyregistry.errors import Invalid
from pyregistry.members.days import end_of, last_day_of
from pyregistry.members.services.change import Grant, give_role, remove_member
from pyregistry.members.services.listing import all_members
from pyregistry.namespaces.services.create import find


@click.group()
def member() -> None:
    """Give users roles in groups and projects, and take them away."""


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
        grant = Grant(Role[role.upper()], expires_at)
        give_role(session, namespace.id, found, grant, ADMINISTRATOR, utcnow())
        until = f" until {expires:%Y-%m-%d}" if expires else ""
        click.echo(f"{found.username} is {role} of {namespace.full_path}{until}.")


@member.command("remove")
@click.argument("path")
@click.argument("user")
@pass_registry
def remove(registry: Registry, path: str, user: str) -> None:
    """Take away the role that USER has in the group or project PATH itself."""
    with registry.writing() as session:
        namespace = find(session, path)
        found = find_user(session, user)
        remove_member(session, namespace.id, found.id, ADMINISTRATOR, utcnow())
        click.echo(f"{found.username} has no role of their own in {namespace.full_path} any more.")


@member.command("list")
@click.argument("path")
@pass_registry
def list_(registry: Registry, path: str) -> None:
    """List the members of the group or project PATH, a line each, also those from above it.

    A line has the user name, the role, and the last day (UTC) where the role has one.
    """
    with registry.reading() as session:
        members = all_members(session, find(session, path).id, utcnow(), inherited=True)
    for listed in members:
        until = f" until {last_day_of(listed.expires_at)}" if listed.expires_at else ""
        blocked = " (blocked)" if listed.blocked_at else ""
        click.echo(f"{listed.username}: {listed.role.label}{until}{blocked}")


def _end_of(day: datetime) -> datetime:
    try:
        return end_of(day.date())
    except Invalid as error:
        raise click.BadParameter(error.sentence, param_hint="--expires") from None
