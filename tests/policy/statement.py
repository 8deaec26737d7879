"""The policy, as tables. Nothing here comes from the registry's own code.

A caller may do something where three things hold:

1. their role, or the visibility of the place, gives them the action (`IN_A_PROJECT`,
   `IN_A_GROUP`, `IN_THE_INSTANCE`);
2. the credential that they chose to send can carry the action (`CREDENTIALS`);
3. the credential is sent where its kind is taken (`TAKEN_IN`), is neither revoked nor expired,
   and its user is not blocked.

Who may not is answered so:

- wrong, revoked or expired credentials, or those of a blocked user: 401, whatever is asked for;
- nobody (no credentials, or a browser session that is over): 401, whether it exists or not;
- somebody who does not see the place: 404, as if it did not exist;
- somebody who sees it: 403.

Who may leave and has no role in the place itself to give up, but one from above: 404.

Whoever may see a project, or pull from it, sees it (`SEEING`); which credential they chose to
send makes no difference to that. Whoever is signed in sees the instance.
"""

from typing import Final

# Roles, from the lowest to the highest. A role in a group holds for everything in the group.
GUEST: Final = "Guest"
REPORTER: Final = "Reporter"
DEVELOPER: Final = "Developer"
MAINTAINER: Final = "Maintainer"
OWNER: Final = "Owner"
ROLES: Final = (GUEST, REPORTER, DEVELOPER, MAINTAINER, OWNER)

# Who may without a role. Members go on as in a private project or group.
ANYONE: Final = "anyone"
INTERNAL: Final = "internal"  # every user who is not external
VISITOR: Final = "visitor"  # a member of anything inside the group
ANY_USER: Final = "any user"  # external ones and bots, too
SIGNED_IN: Final = "signed in"  # whatever the credential, a deploy token for instance
ADMINISTRATOR: Final = "administrator"  # who may do everything everywhere

# (1) The least that somebody must be, by the visibility of the place.

PROJECT_IS: Final = ("private", "internal", "public", "anyone can pull")
"""The last one is a private project that lets anyone pull."""

IN_A_PROJECT: Final[dict[str, tuple[str, str, str, str]]] = {
    "see the project": (GUEST, INTERNAL, ANYONE, GUEST),
    "view packages": (REPORTER, INTERNAL, ANYONE, REPORTER),
    "pull": (REPORTER, INTERNAL, ANYONE, ANYONE),
    "explain to others": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "see usage": (REPORTER, INTERNAL, ANYONE, REPORTER),
    "count copies": (REPORTER, INTERNAL, ANYONE, REPORTER),
    "publish": (DEVELOPER, DEVELOPER, DEVELOPER, DEVELOPER),
    "yank": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "set the status of a package": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "delete": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "see members": (GUEST, GUEST, GUEST, GUEST),
    "leave": (GUEST, GUEST, GUEST, GUEST),
    "manage members": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "see tokens": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "manage access tokens": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "manage deploy tokens": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "create job tokens": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "see trusted publishers": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "manage trusted publishers": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "see protection": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "manage protection": (MAINTAINER, MAINTAINER, MAINTAINER, MAINTAINER),
    "change settings": (OWNER, OWNER, OWNER, OWNER),
    "transfer": (OWNER, OWNER, OWNER, OWNER),
    "delete it": (OWNER, OWNER, OWNER, OWNER),
    "read the audit log": (OWNER, OWNER, OWNER, OWNER),
}

GROUP_IS: Final = ("private", "internal", "public")

IN_A_GROUP: Final[dict[str, tuple[str, str, str]]] = {
    "see the group": (VISITOR, INTERNAL, ANYONE),
    "explain": (VISITOR, INTERNAL, ANYONE),
    "explain to others": (MAINTAINER, MAINTAINER, MAINTAINER),
    "see usage": (VISITOR, INTERNAL, ANYONE),
    "count copies": (VISITOR, INTERNAL, ANYONE),
    "see members": (GUEST, GUEST, GUEST),
    "leave": (GUEST, GUEST, GUEST),
    "manage members": (MAINTAINER, MAINTAINER, MAINTAINER),
    "see tokens": (MAINTAINER, MAINTAINER, MAINTAINER),
    "manage access tokens": (MAINTAINER, MAINTAINER, MAINTAINER),
    "manage deploy tokens": (MAINTAINER, MAINTAINER, MAINTAINER),
    "see protection": (MAINTAINER, MAINTAINER, MAINTAINER),
    "manage protection": (MAINTAINER, MAINTAINER, MAINTAINER),
    "change settings": (OWNER, OWNER, OWNER),
    "create in the group": (MAINTAINER, MAINTAINER, MAINTAINER),
    "transfer": (OWNER, OWNER, OWNER),
    "delete it": (OWNER, OWNER, OWNER),
    "read the audit log": (OWNER, OWNER, OWNER),
}

IN_THE_INSTANCE: Final[dict[str, str]] = {
    "open the front page": ANYONE,
    "see the health": ADMINISTRATOR,
    "move stored files": ADMINISTRATOR,
    "explain": SIGNED_IN,
    "explain to others": ADMINISTRATOR,
    "see usage": ADMINISTRATOR,
    # Each caller is shown what they may see, and nothing else.
    "list groups and projects": ANYONE,
    # What they are told then depends on the group that they name.
    "create groups and projects": ANY_USER,
    # Unless the instance lets people do so: test_creating proves that.
    "create groups at the top": ADMINISTRATOR,
    "see oneself": ANY_USER,
    "manage oneself": ANY_USER,
    "see one's own tokens": ANY_USER,
    "manage one's own tokens": ANY_USER,
    "see all deploy tokens": ADMINISTRATOR,
    "see users": ANY_USER,  # external ones only themselves
    "see where somebody is a member": ADMINISTRATOR,
    "manage users": ADMINISTRATOR,
    "manage found tokens": ADMINISTRATOR,
    "change settings": ADMINISTRATOR,
    "read the audit log": ADMINISTRATOR,
}

# The index of a group or of the instance is no place of its own: it shows each caller what they
# may pull, and nothing else. "read the index" is for who may pull from any project in it, who
# sees the group, and in the instance for who is signed in. Two actions ask it for a package:
# "find in the index" and "fetch by the index"; what the caller may not pull is not there.

SEEING: Final[dict[str, tuple[str, ...]]] = {
    "project": ("see the project", "pull"),
    "group": ("see the group",),
}

# (2) What a credential can carry, however much its owner may do.

_LOOKING: Final = frozenset(
    {
        "open the front page",
        "list groups and projects",
        "see the project",
        "see the group",
        "view packages",
        "read the index",
        "find in the index",
        "fetch by the index",
        "pull",
        "see members",
        "see the health",
        "explain",
        "explain to others",
        "see usage",
        "see oneself",
        "see one's own tokens",
        "see tokens",
        "see trusted publishers",
        "see protection",
        "see all deploy tokens",
        "see users",
        "see where somebody is a member",
        "read the audit log",
    }
)
_PULLING: Final = frozenset(
    {
        "open the front page",
        "read the index",
        "find in the index",
        "fetch by the index",
        "explain",
        "pull",
    }
)
_PUBLISHING: Final = frozenset({"publish"})
_EVERYTHING: Final = _LOOKING | set(IN_A_PROJECT) | set(IN_A_GROUP) | set(IN_THE_INSTANCE)
_JOBS: Final = frozenset({"create job tokens"})
_LASTING: Final = frozenset(
    # A bot's token must not make what outlives it.
    {
        "manage access tokens",
        "manage deploy tokens",
        "manage trusted publishers",
        "manage users",
    }
)
_IN_PERSON: Final = frozenset({"manage oneself"})

CREDENTIALS: Final[dict[str, frozenset[str]]] = {
    "nothing": _EVERYTHING,
    "personal access token: api": _EVERYTHING - _JOBS - _IN_PERSON,
    "personal access token: read_api": _LOOKING,
    "password": _EVERYTHING - _JOBS,
    "browser session": _EVERYTHING - _JOBS - _PUBLISHING,
    "project access token: api": _EVERYTHING - _LASTING - _IN_PERSON,
    "project access token: read_api": _LOOKING,
    "group access token: api": _EVERYTHING - _LASTING - _IN_PERSON,
    "group access token: read_api": _LOOKING,
    "deploy token: read": _PULLING,
    "deploy token: write": _PUBLISHING,
    "deploy token: read, write": _PULLING | _PUBLISHING,
    "job token": _PULLING | _PUBLISHING,
}

DEPLOY_TOKEN_ACTS_AS: Final = DEVELOPER
"""In the project or group that it belongs to, and nowhere else. It is no user."""

JOB_TOKEN_ACTS_AS: Final = MAINTAINER
"""In its own project, and nowhere else. It is no user."""

# Bots are external users, with the role that their access token was given.

# (3) Where in a request which kind of credential is taken.

PLACES: Final = ("Basic", "Bearer", "PRIVATE-TOKEN", "JOB-TOKEN", "Deploy-Token")

TAKEN_IN: Final[dict[str, frozenset[str]]] = {
    "personal access token": frozenset({"Basic", "Bearer", "PRIVATE-TOKEN"}),
    "project access token": frozenset({"Basic", "Bearer", "PRIVATE-TOKEN"}),
    "group access token": frozenset({"Basic", "Bearer", "PRIVATE-TOKEN"}),
    "deploy token": frozenset({"Basic", "Deploy-Token"}),
    "job token": frozenset({"Basic", "JOB-TOKEN"}),
}
