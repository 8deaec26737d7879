"""`pyregistry group set`, `pyregistry project set` and `pyregistry instance set`"""

from collections.abc import Mapping
from typing import Any, Final

import click

from pyregistry.cli.context import ADMINISTRATOR, MACHINE, Registry, pass_registry
from pyregistry.cli.namespaces import find_named, group, project
from pyregistry.clock import utcnow
from pyregistry.limits.levels import Limits
from pyregistry.limits.services.change import change_instance_limits, change_limits
from pyregistry.namespaces.models import Namespace, NamespaceKind, Visibility
from pyregistry.namespaces.services.instance import InstanceChanges, change_instance_settings
from pyregistry.namespaces.services.settings import Changes, change_settings
from pyregistry.sentences import shown_size
from pyregistry.settings.parsers import size

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


class _Size(click.ParamType[int]):
    """A size such as `500 MiB`, in bytes; `none` is 0."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The bytes that a text names."""
        if isinstance(value, int):
            return value
        if value.lower() == "none":
            return _NONE
        try:
            return size(1)(value)
        except ValueError as error:
            self.fail(f"{error}, or 'none'", param, ctx)


_NONE: Final = 0
_max_file_size_option = click.option(
    "--max-file-size", type=_Size(), help="The largest file, such as 100MiB; or none."
)
_storage_limit_option = click.option(
    "--storage-limit", type=_Size(), help="The quota of stored bytes, such as 5GiB; or none."
)


@group.command("set")
@click.argument("path")
@_visibility_option
@_packages_option
@_max_file_size_option
@_storage_limit_option
@pass_registry
def set_group(
    registry: Registry,
    /,
    path: str,
    visibility: str | None,
    packages: str | None,
    **sizes: int | None,
) -> None:
    """Change the settings of the group PATH; what is not given stays as it is.

    Limits are set as an administrator sets them: Owners go no higher.
    """
    changes = Changes(_visible(visibility), _on(packages))
    _set(registry, path, NamespaceKind.GROUP, changes, sizes)


@project.command("set")
@click.argument("path")
@_visibility_option
@_packages_option
@click.option(
    "--anyone-can-pull",
    type=click.Choice(["on", "off"]),
    help="Whether anyone may pull, whatever the visibility.",
)
@_max_file_size_option
@_storage_limit_option
@pass_registry
def set_project(
    registry: Registry,
    /,
    path: str,
    visibility: str | None,
    packages: str | None,
    anyone_can_pull: str | None,
    **sizes: int | None,
) -> None:
    """Change the settings of the project PATH; what is not given stays as it is.

    Limits are set as an administrator sets them: Owners go no higher.
    """
    changes = Changes(_visible(visibility), _on(packages), _on(anyone_can_pull))
    _set(registry, path, NamespaceKind.PROJECT, changes, sizes)


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
@_max_file_size_option
@_storage_limit_option
@pass_registry
def set_instance(
    registry: Registry,
    /,
    packages: str | None,
    anyone_can_pull: str | None,
    create_groups: str | None,
    **sizes: int | None,
) -> None:
    """Change the settings of the instance; what is not given stays as it is."""
    changes = InstanceChanges(_on(packages), _allowed(anyone_can_pull), _allowed(create_groups))
    with registry.writing() as session:
        settings = change_instance_settings(session, changes, MACHINE, utcnow())
        enabled = "on" if settings.packages_enabled else "off"
        may = "may" if settings.anyone_can_pull_allowed else "may not"
        create = "may" if settings.users_create_groups else "may not"
        told = [
            f"The package registry is turned {enabled}; projects {may} let anyone pull; people "
            f"{create} create groups at the top."
        ]
        if given := _given(sizes):
            bound = registry.settings.upload_max_file_size
            limits = change_instance_limits(session, given, MACHINE, utcnow(), bound=bound)
            told.append(_limited(limits))
        click.echo("\n".join(told))


def _set(
    registry: Registry,
    path: str,
    kind: NamespaceKind,
    changes: Changes,
    sizes: Mapping[str, int | None],
) -> None:
    with registry.writing() as session:
        namespace = find_named(session, path, kind, "set")
        changed = change_settings(session, namespace.id, changes, MACHINE, utcnow())
        told = [_described(changed)]
        if given := {f"admin_{name}": size for name, size in _given(sizes).items()}:
            bound = registry.settings.upload_max_file_size
            limits = change_limits(
                session, namespace.id, given, ADMINISTRATOR, utcnow(), bound=bound
            )
            told.append(_limited(limits))
        click.echo("\n".join(told))


def _given(sizes: Mapping[str, int | None]) -> dict[str, int | None]:
    """The limits that were given on the command line; None: no limit."""
    return {name: size or None for name, size in sizes.items() if size is not None}


def _limited(limits: Limits) -> str:
    largest = shown_size(limits.largest_file)
    level = limits.tightest
    if level is None or level.quota is None:
        return f"The largest file is {largest}; {shown_size(limits.here.used_bytes)} are stored."
    used, quota = shown_size(level.used_bytes), shown_size(level.quota)
    where = level.named({each.namespace_id for each in limits.levels if each.namespace_id})
    return f"The largest file is {largest}; {used} of {quota} are used in {where}."


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
