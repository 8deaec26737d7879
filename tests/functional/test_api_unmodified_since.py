"""`If-Unmodified-Since` on deletes: nothing is deleted that the caller has not seen as it is."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import File, Release
from tests.factories.distributions import sdist, wheel
from tests.factories.world import START, World
from tests.functional.support import PROJECT, contents, sentence_of

API = "/api/v4/projects/acme%2Fcore/packages"
Headers = dict[str, str]


@pytest.fixture
def maintainer(world: World) -> Headers:
    """Headers of a Maintainer of a project with a release of one file, published at the start."""
    world.project(PROJECT)
    world.member(PROJECT, "mia", Role.MAINTAINER)
    headers = world.as_("mia")
    world.upload(PROJECT, sdist(), headers)
    return headers


def release_address(world: World) -> str:
    """The address of the only release."""
    file = world.file_named(sdist().filename)
    assert file is not None
    return f"{API}/{file.release_id}"


def file_address(world: World) -> str:
    """The address of its first file."""
    file = world.file_named(sdist().filename)
    assert file is not None
    return f"{API}/{file.release_id}/package_files/{file.id}"


def delete(world: World, address: str, headers: Headers, since: str, status: int) -> Any:
    """Delete what has not changed since a date."""
    return world.app.delete(
        address, headers={**headers, "If-Unmodified-Since": since}, status=status
    )


def date_after(**parts: float) -> str:
    """A date some time after the start, as the header has it."""
    return format_datetime(START + timedelta(**parts), usegmt=True)


ADDRESSES = {"release": release_address, "file": file_address}


@pytest.mark.parametrize("of", ADDRESSES)
def test_what_has_not_changed(world: World, maintainer: Headers, of: str) -> None:
    delete(world, ADDRESSES[of](world), maintainer, date_after(), 204)
    assert world.count(File) == 0


@pytest.mark.parametrize("of", ADDRESSES)
def test_what_was_published_since(world: World, maintainer: Headers, of: str) -> None:
    before = contents(world)
    refused = delete(world, ADDRESSES[of](world), maintainer, date_after(seconds=-1), 412)
    assert "changed on Mon, 23 Nov 2026 12:00:00 GMT" in sentence_of(refused)
    assert contents(world) == before


def yank(world: World, headers: Headers) -> None:
    world.app.put(release_address(world), {"yanked": "true"}, headers=headers)


def unyank(world: World, headers: Headers) -> None:
    yank(world, headers)
    world.app.put(release_address(world), {"yanked": "false"}, headers=headers)


def add_a_file(world: World, headers: Headers) -> None:
    world.upload(PROJECT, wheel(), headers)


def remove_a_file(world: World, headers: Headers) -> None:
    add_a_file(world, headers)
    file = world.file_named(wheel().filename)
    assert file is not None
    address = f"{release_address(world)}/package_files/{file.id}"
    world.app.delete(address, headers=headers, status=204)


@pytest.mark.parametrize("change", [yank, unyank, add_a_file, remove_a_file])
def test_changes_of_a_release(world: World, maintainer: Headers, change: Any) -> None:
    world.clock.advance(minutes=5)
    change(world, maintainer)
    delete(world, release_address(world), maintainer, date_after(minutes=4), 412)
    assert world.count(Release) == 1
    delete(world, release_address(world), maintainer, date_after(minutes=5), 204)
    assert world.count(Release) == 0


def test_a_file_does_not_change_with_its_release(world: World, maintainer: Headers) -> None:
    world.clock.advance(minutes=5)
    yank(world, maintainer)
    add_a_file(world, maintainer)
    delete(world, file_address(world), maintainer, date_after(), 204)


def test_what_changes_nothing_is_no_change(world: World, maintainer: Headers) -> None:
    world.clock.advance(minutes=5)
    world.upload(PROJECT, sdist(), maintainer)  # the same bytes again
    world.app.put(release_address(world), {"yanked": "false"}, headers=maintainer)
    delete(world, release_address(world), maintainer, date_after(), 204)


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "2026-11-22", "Mon, 99 Nov 2026 12:00:00 GMT", "0", "\xe9", "x" * 9999],
)
@pytest.mark.parametrize("of", ADDRESSES)
def test_a_date_that_cannot_be_read_is_no_condition(
    world: World, maintainer: Headers, of: str, date: str
) -> None:
    delete(world, ADDRESSES[of](world), maintainer, date, 204)


@pytest.mark.parametrize(
    "date", ["Sunday, 22-Nov-26 12:00:00 GMT", "Sun Nov 22 12:00:00 2026", date_after(days=-1)]
)
def test_every_form_of_a_date(world: World, maintainer: Headers, date: str) -> None:
    delete(world, release_address(world), maintainer, date, 412)


def test_who_may_not_delete_learns_nothing_by_it(world: World, maintainer: Headers) -> None:
    world.member(PROJECT, "dora", Role.DEVELOPER)
    address = release_address(world)
    for since in (date_after(days=-1), date_after(days=1)):
        delete(world, address, world.as_("dora"), since, 403)
        delete(world, address, {}, since, 401)
        delete(world, address, world.as_("stranger"), since, 404)
    assert world.count(Release) == 1
