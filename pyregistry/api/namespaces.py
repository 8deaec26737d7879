"""What the endpoints of groups and projects have in common: their parameters and answers."""

from collections.abc import Sequence
from typing import Any

from pyramid.request import Request

from pyregistry.api.namespace_presenters import (
    AccessLevel,
    present_group,
    present_project,
    present_project_briefly,
)
from pyregistry.errors import Invalid
from pyregistry.http.parameters import optional_boolean, optional_choice, optional_text
from pyregistry.namespaces.models import Namespace, Visibility
from pyregistry.namespaces.services.listing import groups_above
from pyregistry.namespaces.services.settings import Changes

OF_GROUPS = ("name", "description", "visibility", "packages_enabled")
"""The parameters that `group_changes_in` reads."""
OF_PROJECTS = (*OF_GROUPS, "package_registry_access_level")


def shown_group(request: Request, group: Namespace) -> dict[str, Any]:
    """A group as the API answers."""
    return shown_groups(request, [group])[0]


def shown_groups(request: Request, groups: Sequence[Namespace]) -> list[dict[str, Any]]:
    """Groups as the API answers, with one query for all of them."""
    above = groups_above(request.db, groups)
    return [present_group(group, above[group.id], request.application_url) for group in groups]


def shown_project(request: Request, project: Namespace) -> dict[str, Any]:
    """A project as the API answers."""
    return shown_projects(request, [project])[0]


def shown_projects(
    request: Request, projects: Sequence[Namespace], *, briefly: bool = False
) -> list[dict[str, Any]]:
    """Projects as the API answers, with one query for all of them."""
    above, address = groups_above(request.db, projects), request.application_url
    if briefly:
        return [
            present_project_briefly(project, above[project.id], address) for project in projects
        ]
    return [
        present_project(project, above[project.id], address, request.identity)
        for project in projects
    ]


def group_changes_in(parameters: dict[str, Any]) -> Changes:
    """What the parameters of a group are to become. Raises `Invalid`."""
    return Changes(
        visibility=visibility_in(parameters),
        packages_enabled=optional_boolean(parameters, "packages_enabled"),
        name=name_in(parameters),
        description=description_in(parameters),
    )


def project_changes_in(parameters: dict[str, Any]) -> Changes:
    """What the parameters of a project are to become. Raises `Invalid`."""
    enabled = optional_boolean(parameters, "packages_enabled")
    level = optional_choice(parameters, "package_registry_access_level", AccessLevel)
    if level is not None:
        level_enabled = level is not AccessLevel.DISABLED
        if enabled not in (None, level_enabled):
            raise Invalid(
                "The parameters packages_enabled and package_registry_access_level contradict"
                " each other: send one of them."
            )
        enabled = level_enabled
    # Whether anyone may pull is not forgotten while the package registry is turned off.
    anyone = None if level in (None, AccessLevel.DISABLED) else level is AccessLevel.PUBLIC
    return Changes(
        visibility=visibility_in(parameters),
        packages_enabled=enabled,
        anyone_can_pull=anyone,
        name=name_in(parameters),
        description=description_in(parameters),
    )


def name_in(parameters: dict[str, Any]) -> str | None:
    """The parameter `name`; None where it is absent. Raises `Invalid`."""
    # A name that is null is none: the service says what one is.
    return (optional_text(parameters, "name") or "") if "name" in parameters else None


def description_in(parameters: dict[str, Any]) -> str | None:
    """The parameter `description`, empty where it is null; None where it is absent.

    Raises `Invalid`.
    """
    if "description" not in parameters:
        return None
    return optional_text(parameters, "description") or ""


def visibility_in(parameters: dict[str, Any]) -> Visibility | None:
    """The parameter `visibility`; None where it is absent. Raises `Invalid`."""
    return optional_choice(parameters, "visibility", Visibility)
