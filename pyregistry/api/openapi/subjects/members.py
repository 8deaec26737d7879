"""Members of groups and projects."""

from pyregistry.api.openapi.operations import GONE, Operation, Subject, creates, lists, shows
from pyregistry.api.openapi.parameters import PAGES, body, exactly_one_of, query
from pyregistry.api.openapi.schemas import DAY, ID, MOMENT, TEXT, constant, nullable, record, words
from pyregistry.api.openapi.sent import SENT_DAY, SENT_NUMBER, SENT_ROLE, SENT_TEXT
from pyregistry.authnz.roles import Role
from pyregistry.resources.api_members import (
    ApiAllMembers,
    ApiEffectiveMember,
    ApiMember,
    ApiMembers,
)

STATE = words(("active", "blocked"))
ACCESS_LEVEL = {
    "type": "integer",
    "enum": [*map(int, Role)],
    "description": "10 Guest, 20 Reporter, 30 Developer, 40 Maintainer, 50 Owner.",
}
MEMBER = record(
    "Member",
    "Somebody with a role. `expires_at` is the last day of it.",
    id=ID,
    username=TEXT,
    name=TEXT,
    state=STATE,
    locked=constant(False),
    avatar_url=constant(None),
    web_url=constant(None),
    membership_state=constant("active"),
    access_level=ACCESS_LEVEL,
    expires_at=nullable(DAY),
    created_at=MOMENT,
)
_QUERY = query("query", TEXT, "Only those with this in their user name or name.")

SUBJECT = Subject(
    "Members",
    "Who has a role in a group or project.",
    (
        Operation(
            "GET",
            ".../members",
            ApiMembers,
            "List the members with a role of their own",
            who="Guest",
            query=(*PAGES, _QUERY),
            answer=lists(MEMBER),
        ),
        Operation(
            "GET",
            ".../members/all",
            ApiAllMembers,
            "List all members, with those of the groups above",
            who="Guest",
            query=(*PAGES, _QUERY),
            answer=lists(MEMBER, "Each once, with their highest role."),
        ),
        Operation(
            "GET",
            ".../members/{user_id}",
            ApiMember,
            "Show a member with a role of their own",
            who="Guest",
            answer=shows(MEMBER),
        ),
        Operation(
            "GET",
            ".../members/all/{user_id}",
            ApiEffectiveMember,
            "Show a member with their highest role",
            who="Guest",
            answer=shows(MEMBER),
        ),
        Operation(
            "POST",
            ".../members",
            ApiMembers,
            "Add a member",
            who="Maintainer",
            body=body(
                ("access_level",),
                exactly_one_of("user_id", "username"),
                user_id=SENT_NUMBER,
                username=SENT_TEXT,
                access_level=SENT_ROLE,
                expires_at=SENT_DAY,
            ),
            answer=creates(MEMBER),
        ),
        Operation(
            "PUT",
            ".../members/{user_id}",
            ApiMember,
            "Change a member",
            who="Maintainer",
            description="Without `expires_at` the end stays; an empty one removes it.",
            body=body(("access_level",), access_level=SENT_ROLE, expires_at=SENT_DAY),
            answer=shows(MEMBER, "The member as they are now."),
        ),
        Operation(
            "DELETE",
            ".../members/{user_id}",
            ApiMember,
            "Remove a member, or leave",
            who="Maintainer, or the member",
            answer=GONE,
        ),
    ),
)
