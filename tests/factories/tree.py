"""A tree of groups and projects of every visibility, and callers who see different parts of it."""

from typing import Any

from pyregistry.authnz.roles import Role
from tests.factories.world import World, basic

GROUPS = {
    "open": "public",
    "open/inside": "internal",
    "open/closed": "private",
    "open/closed/deep": "private",
    "house": "internal",
    "house/room": "private",
    "secret": "private",
    "secret/team": "private",
}
PROJECTS = {
    "open/lib": "public",
    "open/tool": "private",
    "open/inside/lib": "internal",
    "open/closed/deep/lib": "private",
    "house/app": "internal",
    "house/room/app": "private",
    "secret/app": "private",
    "secret/team/app": "private",
}
MEMBERS = {
    "guest of open": ("open", Role.GUEST),
    "owner of closed": ("open/closed", Role.OWNER),
    "reporter in the room": ("house/room/app", Role.REPORTER),
    "maintainer of the team": ("secret/team", Role.MAINTAINER),
}
CALLERS = [
    "nobody",
    "external stranger",
    "internal stranger",
    "administrator",
    *MEMBERS,
    "a bot of the team",
]


def grow(world: World) -> dict[str, int]:
    """Make the tree; the id of each group and project by its full path."""
    ids = {path: world.group(path, visibility) for path, visibility in GROUPS.items()}
    return ids | {path: world.project(path, visibility) for path, visibility in PROJECTS.items()}


def headers_of(world: World, who: str) -> dict[str, str]:
    """Headers of a new one of the callers."""
    if who == "nobody":
        return {}
    if who == "a bot of the team":
        return basic(world.access_token("secret/team", Role.DEVELOPER))
    username = who.replace(" ", "-")
    facts: dict[str, Any] = {"is_external": who not in ("internal stranger", "administrator")}
    world.user(username, is_admin=who == "administrator", **facts)
    if who in MEMBERS:
        path, role = MEMBERS[who]
        world.member(path, username, role)
    return world.as_(username)
