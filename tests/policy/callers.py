"""Everybody who calls: who they are, and which credential they send."""

from dataclasses import dataclass, replace

from tests.policy.reading import NOBODY, Standing
from tests.policy.statement import DEPLOY_TOKEN_ACTS_AS, JOB_TOKEN_ACTS_AS, ROLES

TOP, GROUP, PROJECT = "acme", "acme/team", "acme/team/core"
"""The top group, the group and the project of the proof."""

BESIDE, OTHER = "acme/team/beside", "other/lib"
"""Private projects of somebody else: one in the same group, one in another."""

OF_PEOPLE = (
    "personal access token: api",
    "personal access token: read_api",
    "browser session",
    "password",
)


@dataclass(frozen=True)
class Caller:
    """Somebody with a credential.

    `place` is where a person or a bot is a member with `role`, or what a deploy token or job
    token belongs to.
    """

    who: str
    credential: str
    standing: Standing
    place: str | None = None
    role: str | None = None

    @property
    def name(self) -> str:
        """What the caller is called in the names of tests."""
        return f"{self.who} with {self.credential}".replace(" ", "-").replace(":", "")


def standing_of(place: str | None, role: str | None, **facts: bool) -> Standing:
    """What a role in a place makes somebody. A role in a group holds for everything in it."""
    facts["visits_group"] = role is not None and place != OTHER
    return Standing(
        in_project=role if place in (TOP, GROUP, PROJECT) else None,
        in_group=role if place in (TOP, GROUP) else None,
        own_role_in={PROJECT: "project", GROUP: "group"}.get(place or ""),
        **facts,
    )


def people() -> list[Caller]:
    """Members of the project and of the top group with every role, strangers, administrators."""
    found = []
    for role in ROLES:
        for place, is_internal in ((PROJECT, True), (TOP, False)):
            who = f"{role} of {place.rpartition('/')[2]}"
            found.append(_person(who, place, role, is_internal=is_internal))
    found += [
        _person("external Guest of core", PROJECT, "Guest"),
        _person("external Reporter of core", PROJECT, "Reporter"),
        _person("Owner beside", BESIDE, "Owner"),
        _person("Owner elsewhere", OTHER, "Owner"),
        _person("external stranger", None, None),
        _person("internal stranger", None, None, is_internal=True),
        _person("administrator", None, None, is_administrator=True),
    ]
    return [replace(person, credential=kind) for person in found for kind in OF_PEOPLE]


def _person(who: str, place: str | None, role: str | None, **facts: bool) -> Caller:
    return Caller(who, OF_PEOPLE[0], standing_of(place, role, **facts), place, role)


def bots() -> list[Caller]:
    """The access tokens of the project and of its group, with every role."""
    found = [
        Caller(f"{role} bot", f"{kind}: {scope}", standing_of(place, role), place, role)
        for kind, place in (("project access token", PROJECT), ("group access token", GROUP))
        for scope in ("api", "read_api")
        for role in ROLES
    ]
    found += [
        Caller(
            f"bot of {place.replace('/', ' ')}",
            "project access token: api",
            standing_of(place, "Owner"),
            place,
            "Owner",
        )
        for place in (BESIDE, OTHER)
    ]
    return found


def machines() -> list[Caller]:
    """Deploy tokens and job tokens, which are no users."""
    deploy_tokens = [
        Caller(
            f"{place.replace('/', ' ')} itself",
            f"deploy token: {scopes}",
            replace(standing_of(place, DEPLOY_TOKEN_ACTS_AS), is_user=False),
            place,
        )
        for place in (PROJECT, GROUP, BESIDE, OTHER)
        for scopes in ("read", "write", "read, write")
    ]
    job_tokens = [
        Caller(
            f"a job of {place.replace('/', ' ')}",
            "job token",
            replace(standing_of(place, JOB_TOKEN_ACTS_AS), is_user=False),
            place,
        )
        for place in (PROJECT, BESIDE, OTHER)
    ]
    return deploy_tokens + job_tokens


EVERYBODY = [Caller("nobody", "nothing", NOBODY), *people(), *bots(), *machines()]
