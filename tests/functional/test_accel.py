"""Files that nginx sends: what the registry tells it, and what it sends itself."""

from pathlib import Path

import pytest
from pyramid.registry import Registry

from tests.factories.distributions import wheel
from tests.factories.world import World, new_components
from tests.functional.support import PROJECT

WHEEL = wheel()
ADDRESS = f"/{PROJECT}/-/files/{WHEEL.sha256}/{WHEEL.filename}"
INTERNAL = f"/_/accel/{WHEEL.sha256[:2]}/{WHEEL.sha256[2:4]}/{WHEEL.sha256}"
TAG = f'"{WHEEL.sha256}"'


@pytest.fixture
def accelerated(world: World, application: tuple[object, Registry], tmp_path: Path) -> World:
    """A registry behind nginx, with a private project and one wheel."""
    world.components = new_components(
        world.components.settings.database_url,
        tmp_path,
        world.clock,
        storage__local__accel="/_/accel/",
    )
    application[1]["pyregistry.components"] = world.components
    world.project(PROJECT, "public")
    world.upload(PROJECT, WHEEL)
    return world


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=1-3"}, {"If-Range": TAG}])
def test_nginx_is_told_where_the_file_is(accelerated: World, headers: dict[str, str]) -> None:
    response = accelerated.app.get(ADDRESS, headers=headers)
    assert (response.status_int, response.body) == (200, b"")
    assert response.headers["X-Accel-Redirect"] == INTERNAL
    assert response.headers["ETag"] == TAG
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Content-Range" not in response.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": TAG}, 304),
        ({"Range": "bytes=99999999-"}, 416),
        # What nginx would refuse, and nobody must.
        ({"Range": "bytes=3-1"}, 200),
        ({"Range": "bytes=0-0,2-3"}, 200),
        ({"Range": "bytes=0-0", "If-Range": '"other"'}, 200),
        ({"If-Match": TAG}, 200),
        ({"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
    ],
)
def test_what_the_registry_answers_itself(
    accelerated: World, headers: dict[str, str], status: int
) -> None:
    response = accelerated.app.get(ADDRESS, headers=headers, status=status)
    assert "X-Accel-Redirect" not in response.headers
    assert status != 200 or response.body == WHEEL.content


def test_a_head_is_answered_by_the_registry(accelerated: World) -> None:
    response = accelerated.app.head(ADDRESS)
    assert "X-Accel-Redirect" not in response.headers
    assert response.content_length == len(WHEEL.content)


def test_metadata_come_from_the_database(accelerated: World) -> None:
    assert accelerated.app.get(f"{ADDRESS}.metadata").body == WHEEL.metadata


def test_who_may_not_pull_is_not_told(accelerated: World) -> None:
    accelerated.project("acme/hidden", "private")
    accelerated.upload("acme/hidden", WHEEL)
    response = accelerated.app.get(ADDRESS.replace("core", "hidden"), status=401)
    assert "X-Accel-Redirect" not in response.headers


def test_bytes_that_are_missing_are_not_promised(accelerated: World) -> None:
    path = accelerated.components.storage.local_path(WHEEL.sha256)
    assert path is not None
    path.unlink()
    response = accelerated.app.get(ADDRESS, expect_errors=True)
    assert response.status_int >= 500
    assert "X-Accel-Redirect" not in response.headers


def test_a_pull_is_counted(accelerated: World) -> None:
    accelerated.app.get(ADDRESS)
    accelerated.app.get(ADDRESS, headers={"Range": "bytes=1-3"})
    accelerated.components.recorder.flush()
    assert [event.action for event in accelerated.events()].count("file.pulled") == 1
