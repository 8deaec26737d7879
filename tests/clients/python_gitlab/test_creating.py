"""Creating and listing groups and projects with python-gitlab."""

from collections.abc import Callable
from typing import Any

import pytest
from gitlab.exceptions import GitlabCreateError, GitlabUpdateError

from tests.clients.python_gitlab.company import Company
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients


def test_a_group_at_the_top(company: Company):
    gl, path = company.as_("admin"), f"{company.path}-new"
    group = gl.groups.create({"name": "The New One", "path": path, "visibility": "internal"})
    assert (group.name, group.path, group.full_path) == ("The New One", path, path)
    assert (group.visibility, group.parent_id, group.description) == ("internal", None, "")
    assert group.web_url == f"{company.server.address}/{path}"
    assert gl.groups.get(path).id == group.id
    assert group.id in [each.id for each in gl.groups.list(iterator=True, top_level_only=True)]


def test_only_administrators_create_groups_at_the_top(company: Company):
    with pytest.raises(GitlabCreateError) as refusal:
        company.as_("owner").groups.create({"name": "x", "path": f"{company.path}-new"})
    assert refusal.value.response_code == 403


def test_a_subgroup_and_a_project_in_it(company: Company):
    gl, group = company.as_("maintainer"), company.group("maintainer")
    subgroup = gl.groups.create({"name": "Labs", "path": "labs", "parent_id": group.id})
    assert (subgroup.full_path, subgroup.parent_id) == (f"{company.path}/labs", group.id)
    assert {each.full_path for each in group.subgroups.list(get_all=True)} == {
        company.team,
        subgroup.full_path,
    }
    project = gl.projects.create(
        {"name": "Core Library", "namespace_id": subgroup.id, "description": "All of it"}
    )
    assert project.path_with_namespace == f"{subgroup.full_path}/core-library"
    assert (project.name, project.description) == ("Core Library", "All of it")
    assert (project.namespace["id"], project.namespace["kind"]) == (subgroup.id, "group")
    assert project.web_url == f"{company.server.address}/{project.path_with_namespace}"
    company.publish(wheel("demo"), into=project.path_with_namespace)
    assert len(project.packages.list(get_all=True)) == 1
    directly = [each.id for each in group.projects.list(get_all=True)]
    assert directly == []
    below = group.projects.list(include_subgroups=True, get_all=True)
    assert {each.path_with_namespace for each in below} == {
        company.core,
        project.path_with_namespace,
    }
    # What is listed can be asked for the rest.
    assert gl.projects.get(below[0].id).visibility == "private"
    descendants = [each.full_path for each in group.descendant_groups.list(get_all=True)]
    assert sorted(descendants) == [f"{company.path}/labs", company.team]


@pytest.mark.parametrize(
    ("parameters", "status", "name"),
    [
        ({"name": "x"}, 400, "namespace_id"),
        ({"name": "x", "namespace_id": 2**40}, 404, ""),
        ({"name": "x", "path": "a b", "namespace_id": True}, 400, "path"),
        ({"name": "x", "path": "packages", "namespace_id": True}, 400, ""),
        ({"name": "x", "visibility": "secret", "namespace_id": True}, 400, "visibility"),
        ({"name": "x", "visibility": "public", "namespace_id": True}, 400, ""),
        ({"name": "core", "path": "CORE", "namespace_id": True}, 409, ""),
    ],
)
def test_what_cannot_be_created(
    company: Company, parameters: dict[str, Any], status: int, name: str
):
    gl = company.as_("owner")
    if parameters.get("namespace_id") is True:
        parameters = {**parameters, "namespace_id": gl.groups.get(company.team).id}
    with pytest.raises(GitlabCreateError) as refusal:
        gl.projects.create(parameters)
    assert refusal.value.response_code == status
    assert name in refusal.value.error_message.lower()


def test_a_developer_creates_nothing(company: Company):
    gl = company.as_("developer")
    group = gl.groups.get(company.path)
    create: list[Callable[[], object]] = [
        lambda: gl.projects.create({"name": "x", "namespace_id": group.id}),
        lambda: gl.groups.create({"name": "x", "path": "x", "parent_id": group.id}),
    ]
    for attempt in create:
        with pytest.raises(GitlabCreateError) as refusal:
            attempt()
        assert refusal.value.response_code == 403


def test_names_and_descriptions_are_saved(company: Company):
    for get in (company.group, company.project):
        thing = get()
        thing.name = "Another Name"
        thing.description = "What it is for"
        thing.save()
        assert (thing.name, thing.description) == ("Another Name", "What it is for")
        assert get().attributes == thing.attributes
        thing.description = "x" * 100_000
        with pytest.raises(GitlabUpdateError) as refusal:
            thing.save()
        assert 400 <= refusal.value.response_code < 500


def test_lists_have_what_their_caller_sees(company: Company):
    stranger, guest = company.as_("stranger"), company.as_("guest")
    assert company.path not in [each.full_path for each in stranger.groups.list(iterator=True)]
    assert [each.full_path for each in guest.groups.list(get_all=True)] == [
        company.path,
        company.team,
    ]
    (project,) = guest.projects.list(membership=True, get_all=True)
    assert project.path_with_namespace == company.core
    assert guest.projects.list(min_access_level=20, get_all=True) == []
    assert guest.projects.list(owned=True, get_all=True) == []
    (found,) = company.as_("owner").projects.list(search="core", owned=True, get_all=True)
    assert found.id == project.id


def test_projects_by_key(company: Company):
    gl = company.as_("owner")
    team = gl.groups.get(company.team)
    made = [gl.projects.create({"name": f"p{n}", "namespace_id": team.id}).id for n in range(5)]
    found = gl.projects.list(
        iterator=True, pagination="keyset", order_by="id", sort="asc", per_page=2, membership=True
    )
    assert [each.id for each in found] == [company.project().id, *made]
    descending = gl.projects.list(
        iterator=True, pagination="keyset", order_by="id", sort="desc", per_page=2, membership=True
    )
    assert [each.id for each in descending] == [*reversed(made), company.project().id]


def test_a_list_of_projects_has_a_total(company: Company):
    gl = company.as_("owner")
    team = gl.groups.get(company.team)
    for number in range(4):
        gl.projects.create({"name": f"p{number}", "namespace_id": team.id})
    found = team.projects.list(iterator=True, per_page=2)
    assert (found.total, found.total_pages, len(found)) == (5, 3, 5)
    assert len(list(found)) == 5
