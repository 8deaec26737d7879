"""The parameters of users, in GitLab's words."""

from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from pyregistry.accounts.services.change import UserChanges
from pyregistry.accounts.services.listing import UserFilter, UserOrder
from pyregistry.accounts.services.users import NewUser
from pyregistry.api.sorting import Direction, is_descending
from pyregistry.api.user_presenters import SOURCE_TYPES
from pyregistry.errors import Invalid
from pyregistry.http.parameters import (
    optional_boolean,
    optional_choice,
    optional_number,
    optional_text,
    searched,
)
from pyregistry.namespaces.models import NamespaceKind

_CHANGEABLE = ("admin", "email", "external", "name", "password")


def new_user_in(parameters: dict[str, Any]) -> NewUser:
    """The user who is asked for. Raises `Invalid`."""
    if optional_boolean(parameters, "reset_password"):
        raise Invalid("The registry sends no mail: send password instead of reset_password.")
    password = optional_text(parameters, "password")
    if optional_boolean(parameters, "force_random_password") and password is not None:
        raise Invalid("Send one of the parameters password and force_random_password.")
    return NewUser(
        username=_text(parameters, "username"),
        email=_text(parameters, "email"),
        name=optional_text(parameters, "name"),
        # Nobody would know a random one: it is the same to have none.
        password=password,
        is_admin=optional_boolean(parameters, "admin") or False,
        is_external=optional_boolean(parameters, "external") or False,
    )


def changes_in(parameters: dict[str, Any]) -> UserChanges:
    """What is to change of a user. Raises `Invalid`, where it is nothing as well."""
    if parameters.keys().isdisjoint((*_CHANGEABLE, "username")):
        raise Invalid(f"Send at least one of the parameters {', '.join(_CHANGEABLE)}.")
    return UserChanges(
        name=optional_text(parameters, "name"),
        email=optional_text(parameters, "email"),
        password=optional_text(parameters, "password"),
        is_admin=optional_boolean(parameters, "admin"),
        is_external=optional_boolean(parameters, "external"),
        username=optional_text(parameters, "username"),
    )


def filter_in(request: Request) -> UserFilter:
    """Which users a list is asked for. Raises `Invalid`."""
    query = dict(request.GET)
    return UserFilter(
        username=query.get("username"),
        text=searched(request, "search"),
        id_after=optional_number(query, "id_after"),
        blocked=_either(query, ("blocked",), ("active",)),
        external=_either(query, ("external",), ("exclude_external",)),
        bot=_either(query, ("exclude_humans",), ("humans", "without_project_bots")),
        admin=optional_boolean(query, "admins") or None,
    )


@dataclass(frozen=True, slots=True)
class UserSorting:
    """In which order users are asked for."""

    by: UserOrder = UserOrder.ID
    descending: bool = True


def sorting_in(request: Request) -> UserSorting:
    """The parameters `order_by` and `sort`, which only administrators have. Raises `Invalid`."""
    by = optional_choice(dict(request.GET), "order_by", UserOrder) or UserOrder.ID
    descending = is_descending(request, Direction.DESCENDING)
    if not request.identity.is_admin:
        return UserSorting()
    return UserSorting(by, descending)


def source_kind_in(request: Request) -> NamespaceKind | None:
    """The parameter `type` of a list of memberships. Raises `Invalid`."""
    source_type = request.GET.get("type")
    if source_type is None:
        return None
    if source_type not in SOURCE_TYPES:
        raise Invalid(f"The parameter type must be one of: {', '.join(SOURCE_TYPES)}.")
    return SOURCE_TYPES[source_type]


def check_keeps_contributions(request: Request) -> None:
    """Raise `Invalid` for `hard_delete`: what a user published stays."""
    if optional_boolean(dict(request.GET), "hard_delete"):
        raise Invalid("What a user has published and created stays: leave hard_delete out.")


def _either(query: dict[str, Any], yes: tuple[str, ...], no: tuple[str, ...]) -> bool | None:
    """What of two is asked for, None for neither. GitLab's filters are either true or not there."""
    asks_yes = [name for name in yes if optional_boolean(query, name)]
    asks_no = [name for name in no if optional_boolean(query, name)]
    if asks_yes and asks_no:
        raise Invalid(f"Send one of the parameters {asks_yes[0]} and {asks_no[0]}.")
    return bool(asks_yes) if asks_yes or asks_no else None


def _text(parameters: dict[str, Any], name: str) -> str:
    text = optional_text(parameters, name)
    if text is None:
        raise Invalid(f"The parameter {name} is missing.")
    return text
