"""Limits of stored bytes on pages: set in the settings, shown where people publish."""

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.events.actions import Action
from pyregistry.sentences import shown_size
from tests.factories.distributions import sdist
from tests.factories.limits import set_limits
from tests.factories.world import PASSWORD, World
from tests.functional.ui.browsing import beside, main_text, signed_in, visit
from tests.functional.ui.sending import changed, instead, posted, sent

PROJECT, GROUP = "/acme/core/-/settings", "/acme/-/settings"
INSTANCE = "/-/admin/settings"
SIZE = len(sdist().content)


@pytest.fixture
def acme(world: World) -> World:
    """A group with a project; the Owner of both is signed in."""
    world.group("acme", "public")
    world.project("acme/core")
    world.user("root", is_admin=True, password=PASSWORD)
    signed_in(world, "olga")
    world.member("acme", "olga", Role.OWNER)
    return world


@pytest.mark.parametrize("address", [PROJECT, GROUP])
def test_owners_type_sizes(acme: World, address: str) -> None:
    answer = sent(acme, address, "limits", 303, max_file_size="500 MiB", storage_limit="1 tib")
    assert answer.location == f"http://localhost{address}"
    page = visit(acme, address)
    assert "The limits are saved." in main_text(page)
    form = page.forms["limits"]
    assert (form["max_file_size"].value, form["storage_limit"].value) == ("500 MiB", "1 TiB")
    assert "0 bytes of 1.0 TiB used" in main_text(page)
    # Just what was typed: the other limit stays, nothing is none.
    sent(acme, address, "limits", 303, max_file_size="")
    form = visit(acme, address).forms["limits"]
    assert (form["max_file_size"].value, form["storage_limit"].value) == ("", "1 TiB")
    assert [change[0] for change in changed(acme)] == [Action.LIMITS_CHANGED] * 2


def test_what_is_no_size_stands_beside_its_field(acme: World) -> None:
    page = sent(acme, PROJECT, "limits", 400, storage_limit="much")
    assert beside(page, "storage_limit").startswith("This is no size: give a whole number and a")
    assert page.forms["limits"]["storage_limit"].value == "much"
    set_limits(acme, "acme", admin_max_file_size=1024)
    page = sent(acme, PROJECT, "limits", 400, max_file_size="2 KiB")
    assert "It can be 1 KiB at most" in beside(page, "max_file_size")
    assert changed(acme)[1:] == []
    posted(acme, f"{PROJECT}/limits", {}, 400)


def test_what_administrators_set_is_only_shown_to_owners(acme: World) -> None:
    set_limits(acme, "acme", admin_max_file_size=1024, admin_storage_limit=4096)
    page = visit(acme, GROUP)
    assert "admin_max_file_size" not in page.forms["limits"].fields
    said = "An administrator has set the largest file to 1 KiB and the quota to 4 KiB."
    assert said in main_text(page)
    posted(acme, f"{GROUP}/limits", {"admin_storage_limit": ""}, 403)
    instead(acme, "root")
    sent(acme, GROUP, "limits", 303, admin_storage_limit="8 KiB")
    assert "0 bytes of 8.0 KiB used" in main_text(visit(acme, GROUP))


def test_the_limits_of_the_registry(acme: World) -> None:
    instead(acme, "root")
    page = sent(acme, INSTANCE, "instance-limits", 400, max_file_size="3 GiB")
    assert "The largest file can be 2 GiB at most" in beside(page, "max_file_size")
    sent(acme, INSTANCE, "instance-limits", 303, max_file_size="1 GiB", storage_limit="5 TiB")
    page = visit(acme, INSTANCE)
    assert page.forms["instance-limits"]["max_file_size"].value == "1 GiB"
    for address in (INSTANCE, "/-/admin/storage"):
        assert "0 bytes of 5.0 TiB used in this registry" in main_text(visit(acme, address))
    assert "The limits of the registry" not in main_text(visit(acme, "/-/admin/activity"))
    assert "root changed the limits of the registry" in main_text(visit(acme, "/-/admin/activity"))
    assert "Quota none 5 TiB" in main_text(visit(acme, "/-/admin/activity")).replace("→ ", "")
    posted(acme, f"{INSTANCE}/limits", {}, 400)


def test_the_activity_tells_sizes(acme: World) -> None:
    sent(acme, PROJECT, "limits", 303, max_file_size="500 MiB")
    page = main_text(visit(acme, "/acme/core/-/activity"))
    assert "olga changed the limits of acme/core" in page
    assert "500 MiB" in page


def test_who_publishes_sees_how_much_room_there_is(acme: World) -> None:
    set_limits(acme, "acme", admin_max_file_size=100 * 1024**2, admin_storage_limit=10 * SIZE)
    for published in (False, True):
        if published:
            acme.upload("acme/core", sdist())
        said = main_text(visit(acme, "/acme/core/"))
        assert "The largest file that this project takes: 100 MiB." in said
        used = shown_size(SIZE if published else 0)
        assert f"{used} of {shown_size(10 * SIZE)} used in the group acme" in said
    acme.member("acme", "rita", Role.REPORTER)
    acme.app.reset()
    # Who may only pull is not told what the group stores.
    acme.user("ruth", password=PASSWORD)
    acme.member("acme", "ruth", Role.REPORTER)
    signed_in(acme, "ruth")
    said = main_text(visit(acme, "/acme/core/"))
    assert "used in the group" not in said
    assert "largest file" not in said


def test_a_meter_has_a_name_and_is_never_beyond_its_end(acme: World) -> None:
    acme.upload("acme/core", sdist())
    set_limits(acme, "acme", storage_limit=1)
    page = visit(acme, GROUP)
    (meter,) = page.html.find_all("meter")
    assert (meter["value"], meter["max"]) == ("1", "1")
    label = page.html.find(id=meter["aria-labelledby"])
    assert label.get_text() == f"{shown_size(SIZE)} of 1 byte used in this group"
    assert "narrow" in meter.parent["class"]
