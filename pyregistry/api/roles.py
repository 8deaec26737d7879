"""Roles in the parameters of the API, by GitLab's numbers."""

from typing import Any

from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.http.parameters import optional_number


def role_in(parameters: dict[str, Any], *, usual: Role | None = None) -> Role:
    """The parameter `access_level`; `usual`, if that is given, where it is absent.

    Raises `Invalid` for what is no role.
    """
    role = optional_role(parameters, "access_level") or usual
    if role is None:
        raise _no_role("access_level")
    return role


def optional_role(parameters: dict[str, Any], name: str) -> Role | None:
    """The role whose number a parameter holds; None where it is absent. Raises `Invalid`."""
    level = optional_number(parameters, name)
    if level is None:
        return None
    if level not in set(Role):
        raise _no_role(name)
    return Role(level)


def _no_role(name: str) -> Invalid:
    return Invalid(f"The parameter {name} must be one of: {', '.join(map(str, Role))}.")
