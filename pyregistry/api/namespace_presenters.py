"""Groups and projects in GitLab's words."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from pyregistry.api.presenters import present_time
from pyregistry.authnz.identity import Identity
from pyregistry.namespaces.models import Namespace, Visibility
from pyregistry.namespaces.services.listing import GroupAbove


class AccessLevel(StrEnum):
    """GitLab's words for who may use a project's package registry."""

    DISABLED = "disabled"
    PRIVATE = "private"
    """Members; the same as `enabled` for a private project."""
    ENABLED = "enabled"
    """Whoever sees the project."""
    PUBLIC = "public"
    """Anyone may pull."""


def present_group(
    group: Namespace, above: Sequence[GroupAbove], application_url: str
) -> dict[str, Any]:
    """A group as GitLab's `group` object; `above` are the groups above it, the top one first."""
    return {
        "id": group.id,
        "name": group.name,
        "path": group.path,
        "full_name": _full_name(above, group),
        "full_path": group.full_path,
        "parent_id": group.parent_id,
        "description": group.description,
        "visibility": group.visibility,
        "web_url": _page(application_url, group),
        "avatar_url": None,
        "packages_enabled": group.packages_enabled,
        "created_at": present_time(group.created_at),
    }


def present_project_briefly(
    project: Namespace, above: Sequence[GroupAbove], application_url: str
) -> dict[str, Any]:
    """As much of a project as GitLab shows where it is asked for `simple` ones."""
    return {
        "id": project.id,
        "name": project.name,
        "path": project.path,
        "name_with_namespace": _full_name(above, project),
        "path_with_namespace": project.full_path,
        "description": project.description,
        "namespace": _present_place(above[-1], application_url),
        "web_url": _page(application_url, project),
        "avatar_url": None,
        "created_at": present_time(project.created_at),
    }


def present_project(
    project: Namespace,
    above: Sequence[GroupAbove],
    application_url: str,
    identity: Identity | None,
) -> dict[str, Any]:
    """A project as GitLab's `project` object, to a caller who is somebody or (None) nobody."""
    own_address = f"{application_url}/api/v4/projects/{project.id}"
    presented = {
        **present_project_briefly(project, above, application_url),
        "visibility": project.visibility,
        "archived": False,
        "creator_id": project.creator_id,
        "packages_enabled": project.packages_enabled,
        "package_registry_access_level": _access_level(project),
        "_links": {"self": own_address, "members": f"{own_address}/members"},
    }
    if identity is not None:
        presented["permissions"] = {
            "project_access": _access(identity, [project.id]),
            "group_access": _access(identity, [group.id for group in above]),
        }
    return presented


def _present_place(group: GroupAbove, application_url: str) -> dict[str, Any]:
    """The group of a project as GitLab's `namespace` object."""
    return {
        "id": group.id,
        "name": group.name,
        "path": group.path,
        "kind": "group",
        "full_path": group.full_path,
        "parent_id": group.parent_id,
        "avatar_url": None,
        "web_url": _page(application_url, group),
    }


def _full_name(above: Iterable[GroupAbove], namespace: Namespace) -> str:
    return " / ".join([*(group.name for group in above), namespace.name])


def _page(application_url: str, namespace: Namespace | GroupAbove) -> str:
    # A full path holds nothing that an address would have to escape.
    return f"{application_url}/{namespace.full_path}"


def _access(identity: Identity, namespace_ids: Iterable[int]) -> dict[str, Any] | None:
    role = identity.role_in(namespace_ids)
    return {"access_level": int(role)} if role is not None else None


def _access_level(project: Namespace) -> AccessLevel:
    """Two switches in one of GitLab's words: what the project has chosen for itself."""
    if not project.packages_enabled:
        return AccessLevel.DISABLED
    if project.anyone_can_pull:
        return AccessLevel.PUBLIC
    if project.visibility is Visibility.PRIVATE:
        return AccessLevel.PRIVATE
    return AccessLevel.ENABLED
