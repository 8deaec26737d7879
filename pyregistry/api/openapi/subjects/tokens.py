"""Access tokens, deploy tokens, job tokens and the caller's own tokens."""

from collections.abc import Iterable

from pyregistry.api.openapi.operations import GONE, Operation, Subject, creates, lists, shows
from pyregistry.api.openapi.parameters import PAGES, Body, body, query
from pyregistry.api.openapi.schemas import (
    DAY,
    FLAG,
    ID,
    MOMENT,
    NUMBER,
    TEXT,
    AnySchema,
    array,
    nullable,
    record,
    words,
)
from pyregistry.api.openapi.sent import (
    SENT_DAY,
    SENT_FLAG,
    SENT_LABEL,
    SENT_MOMENT,
    SENT_NUMBER,
    SENT_ROLE,
    SENT_TEXT,
    sent_words,
)
from pyregistry.api.openapi.subjects.members import ACCESS_LEVEL
from pyregistry.authnz.permissions import KIND_SCOPES, CredentialKind
from pyregistry.resources.api_job_tokens import ApiJobTokens
from pyregistry.resources.api_tokens import (
    ApiAccessToken,
    ApiAccessTokenRotation,
    ApiAccessTokens,
    ApiAllDeployTokens,
    ApiDeployToken,
    ApiDeployTokenRotation,
    ApiDeployTokens,
    ApiOwnAccessTokenRotation,
    ApiOwnToken,
    ApiOwnTokenRotation,
    ApiPersonalToken,
    ApiPersonalTokenRotation,
    ApiPersonalTokens,
)

USER_SCOPES = sorted(KIND_SCOPES[CredentialKind.PERSONAL_ACCESS_TOKEN])
_DEPLOY_SCOPES = sorted(KIND_SCOPES[CredentialKind.DEPLOY_TOKEN])
_JOB_SCOPES = sorted(KIND_SCOPES[CredentialKind.JOB_TOKEN])

_COMMON: dict[str, AnySchema] = {
    "id": ID,
    "name": TEXT,
    "revoked": FLAG,
    "created_at": MOMENT,
    "last_used_at": nullable(MOMENT),
    "last_used_address": nullable(TEXT),
    "last_used_ips": array(TEXT),
}
_OF_USERS: dict[str, AnySchema] = {
    **_COMMON,
    "description": nullable(TEXT),
    "scopes": array(words(USER_SCOPES)),
    "active": FLAG,
    "user_id": ID,
    "expires_at": nullable(DAY),
}
OF_BOTS: dict[str, AnySchema] = {**_OF_USERS, "access_level": nullable(ACCESS_LEVEL)}
OF_DEPLOYMENTS: dict[str, AnySchema] = {
    **_COMMON,
    "scopes": array(words(_DEPLOY_SCOPES)),
    "username": TEXT,
    "expired": FLAG,
    "expires_at": nullable(MOMENT),
}
_ENDS = "`expires_at` is the day at whose beginning (UTC) it ends."
_SECRET = "With the secret, which is shown this once."  # noqa: S105 -- a sentence about one
ACCESS_TOKEN = record("AccessToken", f"The token of a bot. {_ENDS}", **OF_BOTS)
NEW_ACCESS_TOKEN = record("NewAccessToken", _SECRET, **OF_BOTS, token=TEXT)
OWN_TOKEN = record(
    "OwnToken",
    f"A token of the caller; `access_level` is there for that of a bot. {_ENDS}",
    ("access_level",),
    **OF_BOTS,
)
NEW_OWN_TOKEN = record("NewOwnToken", _SECRET, ("access_level",), **OF_BOTS, token=TEXT)
DEPLOY_TOKEN = record("DeployToken", "A deploy token.", **OF_DEPLOYMENTS)
NEW_DEPLOY_TOKEN = record("NewDeployToken", _SECRET, **OF_DEPLOYMENTS, token=TEXT)
NEW_JOB_TOKEN = record(
    "NewJobToken",
    _SECRET,
    id=ID,
    token=TEXT,
    scopes=array(words(_JOB_SCOPES)),
    expires_at=nullable(MOMENT),
)

_STATE = query("state", words(("active", "inactive")), "Only valid tokens, or only others.")
_ACTIVE = query("active", SENT_FLAG, "Only valid tokens, where it is true.")
_PERIODS = {"created": "made", "expires": "ending", "last_used": "last used"}
_WHEN = "this day, or time in ISO 8601"
TOKEN_LIST = (
    *PAGES,
    _STATE,
    _ACTIVE,
    query("search", TEXT, "Only those with this in their name."),
    query("revoked", SENT_FLAG, "Only those that are revoked, or only others."),
    *(
        query(f"{name}_after", TEXT, f"Only those {how} from {_WHEN} on.")
        for name, how in _PERIODS.items()
    ),
    *(
        query(f"{name}_before", TEXT, f"Only those {how} before {_WHEN}.")
        for name, how in _PERIODS.items()
    ),
)
"""The parameters of every list of tokens."""
_USER_ID = query("user_id", NUMBER, "Only those of this user; of others to administrators alone.")
_NEW_END = body(expires_at=SENT_DAY)


def creation(scopes: Iterable[str], **others: AnySchema) -> Body:
    """The body that creates a token."""
    return body(("name", "scopes"), name={"type": "string"}, scopes=sent_words(scopes), **others)


_ACCESS_TOKENS = Subject(
    "Access tokens",
    "Tokens of groups and projects, each with a bot that has a role.",
    (
        Operation(
            "GET",
            ".../access_tokens",
            ApiAccessTokens,
            "List access tokens",
            who="Maintainer",
            query=TOKEN_LIST,
            answer=lists(ACCESS_TOKEN),
        ),
        Operation(
            "POST",
            ".../access_tokens",
            ApiAccessTokens,
            "Create an access token",
            who="Maintainer",
            body=creation(
                USER_SCOPES,
                description=SENT_TEXT,
                access_level=nullable(SENT_ROLE),
                expires_at=SENT_DAY,
            ),
            answer=creates(NEW_ACCESS_TOKEN),
        ),
        Operation(
            "GET",
            ".../access_tokens/{token_id}",
            ApiAccessToken,
            "Show an access token",
            who="Maintainer",
            answer=shows(ACCESS_TOKEN),
        ),
        Operation(
            "DELETE",
            ".../access_tokens/{token_id}",
            ApiAccessToken,
            "Revoke an access token",
            who="Maintainer",
            answer=GONE,
        ),
        Operation(
            "POST",
            ".../access_tokens/{token_id}/rotate",
            ApiAccessTokenRotation,
            "Rotate an access token",
            who="Maintainer",
            body=_NEW_END,
            answer=shows(NEW_ACCESS_TOKEN, "The token in its place."),
        ),
        Operation(
            "POST",
            ".../access_tokens/self/rotate",
            ApiOwnAccessTokenRotation,
            "Rotate the access token of the request",
            who="the token itself",
            body=_NEW_END,
            answer=shows(NEW_ACCESS_TOKEN, "The token in its place."),
        ),
    ),
)
_DEPLOY_TOKENS = Subject(
    "Deploy tokens",
    "Tokens of groups and projects that belong to no user.",
    (
        Operation(
            "GET",
            "/deploy_tokens",
            ApiAllDeployTokens,
            "List the deploy tokens of the instance",
            who="administrator",
            query=TOKEN_LIST,
            answer=lists(DEPLOY_TOKEN),
        ),
        Operation(
            "GET",
            ".../deploy_tokens",
            ApiDeployTokens,
            "List deploy tokens",
            who="Maintainer",
            query=TOKEN_LIST,
            answer=lists(DEPLOY_TOKEN),
        ),
        Operation(
            "POST",
            ".../deploy_tokens",
            ApiDeployTokens,
            "Create a deploy token",
            who="Maintainer",
            body=creation(_DEPLOY_SCOPES, username=SENT_TEXT, expires_at=SENT_MOMENT),
            answer=creates(NEW_DEPLOY_TOKEN),
        ),
        Operation(
            "GET",
            ".../deploy_tokens/{token_id}",
            ApiDeployToken,
            "Show a deploy token",
            who="Maintainer",
            answer=shows(DEPLOY_TOKEN),
        ),
        Operation(
            "DELETE",
            ".../deploy_tokens/{token_id}",
            ApiDeployToken,
            "Revoke a deploy token",
            who="Maintainer",
            answer=GONE,
        ),
        Operation(
            "POST",
            ".../deploy_tokens/{token_id}/rotate",
            ApiDeployTokenRotation,
            "Rotate a deploy token",
            who="Maintainer",
            body=body(expires_at=SENT_MOMENT),
            answer=shows(NEW_DEPLOY_TOKEN, "The token in its place."),
        ),
    ),
)
_OWN_TOKENS = Subject(
    "Personal access tokens",
    "The tokens of the caller; to administrators those of everybody.",
    (
        Operation(
            "GET",
            "/personal_access_tokens",
            ApiPersonalTokens,
            "List one's own tokens",
            who="any account, bots too",
            query=(*TOKEN_LIST, _USER_ID),
            answer=lists(OWN_TOKEN),
        ),
        Operation(
            "GET",
            "/personal_access_tokens/{token_id}",
            ApiPersonalToken,
            "Show a token",
            who="the user of the token",
            answer=shows(OWN_TOKEN),
        ),
        Operation(
            "GET",
            "/personal_access_tokens/self",
            ApiOwnToken,
            "Show the token of the request",
            who="any account, bots too",
            answer=shows(OWN_TOKEN),
        ),
        Operation(
            "DELETE",
            "/personal_access_tokens/{token_id}",
            ApiPersonalToken,
            "Revoke a token",
            who="the user of the token",
            answer=GONE,
        ),
        Operation(
            "DELETE",
            "/personal_access_tokens/self",
            ApiOwnToken,
            "Revoke the token of the request",
            who="any account, bots too",
            answer=GONE,
        ),
        Operation(
            "POST",
            "/personal_access_tokens/{token_id}/rotate",
            ApiPersonalTokenRotation,
            "Rotate a token",
            who="the user of the token",
            body=_NEW_END,
            answer=shows(NEW_OWN_TOKEN, "The token in its place."),
        ),
        Operation(
            "POST",
            "/personal_access_tokens/self/rotate",
            ApiOwnTokenRotation,
            "Rotate the token of the request",
            who="any account, bots too",
            body=_NEW_END,
            answer=shows(NEW_OWN_TOKEN, "The token in its place."),
        ),
    ),
)
_JOB_TOKENS = Subject(
    "Job tokens",
    "Tokens of single jobs, which publish into one project.",
    (
        Operation(
            "POST",
            "/projects/{id}/job_tokens",
            ApiJobTokens,
            "Create a job token",
            who="access token, Maintainer",
            body=body(
                pipeline_id=SENT_LABEL,
                pipeline_url=SENT_TEXT,
                job_id=SENT_LABEL,
                ref=SENT_TEXT,
                sha=SENT_TEXT,
                user=SENT_TEXT,
                source_repository=SENT_TEXT,
                expires_in=SENT_NUMBER,
            ),
            answer=creates(NEW_JOB_TOKEN),
        ),
    ),
)
SUBJECTS = (_ACCESS_TOKENS, _DEPLOY_TOKENS, _OWN_TOKENS, _JOB_TOKENS)
