"""Renaming, moving and deleting groups and projects with python-gitlab."""

import pytest
from gitlab.exceptions import (
    GitlabDeleteError,
    GitlabGetError,
    GitlabGroupTransferError,
    GitlabTransferProjectError,
    GitlabUpdateError,
)

from pyregistry.authnz.roles import Role
from tests.clients.python_gitlab.company import Company
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients


def test_a_project_is_renamed_and_its_old_path_leads_on(company: Company):
    project = company.project()
    project.path = "kernel"
    project.save()
    assert project.path_with_namespace == f"{company.team}/kernel"
    gl = company.as_("reporter")
    assert gl.projects.get(f"{company.team}/kernel").id == project.id
    old = gl.projects.get(company.core)
    assert (old.id, old.path_with_namespace) == (project.id, f"{company.team}/kernel")


def test_a_group_is_renamed_with_everything_in_it(company: Company):
    company.publish(wheel("demo"))
    gl = company.as_("owner")
    team = gl.groups.get(company.team)
    team.path = "crew"
    team.save()
    project = gl.projects.get(f"{company.path}/crew/core")
    assert len(project.packages.list(get_all=True)) == 1
    assert gl.projects.get(company.core).id == project.id
    assert gl.groups.get(company.team).id == team.id


def test_an_old_path_leads_on_until_something_else_takes_it(company: Company):
    project = company.project()
    project.path = "kernel"
    project.save()
    other = company.world.project(company.core)
    assert company.as_("reporter").projects.get(company.core).id == other


def test_a_path_that_is_taken(company: Company):
    company.world.project(f"{company.team}/other")
    project = company.project()
    project.path = "other"
    with pytest.raises(GitlabUpdateError) as refusal:
        project.save()
    assert refusal.value.response_code == 409


@pytest.mark.parametrize("by", ["id", "path"])
def test_a_project_is_moved(company: Company, by: str):
    company.publish(wheel("demo"))
    project, group = company.project(), company.group()
    project.transfer(group.id if by == "id" else group.full_path)
    gl = company.as_("reporter")
    moved = gl.projects.get(f"{company.path}/core")
    assert moved.id == project.id
    assert [each.name for each in moved.packages.list(get_all=True)] == ["demo"]
    assert gl.projects.get(company.core).id == project.id


def test_a_group_is_moved_into_another_and_to_the_top(company: Company):
    gl, path = company.as_("admin"), f"{company.path}-other"
    other = company.world.group(path)
    # What is moved keeps an Owner.
    company.world.member(path, company.username("owner"), Role.OWNER)
    team = gl.groups.get(company.team)
    team.transfer(other)
    assert gl.groups.get(f"{path}/team").parent_id == other
    assert gl.projects.get(f"{path}/team/core").path == "core"
    company.world.group(f"{path}/alone-in-{company.path}")
    company.world.member(f"{path}/alone-in-{company.path}", company.username("owner"), Role.OWNER)
    alone = gl.groups.get(f"{path}/alone-in-{company.path}")
    alone.transfer()
    assert gl.groups.get(f"alone-in-{company.path}").parent_id is None


def test_who_may_not_move(company: Company):
    other = company.world.group(f"{company.path}-other")
    with pytest.raises(GitlabTransferProjectError) as hidden:
        company.project().transfer(other)
    assert hidden.value.response_code == 404
    with pytest.raises(GitlabTransferProjectError) as refusal:
        company.project("maintainer").transfer(company.path)
    assert refusal.value.response_code == 403
    with pytest.raises(GitlabGroupTransferError) as into_itself:
        company.group().transfer(company.world.group(f"{company.team}/below"))
    assert 400 <= into_itself.value.response_code < 500


@pytest.mark.parametrize("kind", ["group", "project"])
def test_deleting(company: Company, kind: str):
    company.publish(wheel("demo"))
    gl = company.as_("owner")
    thing = gl.groups.get(company.team) if kind == "group" else company.project()
    lower = company.as_("maintainer")
    with pytest.raises(GitlabDeleteError) as refusal:
        (lower.groups if kind == "group" else lower.projects).delete(thing.id)
    assert refusal.value.response_code == 403
    thing.delete()
    with pytest.raises(GitlabGetError) as gone:
        gl.projects.get(company.core)
    assert gone.value.response_code == 404
    with pytest.raises(GitlabDeleteError) as again:
        thing.delete()
    assert again.value.response_code == 404
