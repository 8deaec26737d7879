"""Tokens with python-gitlab: those of projects and groups, deploy tokens, personal ones."""

from datetime import UTC, date, datetime, timedelta

import pytest
from gitlab.const import AccessLevel
from gitlab.exceptions import (
    GitlabAuthenticationError,
    GitlabCreateError,
    GitlabGetError,
    GitlabRotateError,
)
from gitlab.v4.objects import Group, Project

from pyregistry.authnz.permissions import Scope
from tests.clients.python_gitlab.company import Company
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


@pytest.fixture(params=["group", "project"])
def place(request: pytest.FixtureRequest, company: Company) -> Group | Project:
    """The group or the project, as its owner has it."""
    return company.group() if request.param == "group" else company.project()


def test_the_access_token_of_a_group_or_project(company: Company, place: Group | Project):
    created = place.access_tokens.create(
        {
            "name": "deploys",
            "scopes": ["api"],
            "access_level": AccessLevel.DEVELOPER,
            "description": "for the servers",
            "expires_at": day(30),
        }
    )
    assert (created.name, created.scopes, created.access_level) == ("deploys", ["api"], 30)
    assert created.description == "for the servers"
    assert (created.active, created.revoked, created.expires_at) == (True, False, day(30))
    bot = company.client(private_token=created.token)
    bot.auth()
    assert bot.user is not None
    assert bot.user.id == created.user_id
    found = place.access_tokens.get(created.id)
    assert found.name == "deploys"
    assert not hasattr(found, "token")
    assert [each.id for each in place.access_tokens.list(get_all=True)] == [created.id]


def test_rotating_an_access_token(company: Company, place: Group | Project):
    created = place.access_tokens.create({"name": "t", "scopes": ["api"], "expires_at": day(3)})
    before = created.token
    token = place.access_tokens.get(created.id)
    token.rotate(expires_at=day(9))
    assert token.token != before
    assert date.fromisoformat(token.expires_at) == date.fromisoformat(day(9))
    with pytest.raises(GitlabAuthenticationError):
        company.client(private_token=before).auth()
    company.client(private_token=token.token).auth()


def test_an_access_token_rotates_itself(company: Company, place: Group | Project):
    created = place.access_tokens.create({"name": "t", "scopes": ["api"], "expires_at": day(3)})
    gl = company.client(private_token=created.token)
    own = gl.groups if isinstance(place, Group) else gl.projects
    rotated = own.get(place.id, lazy=True).access_tokens.rotate("self")
    company.client(private_token=rotated["token"]).auth()


def test_revoking_an_access_token(company: Company, place: Group | Project):
    created = place.access_tokens.create({"name": "t", "scopes": ["read_api"]})
    created.delete()
    with pytest.raises(GitlabAuthenticationError):
        company.client(private_token=created.token).auth()
    assert place.access_tokens.list(get_all=True, state="active") == []
    assert place.access_tokens.list(get_all=True, revoked=False) == []
    assert len(place.access_tokens.list(get_all=True, revoked=True, search="T")) == 1
    (revoked,) = place.access_tokens.list(get_all=True, state="inactive")
    assert (revoked.active, revoked.revoked) == (False, True)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"name": "t", "scopes": ["sudo"]}, "scopes"),
        ({"name": "t", "scopes": ["api"], "access_level": 99}, "access_level"),
        ({"name": "t", "scopes": ["api"], "expires_at": "2001-01-01"}, "expires_at"),
        ({"name": "", "scopes": ["api"]}, "name"),
    ],
)
def test_what_is_wrong_with_an_access_token(
    place: Group | Project, parameters: dict[str, object], name: str
):
    with pytest.raises(GitlabCreateError) as refusal:
        place.access_tokens.create(parameters)
    assert refusal.value.response_code == 400
    assert name in refusal.value.error_message
    assert place.access_tokens.list(get_all=True) == []


def test_a_developer_creates_no_access_token(company: Company):
    with pytest.raises(GitlabCreateError) as refusal:
        company.project("developer").access_tokens.create({"name": "t", "scopes": ["api"]})
    assert refusal.value.response_code == 403


def test_a_deploy_token(company: Company, place: Group | Project):
    company.publish(wheel("demo"))
    created = place.deploytokens.create(
        {
            "name": "servers",
            "scopes": ["read_package_registry"],
            "username": "shipper",
            "expires_at": "2040-12-31T12:00:00Z",
        }
    )
    assert (created.username, created.scopes) == ("shipper", ["read_package_registry"])
    assert (created.revoked, created.expired) == (False, False)
    assert created.expires_at == "2040-12-31T12:00:00.000Z"
    gl = company.client(http_username="shipper", http_password=created.token)
    assert len(gl.projects.get(company.core, lazy=True).packages.list(get_all=True)) == 1
    assert not hasattr(place.deploytokens.get(created.id), "token")
    assert [each.id for each in place.deploytokens.list(get_all=True)] == [created.id]
    assert created.id in [each.id for each in company.as_("admin").deploytokens.list(get_all=True)]
    created.delete()
    with pytest.raises(GitlabAuthenticationError):
        gl.projects.get(company.core, lazy=True).packages.list(get_all=True)


def test_a_deploy_token_is_given_a_user_name(place: Group | Project):
    created = place.deploytokens.create({"name": "t", "scopes": ["write_package_registry"]})
    assert created.username
    assert created.expires_at is None


def test_a_deploy_token_of_no_scope(place: Group | Project):
    with pytest.raises(GitlabCreateError) as refusal:
        place.deploytokens.create({"name": "t", "scopes": []})
    assert refusal.value.response_code == 400
    assert "scopes" in refusal.value.error_message


def test_the_token_of_the_request(company: Company):
    gl = company.as_("guest")
    token = gl.personal_access_tokens.get("self")
    assert (token.user_id, token.scopes) == (company.user_id("guest"), ["api"])
    assert (token.active, token.revoked) == (True, False)
    assert token.id in [each.id for each in gl.personal_access_tokens.list(get_all=True)]


def test_rotating_the_token_of_the_request(company: Company):
    gl = company.as_("guest")
    token = gl.personal_access_tokens.get("self", lazy=True)
    token.rotate(self_rotate=True, expires_at=day(5))
    assert (token.expires_at, token.active) == (day(5), True)
    with pytest.raises(GitlabAuthenticationError):
        gl.auth()
    company.client(private_token=token.token).auth()


def test_rotating_and_revoking_another_own_token(company: Company):
    gl, other = company.as_("guest"), company.token("guest", Scope.READ_API)
    (token,) = [
        each for each in gl.personal_access_tokens.list(get_all=True) if each.scopes == ["read_api"]
    ]
    token.rotate(expires_at=day(5))
    with pytest.raises(GitlabAuthenticationError):
        company.client(private_token=other).auth()
    token.delete()
    assert gl.personal_access_tokens.get(token.id).revoked is True
    with pytest.raises(GitlabRotateError):
        token.rotate()


def test_the_tokens_of_others_are_not_there(company: Company):
    others = company.as_("owner").personal_access_tokens.get("self")
    gl = company.as_("guest")
    with pytest.raises(GitlabGetError) as refusal:
        gl.personal_access_tokens.get(others.id)
    assert refusal.value.response_code == 404
    admin = company.as_("admin")
    assert admin.personal_access_tokens.get(others.id).user_id == company.user_id("owner")
    found = admin.personal_access_tokens.list(user_id=company.user_id("owner"), get_all=True)
    assert others.id in [each.id for each in found]


def test_revoking_the_token_of_the_request(company: Company):
    gl = company.as_("guest")
    gl.personal_access_tokens.delete("self")
    with pytest.raises(GitlabAuthenticationError):
        gl.auth()
