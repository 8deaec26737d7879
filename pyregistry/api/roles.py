"""Roles in the parameters of the API, by GitLab's numbers."""

from typing import Any

from pyregistry.authnz.roles import Role
from pyregistry.errors import Invalid
from pyregistry.http.parameters import optional_number


def role_in(parameters: dict[str, Any], *, usual: Role | None = None) -> Role:
    """The parameter `access_level`; `usual`, if that is given, where it is absent.

    Raises `Invalid` for what is no role.
    """
    level = optional_number(parameters, "access_level")
    if level is None and usual is not None:
        return usual
    if level not in set(Role):
        raise Invalid(f"The parameter access_level must be one of: {', '.join(map(str, Role))}.")
    return Role(level)
