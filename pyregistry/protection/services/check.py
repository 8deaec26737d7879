"""Asking the rules and reservations: may a package of this name be pushed, or deleted from?"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Row,
    String,
    bindparam,
    cast,
    exists,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Authority
from pyregistry.authnz.permissions import CredentialKind
from pyregistry.namespaces.models import Namespace, NamespaceAncestor
from pyregistry.protection.errors import Protected, Reserved
from pyregistry.protection.levels import Level
from pyregistry.protection.models import ProtectionRule, ReservedPrefix, ReservedPrefixProject
from pyregistry.protection.patterns import pattern_matches, prefixes_of
from pyregistry.sentences import shown

DeleteRules = Sequence[tuple[str, int | None]]
"""Patterns of names, and the level that each asks of who deletes (None: nothing)."""


def check_may_push(
    authority: Authority, session: Session, project_id: int, normalized_name: str
) -> None:
    """Raise where the caller may push no package of that name into the project; one query.

    `Reserved` where a group above has reserved the name for other projects, and `Protected`
    where a rule asks for more than the caller's role. Deploy tokens push no protected name.
    """
    parameters = {
        "project_id": project_id,
        "prefixes": prefixes_of(normalized_name),
    }
    rows = session.connection().execute(_push_statement(), parameters).all()
    _check_reserved(normalized_name, [row for row in rows if row.group_path is not None])
    strictest = _strictest(((row.text, row.push_level) for row in rows), normalized_name)
    if strictest is None:
        return
    pattern, level = strictest
    if authority.credential_kind is CredentialKind.DEPLOY_TOKEN:
        raise Protected(
            f"A rule protects the names {shown(pattern)} here: a deploy token cannot push "
            f"{shown(normalized_name)}, only {level.who} can."
        )
    if not authority.reaches(level):
        raise _protected("push", pattern, level, normalized_name)


def check_may_delete(
    authority: Authority, session: Session, project_id: int, normalized_name: str
) -> None:
    """Raise `Protected` where a rule lets the caller delete nothing of such a package."""
    rules = delete_rules(session, [project_id])[project_id]
    strictest = _strictest(rules, normalized_name)
    if strictest is not None and not authority.reaches(strictest[1]):
        raise _protected("delete", *strictest, normalized_name)


def push_protection(
    session: Session, project_ids: Collection[int], normalized_name: str
) -> dict[int, tuple[str, str]]:
    """By project the pattern of the strictest rule for pushing such a package, and who may."""
    by_project: dict[int, list[tuple[str, int | None]]] = defaultdict(list)
    rows = session.execute(
        select(
            ProtectionRule.project_id, ProtectionRule.name_pattern, ProtectionRule.push_level
        ).where(ProtectionRule.project_id.in_(project_ids))
    )
    for project_id, pattern, level in rows:
        by_project[project_id].append((pattern, level))
    found = {key: _strictest(rules, normalized_name) for key, rules in by_project.items()}
    return {key: (rule[0], rule[1].who) for key, rule in found.items() if rule is not None}


def may_delete(authority: Authority, rules: DeleteRules, normalized_name: str) -> bool:
    """Whether the rules of a project let the caller delete from such a package."""
    strictest = _strictest(rules, normalized_name)
    return strictest is None or authority.reaches(strictest[1])


def delete_rules(session: Session, project_ids: Collection[int]) -> Mapping[int, DeleteRules]:
    """The rules of projects about deleting, by project; one query for all of them."""
    found: dict[int, list[tuple[str, int | None]]] = {each: [] for each in project_ids}
    for project_id, pattern, level in session.execute(
        select(
            ProtectionRule.project_id, ProtectionRule.name_pattern, ProtectionRule.delete_level
        ).where(ProtectionRule.project_id.in_(project_ids))
    ):
        found[project_id].append((pattern, level))
    return found


def _strictest(
    rules: Iterable[tuple[str, int | None]], normalized_name: str
) -> tuple[str, Level] | None:
    """Pattern and level of the matching rule that asks for most; of several the first by pattern.

    Rules without a level ask for nothing.
    """
    matching = [
        (pattern, level)
        for pattern, level in rules
        if level is not None and pattern_matches(pattern, normalized_name)
    ]
    if not matching:
        return None
    pattern, level = min(matching, key=lambda rule: (-rule[1], rule[0]))
    return pattern, Level(level)


def _protected(verb: str, pattern: str, level: Level, name: str) -> Protected:
    return Protected(
        f"A rule protects the names {shown(pattern)} here: only {level.who} can {verb} "
        f"{shown(name)}."
    )


def _check_reserved(name: str, reservations: Sequence[Row[Any]]) -> None:
    """Of the prefixes of one group the longest counts; every group has its say."""
    by_group = {row.group_path: row for row in sorted(reservations, key=lambda row: len(row.text))}
    for group_path, row in sorted(by_group.items(), key=lambda item: len(item[0])):
        if not row.belongs:
            raise Reserved(
                f"The prefix {shown(row.text)} is reserved in the group {shown(group_path)} for "
                f"other projects: {shown(name)} cannot be pushed here, choose another name."
            )


@cache
def _push_statement() -> CompoundSelect[*tuple[Any, ...]]:
    """Rules of the project and reservations of the groups above it; built once."""
    rules = select(
        ProtectionRule.name_pattern.label("text"),
        ProtectionRule.push_level.label("push_level"),
        cast(null(), String).label("group_path"),
        cast(null(), Integer).label("belongs"),
    ).where(
        ProtectionRule.project_id == bindparam("project_id"),
        ProtectionRule.push_level.is_not(None),
    )
    belongs = exists(
        select(ReservedPrefixProject.project_id)
        .where(
            ReservedPrefixProject.prefix_id == ReservedPrefix.id,
            ReservedPrefixProject.project_id == bindparam("project_id"),
        )
        .correlate(ReservedPrefix)
    )
    reservations = (
        select(ReservedPrefix.prefix, null(), Namespace.full_path, cast(belongs, Integer))
        .join(NamespaceAncestor, NamespaceAncestor.ancestor_id == ReservedPrefix.group_id)
        .join(Namespace, Namespace.id == ReservedPrefix.group_id)
        .where(
            NamespaceAncestor.namespace_id == bindparam("project_id"),
            ReservedPrefix.prefix.in_(bindparam("prefixes", expanding=True)),
        )
    )
    return union_all(rules, reservations)
