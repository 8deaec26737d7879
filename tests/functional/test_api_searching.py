"""Looking for names with letters beyond ASCII."""

import pytest

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import Role
from pyregistry.members.services.listing import members_slice
from pyregistry.namespaces.models import NamespaceKind
from pyregistry.namespaces.services.create import find
from pyregistry.namespaces.services.listing import OrderedBy, Place, Selection, namespaces_slice
from pyregistry.slices import Window
from tests.factories.world import World

NAME = "Ärger ÖZ"


@pytest.mark.parametrize("text", ["Ärger ÖZ", "Ärger Öz", "ÖZ"])
def test_a_name_is_found_as_it_is_spelled(world: World, text: str) -> None:
    """Python and the database do not make the same small letters."""
    world.user("zoe", name=NAME)
    world.project("acme/core")
    world.member("acme", "zoe", Role.OWNER)
    headers = world.as_("zoe")
    with world.components.database.writing() as session:
        find(session, "acme/core").name = NAME
    found = world.app.get("/api/v4/users", {"search": text}, headers=headers).json
    assert [each["name"] for each in found] == [NAME]
    viewer = Viewer(world.users["zoe"], is_admin=False, is_internal=True, now=world.clock())
    chosen = Selection(NamespaceKind.PROJECT, words=tuple(text.split()))
    with world.components.database.reading() as session:
        projects = namespaces_slice(
            session, viewer, Place(), chosen, Window(20), by=OrderedBy.ID, descending=False
        )
        place = find(session, "acme").id
        members = members_slice(session, place, world.clock(), Window(20), query=text)
    assert [member.name for member in members.rows] == [NAME]
    assert [project.name for project in projects.rows] == [NAME]
