"""Publishing: every client, every address, the same bytes twice, one name in many spellings."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from pyregistry.events.models import UsageCount
from pyregistry.packaging.models import File, Package, Release
from tests.factories import uploads
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.world import World
from tests.functional.support import PROJECT, contents, project_row, read_json

ADDRESSES = (
    "/acme/core/-/legacy",
    "/acme/core/-/legacy/",
    "/api/v4/projects/{id}/packages/pypi",
    "/api/v4/projects/{id}/packages/pypi/",
    "/api/v4/projects/acme%2Fcore/packages/pypi",
    "/api/v4/projects/acme%2Fcore/packages/pypi/",
    "/api/v4/projects/acme/core/packages/pypi",
    "/api/v4/projects/acme/core/packages/pypi/",
)
CLIENTS = pytest.mark.parametrize("client", uploads.ALL_UPLOADS.values(), ids=uploads.ALL_UPLOADS)


@pytest.fixture
def project(world: World) -> int:
    """The id of a private project."""
    return world.project(PROJECT)


@CLIENTS
def test_every_client_publishes_an_sdist(
    world: World, project: int, client: Callable[..., uploads.Request]
) -> None:
    distribution = sdist()
    response = world.upload(PROJECT, distribution, client=client)
    assert response.status == "200 OK"
    file = world.file_named(distribution.filename)
    assert file is not None
    assert (file.sha256, file.md5, file.blake2b_256, file.size) == (
        distribution.sha256,
        distribution.md5,
        distribution.blake2b_256,
        len(distribution.content),
    )
    assert world.stored_objects() == {distribution.sha256}
    assert world.leftovers() == []


@CLIENTS
def test_every_client_publishes_a_wheel(
    world: World, project: int, client: Callable[..., uploads.Request]
) -> None:
    distribution = wheel(build="2b", tags="py2.py3-none-linux_x86_64.manylinux1_x86_64")
    assert world.upload(PROJECT, distribution, client=client).status_int == 200
    file = world.file_named(distribution.filename)
    assert file is not None
    assert (file.packagetype, file.python_version) == ("bdist_wheel", "py2.py3")


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_takes_uploads_without_a_redirect(
    world: World, project: int, address: str
) -> None:
    response = world.upload(PROJECT, sdist(), address=address.format(id=project))
    assert response.status == "200 OK"
    assert "Location" not in response.headers
    assert world.count(File) == 1


@pytest.mark.parametrize("address", ADDRESSES)
def test_register_is_answered_and_stores_nothing(world: World, project: int, address: str) -> None:
    headers = world.publisher(PROJECT)
    before = contents(world)
    content_type, body = uploads.distutils_register(uploads.DEMO_FIELDS)
    response = world.app.post(
        address.format(id=project), body, headers={"Content-Type": content_type, **headers}
    )
    assert response.status == "200 OK"
    assert contents(world) == before


def test_register_without_credentials_is_challenged_as_distutils_wants(
    world: World, project: int
) -> None:
    content_type, body = uploads.distutils_register(uploads.DEMO_FIELDS)
    response = world.app.post(
        ADDRESSES[1], body, headers={"Content-Type": content_type}, status=401
    )
    assert response.headers["WWW-Authenticate"] == 'Basic realm="pypi"'


@pytest.mark.parametrize("action", ["submit_pkg_info", "doc_upload", "verify"])
def test_other_actions_store_nothing(world: World, project: int, action: str) -> None:
    before = contents(world)
    response = world.upload(PROJECT, sdist(), status="*", **{":action": action})
    assert response.status_int in (200, 400)
    assert contents(world) == before


@pytest.mark.parametrize("distribution", [sdist(), wheel()], ids=["sdist", "wheel"])
def test_the_same_bytes_again_change_nothing(
    world: World, project: int, distribution: Distribution
) -> None:
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, distribution, headers)
    before = contents(world)
    page = read_json(world, "/acme/core/-/simple/demo-package/", headers)
    world.clock.advance(days=1)
    response = world.upload(PROJECT, distribution, headers)
    assert response.status == "200 OK"
    assert contents(world) == before
    assert read_json(world, "/acme/core/-/simple/demo-package/", headers) == page


def test_the_same_filename_with_other_bytes_conflicts(world: World, project: int) -> None:
    headers = world.publisher(PROJECT)
    first, second = sdist(), sdist(files={"more.txt": b"more"})
    world.upload(PROJECT, first, headers)
    before = contents(world)
    response = world.upload(PROJECT, second, headers, status=409)
    for told in (response.status, response.text):
        assert "already exists" in told
        assert first.sha256 in told
        assert second.sha256 in told
    assert contents(world) == before


def test_the_same_filename_may_be_in_two_projects(world: World, project: int) -> None:
    world.project("acme/other")
    world.upload(PROJECT, sdist())
    world.upload("acme/other", sdist(files={"more.txt": b"more"}))
    assert world.count(File) == 2


def test_spellings_of_a_version_are_one_release(world: World, project: int) -> None:
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, sdist(version="1.0"), headers)
    world.upload(PROJECT, wheel(version="1.0.0"), headers)
    world.upload(PROJECT, wheel(version="1", tags="py2-none-any"), headers)
    assert world.count(Release) == 1
    with world.components.database.reading() as session:
        release = session.scalars(select(Release)).one()
    assert (release.version, release.files_count) == ("1.0", 3)
    page = read_json(world, "/acme/core/-/simple/demo-package/", headers)
    assert page["versions"] == ["1.0"]


def test_spellings_of_a_name_are_one_package(world: World, project: int) -> None:
    headers = world.publisher(PROJECT)
    world.upload(PROJECT, sdist("Demo_Package"), headers)
    world.upload(PROJECT, sdist("demo-package", "2.0"), headers)
    world.upload(PROJECT, wheel("demo.Package", "3.0"), headers)
    with world.components.database.reading() as session:
        package = session.scalars(select(Package)).one()
    assert (package.name, package.normalized_name) == ("Demo_Package", "demo-package")
    assert (package.releases_count, package.files_count) == (3, 3)
    assert project_row(world).packages_count == 1


@pytest.mark.parametrize(
    ("distribution", "name"),
    [
        (sdist("Demo_Pkg", extension=".zip"), "demo-pkg"),
        (sdist("legacy.Demo_Pkg", filename="legacy.Demo_Pkg-1.0.tar.gz"), "legacy-demo-pkg"),
        (sdist(version="1.0+local.1"), "demo-package"),
        (wheel(version="1!2.0rc1"), "demo-package"),
        (sdist(metadata_version="1.0", extension=".zip"), "demo-package"),
        (
            wheel(metadata={"Requires-Dist": "other @ https://files.example.org/o.whl"}),
            "demo-package",
        ),
    ],
    ids=["zip", "older name", "local version", "epoch", "metadata 1.0", "direct URL"],
)
def test_older_and_rarer_distributions(
    world: World, project: int, distribution: Distribution, name: str
) -> None:
    world.upload(PROJECT, distribution)
    with world.components.database.reading() as session:
        assert session.scalars(select(Package.normalized_name)).one() == name


def test_the_archives_metadata_counts_not_the_forms(world: World, project: int) -> None:
    distribution = sdist(
        metadata={
            "Summary": "from the archive",
            "Requires-Dist": ["click>=8", 'rich; extra == "pretty"'],
            "Provides-Extra": "pretty",
            "Project-URL": "Source, https://example.org/source",
        },
        description="# Heading\n",
        description_content_type="text/markdown",
    )
    world.upload(PROJECT, distribution, summary="from the form", description="form")
    with world.components.database.reading() as session:
        release = session.scalars(select(Release)).one()
        found: dict[str, Any] = release.core_metadata
        assert found["summary"] == "from the archive"
        assert found["requires_dist"] == ["click>=8", 'rich; extra == "pretty"']
        assert found["project_urls"] == {"Source": "https://example.org/source"}
        assert release.description == "# Heading\n"
        assert "<h1" in (release.description_html or "")
        assert session.scalars(select(Package.summary)).one() == "from the archive"


def test_a_push_is_recorded_and_counted(world: World, project: int) -> None:
    headers = {**world.publisher(PROJECT), "User-Agent": "twine/7.0.0"}
    distribution = sdist()
    world.upload(PROJECT, distribution, headers)
    [event] = world.events()
    with world.components.database.reading() as session:
        usage = session.scalars(select(UsageCount)).one()
    assert (event.action, event.actor_name, event.address) == (
        "file.pushed",
        next(iter(world.users)),
        "192.0.2.7",
    )
    assert (event.user_agent, event.filename) == ("twine/7.0.0", distribution.filename)
    assert (event.credential_kind, event.occurred_at) == ("personal_access_token", world.clock())
    assert event.details["sha256"] == distribution.sha256
    assert (usage.package, usage.action, usage.count) == ("demo-package", "file.pushed", 1)


def test_counts_are_kept(world: World, project: int) -> None:
    headers = world.publisher(PROJECT)
    distributions = [sdist(), wheel(), sdist(version="2.0"), sdist("other")]
    for distribution in distributions:
        world.upload(PROJECT, distribution, headers)
    row = project_row(world)
    size = sum(len(distribution.content) for distribution in distributions)
    assert (row.packages_count, row.files_count, row.storage_bytes) == (2, 4, size)
    with world.components.database.reading() as session:
        package = session.scalars(
            select(Package).where(Package.normalized_name == "demo-package")
        ).one()
    assert (package.releases_count, package.files_count) == (2, 3)
    assert package.latest_version == "2.0"


def test_a_user_agent_that_no_database_holds_does_not_stop_an_upload(
    world: World, project: int
) -> None:
    world.upload(PROJECT, sdist(), {**world.publisher(PROJECT), "User-Agent": "a\x00b" + "c" * 999})
    assert world.count(File) == 1
