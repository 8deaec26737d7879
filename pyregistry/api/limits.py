"""Limits of stored bytes in the API: parameters, and what is answered.

Every size is in bytes. GitLab knows `pypi_max_file_size` and `storage_size_limit` of plans, the
latter in MiB.
"""

from collections.abc import Collection
from typing import Any, Final

from pyramid.request import Request

from pyregistry.api.callers import granter_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.policy import acl_permits
from pyregistry.http.parameters import optional_boolean, optional_number
from pyregistry.limits.levels import Limits
from pyregistry.limits.services.change import change_limits
from pyregistry.limits.services.read import limits_of
from pyregistry.resources.api import ApiNamespace

OF_INSTANCE: Final = ("pypi_max_file_size", "storage_size_limit")
OF_NAMESPACES: Final = (*OF_INSTANCE, "admin_pypi_max_file_size", "admin_storage_size_limit")
_FIELDS: Final = {
    "pypi_max_file_size": "max_file_size",
    "storage_size_limit": "storage_limit",
    "admin_pypi_max_file_size": "admin_max_file_size",
    "admin_storage_size_limit": "admin_storage_limit",
}
"""What the services call them."""


def limits_in(parameters: dict[str, Any], names: Collection[str]) -> dict[str, int | None]:
    """What those of the limits that are sent are to become: null or empty is no limit.

    Raises `Invalid`.
    """
    return {
        # A form cannot say null.
        _FIELDS[name]: None if parameters[name] == "" else optional_number(parameters, name)
        for name in names
        if name in parameters
    }


def bound_of(request: Request) -> int:
    """The largest file that the registry was started with."""
    bound: int = request.components.settings.upload_max_file_size
    return bound


def set_limits(context: ApiNamespace, parameters: dict[str, Any]) -> None:
    """Set the limits that are sent. Raises as `limits_in` and `change_limits` do."""
    request, changes = context.request, limits_in(parameters, OF_NAMESPACES)
    if changes:
        by, bound = granter_of(request), bound_of(request)
        change_limits(request.db, context.record.id, changes, by, request.now, bound=bound)


def with_limits(context: ApiNamespace, shown: dict[str, Any]) -> dict[str, Any]:
    """What is shown of a group or project, and its limits to those who publish or set them.

    With the parameter `statistics` how much it stores, too. Two queries more.
    """
    request = context.request
    publishes = context.record.is_project and _may(context, Permissions.PACKAGE_PUBLISH)
    if not publishes and not _may(context, Permissions.NAMESPACE_SETTINGS):
        return shown
    limits = limits_of(request.db, context.record.id, bound_of(request))
    presented = {**shown, **_present(limits)}
    if optional_boolean(dict(request.GET), "statistics"):
        used = limits.here.used_bytes
        presented["statistics"] = {"storage_size": used, "packages_size": used}
    return presented


def present_instance_limits(limits: Limits) -> dict[str, Any]:
    """The limits of the whole registry, and what is used of them."""
    return {
        "pypi_max_file_size": limits.here.largest_file,
        "storage_size_limit": limits.here.quota,
        "storage_size": limits.here.used_bytes,
    }


def _may(context: ApiNamespace, permission: Permissions) -> bool:
    """Whatever the credential may carry: who holds another one sees it as well."""
    return bool(acl_permits(context.request.identity, context, permission))


def _present(limits: Limits) -> dict[str, Any]:
    here = limits.here
    return {
        **{name: getattr(here, field) for name, field in _FIELDS.items()},
        "effective_limits": {
            "pypi_max_file_size": limits.largest_file,
            "storage_size_limit": limits.quota,
            "storage_size_left": limits.left,
        },
    }
