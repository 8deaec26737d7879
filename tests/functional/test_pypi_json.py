"""PyPI's JSON API: what it says, of which release, to whom, and where the files are."""

from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from sqlalchemy import select, update

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import Package, PackageStatus, Release
from pyregistry.packaging.services.change import delete_release, set_yanked
from tests.factories.distributions import sdist, wheel
from tests.factories.recorded import anything
from tests.factories.world import World
from tests.functional.support import lasting_headers, statements

pytestmark = pytest.mark.thorough

NONE = type(None)
TEXT = (str, NONE)
TEXTS = (list, NONE)

INFO: dict[str, Any] = {
    "author": TEXT,
    "author_email": TEXT,
    "bugtrack_url": NONE,
    "classifiers": list,
    "description": str,
    "description_content_type": TEXT,
    "docs_url": NONE,
    "download_url": TEXT,
    "downloads": dict,
    "dynamic": TEXTS,
    "home_page": TEXT,
    "keywords": TEXT,
    "license": TEXT,
    "license_expression": TEXT,
    "license_files": TEXTS,
    "maintainer": TEXT,
    "maintainer_email": TEXT,
    "name": str,
    "package_url": str,
    "platform": TEXT,
    "project_url": str,
    "project_urls": (dict, NONE),
    "provides_extra": TEXTS,
    "release_url": str,
    "requires_dist": TEXTS,
    "requires_python": TEXT,
    "summary": TEXT,
    "version": str,
    "yanked": bool,
    "yanked_reason": TEXT,
}
FILE: dict[str, Any] = {
    "comment_text": str,
    "core-metadata": (dict, bool),
    "digests": dict,
    "downloads": int,
    "filename": str,
    "has_sig": bool,
    "md5_digest": str,
    "packagetype": str,
    "python_version": str,
    "requires_python": TEXT,
    "size": int,
    "upload_time": str,
    "upload_time_iso_8601": str,
    "url": str,
    "yanked": bool,
    "yanked_reason": TEXT,
}
DOCUMENT: dict[str, Any] = {
    "info": dict,
    "last_serial": int,
    "ownership": dict,
    "releases": dict,
    "urls": list,
    "vulnerabilities": list,
}
METADATA = {
    "Summary": "A demonstration",
    "Author": "Ann Author",
    "Author-email": "ann@example.org",
    "Maintainer": "Max Maintainer",
    "Maintainer-email": "max@example.org",
    "Home-page": "https://example.org/",
    "Download-URL": "https://example.org/download",
    "Keywords": "one,two words",
    "License-Expression": "MIT",
    "License-File": ["LICENSE", "NOTICE"],
    "Platform": ["any", "linux"],
    "Classifier": ["Topic :: Software Development", "Programming Language :: Python"],
    "Project-URL": ["Source, https://example.org/source"],
    "Requires-Python": ">=3.9",
    "Requires-Dist": ["click>=8", 'rich; extra == "pretty"'],
    "Provides-Extra": ["pretty"],
    "Dynamic": ["Requires-Dist"],
}
LICENSES = {
    f"demo_package-1.0.dist-info/licenses/{name}": b"text" for name in ("LICENSE", "NOTICE")
}
INDEXES = ("/acme/core/-", "/acme/-", "/-")
EVERY_INDEX = pytest.mark.parametrize("index", INDEXES)


def check(found: dict[str, Any], schema: dict[str, Any]) -> None:
    """The very fields of the schema, each of its type."""
    assert set(found) == set(schema)
    for field, kind in schema.items():
        assert isinstance(found[field], kind), (field, found[field])
        if kind is int:
            assert not isinstance(found[field], bool), field


def check_document(document: dict[str, Any], *, of_release: bool) -> None:
    """Every field, of the type that PyPI gives it."""
    fields = {name: kind for name, kind in DOCUMENT.items() if name != "releases" or not of_release}
    check(document, fields)
    check(document["info"], INFO)
    assert document["info"]["downloads"] == {"last_day": -1, "last_week": -1, "last_month": -1}
    assert document["ownership"] == {"roles": [], "organization": None}
    assert document["vulnerabilities"] == []
    for files in [document["urls"], *document.get("releases", {}).values()]:
        for file in files:
            check(file, FILE)
            assert set(file["digests"]) == {"md5", "sha256", "blake2b_256"}
            assert file["core-metadata"] is not True


def read(world: World, address: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A document, every field of which is of its type."""
    response = world.app.get(address, headers=headers or {})
    assert response.content_type == "application/json"
    document: dict[str, Any] = response.json
    check_document(document, of_release=address.count("/", address.index("/-/pypi/")) == 5)
    return document


def filenames(files: list[dict[str, Any]]) -> list[str]:
    return [file["filename"] for file in files]


@pytest.fixture
def core(world: World) -> World:
    """A public project with nothing in it."""
    world.project("acme/core", "public")
    return world


def yank(world: World, version: str, reason: str | None = None) -> None:
    """Yank the one release of that version."""
    with world.components.database.writing() as session:
        release = session.scalars(select(Release.id).where(Release.version == version)).one()
        set_yanked(session, release, True, reason, Actor(), world.clock())


def set_status(world: World, project: int, status: PackageStatus) -> None:
    """Give every package of a project a status."""
    with world.components.database.writing() as session:
        session.execute(
            update(Package)
            .where(Package.project_id == project)
            .values(status=status, serial=Package.serial + 1)
        )


def test_every_core_metadata_field(core: World) -> None:
    distribution = wheel(
        metadata=METADATA,
        description="# Demo",
        description_content_type="text/markdown",
        files=LICENSES,
    )
    core.upload("acme/core", distribution)
    document = read(core, "/acme/core/-/pypi/demo-package/json")
    assert document["info"] == {
        "author": "Ann Author",
        "author_email": "ann@example.org",
        "bugtrack_url": None,
        "classifiers": ["Topic :: Software Development", "Programming Language :: Python"],
        "description": "# Demo",
        "description_content_type": "text/markdown",
        "docs_url": None,
        "download_url": "https://example.org/download",
        "downloads": {"last_day": -1, "last_week": -1, "last_month": -1},
        "dynamic": ["Requires-Dist"],
        "home_page": "https://example.org/",
        "keywords": "one,two words",
        "license": None,
        "license_expression": "MIT",
        "license_files": ["LICENSE", "NOTICE"],
        "maintainer": "Max Maintainer",
        "maintainer_email": "max@example.org",
        "name": "demo-package",
        "package_url": "http://localhost/acme/core/demo-package/",
        "platform": "any,linux",
        "project_url": "http://localhost/acme/core/demo-package/",
        "project_urls": {"Source": "https://example.org/source"},
        "provides_extra": ["pretty"],
        "release_url": "http://localhost/acme/core/demo-package/1.0/",
        "requires_dist": ["click>=8", 'rich; extra == "pretty"'],
        "requires_python": ">=3.9",
        "summary": "A demonstration",
        "version": "1.0",
        "yanked": False,
        "yanked_reason": None,
    }


def test_every_field_of_a_file(core: World) -> None:
    core.clock.moment = datetime.fromisoformat("2030-01-02T03:04:05.067089+00:00")
    distribution = wheel(tags="py2.py3-none-any", metadata={"Requires-Python": ">=3.9"})
    core.upload("acme/core", distribution)
    document = read(core, "/acme/core/-/pypi/demo-package/json")
    (file,) = document["urls"]
    stored = core.file_named(distribution.filename)
    assert stored is not None
    assert file == {
        "comment_text": "",
        "core-metadata": {"sha256": stored.metadata_sha256},
        "digests": {
            "md5": distribution.md5,
            "sha256": distribution.sha256,
            "blake2b_256": distribution.blake2b_256,
        },
        "downloads": -1,
        "filename": distribution.filename,
        "has_sig": False,
        "md5_digest": distribution.md5,
        "packagetype": "bdist_wheel",
        "python_version": "py2.py3",
        "requires_python": ">=3.9",
        "size": len(distribution.content),
        "upload_time": "2030-01-02T03:04:05",
        "upload_time_iso_8601": "2030-01-02T03:04:05.067089Z",
        "url": f"http://localhost/acme/core/-/files/{distribution.sha256}/{distribution.filename}",
        "yanked": False,
        "yanked_reason": None,
    }
    assert document["releases"] == {"1.0": [file]}


def test_a_release_that_says_nothing(core: World) -> None:
    core.upload("acme/core", sdist(metadata_version="2.1"))
    document = read(core, "/acme/core/-/pypi/demo-package/json")
    info = document["info"]
    absent = {name for name, value in info.items() if value is None}
    assert absent == {name for name, kind in INFO.items() if kind == NONE or NONE in kind_of(kind)}
    assert (info["description"], info["classifiers"]) == ("", [])
    assert document["urls"][0]["core-metadata"] is False
    assert document["urls"][0]["packagetype"] == "sdist"
    assert document["urls"][0]["python_version"] == "source"


def kind_of(kind: Any) -> tuple[type, ...]:
    return kind if isinstance(kind, tuple) else (kind,)


@EVERY_INDEX
def test_the_files_can_be_downloaded(core: World, index: str) -> None:
    distributions = [wheel("demo", "1!2.0+local.1"), sdist("demo", "1!2.0+local.1")]
    for distribution in distributions:
        core.upload("acme/core", distribution)
    files = read(core, f"{index}/pypi/demo/json")["urls"]
    assert sorted(filenames(files)) == sorted(each.filename for each in distributions)
    prefix = "/packages/" if index == "/-" else f"{index}/files/"
    headers = core.as_("ann")
    for file in files:
        path = urlsplit(file["url"]).path
        assert path.startswith(prefix)
        # Mirroring clients store a file under its path, and not all of them decode it.
        assert path == unquote(path)
        content = core.app.get(file["url"], headers=headers).body
        (same,) = [each for each in distributions if each.filename == file["filename"]]
        assert content == same.content


@EVERY_INDEX
def test_the_pages_are_there(core: World, index: str) -> None:
    core.upload("acme/core", wheel("demo", "1!2.0+local.1"))
    for document in ("json", "1!2.0+local.1/json"):
        info = read(core, f"{index}/pypi/demo/{document}")["info"]
        for address in ("package_url", "project_url", "release_url"):
            core.app.get(info[address], status=200)


def test_the_latest_release_is_described(core: World) -> None:
    versions = ["1.0", "3.0", "2.0", "4.0rc1"]
    for version in versions:
        core.upload("acme/core", wheel(version=version, metadata={"Summary": f"of {version}"}))
    address = "/acme/core/-/pypi/demo-package/json"
    document = read(core, address)
    assert (document["info"]["version"], document["info"]["summary"]) == ("3.0", "of 3.0")
    assert filenames(document["urls"]) == ["demo_package-3.0-py3-none-any.whl"]
    assert list(document["releases"]) == ["1.0", "2.0", "3.0", "4.0rc1"]

    yank(core, "3.0", "broken")
    document = read(core, address)
    assert document["info"]["version"] == "2.0"
    assert not document["info"]["yanked"]
    (file,) = document["releases"]["3.0"]
    assert (file["yanked"], file["yanked_reason"]) == (True, "broken")

    for version in ("1.0", "2.0"):
        yank(core, version)
    assert read(core, address)["info"]["version"] == "4.0rc1"
    yank(core, "4.0rc1", "all of them")
    info = read(core, address)["info"]
    assert (info["version"], info["yanked"], info["yanked_reason"]) == ("3.0", True, "broken")


@EVERY_INDEX
def test_a_release_in_any_spelling_of_its_version(core: World, index: str) -> None:
    core.upload("acme/core", wheel(version="1.0.0", metadata={"Summary": "first"}))
    core.upload("acme/core", wheel(version="2.0", metadata={"Summary": "second"}))
    for spelling in ("1", "1.0", "1.0.0", "v1", "1.0.0.0"):
        document = read(core, f"{index}/pypi/demo-package/{spelling}/json")
        assert "releases" not in document
        assert (document["info"]["version"], document["info"]["summary"]) == ("1.0.0", "first")
        assert filenames(document["urls"]) == ["demo_package-1.0.0-py3-none-any.whl"]


@EVERY_INDEX
@pytest.mark.parametrize(
    "rest", ["3.0/json", "latest/json", "1.0", "1.0/nothing", "1.0/json/more", "nothing/json"]
)
def test_what_is_not_there(core: World, index: str, rest: str) -> None:
    core.upload("acme/core", wheel())
    response = core.app.get(f"{index}/pypi/demo-package/{rest}", status=404)
    assert response.content_type == "application/json"
    assert response.json["message"]


@EVERY_INDEX
def test_an_unknown_release_is_not_found_whatever_the_client_holds(core: World, index: str) -> None:
    core.upload("acme/core", wheel())
    headers = {"If-None-Match": "*"}
    core.app.get(f"{index}/pypi/demo-package/3.0/json", headers=headers, status=404)
    core.app.get(f"{index}/pypi/demo-package/1.0/json", headers=headers, status=304)


@EVERY_INDEX
@pytest.mark.parametrize("rest", ["json", "1.0/json", "1!1.0+x/json"])
def test_other_spellings_of_the_name_lead_to_the_normalised_one(
    core: World, index: str, rest: str
) -> None:
    core.upload("acme/core", wheel("Demo.Package"))
    response = core.app.get(f"{index}/pypi/Demo_Package/{rest}?a=b", headers=core.as_("ann"))
    assert response.status_int == 301
    assert response.location == f"http://localhost{index}/pypi/demo-package/{rest}?a=b"


def test_a_package_without_releases_is_not_found(core: World) -> None:
    core.upload("acme/core", wheel())
    with core.components.database.writing() as session:
        package = session.scalars(select(Package)).one()
        package.status = PackageStatus.ARCHIVED
        session.flush()
        release = session.scalars(select(Release.id)).one()
        delete_release(session, release, Actor(), core.clock(), permit=anything)
    core.app.get("/acme/core/-/simple/demo-package/", status=200)
    for headers in ({}, {"If-None-Match": "*"}):
        core.app.get("/acme/core/-/pypi/demo-package/json", headers=headers, status=404)


@EVERY_INDEX
def test_a_quarantined_package_offers_no_files(core: World, index: str) -> None:
    core.upload("acme/core", wheel())
    core.upload("acme/core", wheel(version="2.0"))
    package = core.file_named(wheel().filename)
    assert package is not None
    set_status(core, package.project_id, PackageStatus.QUARANTINED)
    document = read(core, f"{index}/pypi/demo-package/json")
    assert document["info"]["version"] == "2.0"
    assert document["releases"] == {"1.0": [], "2.0": []}
    assert document["urls"] == read(core, f"{index}/pypi/demo-package/1.0/json")["urls"] == []


def test_packages_of_one_name_are_merged(core: World) -> None:
    core.project("acme/tools", "public")
    first, second = sdist(version="1.0"), sdist(version="1.0", files={"x": b"x"})
    core.upload("acme/core", first)
    core.clock.advance(days=1)
    core.upload("acme/tools", second)
    core.upload("acme/tools", wheel(version="1", metadata={"Summary": "of the second"}))
    core.upload("acme/tools", wheel(version="2.0"))
    document = read(core, "/acme/-/pypi/demo-package/json")
    assert list(document["releases"]) == ["1.0", "2.0"]
    assert filenames(document["releases"]["1.0"]) == [
        "demo_package-1-py3-none-any.whl",
        "demo_package-1.0.tar.gz",
    ]
    assert document["releases"]["1.0"][1]["digests"]["sha256"] == first.sha256
    release = read(core, "/acme/-/pypi/demo-package/1/json")
    assert release["urls"] == document["releases"]["1.0"]
    assert release["info"]["version"] == "1.0"
    assert filenames(read(core, "/acme/core/-/pypi/demo-package/json")["urls"]) == [first.filename]


def test_what_one_project_yanked_another_still_offers(core: World) -> None:
    core.project("acme/tools", "public")
    core.upload("acme/core", sdist(version="1.0", metadata={"Summary": "first"}))
    yank(core, "1.0", "broken")
    core.upload("acme/tools", wheel(version="1.0", metadata={"Summary": "second"}))
    document = read(core, "/acme/-/pypi/demo-package/json")
    assert (document["info"]["summary"], document["info"]["yanked"]) == ("second", False)
    yanked = {file["filename"]: file["yanked"] for file in document["urls"]}
    assert yanked == {"demo_package-1.0-py3-none-any.whl": False, "demo_package-1.0.tar.gz": True}


def test_what_one_project_quarantined_says_nothing_of_another(core: World) -> None:
    tools = core.project("acme/tools", "public")
    core.upload("acme/core", sdist(version="1.0"))
    core.upload("acme/tools", wheel(version="2.0"))
    set_status(core, tools, PackageStatus.QUARANTINED)
    document = read(core, "/acme/-/pypi/demo-package/json")
    assert document["info"]["version"] == "1.0"
    assert list(document["releases"]) == ["1.0"]


ADDRESSES = [
    f"{index}/pypi/{rest}"
    for index in ("/acme/-", "/-")
    for rest in ("demo/json", "demo/1.0/json", "demo/9.0/json", "secret/json", "secret/1.0/json")
]


def answers(world: World, headers: dict[str, str]) -> list[Any]:
    """Everything that is answered at the addresses, byte for byte."""
    responses = [
        world.app.get(address, headers=headers, expect_errors=True) for address in ADDRESSES
    ]
    return [(each.status, sorted(lasting_headers(each).items()), each.body) for each in responses]


@pytest.mark.parametrize("who", ["nobody", "external", "guest"])
def test_a_hidden_project_changes_nothing(core: World, who: str) -> None:
    core.upload("acme/core", wheel("demo", "1.0"))
    core.project("acme/hidden")
    if who == "nobody":
        headers: dict[str, str] = {}
    elif who == "external":
        core.user("ann", is_external=True)
        headers = core.as_("ann")
    else:
        core.member("acme/hidden", "ann", Role.GUEST)
        headers = core.as_("ann")
    before = answers(core, headers)
    core.upload("acme/hidden", sdist("demo", "1.0"))
    core.upload("acme/hidden", wheel("demo", "9.0"))
    core.upload("acme/hidden", wheel("secret", "1.0"))
    assert answers(core, headers) == before
    reader = core.publisher("acme/hidden")
    assert answers(core, reader) != before
    assert read(core, "/acme/-/pypi/demo/json", reader)["info"]["version"] == "9.0"


@pytest.mark.parametrize("who", ["nobody", "external"])
def test_anyone_can_pull_and_learns_of_no_project(world: World, who: str) -> None:
    world.group("vault")
    world.project("vault/free", anyone_can_pull=True)
    world.upload("vault/free", wheel("demo"))
    headers = {}
    if who == "external":
        world.user("ann", is_external=True)
        headers = world.as_("ann")
    for index in ("/-", "/vault/-", "/vault/free/-"):
        response = world.app.get(f"{index}/pypi/demo/json", headers=headers)
        assert (b"vault/free" in response.body) == (index == "/vault/free/-")
        assert (b"vault" in response.body) == (index != "/-")


@pytest.mark.parametrize("index", ["/vault/-", "/vault/closed/-", "/-"])
@pytest.mark.parametrize("rest", ["demo/json", "demo/1.0/json", "Demo/json", "nothing/json"])
def test_nothing_public_wants_credentials(world: World, index: str, rest: str) -> None:
    world.group("vault")
    world.project("vault/closed")
    world.upload("vault/closed", wheel("demo"))
    response = world.app.get(f"{index}/pypi/{rest}", status=401)
    assert response.headers["WWW-Authenticate"] == 'Basic realm="pypi"'
    world.user("ann", is_external=True)
    status = 301 if index == "/-" and rest.startswith("Demo") else 404
    world.app.get(f"{index}/pypi/{rest}", headers=world.as_("ann"), status=status)


@EVERY_INDEX
@pytest.mark.parametrize("rest", ["json", "1.0/json"])
@pytest.mark.parametrize("caller", ["nobody", "token"])
def test_caching(core: World, index: str, rest: str, caller: str) -> None:
    core.upload("acme/core", wheel(description="text " * 1000))
    headers = core.as_("ann") if caller == "token" else {}
    credential = 1 if caller == "token" else 0
    address = f"{index}/pypi/demo-package/{rest}"
    with statements(core) as cold:
        first = core.app.get(address, headers=headers)
    with statements(core) as warm:
        assert core.app.get(address, headers=headers).body == first.body
    assert (len(cold), len(warm)) == (3 + credential, 1 + credential)
    assert first.headers["Cache-Control"] == f"{'private' if headers else 'public'}, no-cache"
    assert first.headers["X-PyPI-Last-Serial"] == str(first.json["last_serial"])
    assert {"Authorization", "Accept-Encoding"} <= set(first.headers["Vary"].split(", "))

    conditional = {**headers, "If-None-Match": first.headers["ETag"]}
    again = core.app.get(address, headers=conditional, status=304)
    for name, value in lasting_headers(again).items():
        assert first.headers[name] == value
    packed = core.app.get(address, headers={**headers, "Accept-Encoding": "gzip"})
    assert packed.json == first.json
    assert packed.headers["ETag"] != first.headers["ETag"]

    yank(core, "1.0", "broken")
    changed = core.app.get(address, headers=conditional, status=200)
    assert changed.json["last_serial"] > first.json["last_serial"]
    assert changed.json["info"]["yanked"]


@pytest.mark.parametrize("size", [1, 30])
def test_many_releases_cost_no_more(core: World, size: int) -> None:
    for number in range(size):
        core.upload("acme/core", wheel(version=f"{number}.0"))
    for rest in ("json", "0/json"):
        with statements(core) as executed:
            core.app.get(f"/acme/-/pypi/demo-package/{rest}")
        assert len(executed) == 3


def test_the_serial_is_that_of_the_root_page(core: World) -> None:
    """A mirroring client refuses a document that is older than the list which named it."""
    core.project("acme/tools", "public")
    core.upload("acme/core", wheel(version="1.0"))
    core.upload("acme/tools", wheel(version="2.0"))
    core.upload("acme/core", wheel("other"))
    accept = {"Accept": "application/vnd.pypi.simple.v1+json", **core.as_("ann")}
    projects = core.app.get("/-/simple/", headers=accept).json["projects"]
    listed = {project["name"]: project["_last-serial"] for project in projects}
    assert listed["demo-package"] < listed["other"]
    for name, serial in listed.items():
        response = core.app.get(f"/-/pypi/{name}/json")
        assert response.json["last_serial"] == serial
        assert response.headers["X-PyPI-Last-Serial"] == str(serial)


def test_only_reading(core: World) -> None:
    core.upload("acme/core", wheel())
    response = core.app.post("/acme/core/-/pypi/demo-package/json", status=405)
    assert response.headers["Allow"] == "GET, HEAD"
    assert core.app.head("/acme/core/-/pypi/demo-package/json").body == b""
