"""Groups and projects as python-gitlab has them: by number and by path, and their settings."""

import pytest
from gitlab.exceptions import GitlabAuthenticationError, GitlabGetError, GitlabUpdateError

from tests.clients.python_gitlab.company import Company
from tests.factories.distributions import wheel

pytestmark = pytest.mark.clients


def test_a_group_by_path_and_by_number(company: Company):
    gl = company.as_("guest")
    by_path = gl.groups.get(company.team)
    by_number = gl.groups.get(by_path.id)
    assert by_path.attributes == by_number.attributes
    assert (by_path.full_path, by_path.path, by_path.name) == (company.team, "team", "team")
    assert by_path.parent_id == gl.groups.get(company.path).id
    assert gl.groups.get(company.path).parent_id is None


def test_a_project_by_path_and_by_number(company: Company):
    gl = company.as_("guest")
    by_path = gl.projects.get(company.core)
    by_number = gl.projects.get(by_path.id)
    assert by_path.attributes == by_number.attributes
    assert (by_path.path_with_namespace, by_path.path) == (company.core, "core")
    assert by_path.visibility == "private"
    assert isinstance(by_path.id, int)


def test_what_is_named_lazily_is_not_asked_for(company: Company):
    project = company.as_("owner").projects.get(company.core, lazy=True)
    assert not hasattr(project, "visibility")
    project.refresh()
    assert project.visibility == "private"


@pytest.mark.parametrize("kind", ["group", "project"])
def test_what_is_not_there_and_what_is_hidden_are_answered_alike(company: Company, kind: str):
    gl = company.as_("stranger")
    manager, hidden = {
        "group": (gl.groups, company.team),
        "project": (gl.projects, company.core),
    }[kind]
    refusals = []
    for identifier in (hidden, f"{company.path}/absent", 2**40):
        with pytest.raises(GitlabGetError) as refusal:
            manager.get(identifier)
        assert refusal.value.response_code == 404
        refusals.append((refusal.value.error_message, refusal.value.response_body))
    assert len(set(refusals)) == 1


@pytest.mark.parametrize("path", ["core", "absent"])
def test_nobody_is_told_what_there_is(company: Company, path: str):
    with pytest.raises(GitlabAuthenticationError) as refusal:
        company.client().projects.get(f"{company.team}/{path}")
    assert refusal.value.response_code == 401


def test_saving_a_project(company: Company):
    company.group().manager.update(company.path, {"visibility": "public"})
    company.as_("owner").groups.update(company.team, {"visibility": "public"})
    project = company.project()
    project.visibility = "internal"
    project.package_registry_access_level = "public"
    saved = project.save()
    assert saved is not None
    assert (project.visibility, project.package_registry_access_level) == ("internal", "public")
    assert company.project().package_registry_access_level == "public"


def test_turning_the_package_registry_of_a_project_off(company: Company):
    company.publish(wheel("demo"))
    project = company.project()
    project.packages_enabled = False
    project.save()
    assert project.packages_enabled is False
    assert project.package_registry_access_level == "disabled"
    with pytest.raises(GitlabGetError) as refusal:
        project.packages.get(1)
    assert refusal.value.response_code == 404
    project.package_registry_access_level = "private"
    project.save()
    assert len(project.packages.list(get_all=True)) == 1


def test_saving_a_group(company: Company):
    group = company.group()
    group.visibility = "internal"
    group.packages_enabled = False
    group.save()
    again = company.group()
    assert (again.visibility, again.packages_enabled) == ("internal", False)


def test_nothing_to_save(company: Company):
    assert company.project().save() is None


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("visibility", "secret"),
        ("packages_enabled", "perhaps"),
        ("package_registry_access_level", "everyone"),
    ],
)
def test_a_wrong_value_is_named(company: Company, attribute: str, value: str):
    project = company.project()
    setattr(project, attribute, value)
    with pytest.raises(GitlabUpdateError) as refusal:
        project.save()
    assert refusal.value.response_code == 400
    assert attribute in refusal.value.error_message


def test_a_project_is_not_more_visible_than_its_group(company: Company):
    project = company.project()
    project.visibility = "public"
    with pytest.raises(GitlabUpdateError) as refusal:
        project.save()
    assert refusal.value.response_code == 400
    assert company.project().visibility == "private"


def test_a_role_too_low(company: Company):
    project = company.project("maintainer")
    project.visibility = "internal"
    with pytest.raises(GitlabUpdateError) as refusal:
        project.save()
    assert refusal.value.response_code == 403


def test_what_there_is_no_endpoint_for(company: Company):
    with pytest.raises(GitlabGetError) as refusal:
        company.project().repository_tree(get_all=False)
    assert refusal.value.response_code == 404
