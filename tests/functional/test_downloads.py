"""Downloads: whole, in part, not again, and never anything but the file."""

import pytest
from sqlalchemy import select, update

from pyregistry.authnz.permissions import Scope
from pyregistry.events.models import Event, UsageCount
from pyregistry.packaging.models import Package, PackageStatus
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.world import World
from tests.functional.support import PROJECT, lasting_headers

WHEEL = wheel()
SIZE = len(WHEEL.content)


def address_of(distribution: Distribution, prefix: str = f"/{PROJECT}/-") -> str:
    """Where a file lies, below an index."""
    return f"{prefix}/files/{distribution.sha256}/{distribution.filename}"


ADDRESS = address_of(WHEEL)
MOUNTS = {
    "project": "/acme/core/-",
    "group": "/acme/-",
    "instance": "/-",
    "API by id": "/api/v4/projects/{project}/packages/pypi",
    "API by path": "/api/v4/projects/acme%2Fcore/packages/pypi",
    "API by plain path": "/api/v4/projects/acme/core/packages/pypi",
    "API of the group": "/api/v4/groups/acme/-/packages/pypi",
}


@pytest.fixture
def project(world: World) -> int:
    """The id of a public project with one wheel."""
    project = world.project(PROJECT, "public")
    world.upload(PROJECT, WHEEL)
    return project


@pytest.mark.parametrize("mount", MOUNTS)
def test_the_file_under_every_mount(world: World, project: int, mount: str) -> None:
    response = world.app.get(address_of(WHEEL, MOUNTS[mount].format(project=project)))
    assert response.body == WHEEL.content


@pytest.mark.parametrize("mount", MOUNTS)
def test_the_metadata_under_every_mount(world: World, project: int, mount: str) -> None:
    address = address_of(WHEEL, MOUNTS[mount].format(project=project))
    assert world.app.get(f"{address}.metadata").body == WHEEL.metadata


def test_the_file_at_the_address_for_mirrors(world: World, project: int) -> None:
    address = f"/packages/{WHEEL.sha256}/{WHEEL.filename}"
    assert world.app.get(address).body == WHEEL.content
    assert world.app.get(f"{address}.metadata").body == WHEEL.metadata


def test_the_headers_of_a_file(world: World, project: int) -> None:
    headers = world.app.get(ADDRESS).headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Length"] == str(SIZE)
    assert headers["Content-Disposition"] == f'attachment; filename="{WHEEL.filename}"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["ETag"] == f'"{WHEEL.sha256}"'
    assert "Authorization" in headers["Vary"]


@pytest.mark.parametrize("suffix", ["", ".metadata"])
def test_who_may_keep_it(world: World, project: int, suffix: str) -> None:
    anonymous = world.app.get(ADDRESS + suffix).headers["Cache-Control"]
    reader = world.app.get(ADDRESS + suffix, headers=world.as_("ann")).headers["Cache-Control"]
    assert anonymous.split(", ")[0] == "public"
    assert reader.split(", ")[0] == "private"
    assert "immutable" in anonymous
    assert "immutable" in reader


@pytest.mark.parametrize("suffix", ["", ".metadata"])
def test_no_content_encoding(world: World, project: int, suffix: str) -> None:
    response = world.app.get(ADDRESS + suffix, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert "Content-Encoding" not in response.headers
    assert response.body == (WHEEL.metadata if suffix else WHEEL.content)


@pytest.mark.parametrize("suffix", ["", ".metadata"])
def test_head_is_get_without_the_body(world: World, project: int, suffix: str) -> None:
    whole = world.app.get(ADDRESS + suffix)
    head = world.app.head(ADDRESS + suffix)
    assert head.body == b""
    assert lasting_headers(head) == lasting_headers(whole)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=10-", 10, SIZE - 1),
        ("bytes=-10", SIZE - 10, SIZE - 1),
        ("bytes=0-999999", 0, SIZE - 1),
        ("bytes=-999999", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
    ],
)
def test_a_part(world: World, project: int, asked: str, first: int, last: int) -> None:
    response = world.app.get(ADDRESS, headers={"Range": asked}, status=206)
    assert response.body == WHEEL.content[first : last + 1]
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response.headers["Content-Length"] == str(last - first + 1)
    assert response.headers["ETag"] == f'"{WHEEL.sha256}"'


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=-0", f"bytes={SIZE}-{SIZE + 5}"])
def test_a_part_that_is_not_there(world: World, project: int, asked: str) -> None:
    response = world.app.get(ADDRESS, headers={"Range": asked}, status=416)
    assert response.headers["Content-Range"] == f"bytes */{SIZE}"
    assert WHEEL.content[:4] not in response.body


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "bytes=5-1", "lines=1-2", "bytes=x-", "bytes="])
def test_a_range_that_is_ignored(world: World, project: int, asked: str) -> None:
    assert world.app.get(ADDRESS, headers={"Range": asked}, status=200).body == WHEEL.content


def test_a_range_means_nothing_to_head(world: World, project: int) -> None:
    head = world.app.head(ADDRESS, headers={"Range": "bytes=0-9"}, status=200)
    assert head.headers["Content-Length"] == str(SIZE)


@pytest.mark.parametrize(
    ("if_range", "status"),
    [
        (f'"{WHEEL.sha256}"', 206),
        (f'W/"{WHEEL.sha256}"', 200),
        ('"another"', 200),
        ("Mon, 23 Nov 2026 12:00:00 GMT", 200),
    ],
)
def test_if_range(world: World, project: int, if_range: str, status: int) -> None:
    response = world.app.get(ADDRESS, headers={"Range": "bytes=5-9", "If-Range": if_range})
    assert response.status_int == status
    assert response.body == (WHEEL.content[5:10] if status == 206 else WHEEL.content)


@pytest.mark.parametrize("known", [f'"{WHEEL.sha256}"', f'W/"{WHEEL.sha256}"', "*"])
def test_not_again(world: World, project: int, known: str) -> None:
    response = world.app.get(ADDRESS, headers={"If-None-Match": known}, status=304)
    assert response.body == b""
    assert response.headers["ETag"] == f'"{WHEEL.sha256}"'
    assert "immutable" in response.headers["Cache-Control"]


def test_the_metadata_has_a_tag_of_its_own(world: World, project: int) -> None:
    tag = world.app.get(f"{ADDRESS}.metadata").headers["ETag"]
    assert WHEEL.sha256 not in tag
    world.app.get(f"{ADDRESS}.metadata", headers={"If-None-Match": tag}, status=304)


@pytest.mark.parametrize(
    "address",
    [
        f"/{PROJECT}/-/files/{'0' * 64}/{WHEEL.filename}",
        f"/{PROJECT}/-/files/{WHEEL.sha256.upper()}/{WHEEL.filename}",
        f"/{PROJECT}/-/files/{WHEEL.sha256}/other-1.0-py3-none-any.whl",
        f"/{PROJECT}/-/files/{WHEEL.sha256}/{WHEEL.filename}.asc",
        f"/{PROJECT}/-/files/{WHEEL.sha256}/{WHEEL.filename}.metadata.metadata",
        f"/{PROJECT}/-/files/{WHEEL.sha256}/",
        f"/{PROJECT}/-/files/",
        f"/packages/{'0' * 64}/{WHEEL.filename}",
    ],
)
def test_not_a_file(world: World, project: int, address: str) -> None:
    response = world.app.get(address, headers=world.as_("ann"), status=404)
    assert WHEEL.content not in response.body


@pytest.mark.parametrize(
    "trick",
    [
        "..",
        "%2e%2e",
        "../../../../etc/passwd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%5c..%5cetc%5cpasswd",
        "%00",
        "a%00b.whl",
        "%0d%0aX-Evil:%201",
        "%FF",
        "%C0%AE%C0%AE",
        "%252e%252e",
        "@@",
        "x" * 5000,
        "%E6%97%A5%E6%9C%AC",
    ],
)
def test_tricks_find_no_file(world: World, project: int, trick: str) -> None:
    headers = world.as_("ann")
    for prefix in (f"/{PROJECT}/-/files", "/packages", "/acme/-/files"):
        for path in (f"{WHEEL.sha256}/{trick}", f"{trick}/{WHEEL.filename}", trick):
            response = world.app.get(f"{prefix}/{path}", headers=headers, expect_errors=True)
            assert response.status_int in (400, 404)


def test_a_file_that_the_storage_lost(world: World, project: int) -> None:
    world.components.storage.remove(WHEEL.sha256)
    response = world.app.get(ADDRESS, status=503)
    assert WHEEL.sha256 not in response.text


@pytest.mark.parametrize("suffix", ["", ".metadata"])
def test_a_quarantined_file(world: World, project: int, suffix: str) -> None:
    with world.components.database.writing() as session:
        session.execute(
            update(Package).values(status=PackageStatus.QUARANTINED, status_reason="malware")
        )
    for address in (ADDRESS, address_of(WHEEL, "/acme/-")):
        assert "malware" in world.app.get(address + suffix, status=403).text


def test_a_copy_in_another_project_is_no_quarantined_file(world: World, project: int) -> None:
    world.clock.advance(days=1)
    world.project("acme/second", "public")
    world.upload("acme/second", WHEEL)
    with world.components.database.writing() as session:
        session.execute(
            update(Package)
            .where(Package.project_id == project)
            .values(status=PackageStatus.QUARANTINED)
        )
    assert world.app.get(address_of(WHEEL, "/acme/-")).body == WHEEL.content


@pytest.mark.parametrize(
    ("distribution", "served"),
    [
        (sdist(metadata_version="2.2"), True),
        (sdist(metadata_version="2.4", metadata={"Dynamic": "Classifier"}), True),
        (sdist(metadata_version="2.4", metadata={"Dynamic": "Requires-Dist"}), False),
        (sdist(metadata_version="2.1"), False),
        (wheel("other", metadata_version="2.1"), True),
    ],
    ids=["2.2", "dynamic classifiers", "dynamic requirements", "2.1", "wheel of 2.1"],
)
def test_the_metadata_of_reliable_files_only(
    world: World, project: int, distribution: Distribution, served: bool
) -> None:
    world.upload(PROJECT, distribution)
    response = world.app.get(f"{address_of(distribution)}.metadata", expect_errors=True)
    assert response.status_int == (200 if served else 404)
    assert (response.body == distribution.metadata) is served


def test_pulls_are_counted_and_recorded(world: World, project: int) -> None:
    headers = {**world.as_("ann", Scope.READ_API), "User-Agent": "pip/26.3"}
    for _ in range(3):
        world.app.get(ADDRESS, headers=headers)
    world.app.get(ADDRESS)
    world.app.head(ADDRESS)
    world.app.get(f"{ADDRESS}.metadata")
    world.app.get(ADDRESS, headers={"If-None-Match": "*"})
    world.components.recorder.flush()
    with world.components.database.reading() as session:
        pulls = session.scalars(select(Event).where(Event.action == "file.pulled")).all()
        count = session.scalars(
            select(UsageCount.count).where(UsageCount.action == "file.pulled")
        ).one()
    assert count == 4
    assert [pull.actor_name for pull in pulls] == ["ann", "ann", "ann", None]
    assert {pull.filename for pull in pulls} == {WHEEL.filename}
    assert pulls[0].user_agent == "pip/26.3"


def test_a_pull_through_a_group_counts_for_the_project(world: World, project: int) -> None:
    world.app.get(address_of(WHEEL, "/acme/-"))
    world.components.recorder.flush()
    with world.components.database.reading() as session:
        event = session.scalars(select(Event).where(Event.action == "file.pulled")).one()
    assert (event.namespace_id, event.namespace_path) == (project, PROJECT)
