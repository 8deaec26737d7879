"""How an empty project tells to publish its first package, in every way that fits."""

from typing import Any

import pytest
import yaml
from pyramid.registry import Registry
from webtest import TestResponse

from pyregistry.authnz.roles import Role
from tests.factories.distributions import wheel
from tests.factories.world import PASSWORD, World
from tests.functional.support import with_settings
from tests.functional.ui.browsing import hrefs, main_text, signed_in, visit

PROJECT = "/acme/core/"
UPLOAD = "http://localhost/acme/core/-/legacy/"
GITLAB = "https://gitlab.example.org"
GITHUB = "https://token.actions.githubusercontent.com"
WAYS = ["twine", "uv", "GitLab CI", "GitHub Actions", "setup.py upload"]


@pytest.fixture
def project(world: World) -> int:
    return world.project("acme/core", "public")


def way(page: TestResponse, name: str) -> Any:
    """The part of the page about one way."""
    (found,) = [each for each in page.html.find_all("details") if each.summary.text == name]
    return found


def copied(page: TestResponse, name: str) -> list[str]:
    """What can be copied for one way."""
    return [code.get_text() for code in way(page, name).select("pre code")]


def trusting(world: World, application: tuple[object, Registry], *issuers: str) -> None:
    """Name issuers in the settings."""
    settings = {"oidc_issuers": issuers, "oidc_audience": "registry.example"}
    with_settings(world, application[1], **settings)


def test_every_way_can_be_read_without_a_script(world: World, project: int) -> None:
    page = visit(world, PROJECT)
    assert [each.summary.text for each in page.html.find_all("details")] == WAYS
    assert [each.summary.text for each in page.html.find_all("details", open=True)] == ["twine"]
    for name in WAYS:
        text = " ".join(copied(page, name))
        assert UPLOAD in text, name
        assert "example" not in text, name


def test_a_project_with_packages_tells_the_same(world: World, project: int) -> None:
    world.upload("acme/core", wheel())
    page = visit(world, PROJECT)
    assert [each.summary.text for each in page.html.find_all("details")] == WAYS
    assert not page.html.find_all("details", open=True)


def test_terminal(world: World, project: int) -> None:
    page = visit(world, PROJECT)
    assert copied(page, "twine") == [
        "python -m build",
        f"twine upload --repository-url {UPLOAD} --username __token__ dist/*",
    ]
    assert copied(page, "uv") == [
        "uv build",
        f"UV_PUBLISH_TOKEN=YOUR_TOKEN uv publish --publish-url {UPLOAD}",
    ]


def test_pypirc(world: World, project: int) -> None:
    pypirc, command = copied(visit(world, PROJECT), "setup.py upload")
    assert pypirc.splitlines() == [
        "[distutils]",
        "index-servers =",
        "    registry",
        "",
        "[registry]",
        f"repository = {UPLOAD}",
        "username = __token__",
        "password = YOUR_TOKEN",
    ]
    assert command == "python setup.py sdist upload -r registry"


def test_jobs_with_a_token_where_no_issuer_is_trusted(world: World, project: int) -> None:
    page = visit(world, PROJECT)
    plain, by_job_token = map(yaml.safe_load, copied(page, "GitLab CI"))
    assert "id_tokens" not in plain["publish"]
    assert plain["publish"]["script"][2:] == [
        'export TWINE_USERNAME=__token__ TWINE_PASSWORD="$REGISTRY_TOKEN"',
        f"twine upload --repository-url {UPLOAD} dist/*",
    ]
    asking = by_job_token["publish"]["script"][2]
    assert f"http://localhost/api/v4/projects/{project}/job_tokens" in asking
    assert '--header "PRIVATE-TOKEN: $REGISTRY_ACCESS_TOKEN"' in asking
    (workflow,) = map(yaml.safe_load, copied(page, "GitHub Actions"))
    publishing = workflow["jobs"]["publish"]["steps"][-1]
    assert publishing == {
        "run": f"uv publish --publish-url {UPLOAD}",
        "env": {"UV_PUBLISH_TOKEN": "${{ secrets.REGISTRY_TOKEN }}"},
    }
    assert "id-token" not in str(workflow)


def test_gitlab_by_id_token(
    world: World, project: int, application: tuple[object, Registry]
) -> None:
    trusting(world, application, GITLAB)
    page = visit(world, PROJECT)
    (job,) = map(yaml.safe_load, copied(page, "GitLab CI"))
    assert job["publish"]["id_tokens"] == {
        "REGISTRY_EXAMPLE_ID_TOKEN": {"aud": "registry.example/acme/core"}
    }
    assert job["publish"]["script"][-1] == (
        f"uv publish --trusted-publishing always --publish-url {UPLOAD}"
    )
    assert "No secret is stored" in way(page, "GitLab CI").text
    assert "https only, and this address is not one" in way(page, "GitLab CI").text
    # Jobs of another system are not trusted by that.
    assert "REGISTRY_TOKEN" in way(page, "GitHub Actions").text


@pytest.mark.parametrize("issuer", [GITHUB, "https://git.example.org/_services/token"])
def test_github_by_id_token(
    world: World, project: int, application: tuple[object, Registry], issuer: str
) -> None:
    trusting(world, application, issuer)
    page = visit(world, PROJECT)
    (workflow,) = map(yaml.safe_load, copied(page, "GitHub Actions"))
    job = workflow["jobs"]["publish"]
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert job["steps"][-1] == {
        "run": f"uv publish --trusted-publishing always --publish-url {UPLOAD}"
    }
    assert "REGISTRY_TOKEN" in way(page, "GitLab CI").text


def test_over_https_nothing_is_said_of_it(
    world: World, project: int, application: tuple[object, Registry]
) -> None:
    trusting(world, application, GITHUB)
    page = world.app.get(
        PROJECT, headers={"Accept": "text/html"}, extra_environ={"wsgi.url_scheme": "https"}
    )
    assert "https only" not in way(page, "GitHub Actions").text


@pytest.mark.parametrize(("role", "leads"), [(Role.DEVELOPER, False), (Role.MAINTAINER, True)])
def test_who_may_make_tokens_is_led_to_them(
    world: World, project: int, role: Role, leads: bool
) -> None:
    world.user("ada", password=PASSWORD)
    world.member("acme/core", "ada", role)
    signed_in(world, "ada")
    page = visit(world, PROJECT)
    links = {link["href"] for link in page.html.select(".ways a")}
    assert ("/acme/core/-/tokens" in links) is leads
    assert "/-/profile/tokens" in links


def test_who_may_not_see_packages_is_told_nothing(world: World) -> None:
    world.project("acme/core")
    world.user("gus", password=PASSWORD)
    world.member("acme/core", "gus", Role.GUEST)
    signed_in(world, "gus")
    page = visit(world, PROJECT)
    assert "twine" not in main_text(page)
    assert not {link for link in hrefs(page) if "legacy" in link}
