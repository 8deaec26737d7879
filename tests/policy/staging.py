"""A registry with the project of the proof, in which callers are enrolled and ask."""

import itertools
from collections.abc import Iterable
from typing import Any

from pyramid.registry import Registry
from webob import Request, Response

from pyregistry.authnz.credentials import SESSION_COOKIE
from pyregistry.authnz.permissions import Scope
from pyregistry.authnz.roles import Role
from tests.factories.distributions import sdist, wheel
from tests.factories.views import ViewName, contexts_found, registered_views
from tests.factories.world import PASSWORD, World, basic
from tests.functional.support import session_secret_of
from tests.policy.callers import BESIDE, GROUP, OTHER, PROJECT, TOP, Caller
from tests.policy.endpoints import ACCEPTED, DONE, NO_SUCH, Endpoint
from tests.policy.reading import HIDDEN, Setting

Headers = dict[str, str]

WHEEL = wheel()
_CSRF_TOKEN = "c" * 64
_SCOPES = {
    "api": (Scope.API,),
    "read_api": (Scope.READ_API,),
    "read": (Scope.READ_PACKAGE_REGISTRY,),
    "write": (Scope.WRITE_PACKAGE_REGISTRY,),
    "read, write": (Scope.READ_PACKAGE_REGISTRY, Scope.WRITE_PACKAGE_REGISTRY),
}


class Stage:
    """A registry of one setting: top group and group, the project with a release, a member."""

    def __init__(self, world: World, registry: Registry, setting: Setting) -> None:
        self.world = world
        self.setting = setting
        self._views = {name for name, _ in registered_views(registry)}
        self._numbers = itertools.count()
        self._registry = registry
        self.values = self._build()
        self.nothing_here = self._sentence_of_nothing()

    def _build(self) -> dict[str, Any]:
        world, setting = self.world, self.setting
        world.group(TOP, setting.group)
        group = world.group(GROUP, setting.group)
        is_open = setting.project == "anyone can pull"
        visibility = "private" if is_open else setting.project
        project = world.project(PROJECT, visibility, anyone_can_pull=is_open)
        world.group(OTHER.partition("/")[0])
        world.project(OTHER)
        world.project(BESIDE)
        world.member(PROJECT, "resident", Role.REPORTER)
        world.member(GROUP, "resident", Role.REPORTER)
        world.user("publisher", is_admin=True)
        self._publisher = world.as_("publisher")
        world.upload(PROJECT, WHEEL, self._publisher)
        file = world.file_named(WHEEL.filename)
        assert file is not None
        return (
            {
                "group": group,
                "project": project,
                "release": file.release_id,
                "sha256": file.sha256,
                "filename": file.filename,
                "member": world.users["resident"],
                "missing": 999_999_999,
            }
            | self._new_spare()
            | self._new_spare_places()
        )

    def _new_spare(self) -> dict[str, Any]:
        spare = sdist("spare", f"{next(self._numbers)}.0")
        self.world.upload(PROJECT, spare, self._publisher)
        file = self.world.file_named(spare.filename)
        assert file is not None
        return {"spare_release": file.release_id, "spare_file": file.id}

    def _new_spare_places(self) -> dict[str, Any]:
        """Places that an endpoint may move or delete."""
        number = next(self._numbers)
        return {
            "spare_group": self.world.group(f"{GROUP}/spare-{number}"),
            "spare_project": self.world.project(f"{GROUP}/spare-{number}/core"),
        }

    def _sentence_of_nothing(self) -> str:
        stranger = self.world.as_("a-stranger")
        response = self.ask("GET", "/there/is/no/such/place/", stranger)
        assert response.status_int == NO_SUCH
        return str(response.status)

    def ask(self, method: str, address: str, headers: Headers) -> Response:
        """Send a request with an empty body, each from an address of its own.

        A spare that is deleted is made again.
        """
        number = next(self._numbers)
        request = Request.blank(
            address.format(**self.values),
            method=method,
            headers=headers,
            # Wrong credentials are counted by address.
            environ={"REMOTE_ADDR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"},
        )
        response = request.get_response(self.world.app.app)
        if response.status_int == DONE and "spare" in address:
            self.values |= self._new_spare()
        if response.status_int == ACCEPTED:
            self.values |= self._new_spare_places()
        return response

    def answer(self, endpoint: Endpoint, headers: Headers) -> tuple[str, Response]:
        """What an endpoint answers, as the statement names it."""
        response = self.ask(endpoint.method, endpoint.address, headers)
        return self.named(response), response

    def named(self, response: Response) -> str:
        """A status as the statement names it: what is hidden is told from what is not there."""
        if response.status == self.nothing_here:
            return HIDDEN
        return str(response.status_int)

    def reached(self, method: str, address: str) -> ViewName | None:
        """The view that is registered for an address, if there is one."""
        with contexts_found(self._registry) as found:
            self.ask(method, address, self._headers_for(address))
        method = "GET" if method == "HEAD" else method
        return next(((kind, method) for kind in found if (kind, method) in self._views), None)

    def _headers_for(self, address: str) -> Headers:
        """Those of somebody whom no address is hidden from."""
        if "/self" not in address:
            return self._publisher
        # What rotates or revokes the token that it is sent with gets one of its own.
        place = GROUP if "/groups/" in address else PROJECT
        return basic(self.world.access_token(place, Role.OWNER))

    def enroll(self, caller: Caller) -> Headers:
        """Make somebody who has that standing and credential; the headers that they send."""
        kind, _, scope = caller.credential.partition(": ")
        scopes = _SCOPES.get(scope, ())
        match kind:
            case "nothing":
                return {}
            case "deploy token":
                assert caller.place is not None
                return basic(self.world.deploy_token(caller.place, *scopes))
            case "job token":
                assert caller.place is not None
                return basic(self.world.job_token(caller.place))
            case "project access token" | "group access token":
                assert caller.place is not None
                assert caller.role is not None
                role = Role[caller.role.upper()]
                return basic(self.world.access_token(caller.place, role, *scopes))
            case _:
                return self._person(caller, kind, scopes)

    def _person(self, caller: Caller, kind: str, scopes: Iterable[Scope]) -> Headers:
        world, standing = self.world, caller.standing
        username = f"person-{next(self._numbers)}"
        world.user(
            username,
            password=PASSWORD,
            is_admin=standing.is_administrator,
            is_external=not standing.is_internal,
        )
        if caller.place is not None and caller.role is not None:
            world.member(caller.place, username, Role[caller.role.upper()])
        if kind == "personal access token":
            return basic(world.token(username, *scopes))
        if kind == "password":
            return basic(PASSWORD, username)
        cookies = {
            SESSION_COOKIE: session_secret_of(world, username),
            "pyregistry_csrf": _CSRF_TOKEN,
        }
        return {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRF-Token": _CSRF_TOKEN,
        }
