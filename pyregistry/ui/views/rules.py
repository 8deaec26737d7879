"""The protection rules of a project."""

from dataclasses import dataclass
from typing import Any, Final

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.api.callers import changer_at
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid, Refusal
from pyregistry.protection.levels import Level
from pyregistry.protection.models import ProtectionRule
from pyregistry.protection.services.rules import (
    MAXIMUM_RULES,
    RuleParts,
    add_rule,
    change_rule,
    find_rule,
    needed_to_lift,
    remove_rule,
    rules_slice,
)
from pyregistry.resources.namespaces import authority_at
from pyregistry.resources.pages.base import NamespacePage
from pyregistry.resources.pages.rules import (
    NewRule,
    RuleChange,
    RulePage,
    RuleRemoval,
    RulesPage,
)
from pyregistry.slices import Window
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.protection import RULES, inherited_prefixes, level_options, may_manage, who
from pyregistry.ui.submissions import NOTHING_SENT, Sent, attempt, done, read_form
from pyregistry.ui.tabs import namespace_page

_LIST: Final = "pyregistry:ui/templates/protection/rules.jinja2"
_ONE: Final = "pyregistry:ui/templates/protection/rule.jinja2"
_LEVELS: Final = {level.word: level for level in Level}


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A protection rule as the list shows it. `held_by` is who alone may change it, if others
    than the visitor."""

    id: int
    pattern: str
    push: str
    delete: str
    held_by: str


@view_config(
    context=RulesPage,
    request_method="GET",
    permission=Permissions.PROTECTION_READ,
    renderer=_LIST,
)
def show_rules(context: RulesPage, _request: Request) -> Any:
    """All rules of the project: there are 100 at most."""
    return _list(context, NOTHING_SENT, None)


@view_config(
    context=NewRule,
    request_method="POST",
    permission=Permissions.PROTECTION_MANAGE,
    renderer=_LIST,
)
def add(context: NewRule, request: Request) -> Any:
    """Protect the names that a pattern matches."""
    sent, by = read_form(request), changer_at(context)
    project_id = context.namespace.id
    tried = attempt(
        request, lambda: add_rule(request.db, project_id, _parts(sent), by, request.now)
    )
    if tried.result is None:
        return _list(context, sent, tried.refusal)
    return _done(context, f"The rule for {tried.result.name_pattern} holds now.")


@view_config(
    context=RulePage,
    request_method="GET",
    permission=Permissions.PROTECTION_MANAGE,
    renderer=_ONE,
)
def show_rule(context: RulePage, request: Request) -> Any:
    """The form that changes a rule, and the one that removes it."""
    rule = find_rule(request.db, context.namespace.id, context.number)
    return _one(context, context.number, rule, NOTHING_SENT, None)


@view_config(
    context=RuleChange,
    request_method="POST",
    permission=Permissions.PROTECTION_MANAGE,
    renderer=_ONE,
)
def change(context: RuleChange, request: Request) -> Any:
    """Change a rule."""
    sent, by = read_form(request), changer_at(context)
    project_id, rule_id = context.namespace.id, context.__parent__.number
    find_rule(request.db, project_id, rule_id)
    tried = attempt(
        request,
        lambda: change_rule(request.db, project_id, rule_id, _parts(sent), by, request.now),
    )
    if tried.result is None:
        rule = find_rule(request.db, project_id, rule_id)
        return _one(context, rule_id, rule, sent, tried.refusal)
    return _done(context, f"The rule for {tried.result.name_pattern} is saved.")


@view_config(
    context=RuleRemoval,
    request_method="POST",
    permission=Permissions.PROTECTION_MANAGE,
    renderer=_ONE,
)
def remove(context: RuleRemoval, request: Request) -> Any:
    """Remove a rule."""
    by, project_id, rule_id = changer_at(context), context.namespace.id, context.__parent__.number
    pattern = find_rule(request.db, project_id, rule_id).name_pattern
    tried = attempt(request, lambda: remove_rule(request.db, project_id, rule_id, by, request.now))
    if tried.refusal is not None:
        rule = find_rule(request.db, project_id, rule_id)
        return _one(context, rule_id, rule, NOTHING_SENT, tried.refusal)
    return _done(context, f"The rule for {pattern} is removed.")


def _parts(sent: Sent) -> RuleParts:
    push, delete = _level(sent, "push"), _level(sent, "delete")
    if push is None and delete is None:
        sentence = "Choose a higher role to push or to delete: this rule would protect nothing."
        raise Invalid(sentence, about="push")
    return RuleParts(pattern=sent.text("pattern"), push_level=push, delete_level=delete)


def _level(sent: Sent, name: str) -> Level | None:
    word = sent.text(name)
    if not word:
        return None
    if word not in _LEVELS:
        raise Invalid("Choose one of the levels.")
    return _LEVELS[word]


def _done(context: NamespacePage, sentence: str) -> Any:
    request = context.request
    address = Addresses(request).page(context.namespace.full_path, RULES)
    return done(request, address, sentence)


def _list(context: NamespacePage, sent: Sent, refusal: Refusal | None) -> dict[str, Any]:
    request = context.request
    window = Window(MAXIMUM_RULES, by_key=True)
    rules = rules_slice(request.db, context.namespace.id, window).rows
    return {
        **namespace_page(context, request, RULES),
        "rules": [_shown(context, rule) for rule in rules],
        "inherited": inherited_prefixes(context),
        "may_manage": may_manage(context),
        "sent": sent.shown(),
        "refusal": refusal,
        **_options(with_admin=request.identity.is_admin),
    }


def _shown(context: NamespacePage, rule: ProtectionRule) -> ShownRule:
    needed = needed_to_lift(rule)
    held_by = "" if authority_at(context).reaches(needed) else needed.who
    return ShownRule(
        rule.id, rule.name_pattern, who(rule.push_level), who(rule.delete_level), held_by
    )


def _one(
    context: NamespacePage,
    rule_id: int,
    rule: ProtectionRule,
    sent: Sent,
    refusal: Refusal | None,
) -> dict[str, Any]:
    page = namespace_page(context, context.request, RULES)
    address = Addresses(context.request).page(context.namespace.full_path, RULES, rule_id)
    page["crumbs"] += [Crumb(rule.name_pattern, address)]
    stored = {
        "pattern": rule.name_pattern,
        "push": _word(rule.push_level),
        "delete": _word(rule.delete_level),
    }
    is_admin = context.request.identity.is_admin
    return {
        **page,
        "rule": _shown(context, rule),
        "sent": stored | sent.shown(),
        "refusal": refusal,
        **_options(with_admin=is_admin or Level.ADMIN in (rule.push_level, rule.delete_level)),
    }


def _options(*, with_admin: bool) -> dict[str, Any]:
    return {
        "push_options": level_options("Developers and above, as ever", with_admin=with_admin),
        "delete_options": level_options("Maintainers and above, as ever", with_admin=with_admin),
    }


def _word(level: int | None) -> str:
    return "" if level is None else Level(level).word
