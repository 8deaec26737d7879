"""Members with python-gitlab: who they are, and giving, changing and taking away roles."""

from datetime import UTC, datetime, timedelta

import pytest
from gitlab.const import AccessLevel
from gitlab.exceptions import (
    GitlabCreateError,
    GitlabDeleteError,
    GitlabGetError,
    GitlabListError,
    GitlabUpdateError,
)
from gitlab.v4.objects import Group, Project

from tests.clients.python_gitlab.company import Company

pytestmark = pytest.mark.clients

LATER = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


@pytest.fixture(params=["group", "project"])
def place(request: pytest.FixtureRequest, company: Company) -> Group | Project:
    """The group or the project, as its owner has it."""
    gl = company.as_("owner")
    return gl.groups.get(company.team) if request.param == "group" else company.project()


def add(company: Company, place: Group | Project) -> int:
    place.members.create(
        {"user_id": company.user_id("stranger"), "access_level": AccessLevel.DEVELOPER}
    )
    return company.user_id("stranger")


def test_all_members_of_a_group(company: Company):
    members = company.group().members.list(get_all=True)
    assert {member.username: member.access_level for member in members} == {
        company.username("guest"): AccessLevel.GUEST,
        company.username("reporter"): AccessLevel.REPORTER,
        company.username("developer"): AccessLevel.DEVELOPER,
        company.username("maintainer"): AccessLevel.MAINTAINER,
        company.username("owner"): AccessLevel.OWNER,
    }


def test_members_of_a_project_itself_and_from_above(company: Company):
    project = company.project()
    assert project.members.list(get_all=True) == []
    assert len(project.members_all.list(get_all=True)) == 5
    owner = project.members_all.get(company.user_id("owner"))
    assert owner.access_level == AccessLevel.OWNER
    with pytest.raises(GitlabGetError) as refusal:
        project.members.get(company.user_id("owner"))
    assert refusal.value.response_code == 404


def test_a_member_is_found_by_name(company: Company):
    (member,) = company.group().members.list(query="maintainer-of", get_all=True)
    assert member.username == company.username("maintainer")


def test_adding_by_number(company: Company, place: Group | Project):
    member = place.members.create(
        {
            "user_id": company.user_id("stranger"),
            "access_level": AccessLevel.REPORTER,
            "expires_at": LATER,
        }
    )
    assert member.id == company.user_id("stranger")
    assert (member.username, member.state) == (company.username("stranger"), "active")
    assert (member.access_level, member.expires_at) == (AccessLevel.REPORTER, LATER)
    found = place.members.get(member.id)
    assert found.attributes == member.attributes


def test_adding_by_name(company: Company, place: Group | Project):
    member = place.members.create(
        {"username": company.username("stranger"), "access_level": AccessLevel.GUEST}
    )
    assert (member.id, member.expires_at) == (company.user_id("stranger"), None)


def test_changing_and_saving(company: Company, place: Group | Project):
    member = place.members.get(add(company, place))
    member.access_level = AccessLevel.MAINTAINER
    member.expires_at = LATER
    member.save()
    assert place.members.get(member.id).access_level == AccessLevel.MAINTAINER
    place.members.update(member.id, {"access_level": AccessLevel.GUEST, "expires_at": ""})
    found = place.members.get(member.id)
    assert (found.access_level, found.expires_at) == (AccessLevel.GUEST, None)


def test_removing(company: Company, place: Group | Project):
    user_id = add(company, place)
    place.members.get(user_id).delete()
    with pytest.raises(GitlabGetError) as refusal:
        place.members.get(user_id)
    assert refusal.value.response_code == 404
    with pytest.raises(GitlabDeleteError) as again:
        place.members.delete(user_id)
    assert again.value.response_code == 404


def test_who_is_a_member_is_not_added_again(company: Company, place: Group | Project):
    user_id = add(company, place)
    with pytest.raises(GitlabCreateError) as refusal:
        place.members.create({"user_id": user_id, "access_level": AccessLevel.GUEST})
    assert refusal.value.response_code == 409


@pytest.mark.parametrize(
    ("parameters", "status", "name"),
    [
        ({"user_id": 2**40, "access_level": 30}, 404, "user"),
        ({"username": "nobody-at-all", "access_level": 30}, 404, "user"),
        ({"username": "somebody", "access_level": 31}, 400, "access_level"),
        ({"username": "somebody", "access_level": 30, "expires_at": "soon"}, 400, "expires_at"),
    ],
)
def test_what_cannot_be_added(
    company: Company, place: Group | Project, parameters: dict[str, object], status: int, name: str
):
    with pytest.raises(GitlabCreateError) as refusal:
        place.members.create(parameters)
    assert refusal.value.response_code == status
    assert name in refusal.value.error_message.lower()


def test_nobody_gives_a_role_above_their_own(company: Company):
    members = company.project("maintainer").members
    with pytest.raises(GitlabCreateError) as refusal:
        members.create({"user_id": company.user_id("stranger"), "access_level": AccessLevel.OWNER})
    assert refusal.value.response_code == 403


def test_the_last_owner_stays(company: Company):
    owner = company.group().members.get(company.user_id("owner"))
    with pytest.raises(GitlabDeleteError) as refusal:
        owner.delete()
    assert 400 <= refusal.value.response_code < 500
    owner.access_level = AccessLevel.GUEST
    with pytest.raises(GitlabUpdateError) as lower:
        owner.save()
    assert 400 <= lower.value.response_code < 500


def test_a_stranger_sees_no_members(company: Company):
    project = company.as_("stranger").projects.get(company.core, lazy=True)
    with pytest.raises(GitlabListError) as refusal:
        project.members.list(get_all=True)
    assert refusal.value.response_code == 404
