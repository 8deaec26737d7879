"""The JSON API: deleting, yanking, statuses, and what is no sensible request."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from pyregistry.authnz.roles import Role
from pyregistry.events.models import Event
from pyregistry.packaging.models import File, FileMetadata, Package, Release
from tests.factories.distributions import sdist, wheel
from tests.factories.world import PASSWORD, World
from tests.functional.support import PROJECT, browser, contents, project_row, read_json

SDIST, WHEEL = sdist(), wheel()
PAGE = f"/{PROJECT}/-/simple/demo-package/"
API = "/api/v4/projects/acme%2Fcore/packages"
STATUS = f"{API}/pypi/status/demo-package"


@pytest.fixture
def maintainer(world: World) -> dict[str, str]:
    """Headers of a maintainer of a private project with an sdist and a wheel of one release."""
    world.project(PROJECT)
    world.member(PROJECT, "mia", Role.MAINTAINER)
    headers = world.as_("mia")
    world.upload(PROJECT, SDIST, headers)
    world.upload(PROJECT, WHEEL, headers)
    return headers


def release_address(world: World) -> str:
    """The address of the first release."""
    with world.components.database.reading() as session:
        return f"{API}/{session.scalars(select(Release.id).order_by(Release.id)).first()}"


def file_address(world: World, filename: str) -> str:
    """The address of a file."""
    file = world.file_named(filename)
    assert file is not None
    return f"{API}/{file.release_id}/package_files/{file.id}"


def events(world: World, action: str) -> list[Event]:
    """The events of one kind, oldest first."""
    with world.components.database.reading() as session:
        return list(session.scalars(select(Event).where(Event.action == action).order_by(Event.id)))


def put(
    world: World, address: str, headers: dict[str, str], parameters: Any, status: Any = 200
) -> Any:
    """Send parameters as JSON."""
    return world.app.put(
        address,
        json.dumps(parameters),
        headers={**headers, "Content-Type": "application/json"},
        status=status,
    )


def test_deleting_a_release(world: World, maintainer: dict[str, str]) -> None:
    before = contents(world)
    response = world.app.delete(release_address(world), headers=maintainer, status=204)
    assert response.body == b""
    assert [world.count(model) for model in (Package, Release, File, FileMetadata)] == [0] * 4
    row = project_row(world)
    assert (row.packages_count, row.files_count, row.storage_bytes) == (0, 0, 0)
    assert world.stored_objects() == before["stored"]
    deleted = events(world, "file.deleted")
    assert {event.filename: event.details["sha256"] for event in deleted} == {
        SDIST.filename: SDIST.sha256,
        WHEEL.filename: WHEEL.sha256,
    }
    assert [event.version for event in events(world, "release.deleted")] == ["1.0"]
    assert {event.actor_name for event in deleted} == {"mia"}
    world.app.get(PAGE, headers=maintainer, status=404)


def test_deleting_a_file(world: World, maintainer: dict[str, str]) -> None:
    serial = read_json(world, PAGE, maintainer)["meta"]["_last-serial"]
    world.app.delete(file_address(world, SDIST.filename), headers=maintainer, status=204)
    page = read_json(world, PAGE, maintainer)
    assert [file["filename"] for file in page["files"]] == [WHEEL.filename]
    assert page["meta"]["_last-serial"] > serial
    assert (world.count(Release), world.count(File)) == (1, 1)
    assert project_row(world).storage_bytes == len(WHEEL.content)
    assert [event.details["sha256"] for event in events(world, "file.deleted")] == [SDIST.sha256]


def test_a_release_goes_with_its_last_file(world: World, maintainer: dict[str, str]) -> None:
    for distribution in (SDIST, WHEEL):
        address = file_address(world, distribution.filename)
        world.app.delete(address, headers=maintainer, status=204)
    assert (world.count(Package), world.count(Release)) == (0, 0)


def test_other_bytes_may_follow_a_deleted_file(world: World, maintainer: dict[str, str]) -> None:
    other = sdist(files={"more.txt": b"more"})
    world.upload(PROJECT, other, maintainer, status=409)
    world.app.delete(file_address(world, SDIST.filename), headers=maintainer, status=204)
    world.upload(PROJECT, other, maintainer, status=200)
    assert other.sha256 in json.dumps(read_json(world, PAGE, maintainer))
    assert [event.details["sha256"] for event in events(world, "file.deleted")] == [SDIST.sha256]
    assert events(world, "file.pushed")[-1].details["sha256"] == other.sha256


def test_deleting_twice(world: World, maintainer: dict[str, str]) -> None:
    address = release_address(world)
    world.app.delete(address, headers=maintainer, status=204)
    world.app.delete(address, headers=maintainer, status=404)


def test_a_file_of_another_release(world: World, maintainer: dict[str, str]) -> None:
    world.upload(PROJECT, sdist(version="2.0"), maintainer)
    other = file_address(world, "demo_package-2.0.tar.gz").rsplit("/", 1)[-1]
    first = file_address(world, SDIST.filename).rsplit("/", 1)[0]
    world.app.delete(f"{first}/{other}", headers=maintainer, status=404)
    assert world.count(File) == 3


def test_a_release_of_another_project(world: World, maintainer: dict[str, str]) -> None:
    world.project("acme/other")
    world.upload("acme/other", sdist("other"))
    with world.components.database.reading() as session:
        other = session.scalars(select(Release.id).order_by(Release.id.desc())).first()
    world.app.delete(f"{API}/{other}", headers=maintainer, status=404)
    assert world.count(Release) == 2


@pytest.mark.parametrize("role", [Role.REPORTER, Role.DEVELOPER])
def test_who_is_no_maintainer(world: World, maintainer: dict[str, str], role: Role) -> None:
    world.member(PROJECT, "dev", role)
    headers = world.as_("dev")
    world.app.delete(release_address(world), headers=headers, status=403)
    world.app.delete(file_address(world, SDIST.filename), headers=headers, status=403)
    put(world, release_address(world), headers, {"yanked": True}, 403)
    put(world, STATUS, headers, {"status": "archived"}, 403)
    assert world.count(File) == 2


def test_yank_and_unyank_with_json(world: World, maintainer: dict[str, str]) -> None:
    address = release_address(world)
    answer = put(world, address, maintainer, {"yanked": True, "yanked_reason": "broken"}).json
    assert (answer["yanked"], answer["yanked_reason"]) == (True, "broken")
    page = read_json(world, PAGE, maintainer)
    assert {file["yanked"] for file in page["files"]} == {"broken"}
    answer = put(world, address, maintainer, {"yanked": False}).json
    assert (answer["yanked"], answer["yanked_reason"]) == (False, None)
    after = read_json(world, PAGE, maintainer)
    assert {file["yanked"] for file in after["files"]} == {False}
    assert after["meta"]["_last-serial"] > page["meta"]["_last-serial"]
    assert [len(events(world, f"release.{verb}")) for verb in ("yanked", "unyanked")] == [1, 1]


@pytest.mark.parametrize("value", ["true", "1", "True"])
def test_yank_with_a_form(world: World, maintainer: dict[str, str], value: str) -> None:
    form = {"yanked": value, "yanked_reason": "bröken"}
    answer = world.app.put(release_address(world), form, headers=maintainer).json
    assert (answer["yanked"], answer["yanked_reason"]) == (True, "bröken")


def test_yank_with_a_multipart_form(world: World, maintainer: dict[str, str]) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="yanked"\r\n\r\ntrue\r\n--x--\r\n'
    headers = {**maintainer, "Content-Type": "multipart/form-data; boundary=x"}
    assert world.app.put(release_address(world), body, headers=headers).json["yanked"] is True


def test_a_yanked_release_is_not_the_latest(world: World, maintainer: dict[str, str]) -> None:
    world.upload(PROJECT, sdist(version="0.9"), maintainer)
    put(world, release_address(world), maintainer, {"yanked": True})
    with world.components.database.reading() as session:
        assert session.scalars(select(Package.latest_version)).one() == "0.9"


@pytest.mark.parametrize("status", ["archived", "deprecated", "quarantined"])
def test_a_status_and_back(world: World, maintainer: dict[str, str], status: str) -> None:
    answer = put(world, STATUS, maintainer, {"status": status, "reason": "why"}).json
    assert answer == {"status": status, "reason": "why"}
    assert world.app.get(STATUS, headers=maintainer).json == answer
    assert read_json(world, PAGE, maintainer)["project-status"] == answer
    assert put(world, STATUS, maintainer, {"status": "active"}).json["status"] == "active"
    assert len(read_json(world, PAGE, maintainer)["files"]) == 2
    assert len(events(world, "package.status_set")) == 2


def test_the_status_of_another_spelling(world: World, maintainer: dict[str, str]) -> None:
    put(world, f"{API}/pypi/status/Demo_Package", maintainer, {"status": "archived"})
    put(world, f"{API}/pypi/status/no-package", maintainer, {"status": "archived"}, 404)


def test_releases_in_pages(world: World, maintainer: dict[str, str]) -> None:
    world.upload(PROJECT, sdist("other"), maintainer)
    whole = world.app.get(API, headers=maintainer).json
    assert [(each["name"], each["version"]) for each in whole] == [
        ("demo-package", "1.0"),
        ("other", "1.0"),
    ]
    second = world.app.get(f"{API}?per_page=1&page=2", headers=maintainer).json
    assert second == whole[1:]
    named = world.app.get(f"{API}?package_name=Demo_Package", headers=maintainer).json
    assert named == whole[:1]
    assert world.app.get(f"{API}?package_name=%20", headers=maintainer).json == []


def test_releases_of_a_version_or_type(world: World, maintainer: dict[str, str]) -> None:
    world.upload(PROJECT, sdist("demo-package", "2.0"), maintainer)

    def versions(query: str) -> list[str]:
        found = world.app.get(f"{API}?{query}", headers=maintainer).json
        return [each["version"] for each in found]

    # A script that deletes what it finds must not be given what it did not ask for.
    assert versions("package_name=demo-package&package_version=v2") == ["2.0"]
    assert versions("package_version=3") == []
    world.app.get(f"{API}?package_version=latest", headers=maintainer, status=400)
    assert versions("package_type=npm") == []
    assert versions("package_type=pypi") == ["1.0", "2.0"]


@pytest.mark.parametrize(
    "identifier", ["0", "999999999999999999999999", "x", "-1", "1.0", "%D9%A1"]
)
def test_an_id_that_is_none(world: World, maintainer: dict[str, str], identifier: str) -> None:
    world.app.delete(f"{API}/{identifier}", headers=maintainer, status=404)
    world.app.get(f"/api/v4/projects/{identifier}/packages", headers=maintainer, status=404)


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_browser_needs_its_csrf_token(
    world: World, maintainer: dict[str, str], method: str, token: str | None
) -> None:
    world.user("ben", password=PASSWORD)
    world.member(PROJECT, "ben", Role.OWNER)
    app = browser(world, "ben")
    headers = {"X-CSRF-Token": token} if token else {}
    before = contents(world)
    app.request(
        release_address(world), method=method, body=b"yanked=true", headers=headers, status=400
    )
    assert contents(world) == before
    assert not events(world, "release.yanked")
