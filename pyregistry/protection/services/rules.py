"""Protection rules of projects: listing, adding, changing and removing them."""

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pyregistry.events.actions import Action
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.events import Change, record_change
from pyregistry.packaging.services.serials import hold_serial
from pyregistry.protection.changers import Changer
from pyregistry.protection.errors import (
    InvalidProtection,
    LevelTooHigh,
    RuleExists,
    RuleNotFound,
)
from pyregistry.protection.levels import Level
from pyregistry.protection.models import ProtectionRule
from pyregistry.protection.patterns import normalize_pattern
from pyregistry.sentences import shown
from pyregistry.slices import Order, Slice, Window, read_slice

MAXIMUM_RULES = 100
"""Of a project: every upload asks all of them."""


class RuleParts(TypedDict, total=False):
    """What a rule says; a change leaves out what stays as it is."""

    pattern: str
    push_level: Level | None
    delete_level: Level | None


def rules_slice(session: Session, project_id: int, window: Window) -> Slice[ProtectionRule]:
    """Some of a project's rules, oldest first. Raises as `read_slice` does."""
    statement = select(ProtectionRule).where(ProtectionRule.project_id == project_id)
    return read_slice(session, statement, Order((ProtectionRule.id,)), window, lambda row: row[0])


def add_rule(
    session: Session, project_id: int, parts: RuleParts, by: Changer, now: datetime
) -> ProtectionRule:
    """Protect the names that a pattern matches.

    Raises `InvalidProtection` for a wrong pattern or no level; `RuleExists` for a pattern that
    has a rule, or where there are 100 rules; `LevelTooHigh` where only administrators may
    ask for so much. From the commit on, no upload or deletion passes that the rule refuses.
    """
    # Who records a file asks the rules under this lock: none comes in between.
    hold_serial(session)
    if "pattern" not in parts:
        raise InvalidProtection("Say which names are to be protected: send package_name_pattern.")
    count = session.scalars(
        select(func.count())
        .select_from(ProtectionRule)
        .where(ProtectionRule.project_id == project_id)
    ).one()
    if count >= MAXIMUM_RULES:
        raise RuleExists(
            f"The project has {count} protection rules, and no more can be: remove one first."
        )
    rule = ProtectionRule(project_id=project_id, created_at=now)
    _set(session, rule, parts, by)
    session.add(rule)
    session.flush()
    _record(session, Action.PROTECTION_RULE_ADDED, rule, (None, _described(rule)), by, now)
    return rule


def change_rule(
    session: Session,
    project_id: int,
    rule_id: int | None,
    parts: RuleParts,
    by: Changer,
    now: datetime,
) -> ProtectionRule:
    """Change a rule, as far as `parts` say.

    Raises `RuleNotFound`; `LevelTooHigh` where the rule asks for more than the changer's own
    role; and as `add_rule` does.
    """
    hold_serial(session)
    rule = find_rule(session, project_id, rule_id)
    _check_may_lift(rule, by)
    before = _described(rule)
    _set(session, rule, parts, by)
    session.flush()
    if _described(rule) != before:
        change = (before, _described(rule))
        _record(session, Action.PROTECTION_RULE_CHANGED, rule, change, by, now)
    return rule


def remove_rule(
    session: Session, project_id: int, rule_id: int | None, by: Changer, now: datetime
) -> None:
    """Remove a rule. Raises `RuleNotFound`, or `LevelTooHigh` as `change_rule` does."""
    hold_serial(session)
    rule = find_rule(session, project_id, rule_id)
    _check_may_lift(rule, by)
    _record(session, Action.PROTECTION_RULE_REMOVED, rule, (_described(rule), None), by, now)
    session.delete(rule)
    session.flush()


def find_rule(session: Session, project_id: int, rule_id: int | None) -> ProtectionRule:
    """One of a project's rules. Raises `RuleNotFound`."""
    rule = session.get(ProtectionRule, rule_id) if rule_id is not None else None
    if rule is None or rule.project_id != project_id:
        raise RuleNotFound
    return rule


def _set(session: Session, rule: ProtectionRule, parts: RuleParts, by: Changer) -> None:
    if "pattern" in parts:
        pattern = normalize_pattern(parts["pattern"])
        if pattern != rule.name_pattern:
            _check_free(session, rule.project_id, pattern)
        rule.name_pattern = pattern
    if "push_level" in parts:
        rule.push_level = parts["push_level"]
    if "delete_level" in parts:
        rule.delete_level = parts["delete_level"]
    if rule.push_level is None and rule.delete_level is None:
        raise InvalidProtection(
            "A rule protects pushes, deletions or both: say which level pushing asks for "
            "(minimum_access_level_for_push), or deleting (minimum_access_level_for_delete)."
        )
    if Level.ADMIN in (rule.push_level, rule.delete_level) and not by.authority.is_admin:
        # Not even an Owner could lift it.
        raise LevelTooHigh("Only an administrator can make a rule that asks for administrators.")


def _check_free(session: Session, project_id: int, pattern: str) -> None:
    taken = session.scalars(
        select(ProtectionRule.id).where(
            ProtectionRule.project_id == project_id, ProtectionRule.name_pattern == pattern
        )
    ).first()
    if taken is not None:
        raise RuleExists(
            f"The project has a protection rule for {shown(pattern)} already.", about="pattern"
        )


def needed_to_lift(rule: ProtectionRule) -> Level:
    """What one must be to change or remove a rule: whom it holds back cannot put it aside."""
    return Level(max(rule.push_level or 0, rule.delete_level or 0))


def _check_may_lift(rule: ProtectionRule, by: Changer) -> None:
    needed = needed_to_lift(rule)
    if not by.authority.reaches(needed):
        raise LevelTooHigh(
            f"The rule for {shown(rule.name_pattern)} asks for {needed.who}: only who is that can "
            "change or remove it."
        )


def _described(rule: ProtectionRule) -> dict[str, Any]:
    """A rule as events record it."""
    return {
        "package_name_pattern": rule.name_pattern,
        "push": rule.push_level and Level(rule.push_level).word,
        "delete": rule.delete_level and Level(rule.delete_level).word,
    }


def _record(
    session: Session,
    action: Action,
    rule: ProtectionRule,
    change: Change,
    by: Changer,
    now: datetime,
) -> None:
    project = session.get_one(Namespace, rule.project_id)
    record_change(session, action, project, change, by.actor, now, rule_id=rule.id)
