"""Lists with python-gitlab: whole ones, generators, and pages."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from gitlab.exceptions import GitlabHttpError, GitlabListError
from gitlab.v4.objects import Project

from pyregistry.authnz.permissions import Scope
from tests.clients.python_gitlab.company import Company
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients

MANY = 105


@pytest.fixture
def many(company: Company) -> Project:
    """A project with more tokens than any page has room for."""
    for number in range(MANY):
        company.world.deploy_token(
            company.core, Scope.READ_PACKAGE_REGISTRY, username=f"shipper-{number}"
        )
    return company.project()


@pytest.mark.parametrize(
    "options",
    [{"get_all": True}, {"get_all": True, "per_page": 100}, {"iterator": True, "per_page": 33}],
)
def test_all_of_many(many: Project, options: dict[str, Any]):
    found = [token.username for token in many.deploytokens.list(**options)]
    assert sorted(found) == sorted(f"shipper-{number}" for number in range(MANY))


def test_a_generator_knows_where_it_stands(many: Project):
    found = many.deploytokens.list(iterator=True, per_page=50)
    assert (found.current_page, found.prev_page, found.next_page, found.per_page) == (
        1,
        None,
        2,
        50,
    )
    for _ in range(51):
        next(found)
    assert (found.current_page, found.prev_page, found.next_page) == (2, 1, 3)
    assert len([found.next(), *found]) == MANY - 51
    assert (found.current_page, found.next_page) == (3, None)


def test_one_page(many: Project):
    manager = many.deploytokens
    first, second = manager.list(page=1, per_page=3), manager.list(page=2, per_page=3)
    assert (len(first), len(second)) == (3, 3)
    assert {token.id for token in first}.isdisjoint(token.id for token in second)
    assert len(manager.list(page=3, per_page=50)) == 5
    assert manager.list(page=4, per_page=50) == []


def test_the_library_warns_where_there_is_more(many: Project):
    with pytest.warns(UserWarning, match="maximum of 20 items"):
        assert len(many.deploytokens.list()) == 20
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(many.deploytokens.list(get_all=False)) == 20
        assert many.members.list() == []


@pytest.mark.parametrize("name", ["page", "per_page"])
@pytest.mark.parametrize("value", [0, -1, "many", 10**30])
def test_a_page_that_cannot_be(company: Company, name: str, value: object):
    with pytest.raises(GitlabListError) as refusal:
        company.project().deploytokens.list(get_all=False, **{name: value})
    assert refusal.value.response_code == 400
    assert name in refusal.value.error_message


def members(project: Project) -> Any:
    return project.members


def all_members(project: Project) -> Any:
    return project.members_all


def packages(project: Project) -> Any:
    return project.packages


def access_tokens(project: Project) -> Any:
    return project.access_tokens


def rules(project: Project) -> Any:
    return project.package_protection_rules


def audit_events(project: Project) -> Any:
    return project.audit_events


def personal_tokens(project: Project) -> Any:
    return project.manager.gitlab.personal_access_tokens


@pytest.mark.parametrize(
    "manager_of",
    [members, all_members, packages, access_tokens, rules, audit_events, personal_tokens],
)
def test_every_list_goes_on_to_its_end(company: Company, manager_of: Callable[[Project], Any]):
    project = company.project()
    company.publish(wheel("demo", "1.0"), wheel("demo", "2.0"), wheel("demo", "3.0"))
    for number in range(3):
        project.members.create(
            {"user_id": company.world.user(f"{company.path}-{number}"), "access_level": 10}
        )
        project.access_tokens.create({"name": "t", "scopes": ["api"]})
        company.token("owner")
        project.package_protection_rules.create(
            {
                "package_name_pattern": f"demo-{number}",
                "package_type": "pypi",
                "minimum_access_level_for_push": "owner",
            }
        )
    manager = manager_of(project)
    everything = [each.id for each in manager.list(get_all=True, per_page=100)]
    assert len(set(everything)) == len(everything) >= 3
    assert [each.id for each in manager.list(iterator=True, per_page=2)] == everything


def test_raw_lists(company: Company):
    company.publish(wheel("demo", "1.0"), wheel("demo", "2.0"), wheel("demo", "3.0"))
    project = company.project("reporter")
    gl, path = project.manager.gitlab, f"/projects/{project.id}/packages"
    found = gl.http_list(path, iterator=True, per_page=2)
    assert [package["version"] for package in found] == ["1.0", "2.0", "3.0"]
    found = gl.http_list(path, query_data={"package_version": "2.0"}, get_all=True)
    assert [package["version"] for package in found] == ["2.0"]
    with pytest.raises(GitlabHttpError):
        gl.http_list("/nowhere", get_all=True)
