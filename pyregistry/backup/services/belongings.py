"""What belongs to groups and projects besides packages: members, rules, publishers, counts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import Role
from pyregistry.backup.folder import ExportFolder
from pyregistry.backup.manifest import Manifest
from pyregistry.backup.services.people import People, person_called
from pyregistry.backup.services.places import Place
from pyregistry.errors import NotFound, Refusal
from pyregistry.events.actions import Action
from pyregistry.events.models import UsageCount, UsageTotal
from pyregistry.intake.services.take import ADMINISTRATORS_AUTHORITY
from pyregistry.members.services.authority import Granter
from pyregistry.members.services.change import Grant, add_member
from pyregistry.namespaces.models import Namespace
from pyregistry.protection.changers import Changer
from pyregistry.protection.levels import Level
from pyregistry.protection.services.rules import RuleParts, add_rule
from pyregistry.sentences import shown
from pyregistry.trusted_publishing.services.publishers import NewPublisher, add_publisher

_COUNTS_AT_A_TIME: Final = 1000

Row = Mapping[str, Any]
Give = Callable[[Session, Place, Row], None]
"""Gives a group or project what a row says. Raises a `Refusal`."""


def changer_of(by: Granter, now: datetime) -> Changer:
    """Whoever brings an export, as one who changes rules and reserved prefixes."""
    viewer = Viewer(user_id=None, is_admin=True, is_internal=True, now=now)
    return Changer(by.actor, ADMINISTRATORS_AUTHORITY, viewer)


@dataclass(slots=True)
class Belongings:
    """What an export says belongs to its groups and projects, for those that are new here.

    What is refused is kept in `refusals`, with the reasons.
    """

    folder: ExportFolder
    manifest: Manifest
    by: Granter
    issuers: Collection[str]
    people: People
    now: datetime
    with_members: bool = True
    refusals: list[tuple[str, str]] = field(default_factory=list)

    def bring(self, session: Session, places: Mapping[int, Place]) -> None:
        """Give all of it, and say of everything that is new who has created it."""
        for place in places.values():
            if place.is_new:
                creator = self.people.id_of(place.row["creator"])
                session.get_one(Namespace, place.namespace_id).creator_id = creator
        session.flush()
        kinds: list[tuple[str, str, str, Give]] = [
            ("protection_rules", "project_id", "the rule", self._add_rule),
            ("trusted_publishers", "project_id", "the trusted publisher", self._add_publisher),
        ]
        if self.with_members:
            kinds.append(("memberships", "namespace_id", "the member", self._add_member))
        for table, column, what, give in kinds:
            for row in self.folder.rows(self.manifest.rows_folder, table):
                place = places[row[column]]
                if place.is_new:
                    self._give(session, place, row, what, give)
        self._bring_counts(session, places)

    def _give(self, session: Session, place: Place, row: Row, what: str, give: Give) -> None:
        name = str(row.get("name_pattern") or row.get("name") or row.get("user"))
        try:
            with session.begin_nested():
                give(session, place, row)
        except Refusal as refusal:
            self.refusals.append((f"{what} {shown(name)} of {place.full_path}", refusal.sentence))

    def _add_member(self, session: Session, place: Place, row: Row) -> None:
        user = person_called(session, row["user"])
        if user is None:
            raise NotFound("There is no user of that name here.")
        ends = datetime.fromisoformat(row["expires_at"]) if row["expires_at"] else None
        grant = Grant(Role(row["role"]), ends)
        member = add_member(session, place.namespace_id, user, grant, self.by, self.now)
        member.created_at = datetime.fromisoformat(row["created_at"])

    def _add_rule(self, session: Session, place: Place, row: Row) -> None:
        parts: RuleParts = {
            "pattern": row["name_pattern"],
            "push_level": _level(row["push_level"]),
            "delete_level": _level(row["delete_level"]),
        }
        changer = changer_of(self.by, self.now)
        rule = add_rule(session, place.namespace_id, parts, changer, self.now)
        rule.created_at = datetime.fromisoformat(row["created_at"])

    def _add_publisher(self, session: Session, place: Place, row: Row) -> None:
        wanted = NewPublisher(row["name"], row["issuer"], row["claims"])
        publisher = add_publisher(
            session, place.namespace_id, wanted, self.issuers, self.by, self.now
        )
        publisher.created_at = datetime.fromisoformat(row["created_at"])
        publisher.creator_id = self.people.id_of(row["creator"])

    def _bring_counts(self, session: Session, places: Mapping[int, Place]) -> None:
        """The counts of days. Pushes are left out: the import pushes, and is counted itself."""
        totals: Counter[tuple[int, str, str]] = Counter()
        rows = self._counts(places)
        while batch := list(islice(rows, _COUNTS_AT_A_TIME)):
            session.execute(insert(UsageCount), batch)
            for row in batch:
                totals[row["namespace_id"], row["day"], row["action"]] += row["count"]
        for (namespace_id, day, action), count in totals.items():
            session.add(UsageTotal(namespace_id=namespace_id, day=day, action=action, count=count))
        session.flush()

    def _counts(self, places: Mapping[int, Place]) -> Iterator[dict[str, Any]]:
        for row in self.folder.rows(self.manifest.rows_folder, "usage_counts"):
            place = places[row["namespace_id"]]
            if place.is_new and row["action"] != Action.FILE_PUSHED:
                day = date.fromisoformat(row["day"])
                yield {**row, "namespace_id": place.namespace_id, "day": day}


def _level(number: int | None) -> Level | None:
    return Level(number) if number is not None else None
