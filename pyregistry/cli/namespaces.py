"""`pyregistry group …` and `pyregistry project …`"""

import click
from sqlalchemy.orm import Session

from pyregistry.cli.context import MACHINE, Registry, pass_registry
from pyregistry.clock import utcnow
from pyregistry.errors import Invalid
from pyregistry.namespaces.models import Namespace, NamespaceKind, Visibility
from pyregistry.namespaces.services.create import create_group, create_project, find

_visibility_option = click.option(
    "--visibility",
    type=click.Choice([visibility.value for visibility in Visibility]),
    default=Visibility.PRIVATE.value,
    show_default=True,
    help="Who sees it without being a member.",
)

_name_option = click.option("--name", help="How people call it; as the end of PATH if not given.")
_description_option = click.option("--description", default="", help="What it is for.")


def find_named(session: Session, path: str, kind: NamespaceKind, command: str) -> Namespace:
    """The group or project at a path. Raises `NamespaceNotFound`, and `Invalid` for the other kind.

    `command` is what of `pyregistry group` or `project` was called.
    """
    found = find(session, path)
    if found.kind is not kind:
        raise Invalid(
            f"{found.full_path} is a {found.kind}: use pyregistry {found.kind} {command}."
        )
    return found


@click.group()
def group() -> None:
    """Create groups, and change their settings."""


@group.command("create")
@click.argument("path")
@_visibility_option
@_name_option
@_description_option
@pass_registry
def create_group_(
    registry: Registry, path: str, visibility: str, name: str | None, description: str
) -> None:
    """Create the group PATH, such as acme or acme/core; its parent must exist."""
    with registry.writing() as session:
        created = create_group(
            session,
            path,
            visibility=Visibility(visibility),
            name=name,
            description=description,
            actor=MACHINE,
            now=utcnow(),
        )
        click.echo(f"Created the {created.visibility} group {created.full_path}.")


@click.group()
def project() -> None:
    """Create projects, and change their settings."""


@project.command("create")
@click.argument("path")
@_visibility_option
@_name_option
@_description_option
@pass_registry
def create_project_(
    registry: Registry, path: str, visibility: str, name: str | None, description: str
) -> None:
    """Create the project PATH, such as acme/core/library; its group must exist."""
    with registry.writing() as session:
        created = create_project(
            session,
            path,
            visibility=Visibility(visibility),
            name=name,
            description=description,
            actor=MACHINE,
            now=utcnow(),
        )
        click.echo(f"Created the {created.visibility} project {created.full_path}.")
