"""Searching every package that somebody may read, best first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, literal, not_, select, tuple_
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.errors import Invalid
from pyregistry.namespaces.models import Namespace
from pyregistry.packaging.models import Package, PackageStatus, PackageText
from pyregistry.packaging.names import normalize_name
from pyregistry.packaging.services.readable_projects import ReadableProjects
from pyregistry.packaging.services.words import holds
from pyregistry.slices import Slice

_FEW: Final = 200
"""So many at most are put in order here: what few packages have is looked for once."""

_AFTER_NAMES: Final = "~"
"""Sorts after every character of a normalised name."""

_CURSOR = re.compile(r"([0-2])\.([0-9]{1,18})\.([a-z0-9-]{1,255})", re.ASCII)


@dataclass(frozen=True, slots=True)
class FoundPackage:
    """A package as the results of a search show it."""

    project_path: str
    name: str
    normalized_name: str
    status: PackageStatus
    summary: str | None
    latest_version: str | None
    published_at: datetime


class _Rank(IntEnum):
    """How well a package fits; of those that fit alike the first by name comes first."""

    NAME_BEGINS = 0
    """With what is looked for: the name that is just that is the first of these."""
    NAME_HOLDS = 1
    TEXT_HOLDS = 2


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Where a package stands among all that are found."""

    rank: int
    name: str
    package_id: int


def search_packages(
    session: Session,
    viewer: Viewer,
    words: Sequence[str],
    *,
    size: int,
    cursor: str | None = None,
    namespace_id: int | None = None,
) -> Slice[FoundPackage]:
    """The packages that the viewer may read and that have every one of the words, best first.

    First those whose name is what is looked for, then those whose name begins with it, then
    those whose name holds it, then those that say the words anywhere; by name each. `words` are
    those of `search_words`: without any, nothing is found. `namespace_id` is that of a group or
    project in which alone is looked. At most `size`, after the one with the `cursor`; at most
    six queries. Raises `Invalid` for a cursor that no search has given.
    """
    after = _place_of(cursor)
    if not words:
        return Slice([], follows=False)
    projects = ReadableProjects.of(session, viewer, namespace_id)
    if not projects:
        return Slice([], follows=False)
    places = _Search(session, tuple(words), projects).places(after, size + 1)
    follows = len(places) > size
    shown = places[:size]
    return Slice(
        found_packages(session, [place.package_id for place in shown]),
        follows,
        cursor=_cursor_of(shown[-1]) if follows else None,
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for, and where."""

    session: Session
    words: tuple[str, ...]
    projects: ReadableProjects

    @property
    def name(self) -> str:
        """What is looked for as a name: `data feed` may be `data-feed`."""
        return normalize_name("-".join(self.words))

    def places(self, after: _Place | None, limit: int) -> list[_Place]:
        """The first places behind `after`, at most `limit`."""
        few = self._read([], None, _FEW + 1)
        if len(few) <= _FEW:
            # What few have is found by reading all texts: that is done once, and not by rank.
            places = sorted(_Place(self._rank(name), name, number) for name, number in few)
            return [place for place in places if after is None or place > after][:limit]
        return self._by_rank(after, limit)

    def _by_rank(self, after: _Place | None, limit: int) -> list[_Place]:
        """What many have is soon found in the order of names, rank after rank."""
        places: list[_Place] = []
        for rank in _Rank:
            if len(places) == limit or (after is not None and rank < after.rank):
                continue
            here = after if after is not None and after.rank == rank else None
            found = self._read([self._has(rank)], here, limit - len(places))
            places += [_Place(rank, name, number) for name, number in found]
        return places

    def _rank(self, name: str) -> _Rank:
        if name.startswith(self.name):
            return _Rank.NAME_BEGINS
        return _Rank.NAME_HOLDS if self.name in name else _Rank.TEXT_HOLDS

    def _has(self, rank: _Rank) -> ColumnElement[bool]:
        column = PackageText.normalized_name
        begins = and_(column >= self.name, column < self.name + _AFTER_NAMES)
        if rank is _Rank.NAME_BEGINS:
            return begins
        name_holds = column.contains(self.name, autoescape=True)
        if rank is _Rank.NAME_HOLDS:
            return and_(name_holds, not_(begins))
        return not_(name_holds)

    def _read(
        self, conditions: Sequence[ColumnElement[bool]], after: _Place | None, limit: int
    ) -> Sequence[Row[str, int]]:
        """Names and ids in order of names."""
        order = (PackageText.normalized_name, PackageText.package_id)
        statement = select(*order).where(
            *conditions, *self._every_word(), self.projects.condition(PackageText.project_id)
        )
        if after is not None:
            name = literal(after.name, PackageText.normalized_name.type)
            number = literal(after.package_id, PackageText.package_id.type)
            statement = statement.where(order[0] >= name, tuple_(*order) > tuple_(name, number))
        return self.session.execute(statement.order_by(*order).limit(limit)).all()

    def _every_word(self) -> Iterator[ColumnElement[bool]]:
        # Long words are in few texts, and the others are looked for in these alone.
        yield from (holds(word) for word in sorted(self.words, key=len, reverse=True))


def found_packages(session: Session, package_ids: Sequence[int]) -> list[FoundPackage]:
    """What lists of many projects show of packages, in the order of their ids."""
    if not package_ids:
        return []
    rows: Sequence[Row[*tuple[Any, ...]]] = session.execute(
        select(
            Package.id,
            Namespace.full_path,
            Package.name,
            Package.normalized_name,
            Package.status,
            Package.summary,
            Package.latest_version,
            Package.published_at,
        )
        .join(Namespace, Namespace.id == Package.project_id)
        .where(Package.id.in_(package_ids))
    ).all()
    by_id = {row[0]: FoundPackage(*row[1:]) for row in rows}
    return [by_id[number] for number in package_ids if number in by_id]


def _cursor_of(place: _Place) -> str:
    return f"{place.rank}.{place.package_id}.{place.name}"


def _place_of(cursor: str | None) -> _Place | None:
    if cursor is None:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise Invalid("The parameter cursor is wrong: take it from a page of this search.")
    rank, number, name = found.groups()
    return _Place(int(rank), name, int(number))
