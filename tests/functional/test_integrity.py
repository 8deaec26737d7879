"""PyPI's Integrity API, for files without provenance (PEP 740)."""

import pytest
from sqlalchemy import update

from pyregistry.packaging.models import Package, PackageStatus
from tests.factories.distributions import wheel
from tests.factories.world import World

pytestmark = pytest.mark.thorough

WHEEL = wheel("Demo.Package", "1.0")
INDEXES = ("/acme/core/-", "/acme/-", "/-")
EVERY_INDEX = pytest.mark.parametrize("index", INDEXES)
NOTHING = f"No provenance available for {WHEEL.filename}"


@pytest.fixture
def published(world: World) -> World:
    world.project("acme/core", "public")
    world.upload("acme/core", WHEEL)
    return world


@EVERY_INDEX
@pytest.mark.parametrize("name", ["demo-package", "Demo.Package"])
@pytest.mark.parametrize("version", ["1.0", "1", "1.0.0"])
@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        "application/*",
        "application/json",
        "application/vnd.pypi.integrity.v1+json",
        "text/html, application/json;q=0.1",
    ],
)
def test_a_file_without_provenance(
    published: World, index: str, name: str, version: str, accept: str | None
) -> None:
    headers = {"Accept": accept} if accept else {}
    address = f"{index}/integrity/{name}/{version}/{WHEEL.filename}/provenance"
    response = published.app.get(address, headers=headers, status=404)
    assert response.content_type == "application/json"
    assert response.json == {"message": NOTHING}


@EVERY_INDEX
@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/json;q=0", "*/*;q=0", "application/*;q=0, */*", "image/*"],
)
def test_what_cannot_be_given(published: World, index: str, accept: str) -> None:
    address = f"{index}/integrity/demo-package/1.0/{WHEEL.filename}/provenance"
    response = published.app.get(address, headers={"Accept": accept}, status=406)
    assert response.content_type == "application/json"
    assert "application/vnd.pypi.integrity.v1+json" in response.json["message"]


@EVERY_INDEX
@pytest.mark.parametrize(
    "rest",
    [
        f"demo-package/2.0/{WHEEL.filename}/provenance",
        f"demo-package/nothing/{WHEEL.filename}/provenance",
        "demo-package/1.0/demo_package-1.0.tar.gz/provenance",
        f"demo-package/1.0/{WHEEL.filename}",
        f"demo-package/1.0/{WHEEL.filename}/other",
        f"demo-package/1.0/{WHEEL.filename}/provenance/more",
        "demo-package/1.0",
        "demo-package",
    ],
)
def test_what_is_not_there(published: World, index: str, rest: str) -> None:
    response = published.app.get(f"{index}/integrity/{rest}", status=404)
    assert NOTHING not in response.text
    assert response.json["message"]


def test_a_quarantined_file_is_not_there(published: World) -> None:
    with published.components.database.writing() as session:
        session.execute(update(Package).values(status=PackageStatus.QUARANTINED))
    for index in INDEXES:
        address = f"{index}/integrity/demo-package/1.0/{WHEEL.filename}/provenance"
        assert NOTHING not in published.app.get(address, status=404).text


@pytest.mark.parametrize("index", ["/acme/-", "/-"])
def test_a_hidden_file_is_answered_like_a_missing_one(published: World, index: str) -> None:
    published.project("acme/secret")
    names = {"demo-package": "2.0", "secret": "1.0"}
    hidden = [wheel(name, version) for name, version in names.items()]
    addresses = [
        f"{index}/integrity/{name}/{version}/{wheel(name, version).filename}/provenance"
        for name, version in names.items()
    ]
    published.user("ann", is_external=True)
    callers: list[dict[str, str]] = [{}, published.as_("ann"), {"Accept": "text/html"}]

    def answers() -> list[tuple[str, bytes]]:
        found = [
            published.app.get(address, headers=headers, expect_errors=True)
            for address in addresses
            for headers in callers
        ]
        return [(each.status, each.body) for each in found]

    before = answers()
    for file in hidden:
        published.upload("acme/secret", file)
    assert answers() == before
    reader = published.publisher("acme/secret")
    for address in addresses:
        response = published.app.get(address, headers=reader, status=404)
        assert "No provenance available" in response.json["message"]


def test_a_private_project_wants_credentials(world: World) -> None:
    world.project("acme/core")
    world.upload("acme/core", WHEEL)
    address = f"/acme/core/-/integrity/demo-package/1.0/{WHEEL.filename}/provenance"
    response = world.app.get(address, status=401)
    assert response.headers["WWW-Authenticate"] == 'Basic realm="pypi"'
    world.user("ann", is_external=True)
    assert "provenance" not in world.app.get(address, headers=world.as_("ann"), status=404).text


@EVERY_INDEX
def test_no_provenance_beside_files(published: World, index: str) -> None:
    headers = published.as_("ann")
    address = f"{index}/files/{WHEEL.sha256}/{WHEEL.filename}"
    published.app.get(address, headers=headers, status=200)
    published.app.get(f"{address}.provenance", headers=headers, status=404)
    page = published.app.get(
        f"{index}/simple/demo-package/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    assert page.json["files"][0]["provenance"] is None
