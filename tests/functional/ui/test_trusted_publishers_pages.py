"""The pages that say whose jobs a project trusts."""

from typing import Any

import pytest
from pyramid.registry import Registry
from sqlalchemy import select
from webtest import TestResponse

from pyregistry.authnz.roles import Role
from pyregistry.trusted_publishing.models import TrustedPublisher
from tests.factories.world import World
from tests.functional.oidc.support import trust
from tests.functional.ui.browsing import BROWSER, beside, hrefs, main_text, signed_in, visit
from tests.functional.ui.sending import changed, confirmed, posted

PAGE = "/acme/core/-/tokens"
GITLAB = "https://gitlab.example.org"
GITHUB = "https://token.actions.githubusercontent.com"
ENTERPRISE = "https://github.example.org/_services/token"


@pytest.fixture
def acme(world: World, application: tuple[object, Registry]) -> World:
    """A project whose Maintainer is signed in; the registry trusts three issuers."""
    trust(world, application[1], None, [GITLAB, GITHUB, ENTERPRISE])
    world.project("acme/core")
    signed_in(world, "mia")
    world.member("acme/core", "mia", Role.MAINTAINER)
    return world


def added(world: World, system: str, status: int = 303, **fields: Any) -> TestResponse:
    """Fill in the form for the jobs of a system and send it."""
    form = visit(world, f"{PAGE}/publishers/{system}").forms["add-publisher"]
    for name, value in {"name": "release", **fields}.items():
        form[name] = value
    return form.submit(headers=BROWSER, status=status)


def publishers(world: World) -> list[TrustedPublisher]:
    """The trusted publishers, oldest first."""
    with world.components.database.reading() as session:
        return list(session.scalars(select(TrustedPublisher).order_by(TrustedPublisher.id)))


@pytest.mark.parametrize(
    ("system", "issuers"),
    [
        ("gitlab", [GITLAB]),
        ("github", [GITHUB, ENTERPRISE]),
        ("other", [GITLAB, GITHUB, ENTERPRISE]),
    ],
)
def test_each_system_offers_its_issuers(acme: World, system: str, issuers: list[str]) -> None:
    assert f"{PAGE}/publishers/{system}" in hrefs(visit(acme, PAGE))
    form = visit(acme, f"{PAGE}/publishers/{system}").forms["add-publisher"]
    assert [value for value, *_ in form["issuer"].options] == issuers
    assert ("workflow" in form.fields) is (system == "github")


@pytest.mark.parametrize(
    ("system", "fields", "claims"),
    [
        (
            "gitlab",
            {"project_id": "42", "ref_type": "tag"},
            {"project_id": "42", "ref_type": "tag", "ref_protected": "true"},
        ),
        (
            "gitlab",
            {"project_path": " acme/core ", "ref": "main", "ref_protected": False},
            {"project_path": "acme/core", "ref": "main"},
        ),
        (
            "github",
            {"repository": "acme/core", "repository_id": "7", "environment": "release"},
            {
                "repository": "acme/core",
                "repository_id": "7",
                "environment": "release",
                "ref_protected": "true",
            },
        ),
        (
            "github",
            {"repository": "acme/core", "workflow": " release.yml ", "ref_protected": False},
            {
                "repository": "acme/core",
                "workflow_ref": "acme/core/.github/workflows/release.yml",
            },
        ),
        (
            "other",
            {"claims": '{"sub": "acme:core", "protected": true, "n": [1, 2]}'},
            {"sub": "acme:core", "protected": True, "n": [1, 2]},
        ),
    ],
)
def test_trusting_jobs(
    acme: World, system: str, fields: dict[str, Any], claims: dict[str, Any]
) -> None:
    answer = added(acme, system, **fields)
    assert answer.location == f"http://localhost{PAGE}"
    [publisher] = publishers(acme)
    assert (publisher.name, publisher.claims) == ("release", claims)
    [(action, actor, path, _)] = changed(acme)
    assert (action, actor, path) == ("trusted_publisher.added", "mia", "acme/core")
    text = main_text(visit(acme, PAGE))
    assert "The jobs of “release” may publish here now." in text
    assert publisher.issuer in text
    assert "added just now by mia" in text
    for name in claims:
        assert f"{name} =" in text


@pytest.mark.parametrize(
    ("system", "fields", "status", "sentence"),
    [
        ("gitlab", {"name": ""}, 400, "A trusted publisher needs a name"),
        ("gitlab", {"project_id": ""}, 400, "fill in Project ID or Path of the project in GitLab"),
        ("github", {"repository_id": ""}, 400, "fill in Repository ID or Repository, or both."),
        ("gitlab", {"ref": "x" * 1025}, 400, "The claim ref must be a text"),
        ("github", {"workflow": "release.yml"}, 400, "fill in Repository as well"),
        *(
            ("github", {"repository": repository, "workflow": "release.yml"}, 400, "Repository as")
            for repository in ("core", "acme/core/more", "acme/core@main", "/core")
        ),
        *(
            ("github", {"repository": "acme/core", "workflow": workflow}, 400, "without the folder")
            for workflow in (
                "release",
                ".yml",
                ".github/workflows/release.yml",
                "release.yml@refs/heads/main",
            )
        ),
        ("other", {"claims": ""}, 400, "Write the claims as JSON"),
        ("other", {"claims": "sub: x"}, 400, "Write the claims as JSON"),
        ("other", {"claims": "[1]"}, 400, "it must be a JSON object"),
        ("other", {"claims": '{"sub": "a", "sub": "b"}'}, 400, "comes twice"),
        ("other", {"claims": "{}"}, 400, "must be a JSON object of 1 to 20 claims"),
        ("other", {"claims": '{"ref": "main"}'}, 400, "demand one that tells whose job it is"),
        ("other", {"claims": '{"iss": "x", "sub": "y"}'}, 400, "The claim iss is always verified"),
        ("other", {"claims": "[" * 5000}, 400, "JSON"),
    ],
)
def test_jobs_that_are_not_trusted(
    acme: World, system: str, fields: dict[str, str], status: int, sentence: str
) -> None:
    usual = {"gitlab": "project_id", "github": "repository_id", "other": "claims"}[system]
    typed = {usual: "42", **fields}
    page = added(acme, system, status, **typed)
    assert sentence in main_text(page)
    for name, value in typed.items():
        assert page.forms["add-publisher"][name].value == value
    if "ref" not in fields:
        assert sentence in beside(page, "workflow" if "workflow" in fields else next(iter(fields)))
    assert publishers(acme) == []
    assert changed(acme) == []


def test_a_box_that_was_cleared_stays_clear_in_the_form_again(acme: World) -> None:
    assert visit(acme, f"{PAGE}/publishers/gitlab").forms["add-publisher"]["ref_protected"].checked
    page = added(acme, "gitlab", 400, ref_protected=False)
    assert not page.forms["add-publisher"]["ref_protected"].checked


def test_a_name_is_there_once(acme: World) -> None:
    added(acme, "gitlab", project_id="42")
    page = added(acme, "gitlab", 409, project_id="43")
    assert "A trusted publisher of that name already exists" in main_text(page)
    assert len(publishers(acme)) == 1


def test_an_issuer_that_the_registry_does_not_trust(acme: World) -> None:
    fields = {"name": "x", "issuer": "https://evil.example", "project_id": "1"}
    page = posted(acme, f"{PAGE}/publishers/gitlab", fields, 400)
    assert "The issuer 'https://evil.example' is not trusted here" in main_text(page)
    assert publishers(acme) == []


def test_where_no_issuer_is_trusted(acme: World, application: tuple[object, Registry]) -> None:
    trust(acme, application[1], None, [])
    page = visit(acme, PAGE)
    assert "No issuer is trusted here yet: ask an administrator" in main_text(page)
    assert not any("/publishers/" in href for href in hrefs(page))
    for system in ("gitlab", "github", "other"):
        page = visit(acme, f"{PAGE}/publishers/{system}")
        assert "This registry trusts no issuer of" in main_text(page)
        assert "add-publisher" not in page.forms
    fields = {"name": "x", "issuer": GITLAB, "project_id": "1"}
    page = posted(acme, f"{PAGE}/publishers/gitlab", fields, 400)
    assert "No issuer is trusted here" in main_text(page)


def test_trusting_no_more(acme: World) -> None:
    added(acme, "gitlab", project_id="42")
    [publisher] = publishers(acme)
    address = f"{PAGE}/publishers/{publisher.id}/remove"
    assert address in hrefs(visit(acme, PAGE))
    assert 'project_id = "42"' in main_text(visit(acme, address))
    page = posted(acme, address, {}, 400)
    assert "Nothing was done yet" in main_text(page)
    assert confirmed(acme, address, "remove-publisher").location == f"http://localhost{PAGE}"
    assert "The jobs of “release” may not publish here any more." in main_text(visit(acme, PAGE))
    assert publishers(acme) == []
    assert changed(acme)[-1][0] == "trusted_publisher.removed"
    visit(acme, address, 404)
    posted(acme, address, {"confirmed": "yes"}, 404)


def test_those_of_another_project_are_not_there(acme: World) -> None:
    added(acme, "gitlab", project_id="42")
    [publisher] = publishers(acme)
    acme.project("acme/other")
    acme.member("acme/other", "mia", Role.MAINTAINER)
    address = f"/acme/other/-/tokens/publishers/{publisher.id}/remove"
    visit(acme, address, 404)
    posted(acme, address, {"confirmed": "yes"}, 404)
    assert len(publishers(acme)) == 1


def test_a_group_trusts_nobody(acme: World) -> None:
    acme.member("acme", "mia", Role.OWNER)
    assert "Trusted publishers" not in main_text(visit(acme, "/acme/-/tokens"))
    for below in ("gitlab", "1/remove"):
        visit(acme, f"/acme/-/tokens/publishers/{below}", 404)


def test_paging(acme: World) -> None:
    for number in range(27):
        added(acme, "gitlab", name=f"job-{number:02}", project_id=str(number + 1))
    first = visit(acme, PAGE)
    [follow] = first.html.find_all("a", rel="next")
    second = visit(acme, follow["href"])
    shown = [
        name.get_text()
        for page in (first, second)
        for name in page.html.find_all("bdi", class_="who-name")
    ]
    assert shown == [f"job-{number:02}" for number in range(27)]
