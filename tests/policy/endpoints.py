"""Every endpoint: method, address, action, and the status that says "you may".

A new endpoint is one line here; a test fails for one that is registered and not here. The
proof stands in the project `acme/team/core` of the group `acme/team`. Words in braces are
ids in it. Requests that change something are sent with an empty body: whoever may is told
what is missing (`EMPTY_BODY`), or that what they name is not there (`NO_SUCH`). Where neither
is possible, a spare is deleted and made again (`DONE`).
"""

from typing import Final, NamedTuple

OK: Final = 200
CREATED: Final = 201
ACCEPTED: Final = 202
DONE: Final = 204
SEE_OTHER: Final = 303
EMPTY_BODY: Final = 400
NO_SUCH: Final = 404


class Endpoint(NamedTuple):
    """One row: in the place (project, group or instance) the method of an address."""

    place: str
    method: str
    address: str
    action: str
    status: int = OK


_PROJECT = "/api/v4/projects/{project}"
_BY_PATH = "/api/v4/projects/acme%2Fteam%2Fcore"
_GROUP = "/api/v4/groups/{group}"
_GROUP_BY_PATH = "/api/v4/groups/acme%2Fteam"
_PROJECT_PAGE = "/acme/team/core/-"
_GROUP_PAGE = "/acme/team/-"
_FILE = "files/{sha256}/{filename}"
_PACKAGE = "/acme/team/core/demo-package/-"
_RELEASE = "/acme/team/core/demo-package/1.0/-"
_PROVENANCE = "integrity/demo-package/1.0/{filename}/provenance"
_MANAGE = "manage members"
_NOBODY = "{missing}"  # an id that nothing has


def _pages_of_members(place: str) -> list[tuple[str, str, str, int]]:
    """What lies below `…/-/members` of a group or project."""
    members = f"/{place}/-/members"
    return [
        ("GET", members, "see members", OK),
        ("GET", f"{members}/add", _MANAGE, OK),
        ("POST", f"{members}/add", _MANAGE, EMPTY_BODY),
        ("GET", f"{members}/leave", "leave", OK),
        ("POST", f"{members}/leave", "leave", EMPTY_BODY),
        ("GET", f"{members}/{{member}}", _MANAGE, OK),
        ("POST", f"{members}/{{member}}", _MANAGE, EMPTY_BODY),
        ("GET", f"{members}/{{member}}/remove", _MANAGE, OK),
        ("POST", f"{members}/{{member}}/remove", _MANAGE, EMPTY_BODY),
    ]


def _pages_of_tokens(place: str) -> list[tuple[str, str, str, int]]:
    """What lies below `…/-/tokens` of a group or project."""
    tokens = f"/{place}/-/tokens"
    rows = [("GET", tokens, "see tokens", OK)]
    for kind in ("access", "deploy"):
        manage, below = f"manage {kind} tokens", f"{tokens}/{kind}"
        rows += [
            ("GET", f"{below}/ended", "see tokens", OK),
            ("GET", f"{below}/add", manage, OK),
            ("POST", f"{below}/add", manage, EMPTY_BODY),
            ("GET", f"{below}/{_NOBODY}/rotate", manage, NO_SUCH),
            ("POST", f"{below}/{_NOBODY}/rotate", manage, NO_SUCH),
            ("GET", f"{below}/{_NOBODY}/revoke", manage, NO_SUCH),
            ("POST", f"{below}/{_NOBODY}/revoke", manage, NO_SUCH),
        ]
    return rows


_MIGRATIONS = "/api/v4/application/storage_migrations"
_PUBLISHERS = "/acme/team/core/-/tokens/publishers"

OF_A_PROJECT: Final = [
    ("GET", "/acme/team/core/", "see the project", OK),
    ("GET", "/acme/team/core/demo-package/", "view packages", OK),
    ("GET", "/acme/team/core/demo-package/1.0/", "view packages", OK),
    ("GET", f"{_PACKAGE}/delete", "delete", OK),
    ("POST", f"{_PACKAGE}/delete", "delete", EMPTY_BODY),
    ("GET", f"{_PACKAGE}/status", "set the status of a package", OK),
    ("POST", f"{_PACKAGE}/status", "set the status of a package", EMPTY_BODY),
    ("GET", f"{_RELEASE}/delete", "delete", OK),
    ("POST", f"{_RELEASE}/delete", "delete", EMPTY_BODY),
    ("GET", f"{_RELEASE}/yank", "yank", OK),
    ("POST", f"{_RELEASE}/yank", "yank", SEE_OTHER),
    ("GET", f"{_RELEASE}/unyank", "yank", OK),
    ("POST", f"{_RELEASE}/unyank", "yank", SEE_OTHER),
    ("GET", f"{_RELEASE}/files/{{filename}}/delete", "delete", OK),
    ("POST", f"{_RELEASE}/files/{{filename}}/delete", "delete", EMPTY_BODY),
    ("POST", "/acme/team/core/-/copied", "count copies", EMPTY_BODY),
    ("GET", "/acme/team/core/-/simple/", "pull", OK),
    ("GET", "/acme/team/core/-/simple/demo-package/", "pull", OK),
    ("GET", f"/acme/team/core/-/{_FILE}", "pull", OK),
    ("HEAD", f"/acme/team/core/-/{_FILE}", "pull", OK),
    ("GET", f"/acme/team/core/-/{_FILE}.metadata", "pull", OK),
    ("GET", "/acme/team/core/-/pypi/demo-package/json", "pull", OK),
    ("GET", f"/acme/team/core/-/{_PROVENANCE}", "pull", NO_SUCH),
    ("POST", "/acme/team/core/-/legacy/", "publish", EMPTY_BODY),
    ("GET", f"{_PROJECT}/packages/pypi/simple/", "pull", OK),
    ("GET", f"{_BY_PATH}/packages/pypi/simple/demo-package/", "pull", OK),
    ("GET", f"{_PROJECT}/packages/pypi/{_FILE}", "pull", OK),
    ("POST", f"{_PROJECT}/packages/pypi", "publish", EMPTY_BODY),
    ("GET", f"{_PROJECT}/packages", "pull", OK),
    ("GET", f"{_BY_PATH}/packages", "pull", OK),
    ("GET", f"{_PROJECT}/packages/{{release}}", "pull", OK),
    ("PUT", f"{_PROJECT}/packages/{{release}}", "yank", EMPTY_BODY),
    ("DELETE", f"{_PROJECT}/packages/{{spare_release}}", "delete", DONE),
    ("GET", f"{_PROJECT}/packages/{{release}}/package_files", "pull", OK),
    (
        "DELETE",
        f"{_PROJECT}/packages/{{spare_release}}/package_files/{{spare_file}}",
        "delete",
        DONE,
    ),
    ("GET", f"{_PROJECT}/packages/pypi/status/demo-package", "pull", OK),
    (
        "PUT",
        f"{_PROJECT}/packages/pypi/status/demo-package",
        "set the status of a package",
        EMPTY_BODY,
    ),
    ("GET", _PROJECT, "see the project", OK),
    ("PUT", _PROJECT, "change settings", EMPTY_BODY),
    ("PUT", f"{_PROJECT}/transfer", "transfer", EMPTY_BODY),
    ("GET", f"{_PROJECT}/transfer_locations", "transfer", OK),
    ("GET", f"{_PROJECT}/members", "see members", OK),
    ("POST", f"{_PROJECT}/members", _MANAGE, EMPTY_BODY),
    ("GET", f"{_BY_PATH}/members/all", "see members", OK),
    ("GET", f"{_PROJECT}/members/{{member}}", "see members", OK),
    ("PUT", f"{_PROJECT}/members/{{member}}", _MANAGE, EMPTY_BODY),
    ("DELETE", f"{_PROJECT}/members/{_NOBODY}", _MANAGE, NO_SUCH),
    ("GET", f"{_PROJECT}/members/all/{{member}}", "see members", OK),
    ("GET", f"{_PROJECT}/packages/{{release}}/pipelines", "pull", OK),
    ("POST", f"{_PROJECT}/job_tokens", "create job tokens", CREATED),
    ("GET", f"{_PROJECT}/packages/protection/rules", "see protection", OK),
    ("POST", f"{_PROJECT}/packages/protection/rules", "manage protection", EMPTY_BODY),
    ("PATCH", f"{_PROJECT}/packages/protection/rules/{_NOBODY}", "manage protection", NO_SUCH),
    ("DELETE", f"{_PROJECT}/packages/protection/rules/{_NOBODY}", "manage protection", NO_SUCH),
    ("GET", f"{_PROJECT}/audit_events", "read the audit log", OK),
    ("GET", f"{_PROJECT}/audit_events/{_NOBODY}", "read the audit log", NO_SUCH),
    ("GET", f"{_PROJECT}/access_tokens", "see tokens", OK),
    ("POST", f"{_PROJECT}/access_tokens", "manage access tokens", EMPTY_BODY),
    ("GET", f"{_PROJECT}/access_tokens/{_NOBODY}", "see tokens", NO_SUCH),
    ("DELETE", f"{_PROJECT}/access_tokens/{_NOBODY}", "manage access tokens", NO_SUCH),
    ("POST", f"{_PROJECT}/access_tokens/{_NOBODY}/rotate", "manage access tokens", NO_SUCH),
    ("GET", f"{_PROJECT}/deploy_tokens", "see tokens", OK),
    ("POST", f"{_PROJECT}/deploy_tokens", "manage deploy tokens", EMPTY_BODY),
    ("GET", f"{_PROJECT}/deploy_tokens/{_NOBODY}", "see tokens", NO_SUCH),
    ("DELETE", f"{_PROJECT}/deploy_tokens/{_NOBODY}", "manage deploy tokens", NO_SUCH),
    ("POST", f"{_PROJECT}/deploy_tokens/{_NOBODY}/rotate", "manage deploy tokens", NO_SUCH),
    ("GET", f"{_PROJECT}/explain?package=demo-package", "pull", OK),
    ("GET", f"{_PROJECT}/explain?package=x&anonymous=true", "explain to others", OK),
    ("GET", f"{_PROJECT}/usage", "see usage", OK),
    ("POST", f"{_PROJECT}/usage", "count copies", EMPTY_BODY),
    ("GET", "/acme/team/core/-/usage", "see usage", OK),
    ("GET", "/acme/team/core/-/usage/csv", "see usage", OK),
    ("GET", "/acme/team/core/-/activity", "read the audit log", OK),
    ("GET", f"{_PROJECT}/trusted_publishers", "see trusted publishers", OK),
    ("POST", f"{_PROJECT}/trusted_publishers", "manage trusted publishers", EMPTY_BODY),
    ("GET", f"{_PROJECT}/trusted_publishers/{_NOBODY}", "see trusted publishers", NO_SUCH),
    ("DELETE", f"{_PROJECT}/trusted_publishers/{_NOBODY}", "manage trusted publishers", NO_SUCH),
    *_pages_of_members("acme/team/core"),
    *_pages_of_tokens("acme/team/core"),
    ("GET", f"{_PUBLISHERS}/gitlab", "manage trusted publishers", OK),
    ("POST", f"{_PUBLISHERS}/gitlab", "manage trusted publishers", EMPTY_BODY),
    ("GET", f"{_PUBLISHERS}/{_NOBODY}/remove", "manage trusted publishers", NO_SUCH),
    ("POST", f"{_PUBLISHERS}/{_NOBODY}/remove", "manage trusted publishers", NO_SUCH),
    ("GET", f"{_PROJECT_PAGE}/settings", "change settings", OK),
    ("POST", f"{_PROJECT_PAGE}/settings/naming", "change settings", EMPTY_BODY),
    ("POST", f"{_PROJECT_PAGE}/settings/path", "change settings", EMPTY_BODY),
    ("POST", f"{_PROJECT_PAGE}/settings/visibility", "change settings", EMPTY_BODY),
    ("POST", f"{_PROJECT_PAGE}/settings/registry", "change settings", EMPTY_BODY),
    ("POST", f"{_PROJECT_PAGE}/settings/limits", "change settings", EMPTY_BODY),
    ("GET", f"{_PROJECT_PAGE}/settings/move", "transfer", OK),
    ("POST", f"{_PROJECT_PAGE}/settings/move", "transfer", EMPTY_BODY),
    ("GET", f"{_PROJECT_PAGE}/settings/delete", "delete it", OK),
    ("POST", f"{_PROJECT_PAGE}/settings/delete", "delete it", EMPTY_BODY),
    ("GET", f"{_PROJECT_PAGE}/rules", "see protection", OK),
    ("POST", f"{_PROJECT_PAGE}/rules/add", "manage protection", EMPTY_BODY),
    ("GET", f"{_PROJECT_PAGE}/rules/{_NOBODY}", "manage protection", NO_SUCH),
    ("POST", f"{_PROJECT_PAGE}/rules/{_NOBODY}/change", "manage protection", NO_SUCH),
    ("POST", f"{_PROJECT_PAGE}/rules/{_NOBODY}/remove", "manage protection", NO_SUCH),
]

OF_A_GROUP: Final = [
    ("GET", "/acme/team/", "see the group", OK),
    ("GET", "/acme/team/-/packages", "see the group", OK),
    ("POST", "/acme/team/-/copied", "count copies", EMPTY_BODY),
    ("GET", "/acme/team/-/simple/", "read the index", OK),
    ("GET", "/acme/team/-/simple/demo-package/", "find in the index", OK),
    ("GET", "/acme/team/-/pypi/demo-package/json", "find in the index", OK),
    ("GET", f"/acme/team/-/{_PROVENANCE}", "read the index", NO_SUCH),
    ("GET", f"/acme/team/-/{_FILE}", "fetch by the index", OK),
    ("GET", f"/acme/team/-/{_FILE}.metadata", "fetch by the index", OK),
    ("GET", f"{_GROUP}/-/packages/pypi/simple/", "read the index", OK),
    ("GET", f"{_GROUP_BY_PATH}/-/packages/pypi/simple/demo-package/", "find in the index", OK),
    ("GET", f"{_GROUP}/-/packages/pypi/{_FILE}", "fetch by the index", OK),
    ("GET", f"{_GROUP}/packages", "read the index", OK),
    ("GET", f"{_GROUP_BY_PATH}/packages", "read the index", OK),
    ("GET", _GROUP, "see the group", OK),
    ("PUT", _GROUP, "change settings", EMPTY_BODY),
    ("GET", f"{_GROUP}/subgroups", "see the group", OK),
    ("GET", f"{_GROUP_BY_PATH}/descendant_groups", "see the group", OK),
    ("GET", f"{_GROUP}/projects", "see the group", OK),
    ("GET", f"{_GROUP}/transfer_locations", "transfer", OK),
    ("GET", f"{_GROUP}/members", "see members", OK),
    ("POST", f"{_GROUP}/members", _MANAGE, EMPTY_BODY),
    ("GET", f"{_GROUP_BY_PATH}/members/all", "see members", OK),
    ("GET", f"{_GROUP}/members/{{member}}", "see members", OK),
    ("PUT", f"{_GROUP}/members/{{member}}", _MANAGE, EMPTY_BODY),
    ("DELETE", f"{_GROUP}/members/{_NOBODY}", _MANAGE, NO_SUCH),
    ("GET", f"{_GROUP}/members/all/{{member}}", "see members", OK),
    ("GET", f"{_GROUP}/explain?package=demo-package", "explain", OK),
    ("GET", f"{_GROUP}/explain?package=x&anonymous=true", "explain to others", OK),
    ("GET", f"{_GROUP}/usage", "see usage", OK),
    ("GET", "/acme/team/-/usage", "see usage", OK),
    ("GET", "/acme/team/-/usage/csv", "see usage", OK),
    ("GET", "/acme/team/-/activity", "read the audit log", OK),
    ("GET", f"{_GROUP}/reserved_prefixes", "see protection", OK),
    ("POST", f"{_GROUP}/reserved_prefixes", "manage protection", EMPTY_BODY),
    ("GET", f"{_GROUP}/reserved_prefixes/{_NOBODY}", "see protection", NO_SUCH),
    ("PUT", f"{_GROUP}/reserved_prefixes/{_NOBODY}", "manage protection", NO_SUCH),
    ("DELETE", f"{_GROUP}/reserved_prefixes/{_NOBODY}", "manage protection", NO_SUCH),
    ("GET", f"{_GROUP}/audit_events", "read the audit log", OK),
    ("GET", f"{_GROUP}/audit_events/{_NOBODY}", "read the audit log", NO_SUCH),
    ("GET", f"{_GROUP}/access_tokens", "see tokens", OK),
    ("POST", f"{_GROUP}/access_tokens", "manage access tokens", EMPTY_BODY),
    ("GET", f"{_GROUP}/access_tokens/{_NOBODY}", "see tokens", NO_SUCH),
    ("DELETE", f"{_GROUP}/access_tokens/{_NOBODY}", "manage access tokens", NO_SUCH),
    ("POST", f"{_GROUP}/access_tokens/{_NOBODY}/rotate", "manage access tokens", NO_SUCH),
    ("GET", f"{_GROUP}/deploy_tokens", "see tokens", OK),
    ("POST", f"{_GROUP}/deploy_tokens", "manage deploy tokens", EMPTY_BODY),
    ("GET", f"{_GROUP}/deploy_tokens/{_NOBODY}", "see tokens", NO_SUCH),
    ("DELETE", f"{_GROUP}/deploy_tokens/{_NOBODY}", "manage deploy tokens", NO_SUCH),
    ("POST", f"{_GROUP}/deploy_tokens/{_NOBODY}/rotate", "manage deploy tokens", NO_SUCH),
    *_pages_of_members("acme/team"),
    *_pages_of_tokens("acme/team"),
    ("GET", f"{_GROUP_PAGE}/settings", "change settings", OK),
    ("POST", f"{_GROUP_PAGE}/settings/naming", "change settings", EMPTY_BODY),
    ("POST", f"{_GROUP_PAGE}/settings/path", "change settings", EMPTY_BODY),
    ("POST", f"{_GROUP_PAGE}/settings/visibility", "change settings", EMPTY_BODY),
    ("POST", f"{_GROUP_PAGE}/settings/registry", "change settings", EMPTY_BODY),
    ("POST", f"{_GROUP_PAGE}/settings/limits", "change settings", EMPTY_BODY),
    ("GET", f"{_GROUP_PAGE}/settings/move", "transfer", OK),
    ("POST", f"{_GROUP_PAGE}/settings/move", "transfer", EMPTY_BODY),
    ("GET", f"{_GROUP_PAGE}/settings/delete", "delete it", OK),
    ("POST", f"{_GROUP_PAGE}/settings/delete", "delete it", EMPTY_BODY),
    ("GET", f"{_GROUP_PAGE}/groups/new", "create in the group", OK),
    ("POST", f"{_GROUP_PAGE}/groups/new", "create in the group", EMPTY_BODY),
    ("GET", f"{_GROUP_PAGE}/projects/new", "create in the group", OK),
    ("POST", f"{_GROUP_PAGE}/projects/new", "create in the group", EMPTY_BODY),
    ("GET", f"{_GROUP_PAGE}/rules", "see protection", OK),
    ("POST", f"{_GROUP_PAGE}/rules/add", "manage protection", EMPTY_BODY),
    ("GET", f"{_GROUP_PAGE}/rules/{_NOBODY}", "manage protection", NO_SUCH),
    ("POST", f"{_GROUP_PAGE}/rules/{_NOBODY}/change", "manage protection", NO_SUCH),
    ("POST", f"{_GROUP_PAGE}/rules/{_NOBODY}/remove", "manage protection", NO_SUCH),
]

OF_THE_INSTANCE: Final = [
    ("GET", "/", "open the front page", OK),
    ("GET", "/-/groups/new", "create groups at the top", OK),
    ("POST", "/-/groups/new", "create groups at the top", EMPTY_BODY),
    ("GET", "/-/api", "open the front page", OK),
    ("GET", "/-/search?q=demo", "open the front page", OK),
    ("GET", "/-/simple/", "read the index", OK),
    ("GET", "/-/simple/demo-package/", "find in the index", OK),
    ("GET", "/-/pypi/demo-package/json", "find in the index", OK),
    ("GET", f"/-/{_PROVENANCE}", "read the index", NO_SUCH),
    ("GET", f"/-/{_FILE}", "fetch by the index", OK),
    ("GET", "/packages/{sha256}/{filename}", "fetch by the index", OK),
    ("GET", "/packages/{sha256}/{filename}.metadata", "fetch by the index", OK),
    ("GET", "/api/v4/groups", "list groups and projects", OK),
    ("GET", "/api/v4/projects", "list groups and projects", OK),
    # Where to is in the body: test_api_creation proves who may create what.
    ("POST", "/api/v4/groups", "create groups and projects", EMPTY_BODY),
    ("POST", "/api/v4/projects", "create groups and projects", EMPTY_BODY),
    ("GET", "/api/v4/application/settings", "change settings", OK),
    ("PUT", "/api/v4/application/settings", "change settings", EMPTY_BODY),
    ("GET", _MIGRATIONS, "see the health", OK),
    ("POST", _MIGRATIONS, "move stored files", EMPTY_BODY),
    ("GET", f"{_MIGRATIONS}/{_NOBODY}", "see the health", NO_SUCH),
    ("POST", f"{_MIGRATIONS}/{_NOBODY}/cancel", "move stored files", NO_SUCH),
    ("POST", "/-/admin/storage/migrate", "move stored files", EMPTY_BODY),
    ("POST", f"/-/admin/storage/migrations/{_NOBODY}/stop", "move stored files", NO_SUCH),
    ("GET", "/api/v4/audit_events", "read the audit log", OK),
    ("GET", f"/api/v4/audit_events/{_NOBODY}", "read the audit log", NO_SUCH),
    ("GET", "/api/v4/deploy_tokens", "see all deploy tokens", OK),
    ("GET", "/api/v4/health", "see the health", OK),
    ("GET", "/api/v4/usage", "see usage", OK),
    ("GET", "/-/metrics", "see the health", OK),
    ("GET", "/-/admin", "see the health", OK),
    ("GET", "/-/admin/health", "see the health", OK),
    ("GET", "/-/admin/storage", "see the health", OK),
    ("GET", "/-/admin/groups", "see the health", OK),
    ("GET", "/-/admin/projects", "see the health", OK),
    ("GET", "/-/admin/usage", "see usage", OK),
    ("GET", "/-/admin/usage/csv", "see usage", OK),
    ("GET", "/-/admin/activity", "read the audit log", OK),
    ("GET", "/-/admin/limits", "change settings", OK),
    ("GET", "/-/admin/settings", "change settings", OK),
    ("POST", "/-/admin/settings/change", "change settings", EMPTY_BODY),
    ("POST", "/-/admin/settings/limits", "change settings", EMPTY_BODY),
    ("GET", "/-/admin/users", "manage users", OK),
    ("GET", "/-/admin/users/add", "manage users", OK),
    ("POST", "/-/admin/users/add", "manage users", EMPTY_BODY),
    ("GET", "/-/admin/users/{member}", "manage users", OK),
    ("POST", "/-/admin/users/{member}/change", "manage users", EMPTY_BODY),
    ("POST", f"/-/admin/users/{_NOBODY}/password", "manage users", NO_SUCH),
    ("POST", f"/-/admin/users/{_NOBODY}/block", "manage users", NO_SUCH),
    ("POST", f"/-/admin/users/{_NOBODY}/unblock", "manage users", NO_SUCH),
    ("POST", "/-/admin/users/{member}/delete", "manage users", EMPTY_BODY),
    ("GET", "/api/v4/explain?package=demo-package", "explain", OK),
    ("GET", "/api/v4/explain?package=x&anonymous=true", "explain to others", OK),
    ("GET", "/api/v4/user", "see oneself", OK),
    ("GET", "/api/v4/version", "see oneself", OK),
    ("GET", "/-/profile", "see oneself", OK),
    ("GET", "/-/profile/password", "manage oneself", OK),
    ("POST", "/-/profile/password", "manage oneself", EMPTY_BODY),
    ("GET", "/-/profile/tokens", "see one's own tokens", OK),
    ("GET", "/-/profile/tokens/ended", "see one's own tokens", OK),
    ("GET", "/-/profile/tokens/add", "manage oneself", OK),
    ("POST", "/-/profile/tokens/add", "manage oneself", EMPTY_BODY),
    ("GET", f"/-/profile/tokens/{_NOBODY}/rotate", "manage one's own tokens", NO_SUCH),
    ("POST", f"/-/profile/tokens/{_NOBODY}/rotate", "manage one's own tokens", NO_SUCH),
    ("GET", f"/-/profile/tokens/{_NOBODY}/revoke", "manage one's own tokens", NO_SUCH),
    ("POST", f"/-/profile/tokens/{_NOBODY}/revoke", "manage one's own tokens", NO_SUCH),
    ("GET", "/-/profile/sessions", "see oneself", OK),
    ("POST", f"/-/profile/sessions/{_NOBODY}/end", "manage oneself", NO_SUCH),
    ("POST", "/-/profile/sessions/end-others", "manage oneself", SEE_OTHER),
    ("POST", "/api/v4/admin/token", "manage found tokens", EMPTY_BODY),
    ("DELETE", "/api/v4/admin/token", "manage found tokens", EMPTY_BODY),
    ("GET", "/api/v4/users", "see users", OK),
    ("POST", "/api/v4/users", "manage users", EMPTY_BODY),
    ("GET", f"/api/v4/users/{_NOBODY}", "see users", NO_SUCH),
    ("PUT", "/api/v4/users/{member}", "manage users", EMPTY_BODY),
    ("DELETE", f"/api/v4/users/{_NOBODY}", "manage users", NO_SUCH),
    ("POST", f"/api/v4/users/{_NOBODY}/block", "manage users", NO_SUCH),
    ("POST", f"/api/v4/users/{_NOBODY}/unblock", "manage users", NO_SUCH),
    ("GET", "/api/v4/users/{member}/memberships", "see where somebody is a member", OK),
    ("POST", "/api/v4/users/{member}/personal_access_tokens", "manage users", EMPTY_BODY),
    ("GET", "/api/v4/metadata", "see oneself", OK),
    ("GET", "/api/v4/openapi.json", "open the front page", OK),
    ("GET", "/api/v4/personal_access_tokens", "see one's own tokens", OK),
    ("GET", f"/api/v4/personal_access_tokens/{_NOBODY}", "see one's own tokens", NO_SUCH),
    ("DELETE", f"/api/v4/personal_access_tokens/{_NOBODY}", "manage one's own tokens", NO_SUCH),
    (
        "POST",
        f"/api/v4/personal_access_tokens/{_NOBODY}/rotate",
        "manage one's own tokens",
        NO_SUCH,
    ),
]

FOR_ANYONE: Final = [
    # They ask for no permission. Why that is right:
    ("GET", "/-/login", "who signs in is nobody yet"),
    ("POST", "/-/login", "who signs in is nobody yet"),
    ("POST", "/-/logout", "it ends the caller's own session, if there is one"),
    ("GET", "/-/liveness", "a load balancer has no account, and is told nothing but that"),
    ("GET", "/-/readiness", "a load balancer has no account, and is told which part is down"),
    ("GET", "/-/health/live", "as /-/liveness"),
    ("GET", "/-/health/ready", "as /-/readiness"),
    ("GET", "/robots.txt", "crawlers have no account"),
    ("GET", "/favicon.ico", "browsers ask for it by themselves, and it is the same for everybody"),
    ("GET", "/_/oidc/audience", "it says what every client must know before it has a token"),
    ("POST", "/_/oidc/mint-token", "the ID token in the body is the credential"),
    ("POST", "/_/oidc/burn-token", "the token in the body is the credential"),
]

PROVED_ELSEWHERE: Final[list[tuple[str, str, str]]] = [
    # Asking them changes the caller who asks. Which test proves them instead:
    ("GET", "/api/v4/personal_access_tokens/self", "test_self"),
    ("DELETE", "/api/v4/personal_access_tokens/self", "test_self"),
    ("POST", "/api/v4/personal_access_tokens/self/rotate", "test_self"),
    ("POST", f"{_PROJECT}/access_tokens/self/rotate", "test_a_token_rotates_itself"),
    ("POST", f"{_GROUP}/access_tokens/self/rotate", "test_a_token_rotates_itself"),
    # Nothing would be left to ask for; and without a body the group goes to the top level:
    ("DELETE", "/api/v4/projects/{spare_project}", "test_who_may_delete"),
    ("DELETE", "/api/v4/groups/{spare_group}", "test_who_may_delete"),
    ("POST", "/api/v4/groups/{spare_group}/transfer", "test_who_may_move_a_group"),
]

ENDPOINTS: Final = [
    *(Endpoint("project", *row) for row in OF_A_PROJECT),
    *(Endpoint("group", *row) for row in OF_A_GROUP),
    *(Endpoint("instance", *row) for row in OF_THE_INSTANCE),
]
ASIDE: Final = [*FOR_ANYONE, *PROVED_ELSEWHERE]
