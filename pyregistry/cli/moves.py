"""`pyregistry group|project rename`, `move` and `delete`"""

from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from pyregistry.cli.context import (
    ADMINISTRATOR,
    MACHINE,
    Registry,
    confirm,
    pass_registry,
    yes_option,
)
from pyregistry.cli.namespaces import find_named, group, project
from pyregistry.clock import utcnow
from pyregistry.namespaces.models import Namespace, NamespaceKind
from pyregistry.namespaces.services.create import find
from pyregistry.namespaces.services.rename import rename
from pyregistry.tree.services.delete import delete_namespace
from pyregistry.tree.services.transfer import transfer

__all__ = ["group", "project"]


@group.command("rename")
@click.argument("path")
@click.argument("name")
@pass_registry
def rename_group(registry: Registry, path: str, name: str) -> None:
    """Change the last part of the path of the group PATH to NAME; the old path leads on."""
    _rename(registry, path, NamespaceKind.GROUP, name)


@project.command("rename")
@click.argument("path")
@click.argument("name")
@pass_registry
def rename_project(registry: Registry, path: str, name: str) -> None:
    """Change the last part of the path of the project PATH to NAME; the old path leads on."""
    _rename(registry, path, NamespaceKind.PROJECT, name)


@group.command("move")
@click.argument("path")
@click.option("--into", metavar="GROUP", help="The group to move it into.")
@pass_registry
def move_group(registry: Registry, path: str, into: str | None) -> None:
    """Move the group PATH, with everything in it, into another group, or to the top level."""
    _move(registry, path, NamespaceKind.GROUP, into)


@project.command("move")
@click.argument("path")
@click.option("--into", metavar="GROUP", required=True, help="The group to move it into.")
@pass_registry
def move_project(registry: Registry, path: str, into: str) -> None:
    """Move the project PATH into another group."""
    _move(registry, path, NamespaceKind.PROJECT, into)


@group.command("delete")
@click.argument("path")
@yes_option
@pass_registry
def delete_group(registry: Registry, path: str, yes: bool) -> None:
    """Delete the group PATH with everything in it."""
    _delete(registry, path, NamespaceKind.GROUP, asks=not yes)


@project.command("delete")
@click.argument("path")
@yes_option
@pass_registry
def delete_project(registry: Registry, path: str, yes: bool) -> None:
    """Delete the project PATH with everything in it."""
    _delete(registry, path, NamespaceKind.PROJECT, asks=not yes)


def _rename(registry: Registry, path: str, kind: NamespaceKind, name: str) -> None:
    with registry.writing() as session:
        found = find_named(session, path, kind, "rename")
        _say_moved(session, found, lambda: rename(session, found.id, name, MACHINE, utcnow()))


def _move(registry: Registry, path: str, kind: NamespaceKind, into: str | None) -> None:
    with registry.writing() as session:
        found = find_named(session, path, kind, "move")
        group_id = find(session, into).id if into is not None else None
        _say_moved(
            session, found, lambda: transfer(session, found.id, group_id, ADMINISTRATOR, utcnow())
        )


def _say_moved(session: Session, found: Namespace, change: Callable[[], Namespace]) -> None:
    before = found.full_path
    changed = change()
    session.flush()
    click.echo(f"The {changed.kind} {before} is {changed.full_path} now.")


def _delete(registry: Registry, path: str, kind: NamespaceKind, *, asks: bool) -> None:
    with registry.reading() as session:
        full_path = find_named(session, path, kind, "delete").full_path
    confirm(f"Delete the {kind} {full_path} with everything in it?", asks=asks)
    with registry.writing() as session:
        found = find_named(session, full_path, kind, "delete")
        delete_namespace(session, found.id, MACHINE, utcnow())
    click.echo(f"Deleted the {kind} {full_path}.")
