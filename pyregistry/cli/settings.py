"""`pyregistry group set`, `pyregistry project set` and `pyregistry instance set`"""

import click

from pyregistry.cli.context import MACHINE, Registry, pass_registry
from pyregistry.cli.namespaces import find_named, group, project
from pyregistry.clock import utcnow
from pyregistry.namespaces.models import Namespace, NamespaceKind, Visibility
from pyregistry.namespaces.services.instance import InstanceChanges, change_instance_settings
from pyregistry.namespaces.services.settings import Changes, change_settings

_visibility_option = click.option(
    "--visibility",
    type=click.Choice([visibility.value for visibility in Visibility]),
    help="Who sees it without being a member.",
)
_packages_option = click.option(
    "--packages",
    type=click.Choice(["on", "off"]),
    help="Turn its package registry on or off; off is off for everything in it, too.",
)


@group.command("set")
@click.argument("path")
@_visibility_option
@_packages_option
@pass_registry
def set_group(registry: Registry, path: str, visibility: str | None, packages: str | None) -> None:
    """Change the settings of the group PATH; what is not given stays as it is."""
    _set(registry, path, NamespaceKind.GROUP, Changes(_visible(visibility), _on(packages)))


@project.command("set")
@click.argument("path")
@_visibility_option
@_packages_option
@click.option(
    "--anyone-can-pull",
    type=click.Choice(["on", "off"]),
    help="Whether anyone may pull, whatever the visibility.",
)
@pass_registry
def set_project(
    registry: Registry,
    path: str,
    visibility: str | None,
    packages: str | None,
    anyone_can_pull: str | None,
) -> None:
    """Change the settings of the project PATH; what is not given stays as it is."""
    changes = Changes(_visible(visibility), _on(packages), _on(anyone_can_pull))
    _set(registry, path, NamespaceKind.PROJECT, changes)


@click.group()
def instance() -> None:
    """Decide what holds for the whole registry."""


@instance.command("set")
@_packages_option
@click.option(
    "--anyone-can-pull",
    type=click.Choice(["allow", "forbid"]),
    help="Whether projects may let anyone pull, whatever their visibility.",
)
@click.option(
    "--create-groups",
    type=click.Choice(["allow", "forbid"]),
    help="Whether people may create groups at the top; administrators always may.",
)
@pass_registry
def set_instance(
    registry: Registry,
    packages: str | None,
    anyone_can_pull: str | None,
    create_groups: str | None,
) -> None:
    """Change the settings of the instance; what is not given stays as it is."""
    changes = InstanceChanges(_on(packages), _allowed(anyone_can_pull), _allowed(create_groups))
    with registry.writing() as session:
        settings = change_instance_settings(session, changes, MACHINE, utcnow())
        enabled = "on" if settings.packages_enabled else "off"
        may = "may" if settings.anyone_can_pull_allowed else "may not"
        create = "may" if settings.users_create_groups else "may not"
        click.echo(
            f"The package registry is turned {enabled}; projects {may} let anyone pull; people "
            f"{create} create groups at the top."
        )


def _set(registry: Registry, path: str, kind: NamespaceKind, changes: Changes) -> None:
    with registry.writing() as session:
        namespace = find_named(session, path, kind, "set")
        changed = change_settings(session, namespace.id, changes, MACHINE, utcnow())
        click.echo(_described(changed))


def _described(namespace: Namespace) -> str:
    said = f"The {namespace.kind} {namespace.full_path} is {namespace.visibility}"
    if not namespace.packages_enabled:
        return f"{said}; its package registry is turned off."
    if not namespace.packages_available:
        # It would be looked for in vain otherwise.
        return (
            f"{said}; its package registry is turned on, but off in a group above or the instance."
        )
    if namespace.pulls_open:
        anyone = "; anyone can pull"
    elif namespace.anyone_can_pull:
        anyone = "; the instance forbids that anyone can pull"
    else:
        anyone = ""
    return f"{said}; its package registry is turned on{anyone}."


def _visible(text: str | None) -> Visibility | None:
    return Visibility(text) if text is not None else None


def _on(text: str | None) -> bool | None:
    return text == "on" if text is not None else None


def _allowed(text: str | None) -> bool | None:
    return text == "allow" if text is not None else None
