"""Users, as others see them and as administrators manage them; tokens that were found."""

from pyregistry.accounts.services.listing import UserOrder
from pyregistry.api.openapi.operations import GONE, Operation, Subject, creates, lists, shows
from pyregistry.api.openapi.parameters import PAGES, at_least_one_of, body, query
from pyregistry.api.openapi.schemas import (
    FLAG,
    ID,
    MOMENT,
    TEXT,
    AnySchema,
    array,
    constant,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import SENT_DAY, SENT_FLAG, SENT_NUMBER, SENT_TEXT
from pyregistry.api.openapi.subjects.members import ACCESS_LEVEL, STATE
from pyregistry.api.openapi.subjects.tokens import (
    NEW_OWN_TOKEN,
    OF_BOTS,
    OF_DEPLOYMENTS,
    USER_SCOPES,
    creation,
)
from pyregistry.api.user_presenters import SOURCE_TYPES
from pyregistry.authnz.permissions import CredentialKind, Scope
from pyregistry.resources.api_admin import ApiFoundToken
from pyregistry.resources.api_instance import ApiUser
from pyregistry.resources.api_users import (
    ApiUserBlock,
    ApiUserById,
    ApiUserMemberships,
    ApiUsers,
    ApiUserTokens,
    ApiUserUnblock,
)
from pyregistry.tokens.services.check import TokenState

_OF_USERS: dict[str, AnySchema] = {
    "id": ID,
    "username": TEXT,
    "name": TEXT,
    "state": STATE,
    "public_email": constant(""),
    "avatar_url": constant(None),
    "web_url": constant(None),
}
_OF_ACCOUNTS: dict[str, AnySchema] = {
    **_OF_USERS,
    "email": nullable(TEXT),
    "is_admin": FLAG,
    "external": FLAG,
    "bot": FLAG,
    "created_at": MOMENT,
    "last_sign_in_at": nullable(MOMENT),
    "current_sign_in_at": nullable(MOMENT),
}
_MORE = set(_OF_ACCOUNTS) - set(_OF_USERS)
ACCOUNT = record("Account", "A user, as they see themselves.", **_OF_ACCOUNTS)
USER = record(
    "User", "A user; administrators are told more than others.", sorted(_MORE), **_OF_ACCOUNTS
)
MEMBERSHIP = record(
    "Membership",
    "A group or project in which a user has a role.",
    source_id=ID,
    source_name=TEXT,
    source_type=words(SOURCE_TYPES),
    access_level=ACCESS_LEVEL,
)
_OF_FOUND: dict[str, AnySchema] = {
    "kind": words(CredentialKind),
    "state": words(TokenState),
    "username": nullable(TEXT),
    "namespace_path": nullable(TEXT),
    "scopes": array(words(Scope)),
}
FOUND_USER_TOKEN = record(
    "FoundUserToken",
    "A personal access token, or that of a bot, which was found somewhere.",
    ("access_level",),
    **{**OF_BOTS, **_OF_FOUND},
)
FOUND_TOKEN = record(
    "FoundToken",
    "A token that belongs to no user, and was found somewhere.",
    **{**OF_DEPLOYMENTS, **_OF_FOUND},
)
_WANTED = {
    "name": SENT_TEXT,
    "email": SENT_TEXT,
    "password": SENT_TEXT,
    "admin": SENT_FLAG,
    "external": SENT_FLAG,
    "username": SENT_TEXT,
}
_NEW = {
    **_WANTED,
    "username": {"type": "string"},
    "email": {"type": "string"},
    "force_random_password": SENT_FLAG,
    "reset_password": SENT_FLAG,
}
_FILTERS = {
    "active": "Only those who are not blocked.",
    "blocked": "Only those who are blocked.",
    "external": "Only external ones.",
    "exclude_external": "None that is external.",
    "humans": "No bots.",
    "without_project_bots": "No bots.",
    "exclude_humans": "Only bots.",
    "admins": "Only administrators.",
}
_QUERY = (
    *PAGES,
    query("username", TEXT, "Only the one with this user name."),
    query("search", TEXT, "Only those with this in their user name, name or e-mail address."),
    query("id_after", SENT_NUMBER, "Only those whose number is higher."),
    *(query(name, SENT_FLAG, meaning) for name, meaning in _FILTERS.items()),
    query("order_by", words(UserOrder), "By what they are sorted; for administrators."),
    query("sort", words(("asc", "desc")), "Which way; for administrators."),
)
_ONE = "/users/{user_id}"
_FOUND = body(("token",), token={"type": "string"})

SUBJECT = Subject(
    "Users",
    "Who there is, and who one is; and tokens that were found somewhere.",
    (
        Operation(
            "GET",
            "/user",
            ApiUser,
            "Show one's own account",
            who="any account, bots too",
            answer=shows(ACCOUNT),
        ),
        Operation(
            "GET",
            "/users",
            ApiUsers,
            "List users",
            who="any account, for whom they may see",
            query=_QUERY,
            answer=lists(USER),
        ),
        Operation(
            "GET",
            _ONE,
            ApiUserById,
            "Show a user",
            who="any account, for whom they may see",
            answer=shows(USER),
        ),
        Operation(
            "POST",
            "/users",
            ApiUsers,
            "Create a user",
            who="administrator",
            body=body(("username", "email"), **_NEW),
            answer=creates(ACCOUNT),
        ),
        Operation(
            "PUT",
            _ONE,
            ApiUserById,
            "Change a user",
            who="administrator",
            body=body((), at_least_one_of(_WANTED), **_WANTED),
            answer=shows(ACCOUNT, "The user as they are now."),
        ),
        Operation(
            "DELETE",
            _ONE,
            ApiUserById,
            "Delete a user",
            who="administrator",
            query=(query("hard_delete", SENT_FLAG, "What a user published stays: not true."),),
            answer=GONE,
        ),
        Operation(
            "POST",
            f"{_ONE}/block",
            ApiUserBlock,
            "Block a user",
            who="administrator",
            answer=creates(constant(True), "They are blocked."),
        ),
        Operation(
            "POST",
            f"{_ONE}/unblock",
            ApiUserUnblock,
            "Let a user in again",
            who="administrator",
            answer=creates(constant(True), "They are let in."),
        ),
        Operation(
            "GET",
            f"{_ONE}/memberships",
            ApiUserMemberships,
            "List where a user is a member",
            who="administrator",
            query=(*PAGES, query("type", words(SOURCE_TYPES), "Only of this kind.")),
            answer=lists(MEMBERSHIP),
        ),
        Operation(
            "POST",
            f"{_ONE}/personal_access_tokens",
            ApiUserTokens,
            "Create a personal access token for somebody",
            who="administrator",
            body=creation(USER_SCOPES, expires_at=SENT_DAY),
            answer=creates(NEW_OWN_TOKEN),
        ),
        Operation(
            "POST",
            "/admin/token",
            ApiFoundToken,
            "Say what a token is that was found",
            who="administrator",
            body=_FOUND,
            answer=shows({"anyOf": [FOUND_USER_TOKEN, FOUND_TOKEN]}),
            also=(422,),
        ),
        Operation(
            "DELETE",
            "/admin/token",
            ApiFoundToken,
            "Revoke a token that was found",
            who="administrator",
            body=_FOUND,
            answer=GONE,
            also=(422,),
        ),
    ),
)
