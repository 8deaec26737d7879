"""After whatever changes, the tree is what a naive model says."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pyregistry.authnz.identity import Actor
from pyregistry.errors import Refusal
from pyregistry.limits.models import InstanceStorage, NamespaceStorage
from pyregistry.members.services.authority import Granter
from pyregistry.namespaces.models import (
    Namespace,
    NamespaceAncestor,
    NamespaceKind,
    NamespaceRedirect,
)
from pyregistry.namespaces.services.create import create_group, create_project
from pyregistry.namespaces.services.instance import InstanceChanges, change_instance_settings
from pyregistry.namespaces.services.rename import rename
from pyregistry.namespaces.services.settings import Changes, change_settings
from pyregistry.tree.services.delete import delete_namespace
from pyregistry.tree.services.transfer import transfer
from tests.factories.recorded import publish
from tests.factories.world import World

NOBODY = Actor()
BY = Granter(NOBODY, is_admin=True)
NAMES = ["a", "B", "b", "c_", "c-d"]
PLACES = st.integers(0, 9)
CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("create"), st.sampled_from(NamespaceKind), PLACES, st.sampled_from(NAMES)
        ),
        st.tuples(st.just("rename"), PLACES, st.sampled_from(NAMES)),
        st.tuples(st.just("transfer"), PLACES, PLACES),
        st.tuples(st.just("delete"), PLACES),
        st.tuples(st.just("publish"), PLACES, st.integers(1, 1000)),
        st.tuples(st.just("turn"), PLACES, st.booleans()),
        st.tuples(st.just("open"), PLACES, st.booleans()),
        st.tuples(st.just("instance"), st.booleans(), st.booleans()),
    ),
    max_size=25,
)


@dataclass
class Node:
    """A group or project of the model."""

    kind: NamespaceKind
    parent: int | None
    name: str
    enabled: bool = True
    anyone: bool = False
    size: int = 0


@dataclass
class Model:
    """The tree as nodes that know their parents, and nothing that is kept."""

    nodes: dict[int, Node] = field(default_factory=dict)
    redirects: dict[str, int] = field(default_factory=dict)
    enabled: bool = True
    anyone: bool = True

    def at(self, place: int) -> int | None:
        """The node at a place in the list; None: the top."""
        ids = [None, *sorted(self.nodes)]
        return ids[place % len(ids)]

    def lineage(self, node: int) -> list[int]:
        """The node and everything above it."""
        parent = self.nodes[node].parent
        return [node, *(self.lineage(parent) if parent is not None else [])]

    def path(self, node: int) -> str:
        return "/".join(self.nodes[each].name for each in reversed(self.lineage(node)))

    def below(self, node: int) -> list[int]:
        return [each for each in self.nodes if node in self.lineage(each)]

    def fits(self, kind: NamespaceKind, parent: int | None, name: str, but: int = 0) -> bool:
        """Whether a node of that name may be below a parent."""
        if parent is None:
            if kind is NamespaceKind.PROJECT:
                return False
        elif self.nodes[parent].kind is NamespaceKind.PROJECT:
            return False
        return not any(
            node.parent == parent and node.name.lower() == name.lower()
            for number, node in self.nodes.items()
            if number != but
        )

    def put(self, node: int, parent: int | None, name: str) -> None:
        """Place a node that was elsewhere."""
        old = self.path(node).lower()
        self.nodes[node].parent, self.nodes[node].name = parent, name
        if self.path(node).lower() != old:
            self.take(node)
            self.redirects[old] = node

    def take(self, node: int) -> None:
        """Forget what led on from the node's path."""
        path = self.path(node).lower()
        self.redirects = {
            old: to
            for old, to in self.redirects.items()
            if old != path and not old.startswith(f"{path}/")
        }


class Tree:
    """The same changes in the model and in a registry."""

    def __init__(self, world: World) -> None:
        self.model = Model()
        self.world = world
        self.published = 0

    def change(self, change: tuple[Any, ...]) -> None:
        """Make a change, and check that it is refused where the model says so."""
        verb, *arguments = change
        getattr(self, f"_{verb}")(*arguments)

    def _do(self, allowed: bool, service: Any, *arguments: Any, **options: Any) -> Any:
        try:
            with self.world.components.database.writing() as session:
                done = service(session, *arguments, **options)
        except Refusal:
            assert not allowed
            return None
        assert allowed
        return done

    def _create(self, kind: NamespaceKind, place: int, name: str) -> None:
        model, parent = self.model, self.model.at(place)
        path = name if parent is None else f"{model.path(parent)}/{name}"
        create = create_group if kind is NamespaceKind.GROUP else create_project
        allowed = model.fits(kind, parent, name)
        made = self._do(allowed, create, path, actor=NOBODY, now=self.world.clock())
        if made is not None:
            model.nodes[made.id] = Node(kind, parent, name)
            model.take(made.id)

    def _rename(self, place: int, name: str) -> None:
        model, node = self.model, self.model.at(place)
        if node is None:
            return
        found = model.nodes[node]
        allowed = model.fits(found.kind, found.parent, name, but=node)
        if self._do(allowed, rename, node, name, NOBODY, self.world.clock()) is not None:
            model.put(node, found.parent, name)

    def _transfer(self, place: int, to: int) -> None:
        model, node, parent = self.model, self.model.at(place), self.model.at(to)
        if node is None:
            return
        found = model.nodes[node]
        allowed = (
            parent != found.parent
            and (parent is None or node not in model.lineage(parent))
            and model.fits(found.kind, parent, found.name)
        )
        if self._do(allowed, transfer, node, parent, BY, self.world.clock()) is not None:
            model.put(node, parent, found.name)

    def _delete(self, place: int) -> None:
        model, node = self.model, self.model.at(place)
        if node is None:
            return
        self._do(True, delete_namespace, node, NOBODY, self.world.clock())
        gone = model.below(node)
        model.redirects = {old: to for old, to in model.redirects.items() if to not in gone}
        for each in gone:
            del model.nodes[each]

    def _publish(self, place: int, size: int) -> None:
        model, node = self.model, self.model.at(place)
        if node is None or model.nodes[node].kind is NamespaceKind.GROUP:
            return
        # A name of its own, or it would be in the way of moves.
        self.published += 1
        publish(self.world, node, f"demo-{self.published}", size=size)
        model.nodes[node].size += size

    def _turn(self, place: int, enabled: bool) -> None:
        node = self.model.at(place)
        if node is not None:
            self._set(node, Changes(packages_enabled=enabled))
            self.model.nodes[node].enabled = enabled

    def _open(self, place: int, anyone: bool) -> None:
        model, node = self.model, self.model.at(place)
        if node is None or model.nodes[node].kind is NamespaceKind.GROUP:
            return
        allowed = model.anyone or not anyone
        if self._set(node, Changes(anyone_can_pull=anyone), allowed=allowed):
            model.nodes[node].anyone = anyone

    def _set(self, node: int, changes: Changes, *, allowed: bool = True) -> bool:
        now = self.world.clock()
        return self._do(allowed, change_settings, node, changes, NOBODY, now) is not None

    def _instance(self, enabled: bool, anyone: bool) -> None:
        changes = InstanceChanges(enabled, anyone)
        self._do(True, change_instance_settings, changes, NOBODY, self.world.clock())
        self.model.enabled, self.model.anyone = enabled, anyone

    def check(self) -> None:
        """Compare everything that is kept with what the model says."""
        model = self.model
        with self.world.components.database.reading() as session:
            kept = {
                row.id: (
                    row.kind,
                    row.parent_id,
                    row.name,
                    row.path,
                    row.full_path,
                    row.full_path_key,
                    row.packages_available,
                    row.pulls_open,
                )
                for row in session.scalars(select(Namespace))
            }
            closure = {
                (row.namespace_id, row.ancestor_id, row.depth)
                for row in session.scalars(select(NamespaceAncestor))
            }
            leading = {
                row.path_key: row.namespace_id for row in session.scalars(select(NamespaceRedirect))
            }
            counted = {
                row.namespace_id: row.used_bytes
                for row in session.scalars(select(NamespaceStorage))
            }
            in_all = session.scalars(select(InstanceStorage.used_bytes)).one()
        assert kept == {
            number: (
                node.kind,
                node.parent,
                node.name,
                node.name,
                model.path(number),
                model.path(number).lower(),
                model.enabled and all(model.nodes[each].enabled for each in model.lineage(number)),
                node.anyone and model.anyone,
            )
            for number, node in model.nodes.items()
        }
        assert closure == {
            (number, above, depth)
            for number in model.nodes
            for depth, above in enumerate(model.lineage(number))
        }
        assert leading == model.redirects
        assert {number: counted.get(number, 0) for number in model.nodes} == {
            number: sum(model.nodes[each].size for each in model.below(number))
            for number in model.nodes
        }
        assert counted.keys() <= model.nodes.keys()
        assert in_all == sum(node.size for node in model.nodes.values())


@pytest.mark.thorough
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=CHANGES)
def test_whatever_is_changed(world: World, changes: list[tuple[Any, ...]]) -> None:
    tree = Tree(world)
    clear(world)
    for change in changes:
        tree.change(change)
        tree.check()


def test_a_long_way(world: World) -> None:
    group, project = NamespaceKind.GROUP, NamespaceKind.PROJECT
    tree = Tree(world)
    for change in (
        ("create", group, 0, "a"),
        ("create", group, 1, "b"),
        ("create", project, 2, "c_"),
        ("publish", 3, 100),
        ("create", group, 0, "c-d"),
        ("open", 3, True),
        ("turn", 4, False),
        ("transfer", 2, 4),
        ("rename", 4, "B"),
        ("transfer", 2, 0),
        ("rename", 2, "c-d"),
        ("instance", False, False),
        ("transfer", 2, 1),
        ("create", group, 0, "b"),
        ("delete", 1),
        ("delete", 1),
    ):
        tree.change(change)
        tree.check()


def clear(world: World) -> None:
    """Empty the registry of the example before."""
    with world.components.database.writing() as session:
        for number in session.scalars(select(Namespace.id).where(Namespace.parent_id.is_(None))):
            delete_namespace(session, number, NOBODY, world.clock())
        changes = InstanceChanges(packages_enabled=True, anyone_can_pull_allowed=True)
        change_instance_settings(session, changes, NOBODY, world.clock())
