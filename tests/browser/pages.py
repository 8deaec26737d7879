"""Every page: its name, its address, who looks at it, and the status that it is answered with.

A new page is one line here, and what it shows is made in `content.py`. A test fails for a
page that the application has and that no line reaches.
"""

from typing import Final, NamedTuple


class Page(NamedTuple):
    """One row. `user` has the usual password; None is somebody who is not signed in.

    Words in braces are ids of what `content.py` and `access.py` have made.
    """

    name: str
    address: str
    user: str | None = None
    status: int = 200


def _of_a_place(kind: str, below: str) -> list[Page]:
    """The pages that groups and projects have, as an Owner sees them."""
    member = "{member}" if kind == "group" else "{project_member}"
    tokens = f"{below}/tokens"
    pages = {
        "members": f"{below}/members",
        "member-add": f"{below}/members/add",
        "member": f"{below}/members/{member}",
        "member-remove": f"{below}/members/{member}/remove",
        "settings": f"{below}/settings",
        "move": f"{below}/settings/move",
        "delete": f"{below}/settings/delete",
        "tokens": tokens,
        "access-token-add": f"{tokens}/access/add",
        "access-tokens-ended": f"{tokens}/access/ended",
        "access-token-rotate": f"{tokens}/access/{{{kind}_access}}/rotate",
        "access-token-revoke": f"{tokens}/access/{{{kind}_access}}/revoke",
        "deploy-token-add": f"{tokens}/deploy/add",
        "deploy-tokens-ended": f"{tokens}/deploy/ended",
        "deploy-token-rotate": f"{tokens}/deploy/{{{kind}_deploy}}/rotate",
        "deploy-token-revoke": f"{tokens}/deploy/{{{kind}_deploy}}/revoke",
        "activity": f"{below}/activity",
        "usage": f"{below}/usage",
    }
    return [Page(f"{kind}-{name}", address, "olga") for name, address in pages.items()]


PAGES: Final = [
    Page("home-anonymous", "/"),
    Page("home", "/", "dora"),
    Page("home-empty", "/", "nora"),
    Page("home-administrator", "/", "admin"),
    Page("sign-in", "/-/login?return_to=/acme/"),
    Page("api", "/-/api"),
    Page("search", "/-/search"),
    Page("search-found", "/-/search?q=acme"),
    Page("search-many-found", "/-/search?q=data", "dora"),
    Page("search-nothing-found", "/-/search?q=no-such-thing"),
    Page("search-refused", "/-/search?q=a+b+c+d+e+f+g+h+i", None, 400),
    Page("group", "/acme/", "olga"),
    Page("group-packages", "/acme/-/packages", "dora"),
    Page("group-found-packages", "/acme/-/packages?q=grid", "dora"),
    Page("group-empty", "/acme/attic/"),
    Page("project", "/acme/client/"),
    Page("project-many-packages", "/acme/data/warehouse/", "dora"),
    Page("project-found-packages", "/acme/data/warehouse/?q=grid&sort=-pulls", "dora"),
    Page("project-nothing-found", "/acme/data/warehouse/?q=no-such-thing", "dora"),
    Page("project-empty", "/acme/new-service/", "dora"),
    Page("project-guest", "/acme/new-service/", "gus"),
    Page("project-turned-off", "/acme/retired/", "olga"),
    Page("package", "/acme/client/acme-client/"),
    Page("package-token", "/acme/data/warehouse/alpha-alpha-0/", "dora"),
    Page("package-deprecated", "/acme/client/acme-deprecated/"),
    Page("package-archived", "/acme/client/acme-archived/"),
    Page("package-quarantined", "/acme/client/acme-quarantined/"),
    Page("release-built", "/acme/client/acme-client/2.0/"),
    Page("release-yanked", "/acme/client/acme-client/1.1/"),
    Page("release-prerelease", "/acme/client/acme-client/3.0rc1/", "olga"),
    Page("refusal-not-found", "/closed/vault/", "nora", 404),
    Page("refusal-part-of-a-list", "/acme/-/packages?q=data&after=x", "dora", 400),
    Page("refusal-forbidden", "/acme/new-service/anything/", "gus", 403),
    *_of_a_place("group", "/acme/-"),
    *_of_a_place("project", "/acme/client/-"),
    Page("project-settings-administrator", "/acme/client/-/settings", "admin"),
    Page("group-leave", "/acme/-/members/leave", "olga"),
    Page("project-leave", "/acme/client/-/members/leave", "gus"),
    Page("group-reserved-prefixes", "/acme/-/rules", "olga"),
    Page("group-reserved-prefix", "/acme/-/rules/{prefix}", "olga"),
    Page("new-group", "/-/groups/new", "admin"),
    Page("new-subgroup", "/acme/-/groups/new", "olga"),
    Page("new-project", "/acme/-/projects/new", "olga"),
    Page("project-rules", "/acme/client/-/rules", "olga"),
    Page("project-rule", "/acme/client/-/rules/{rule}", "olga"),
    Page("publisher-add", "/acme/client/-/tokens/publishers/gitlab", "olga"),
    Page("publisher-remove", "/acme/client/-/tokens/publishers/{publisher}/remove", "olga"),
    Page("package-delete", "/acme/client/acme-client/-/delete", "olga"),
    Page("package-status", "/acme/client/acme-client/-/status", "olga"),
    Page("release-delete", "/acme/client/acme-client/2.0/-/delete", "olga"),
    Page("release-yank", "/acme/client/acme-client/2.0/-/yank", "olga"),
    Page("release-unyank", "/acme/client/acme-client/1.1/-/unyank", "olga"),
    Page(
        "file-delete",
        "/acme/client/acme-client/2.0/-/files/acme_client-2.0.tar.gz/delete",
        "olga",
    ),
    *(
        Page(f"profile{name}", f"/-/profile{below}", "olga")
        for name, below in {
            "": "",
            "-password": "/password",
            "-sessions": "/sessions",
            "-tokens": "/tokens",
            "-token-add": "/tokens/add",
            "-tokens-ended": "/tokens/ended",
            "-token-rotate": "/tokens/{personal}/rotate",
            "-token-revoke": "/tokens/{personal}/revoke",
        }.items()
    ),
    *(
        Page(f"admin-{name}", f"/-/admin/{name}", "admin")
        for name in ("groups", "projects", "storage", "limits", "settings", "users", "health")
    ),
    Page("admin", "/-/admin", "admin"),
    Page("admin-user-add", "/-/admin/users/add", "admin"),
    Page("admin-user", "/-/admin/users/{member}", "admin"),
    Page("admin-activity", "/-/admin/activity", "admin"),
    Page("admin-usage", "/-/admin/usage", "admin"),
]
