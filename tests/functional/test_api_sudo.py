"""Acting as another user, which GitLab's administrators can and nobody can here."""

import pytest

from pyregistry.authnz.roles import Role
from tests.factories.world import World

ADDRESS = "/api/v4/projects/acme%2Fcore"
BOTH = pytest.mark.parametrize(
    ("query", "header"), [("?sudo=ada", {}), ("", {"Sudo": "ada"}), ("?sudo=", {"Sudo": ""})]
)


@pytest.fixture
def company(world: World) -> World:
    world.project("acme/core")
    world.member("acme/core", "ada", Role.OWNER)
    world.user("root", is_admin=True)
    return world


@BOTH
@pytest.mark.parametrize("username", ["root", "ada"])
def test_it_is_refused(company, query, header, username):
    headers = {**company.as_(username), **header}
    response = company.app.get(ADDRESS + query, headers=headers, status=403)
    assert "sudo" in response.json["message"]


def test_nothing_is_changed(company):
    headers = {**company.as_("root"), "Sudo": "ada"}
    company.app.put(ADDRESS, {"packages_enabled": "false"}, headers=headers, status=403)
    assert company.app.get(ADDRESS, headers=company.as_("root")).json["packages_enabled"] is True
    assert company.events() == []


@pytest.mark.parametrize("send", ["put", "put_json"])
def test_it_is_refused_in_a_body(company, send):
    body = {"packages_enabled": "false", "sudo": "ada"}
    response = getattr(company.app, send)(ADDRESS, body, headers=company.as_("root"), status=403)
    assert "sudo" in response.json["message"]
    assert company.app.get(ADDRESS, headers=company.as_("root")).json["packages_enabled"] is True


@BOTH
def test_who_may_not_see_it_learns_nothing(company, query, header):
    hidden = {**company.as_("stranger"), **header}
    company.app.get(ADDRESS + query, headers=hidden, status=404)
    company.app.get(ADDRESS + query, headers=header, status=401)


@BOTH
def test_outside_the_api_it_means_nothing(company, query, header):
    company.project("open/core", "public")
    company.app.get(f"/open/core/-/simple/{query}", headers=header, status=200)
