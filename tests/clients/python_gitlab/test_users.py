"""Users with python-gitlab."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from gitlab.exceptions import (
    GitlabAuthenticationError,
    GitlabCreateError,
    GitlabDeleteError,
    GitlabGetError,
    GitlabUpdateError,
)

from tests.clients.python_gitlab.company import Company

pytestmark = pytest.mark.clients


def new(company: Company, **parameters: Any) -> dict[str, Any]:
    username = f"new-in-{company.path}"
    return {
        "username": username,
        "email": f"{username}@example.org",
        "name": "Somebody New",
        "password": "correct horse battery staple",
        **parameters,
    }


def test_a_user_from_beginning_to_end(company: Company):
    gl = company.as_("admin")
    user = gl.users.create(new(company))
    assert (user.username, user.name) == (f"new-in-{company.path}", "Somebody New")
    assert (user.state, user.is_admin, user.external) == ("active", False, False)
    assert gl.users.get(user.id).email == user.email
    assert [each.id for each in gl.users.list(username=user.username, get_all=True)] == [user.id]
    user.name = "Somebody Else"
    user.external = True
    # python-gitlab sends these with every change.
    user.save()
    changed = gl.users.get(user.id)
    assert (changed.name, changed.external) == ("Somebody Else", True)
    changed.delete()
    with pytest.raises(GitlabGetError) as gone:
        gl.users.get(user.id)
    assert gone.value.response_code == 404


def test_blocking_and_letting_in_again(company: Company):
    users, guest_id = company.as_("admin").users, company.user_id("guest")
    guest = company.as_("guest")
    assert users.get(guest_id).block() is True
    with pytest.raises(GitlabAuthenticationError):
        guest.auth()
    assert users.get(guest_id).state == "blocked"
    assert users.get(guest_id).unblock() is True
    guest.auth()
    assert users.get(guest_id).state == "active"


def test_a_token_for_somebody_else(company: Company):
    user = company.as_("admin").users.get(company.user_id("guest"))
    end = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    token = user.personal_access_tokens.create(
        {"name": "first", "scopes": ["api"], "expires_at": end}
    )
    assert (token.user_id, token.scopes, token.expires_at) == (user.id, ["api"], end)
    gl = company.client(private_token=token.token)
    gl.auth()
    assert gl.user is not None
    assert gl.user.id == user.id


def test_where_somebody_is_a_member(company: Company):
    user = company.as_("admin").users.get(company.user_id("owner"))
    (membership,) = user.memberships.list(get_all=True)
    assert (membership.source_id, membership.access_level) == (company.group().id, 50)
    assert membership.source_type == "Namespace"


def test_searching(company: Company):
    found = company.as_("owner").users.list(search=company.username("owner"), get_all=True)
    assert [each.id for each in found] == [company.user_id("owner")]
    every = company.as_("owner").users.list(iterator=True, per_page=100)
    assert company.user_id("stranger") in [each.id for each in every]


@pytest.mark.parametrize(
    ("parameters", "status", "name"),
    [
        ({"email": "nowhere"}, 400, "email"),
        ({"username": "a b"}, 400, "name"),
        ({"password": "short"}, 400, "password"),
    ],
)
def test_what_cannot_be_created(
    company: Company, parameters: dict[str, Any], status: int, name: str
):
    with pytest.raises(GitlabCreateError) as refusal:
        company.as_("admin").users.create(new(company, **parameters))
    assert refusal.value.response_code == status
    assert name in refusal.value.error_message


def test_a_user_name_that_is_taken(company: Company):
    with pytest.raises(GitlabCreateError) as refusal:
        company.as_("admin").users.create(new(company, username=company.username("guest")))
    assert refusal.value.response_code == 409


def test_only_administrators_change_users(company: Company):
    gl = company.as_("owner")
    with pytest.raises(GitlabCreateError) as created:
        gl.users.create(new(company))
    with pytest.raises(GitlabUpdateError) as changed:
        gl.users.update(company.user_id("guest"), {"email": "a@example.org", "name": "x"})
    with pytest.raises(GitlabDeleteError) as deleted:
        gl.users.delete(company.user_id("guest"))
    assert {each.value.response_code for each in (created, changed, deleted)} == {403}
