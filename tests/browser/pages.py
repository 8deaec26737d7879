"""Every page: its name, its address, who looks at it, and the status that it is answered with.

A new page is one line here, and what it shows is made in `content.py`. A test fails for a
page that the application has and that no line reaches.
"""

from typing import Final, NamedTuple


class Page(NamedTuple):
    """One row. `user` has the usual password; None is somebody who is not signed in."""

    name: str
    address: str
    user: str | None = None
    status: int = 200


PAGES: Final = [
    Page("home-anonymous", "/"),
    Page("home", "/", "dora"),
    Page("home-empty", "/", "nora"),
    Page("home-administrator", "/", "admin"),
    Page("sign-in", "/-/login?return_to=/acme/"),
    Page("api", "/-/api"),
    Page("group", "/acme/", "olga"),
    Page("group-empty", "/acme/attic/"),
    Page("project", "/acme/client/"),
    Page("project-many-packages", "/acme/data/warehouse/", "dora"),
    Page("project-last-packages", "/acme/data/warehouse/?after=grid-alpha-5", "dora"),
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
    Page("refusal-forbidden", "/acme/new-service/anything/", "gus", 403),
]
