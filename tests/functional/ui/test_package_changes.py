"""Deleting, yanking and setting statuses on pages: asked first, refused clearly, done once."""

from typing import Any

import pytest
from webtest import TestResponse

from pyregistry.authnz.roles import Role
from pyregistry.packaging.models import File, Package, PackageStatus, Release
from pyregistry.protection.levels import Level
from pyregistry.usage.services import pulls
from tests.factories.distributions import sdist, wheel
from tests.factories.protection import protect
from tests.factories.world import World
from tests.functional.support import contents, database_dump
from tests.functional.ui.browsing import BROWSER, hrefs, main_text, signed_in, visit
from tests.functional.ui.test_packages import publish

PACKAGE = "/acme/core/demo-package/"
RELEASE = f"{PACKAGE}1.0/"
WHEEL = wheel("Demo.Package", "1.0")
SDIST = sdist("Demo.Package", "1.0")
OF_FILE = f"{RELEASE}-/files/{WHEEL.filename}/delete"
PAGES = [
    f"{PACKAGE}-/delete",
    f"{PACKAGE}-/status",
    f"{RELEASE}-/delete",
    f"{RELEASE}-/yank",
    f"{RELEASE}-/unyank",
    OF_FILE,
]


@pytest.fixture
def shop(world: World) -> World:
    """A private project with a package, in the browser of its Maintainer."""
    publish(world, WHEEL, SDIST, visibility="private")
    world.user("mia", password="correct horse battery staple")
    world.member("acme/core", "mia", Role.MAINTAINER)
    signed_in(world, "mia")
    return world


def send(page: TestResponse, form: str, status: int = 303, **fields: str) -> TestResponse:
    """Fill in a form of a page and send it."""
    found = page.forms[form]
    for name, value in fields.items():
        found[name] = value
    return found.submit(headers=BROWSER, status=status)


def row(world: World, model: type[Any]) -> Any:
    """The only row of a table, or None."""
    with world.components.database.reading() as session:
        return session.query(model).one_or_none()


def problem(page: TestResponse) -> str:
    return " ".join(page.html.find(role="alert").get_text().split())


def names(world: World) -> list[tuple[str, str | None, str | None]]:
    """The events that are no upload and no sign-in: action, version and file."""
    return [
        (event.action, event.version, event.filename)
        for event in world.events()
        if event.action not in ("file.pushed", "user.signed_in")
    ]


def test_a_package_is_deleted(shop: World) -> None:
    shop.upload("acme/core", wheel("Demo.Package", "2.0"), shop.as_("mira"))
    shop.upload("acme/core", wheel("other", "1.0"), shop.as_("mira"))
    page = visit(shop, f"{PACKAGE}-/delete")
    text = main_text(page)
    assert "2 releases with 3 files" in text
    assert "cannot be undone" in text
    answer = send(page, "delete-package", confirm="Demo.Package")
    assert answer.location == "http://localhost/acme/core/"
    assert "Demo.Package was deleted." in main_text(answer.follow())
    assert row(shop, Package).name == "other"
    assert row(shop, File).filename.startswith("other")
    counts = contents(shop)["counts"]
    assert tuple(counts) == (1, 1, row(shop, File).size)
    assert names(shop) == [
        ("file.deleted", "1.0", WHEEL.filename),
        ("file.deleted", "1.0", SDIST.filename),
        ("file.deleted", "2.0", "demo_package-2.0-py3-none-any.whl"),
        ("release.deleted", "1.0", None),
        ("release.deleted", "2.0", None),
        ("package.deleted", None, None),
    ]
    assert shop.events()[-1].actor_name == "mia"
    visit(shop, PACKAGE, status=404)


@pytest.mark.parametrize("typed", ["", "demo-package", "Demo.Package "])
def test_who_deletes_a_package_types_its_name(shop: World, typed: str) -> None:
    before = contents(shop)
    page = visit(shop, f"{PACKAGE}-/delete")
    if typed.strip() == "Demo.Package":
        send(page, "delete-package", confirm=typed)
        assert row(shop, Package) is None
        return
    again = send(page, "delete-package", 400, confirm=typed)
    assert problem(again) == "Type “Demo.Package” to confirm."
    assert again.forms["delete-package"]["confirm"].value == typed
    assert contents(shop) == before


@pytest.mark.parametrize("status", ["quarantined", "archived"])
def test_a_status_outlives_the_releases(shop: World, status: str) -> None:
    send(visit(shop, f"{PACKAGE}-/status"), "status", status=303, reason="Malware")
    page = visit(shop, f"{PACKAGE}-/status")
    page.forms["status"]["status"] = status
    page.forms["status"].submit(headers=BROWSER, status=303)
    page = visit(shop, f"{PACKAGE}-/delete")
    assert "The name stays" in main_text(page)
    answer = send(page, "delete-package", confirm="Demo.Package")
    left = answer.follow()
    assert "no releases" in main_text(left)
    package = row(shop, Package)
    assert (package.status, package.releases_count, package.files_count) == (status, 0, 0)
    assert tuple(contents(shop)["counts"]) == (1, 0, 0)
    # Without a status to remember, it can go.
    page = visit(shop, f"{PACKAGE}-/status")
    page.forms["status"]["status"] = "active"
    page.forms["status"].submit(headers=BROWSER, status=303)
    send(visit(shop, f"{PACKAGE}-/delete"), "delete-package", confirm="Demo.Package")
    assert row(shop, Package) is None
    assert tuple(contents(shop)["counts"]) == (0, 0, 0)


def test_a_release_is_deleted(shop: World) -> None:
    shop.upload("acme/core", wheel("Demo.Package", "2.0"), shop.as_("mira"))
    page = visit(shop, f"{RELEASE}-/delete")
    assert "The release with its 2 files" in main_text(page)
    answer = send(page, "delete-release")
    assert answer.location == f"http://localhost{PACKAGE}"
    assert "Demo.Package 1.0 was deleted." in main_text(answer.follow())
    assert row(shop, Release).version == "2.0"


def test_the_last_release_takes_the_package_along(shop: World) -> None:
    page = visit(shop, f"{RELEASE}-/delete")
    assert "It is the only release" in main_text(page)
    assert send(page, "delete-release").location == "http://localhost/acme/core/"
    assert row(shop, Package) is None


def test_files_are_deleted(shop: World) -> None:
    page = visit(shop, OF_FILE)
    assert WHEEL.sha256 in main_text(page)
    assert "keeps 1 other file" in main_text(page)
    answer = send(page, "delete-file")
    assert answer.location == f"http://localhost{RELEASE}"
    assert f"{WHEEL.filename} was deleted." in main_text(answer.follow())
    page = visit(shop, f"{RELEASE}-/files/{SDIST.filename}/delete")
    assert "It is the only file" in main_text(page)
    assert send(page, "delete-file").location == "http://localhost/acme/core/"
    assert row(shop, Package) is None


@pytest.mark.parametrize(("address", "form"), [(f"{RELEASE}-/delete", "delete-release")])
def test_what_has_changed_meanwhile_is_not_deleted(shop: World, address: str, form: str) -> None:
    page = visit(shop, address)
    shop.upload("acme/core", wheel("Demo.Package", "1.0", build="2"), shop.as_("mira"))
    again = send(page, form, 412)
    assert "changed since you opened this page" in problem(again)
    assert row(shop, Release).files_count == 3
    send(again, form)
    assert row(shop, Release) is None


def test_a_file_that_was_replaced_meanwhile_is_not_deleted(shop: World) -> None:
    page = visit(shop, OF_FILE)
    send(visit(shop, OF_FILE), "delete-file")
    shop.clock.advance(minutes=1)
    shop.upload("acme/core", WHEEL, shop.as_("mira"))
    assert "changed since" in problem(send(page, "delete-file", 412))
    assert shop.file_named(WHEEL.filename) is not None


@pytest.mark.parametrize(
    ("address", "form"),
    [(f"{RELEASE}-/delete", "delete-release"), (OF_FILE, "delete-file")],
)
def test_nothing_is_deleted_unseen(shop: World, address: str, form: str) -> None:
    before = contents(shop)
    page = visit(shop, address)
    for seen in ("", "nonsense", "2026-11-23T12:00:00+99:99"):
        again = send(page, form, 412 if seen else 400, seen=seen)
        assert problem(again)
    assert contents(shop) == before


def test_a_release_is_yanked_and_taken_back(shop: World) -> None:
    page = send(visit(shop, f"{RELEASE}-/yank"), "yank", reason="It <b>breaks</b>.").follow()
    assert "Demo.Package 1.0 was yanked." in main_text(page)
    assert "It <b>breaks</b>." in main_text(page)
    assert f"{RELEASE}-/unyank" in hrefs(page)
    page = visit(shop, f"{RELEASE}-/unyank")
    assert "It <b>breaks</b>." in main_text(page)
    page = send(page, "unyank").follow()
    assert f"{RELEASE}-/yank" in hrefs(page)
    assert (row(shop, Release).yanked, row(shop, Release).yanked_reason) == (False, None)
    assert [name for name, *_ in names(shop)] == ["release.yanked", "release.unyanked"]


def test_what_is_not_yanked_has_nothing_to_take_back(shop: World) -> None:
    page = visit(shop, f"{RELEASE}-/unyank")
    assert "not yanked" in main_text(page)
    send(page, "unyank")
    assert names(shop) == []


def test_a_reason_that_is_too_long_stays_in_the_form(shop: World) -> None:
    again = send(visit(shop, f"{RELEASE}-/yank"), "yank", 400, reason="x" * 1001)
    assert "1000 characters" in problem(again)
    assert again.forms["yank"]["reason"].value == "x" * 1001
    assert not row(shop, Release).yanked
    page = visit(shop, f"{PACKAGE}-/status")
    page.forms["status"]["status"] = "archived"
    again = send(page, "status", 400, reason="x" * 1001)
    assert again.forms["status"]["status"].value == "archived"
    assert row(shop, Package).status == "active"


@pytest.mark.parametrize("status", list(PackageStatus))
def test_a_status_is_set(shop: World, status: PackageStatus) -> None:
    page = visit(shop, f"{PACKAGE}-/status")
    assert page.forms["status"]["status"].value == "active"
    page.forms["status"]["status"] = str(status)
    answer = page.forms["status"].submit(headers=BROWSER, status=303)
    assert f"Demo.Package is {status} now." in main_text(answer.follow())
    assert row(shop, Package).status is status


def test_a_reason_goes_with_the_status_that_it_explained(shop: World) -> None:
    page = visit(shop, f"{PACKAGE}-/status")
    page.forms["status"]["status"] = "quarantined"
    send(page, "status", reason="Malware")
    page = visit(shop, f"{PACKAGE}-/status")
    assert page.forms["status"]["reason"].value == "Malware"
    page.forms["status"]["status"] = "active"
    page.forms["status"].submit(headers=BROWSER, status=303)
    assert row(shop, Package).status_reason is None


def test_a_status_that_there_is_not(shop: World) -> None:
    page = visit(shop, f"{PACKAGE}-/status")
    page.forms["status"]["status"].force_value("eaten")
    assert "Choose one of: active" in problem(send(page, "status", 400))


def test_who_pulled_is_told_first(shop: World) -> None:
    address = f"/acme/core/-/files/{WHEEL.sha256}/{WHEEL.filename}"
    for who, times in (("rob", 2), ("rita", 1)):
        shop.member("acme/core", who, Role.REPORTER)
        for _ in range(times):
            shop.app.get(address, headers=shop.as_(who))
    shop.components.recorder.flush()
    for page in (f"{PACKAGE}-/delete", f"{RELEASE}-/delete", f"{RELEASE}-/yank", OF_FILE):
        text = main_text(visit(shop, page))
        assert "3 pulls" in text
        assert text.index("rob") < text.index("rita")
    text = main_text(visit(shop, f"{RELEASE}-/files/{SDIST.filename}/delete"))
    assert "Nobody pulled this file" in text
    shop.clock.advance(days=31)
    signed_in(shop, "mia")
    assert "Nobody pulled it" in main_text(visit(shop, f"{PACKAGE}-/delete"))


def test_what_depends_on_it_is_told_first(shop: World) -> None:
    assert "depend on this name" not in main_text(visit(shop, f"{PACKAGE}-/delete"))
    shop.upload("acme/core", wheel("child", metadata={"Requires-Dist": ["demo-package"]}))
    shop.project("acme/hidden")
    shop.upload("acme/hidden", wheel("unseen", metadata={"Requires-Dist": ["demo-package"]}))
    page = visit(shop, f"{PACKAGE}-/delete")
    assert "Packages here depend on this name: child ." in main_text(page)
    assert "/acme/core/child/" in hrefs(page)
    for number in range(10):
        shop.upload(
            "acme/core", wheel(f"child{number}", metadata={"Requires-Dist": ["demo-package"]})
        )
    assert "child8 and others." in main_text(visit(shop, f"{PACKAGE}-/delete"))


def test_what_was_not_looked_at_is_not_denied(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulls, "_LOOKED_AT", 1)
    shop.member("acme/core", "rob", Role.REPORTER)
    address = f"/acme/core/-/files/{WHEEL.sha256}/{WHEEL.filename}"
    shop.app.get(address, headers=shop.as_("rob"))
    shop.components.recorder.flush()
    text = main_text(visit(shop, f"{RELEASE}-/files/{SDIST.filename}/delete"))
    assert "None of the latest pulls of Demo.Package was of this file." in text
    assert "Nobody pulled" not in text


@pytest.mark.parametrize("address", PAGES)
def test_nobody_is_sent_to_sign_in(shop: World, address: str) -> None:
    shop.app.reset()
    answer = visit(shop, address, status=303)
    assert "/-/login?return_to=" in answer.location


@pytest.mark.parametrize("address", PAGES)
def test_who_may_not(shop: World, address: str) -> None:
    before = database_dump(shop)
    shop.app.reset()
    shop.app.post(address, status=401)
    for role, status in ((None, 404), (Role.GUEST, 403), (Role.DEVELOPER, 403)):
        who = f"person-{role}"
        if role is not None:
            shop.member("acme/core", who, role)
        headers = shop.as_(who)
        shop.app.get(address, headers=headers, status=status)
        shop.app.post(address, headers=headers, status=status)
    rows = database_dump(shop)
    for table in ("packages", "releases", "files"):
        assert rows[table] == before[table]


@pytest.mark.parametrize("address", PAGES)
def test_no_form_of_another_site_is_taken(shop: World, address: str) -> None:
    before = contents(shop)
    # All that the form has, but the proof that it is ours.
    fields = {"confirm": "Demo.Package", "status": "archived"}
    seen = visit(shop, address).html.find("input", attrs={"name": "seen"})
    if seen is not None:
        fields["seen"] = seen["value"]
    shop.app.post(address, fields, status=400)
    assert contents(shop) == before


def test_a_rule_is_asked(shop: World) -> None:
    protect(shop, "acme/core", "demo-*", delete=Level.OWNER)
    before = contents(shop)
    for address, form, fields in (
        (f"{PACKAGE}-/delete", "delete-package", {"confirm": "Demo.Package"}),
        (f"{RELEASE}-/delete", "delete-release", {}),
        (OF_FILE, "delete-file", {}),
    ):
        again = send(visit(shop, address), form, 403, **fields)
        assert "A rule protects the names" in problem(again)
    assert contents(shop) == before
    shown = hrefs(visit(shop, PACKAGE))
    assert not {address for address in shown if address.endswith("/delete")}
    assert f"{RELEASE}-/yank" in shown


@pytest.mark.parametrize(
    "address",
    [
        f"{PACKAGE}-/",
        f"{PACKAGE}-/nothing",
        f"{RELEASE}-/status",
        f"{RELEASE}-/files/nothing.whl/delete",
        f"{RELEASE}-/files/..%2F..%2Fetc%2Fpasswd/delete",
        f"{RELEASE}-/files/{WHEEL.filename}/nothing",
        f"{RELEASE}-/files/{WHEEL.filename}/delete/more",
        f"{PACKAGE}9.9/-/delete",
        f"{PACKAGE}-/delete/more",
    ],
)
def test_what_is_not_there(shop: World, address: str) -> None:
    visit(shop, address, status=404)
    assert row(shop, Release).files_count == 2


def test_buttons_are_there_for_who_may(shop: World) -> None:
    links = {*PAGES} - {f"{RELEASE}-/unyank"}
    assert links <= hrefs(visit(shop, PACKAGE))
    shop.app.reset()
    shop.user("dev", password="correct horse battery staple")
    shop.member("acme/core", "dev", Role.DEVELOPER)
    signed_in(shop, "dev")
    assert not links & hrefs(visit(shop, PACKAGE))
