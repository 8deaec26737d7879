"""Lists of packages of projects and groups with python-gitlab: totals, orders, and keys."""

from typing import Any

import pytest
from gitlab.exceptions import GitlabDeleteError, GitlabListError
from gitlab.v4.objects import Group, Project

from tests.clients.python_gitlab.company import Company
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients


@pytest.fixture
def filled(company: Company) -> Company:
    """A company with packages in two projects."""
    company.world.project(f"{company.path}/tools")
    company.publish(wheel("beta", "1.0"), wheel("alpha", "10.0"), wheel("alpha", "9.0"))
    company.publish(wheel("gamma", "1.0"), into=f"{company.path}/tools")
    return company


def names(packages: Any) -> list[str]:
    return [f"{package.name} {package.version}" for package in packages]


def test_a_generator_knows_how_many_there_are(filled: Company):
    found = filled.project().packages.list(iterator=True, per_page=2)
    assert (found.total, found.total_pages, len(found)) == (3, 2, 3)
    assert len(list(found)) == 3


def test_members_are_counted(filled: Company):
    found = filled.group().members.list(iterator=True, per_page=2)
    assert (found.total, found.total_pages) == (5, 3)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["beta 1.0", "alpha 10.0", "alpha 9.0"]),
        ({"order_by": "created_at", "sort": "desc"}, ["alpha 9.0", "alpha 10.0", "beta 1.0"]),
        ({"package_name": "alph", "sort": "asc"}, ["alpha 10.0", "alpha 9.0"]),
        ({"package_version": "9.0"}, ["alpha 9.0"]),
        ({"package_type": "npm"}, []),
        ({"status": "default"}, ["beta 1.0", "alpha 10.0", "alpha 9.0"]),
        ({"status": "error"}, []),
    ],
)
def test_packages_of_a_project(filled: Company, options: dict[str, Any], expected: list[str]):
    found = filled.project("reporter").packages.list(get_all=True, **options)
    assert names(found) == expected


def test_packages_by_name(filled: Company):
    found = filled.project("reporter").packages.list(get_all=True, order_by="name", sort="asc")
    assert [package.name for package in found] == ["alpha", "alpha", "beta"]


def test_packages_of_a_group(filled: Company):
    group = filled.group("reporter")
    packages = group.packages.list(get_all=True)
    assert sorted(names(packages)) == ["alpha 10.0", "alpha 9.0", "beta 1.0", "gamma 1.0"]
    directly = group.packages.list(get_all=True, exclude_subgroups=True)
    assert names(directly) == ["gamma 1.0"]
    (package,) = directly
    assert package.project_path == f"{filled.path}/tools"
    project = group.manager.gitlab.projects.get(package.project_id)
    assert project.path_with_namespace == f"{filled.path}/tools"
    by_path = group.packages.list(get_all=True, order_by="project_path", sort="desc")
    assert names(by_path)[0] == "gamma 1.0"
    found = group.packages.list(iterator=True, per_page=3, package_name="a")
    assert found.total == 4
    assert len({package.id for package in found}) == 4


def test_a_stranger_lists_no_packages(filled: Company):
    group = filled.as_("stranger").groups.get(filled.path, lazy=True)
    with pytest.raises(GitlabListError) as refusal:
        group.packages.list(get_all=True)
    assert refusal.value.response_code == 404


@pytest.mark.parametrize("name", ["order_by", "sort", "status"])
@pytest.mark.parametrize("kind", ["group", "project"])
def test_a_wrong_value_is_named(filled: Company, kind: str, name: str):
    place: Group | Project = filled.group() if kind == "group" else filled.project()
    with pytest.raises(GitlabListError) as refusal:
        place.packages.list(get_all=True, **{name: "nonsense"})
    assert refusal.value.response_code == 400
    assert name in refusal.value.error_message


@pytest.mark.parametrize("who", ["reporter", "maintainer"])
def test_links_are_for_those_who_may_follow_them(filled: Company, who: str):
    for package in filled.project(who).packages.list(get_all=True):
        assert package._links["web_path"].startswith(f"/{filled.core}/")
        assert ("delete_api_path" in package._links) is (who == "maintainer")


def test_the_whole_of_one_package(filled: Company):
    project = filled.project("reporter")
    (listed,) = project.packages.list(package_version="9.0", get_all=True)
    package = project.packages.get(listed.id)
    assert (package.tags, package.last_downloaded_at) == ([], None)
    assert [each["version"] for each in package.versions] == ["10.0"]
    (file,) = package.package_files.list(get_all=True)
    assert len(file.file_sha1) == 40


def test_a_package_that_has_changed_is_not_deleted(filled: Company):
    project = filled.project("maintainer")
    (package, *_) = project.packages.list(get_all=True)
    since = {"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}
    with pytest.raises(GitlabDeleteError) as refusal:
        package.delete(extra_headers=since)
    assert refusal.value.response_code == 412
    package.delete()
