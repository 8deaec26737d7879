"""Who python-gitlab is: every kind of credential that it sends, and the wrong ones."""

import pytest
from gitlab.exceptions import (
    GitlabAuthenticationError,
    GitlabGetError,
    GitlabHeadError,
    GitlabUpdateError,
)

from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from pyregistry.version import __version__
from tests.clients.python_gitlab.company import Company
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients


@pytest.mark.parametrize("option", ["private_token", "oauth_token"])
def test_a_personal_access_token(company: Company, option: str):
    gl = company.client(**{option: company.token("owner")})
    gl.auth()
    assert gl.user is not None
    assert (gl.user.id, gl.user.username) == (company.user_id("owner"), company.username("owner"))
    assert (gl.user.state, gl.user.bot, gl.user.external) == ("active", False, False)
    assert gl.user.email == f"{gl.user.username}@example.org"


def test_a_token_as_the_password(company: Company):
    gl = company.client(http_username="__token__", http_password=company.token("owner"))
    gl.auth()
    assert gl.user is not None
    assert gl.user.username == company.username("owner")


def test_an_administrator_is_told_so(company: Company):
    gl = company.as_("admin")
    gl.auth()
    assert gl.user is not None
    assert gl.user.is_admin is True


def test_the_token_of_a_bot(company: Company):
    gl = company.client(private_token=company.world.access_token(company.core, Role.REPORTER))
    gl.auth()
    assert gl.user is not None
    assert gl.user.bot is True


def test_a_job_token_reads_the_packages_of_its_project_and_nothing_else(company: Company):
    company.publish(wheel("demo"))
    gl = company.client(job_token=company.world.job_token(company.core))
    project = gl.projects.get(company.core, lazy=True)
    assert [package.name for package in project.packages.list(get_all=True)] == ["demo"]
    with pytest.raises(GitlabGetError) as refusal:
        gl.auth()
    assert refusal.value.response_code == 403


def test_a_deploy_token_reads_packages(company: Company):
    company.publish(wheel("demo"))
    secret = company.world.deploy_token(company.core, username="shipper")
    gl = company.client(http_username="shipper", http_password=secret)
    project = gl.projects.get(company.core, lazy=True)
    assert [package.name for package in project.packages.list(get_all=True)] == ["demo"]


def test_the_version(company: Company):
    gl = company.as_("guest")
    assert gl.version() == (__version__, "")
    metadata = gl.http_get("/metadata")
    assert (metadata["version"], metadata["enterprise"]) == (__version__, False)


@pytest.mark.parametrize("option", ["private_token", "oauth_token", "job_token"])
def test_a_wrong_token(company: Company, option: str):
    with pytest.raises(GitlabAuthenticationError) as refusal:
        company.client(**{option: "pyrpat_wrong"}).auth()
    assert refusal.value.response_code == 401
    assert "credentials are wrong" in refusal.value.error_message


def test_no_token_at_all(company: Company):
    with pytest.raises(GitlabAuthenticationError) as refusal:
        company.client().auth()
    assert refusal.value.response_code == 401


def test_a_token_that_only_reads(company: Company):
    gl = company.client(private_token=company.token("owner", Scope.READ_API))
    group = gl.groups.get(company.path)
    group.visibility = "public"
    with pytest.raises(GitlabUpdateError) as refusal:
        group.save()
    assert refusal.value.response_code == 403
    assert "read_api" in refusal.value.error_message


def test_only_the_headers_are_asked_for(company: Company):
    gl = company.as_("owner")
    assert gl.projects.head(company.core)["Content-Type"].startswith("application/json")
    with pytest.raises(GitlabHeadError) as refusal:
        gl.projects.head(f"{company.path}/absent")
    assert refusal.value.response_code == 404


@pytest.mark.parametrize("way", ["parameter", "header"])
@pytest.mark.parametrize("who", ["admin", "owner"])
def test_nobody_acts_for_another(company: Company, who: str, way: str):
    gl = company.as_(who)
    other = company.username("stranger")
    if way == "header":
        gl.headers["Sudo"] = other
    options = {"sudo": other} if way == "parameter" else {}
    with pytest.raises(GitlabGetError) as refusal:
        gl.projects.get(company.core, **options)
    assert refusal.value.response_code == 403
    assert "sudo" in refusal.value.error_message
