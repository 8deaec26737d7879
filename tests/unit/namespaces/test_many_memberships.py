"""Lists for somebody who is a member of many groups and projects."""

from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from pyregistry.authnz.identity import Viewer
from pyregistry.namespaces.models import Membership, Namespace, NamespaceAncestor, NamespaceKind
from pyregistry.namespaces.services.listing import OrderedBy, Place, Selection, namespaces_slice
from pyregistry.slices import Window
from tests.factories.world import World

MANY = 400
STEPS = 1_000
"""Of SQLite's virtual machine, at once."""


def grow(world: World) -> Viewer:
    """Many private projects, in as many groups, and a member of each project."""
    world.project("seed/project")
    user_id = world.user("mary")
    now = world.clock().astimezone(UTC)
    with world.components.database.writing() as session:
        rows = {row.kind: row for row in session.scalars(select(Namespace))}
        known = {
            kind: {column.name: getattr(row, column.name) for column in row.__table__.columns}
            for kind, row in rows.items()
        }
        groups, projects = range(1_000, 1_000 + MANY), range(10_000, 10_000 + MANY)
        values: list[dict[str, Any]] = []
        for group, project in zip(groups, projects, strict=True):
            top = {"id": group, "full_path": f"g{group}", "full_path_key": f"g{group}"}
            path = f"g{group}/p"
            inside = {"id": project, "full_path": path, "full_path_key": path, "parent_id": group}
            values += [
                {**known[NamespaceKind.GROUP], **top, "visibility": "private"},
                {**known[NamespaceKind.PROJECT], **inside, "visibility": "private"},
            ]
        session.execute(insert(Namespace), values)
        pairs = [(each, each, 0) for each in (*groups, *projects)]
        pairs += [(below, above, 1) for below, above in zip(projects, groups, strict=True)]
        columns = ("namespace_id", "ancestor_id", "depth")
        session.execute(
            insert(NamespaceAncestor), [dict(zip(columns, pair, strict=True)) for pair in pairs]
        )
        session.execute(
            insert(Membership),
            [
                {"namespace_id": each, "user_id": user_id, "role": 20, "created_at": now}
                for each in projects
            ],
        )
    return Viewer(user_id, is_admin=False, is_internal=False, now=now)


@pytest.mark.parametrize("kind", NamespaceKind)
def test_each_is_looked_at_once(world: World, kind: NamespaceKind) -> None:
    """Not once for each membership: 10,000 projects and 1,000 memberships took SQLite seconds."""
    viewer = grow(world)
    steps = 0

    def note() -> int:
        nonlocal steps
        steps += STEPS
        return 0

    with world.components.database.reading() as session:
        if world.components.database.kind == "sqlite":
            session.execute(text("SELECT 1"))
            driver: Any = session.connection().connection.driver_connection
            driver.set_progress_handler(note, STEPS)
        found = namespaces_slice(
            session,
            viewer,
            Place(),
            Selection(kind),
            Window(20),
            by=OrderedBy.NAME,
            descending=False,
        )
    # The group of the seed is public.
    assert found.total == MANY + (kind is NamespaceKind.GROUP)
    assert steps < MANY * 250
