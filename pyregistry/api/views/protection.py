"""Protection rules of projects."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.api.callers import changer_at
from pyregistry.api.paging import shown_slice, window_of
from pyregistry.api.presenters import present_rule
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.caching import describe_read
from pyregistry.http.parameters import optional_text, read_parameters
from pyregistry.protection.levels import Level
from pyregistry.protection.services.rules import (
    RuleParts,
    add_rule,
    change_rule,
    remove_rule,
    rules_slice,
)
from pyregistry.resources.api_protection import ApiProtectionRule, ApiProtectionRules

_TYPE = "pypi"
_PUSH = "minimum_access_level_for_push"
_DELETE = "minimum_access_level_for_delete"
_LEVELS = {level.word: level for level in Level}


@view_config(
    context=ApiProtectionRules,
    request_method="GET",
    permission=Permissions.PROTECTION_READ,
    renderer="json",
)
def list_rules(context: ApiProtectionRules, request: Request) -> list[dict[str, Any]]:
    """The protection rules of a project, oldest first, a page at a time."""
    window = window_of(request)
    rules = rules_slice(request.db, context.project.id, window)
    describe_read(request)
    return [present_rule(rule) for rule in shown_slice(request, window, rules)]


@view_config(
    context=ApiProtectionRules,
    request_method="POST",
    permission=Permissions.PROTECTION_MANAGE,
    renderer="json",
)
def add(context: ApiProtectionRules, request: Request) -> dict[str, Any]:
    """Protect the names that a pattern matches."""
    parts, by = _parts(request), changer_at(context)
    rule = add_rule(request.db, context.project.id, parts, by, request.now)
    request.response.status_int = 201
    return present_rule(rule)


@view_config(
    context=ApiProtectionRule,
    request_method="PATCH",
    permission=Permissions.PROTECTION_MANAGE,
    renderer="json",
)
def change(context: ApiProtectionRule, request: Request) -> dict[str, Any]:
    """Change a rule; what is not sent stays as it is."""
    parts, by = _parts(request), changer_at(context)
    rule = change_rule(request.db, context.project.id, context.rule_id, parts, by, request.now)
    return present_rule(rule)


@view_config(
    context=ApiProtectionRule, request_method="DELETE", permission=Permissions.PROTECTION_MANAGE
)
def remove(context: ApiProtectionRule, request: Request) -> Response:
    """Remove a rule."""
    by = changer_at(context)
    remove_rule(request.db, context.project.id, context.rule_id, by, request.now)
    return Response(status=204)


def _parts(request: Request) -> RuleParts:
    parameters = read_parameters(request)
    if optional_text(parameters, "package_type") not in (None, _TYPE):
        raise Invalid(f"The parameter package_type must be {_TYPE}: there are no other packages.")
    parts = RuleParts()
    pattern = optional_text(parameters, "package_name_pattern")
    if pattern is not None:
        parts["pattern"] = pattern
    if _PUSH in parameters:
        parts["push_level"] = _level(parameters, _PUSH)
    if _DELETE in parameters:
        parts["delete_level"] = _level(parameters, _DELETE)
    return parts


def _level(parameters: dict[str, Any], name: str) -> Level | None:
    word = optional_text(parameters, name)
    if not word:
        return None
    if word not in _LEVELS:
        raise Invalid(f"The parameter {name} must be one of: {', '.join(_LEVELS)}; or null.")
    return _LEVELS[word]
