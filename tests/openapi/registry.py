"""A registry in which everything is, once, that addresses of the API name; and a server for it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyramid.registry import Registry
from sqlalchemy import URL
from waitress import wasyncore
from waitress.server import create_server
from webtest import TestApp

from pyregistry.api.openapi.operations import Operation
from pyregistry.authnz.roles import Role
from pyregistry.trusted_publishing.models import TrustedPublisher
from tests.factories.distributions import wheel
from tests.factories.world import Clock, World, basic, new_components

GROUP = "acme"
PROJECT = "acme/core"
API = "/api/v4"
_ISSUER = "https://ci.example"
_OF_BOTS = ("/access_tokens/self/rotate", "/job_tokens")
"""What only the access token of a bot may ask for."""


@dataclass(frozen=True)
class Filled:
    """A database to be copied, the tokens of callers, and what is there, by place."""

    database: Path
    folder: Path
    tokens: dict[str, str]
    values: dict[str, dict[str, Any]]

    def values_for(self, operation: Operation) -> dict[str, Any]:
        """What the parameters in the address of an operation can be, for something to be there."""
        place = next((each for each in self.values if operation.path.startswith(f"/{each}")), "")
        found = self.values[place]
        if "/deploy_tokens" in operation.path:
            found = {**found, "token_id": found.get("deploy_token_id")}
        return {name: found[name] for name in operation.parameters_in_path}

    def token_for(self, caller: str, operation: Operation) -> str:
        """The secret that a caller sends: an administrator has bots."""
        if caller == "administrator" and operation.path.endswith(_OF_BOTS):
            return self.tokens["bot of the group" if "/groups" in operation.path else "bot"]
        return self.tokens[caller]

    @contextmanager
    def served_by(self, registry: Registry, folder: Path) -> Iterator[None]:
        """Let the application work on a copy of the database."""
        copy = folder / "pyregistry.sqlite3"
        shutil.copy(self.database, copy)
        url = URL.create("sqlite", database=str(copy))
        components = new_components(url, self.folder, Clock())
        registry["pyregistry.components"] = components
        yield
        components.recorder.stop()
        components.database.dispose()


def fill(application: Any, registry: Registry, url: URL, folder: Path) -> Filled:
    """Put everything into a new SQLite database, by the API where it can."""
    clock = Clock()
    components = new_components(url, folder, clock)
    registry["pyregistry.components"] = components
    world = World(components, clock, TestApp(application))
    world.user("root", is_admin=True)
    root = world.token("root")
    group, project = world.group(GROUP, "public"), world.project(PROJECT, "internal")
    world.member(PROJECT, "developer", Role.DEVELOPER)
    world.member(GROUP, "owner", Role.OWNER)
    for path in (GROUP, PROJECT):
        world.member(path, "resident", Role.REPORTER)
    tokens = {
        "administrator": root,
        "developer": world.token("developer"),
        "bot": world.access_token(PROJECT, Role.MAINTAINER),
        "bot of the group": world.access_token(GROUP, Role.MAINTAINER),
    }
    distribution = wheel()
    job = world.job_token(PROJECT, pipeline_id="4711", ref="main", started_by="ada")
    world.upload(PROJECT, distribution, basic(job))
    file = world.file_named(distribution.filename)
    assert file is not None
    of_project, of_group = f"{API}/projects/{project}", f"{API}/groups/{group}"

    def create(address: str, **parameters: Any) -> int:
        headers = {"PRIVATE-TOKEN": root}
        number: int = world.app.post_json(address, parameters, headers=headers, status=201).json[
            "id"
        ]
        return number

    access = {"name": "ci", "scopes": ["api"], "access_level": 30}
    deploy = {"name": "host", "scopes": ["read_package_registry"]}
    everywhere = {
        "user_id": world.users["resident"],
        "event_id": 0,
        "package_id": file.release_id,
        "file_id": file.id,
        "name": "demo-package",
        "sha256": file.sha256,
        "filename": file.filename,
    }
    values = {
        "projects": everywhere
        | {
            "id": PROJECT,
            "token_id": create(f"{of_project}/access_tokens", **access),
            "deploy_token_id": create(f"{of_project}/deploy_tokens", **deploy),
            "rule_id": create(
                f"{of_project}/packages/protection/rules",
                package_name_pattern="other-*",
                minimum_access_level_for_push="owner",
            ),
            "publisher_id": _trust(world, project),
        },
        "groups": everywhere
        | {
            "id": group,
            "token_id": create(f"{of_group}/access_tokens", **access),
            "deploy_token_id": create(f"{of_group}/deploy_tokens", **deploy),
            "prefix_id": create(
                f"{of_group}/reserved_prefixes", prefix="kept", project_ids=[project]
            ),
        },
        "": everywhere
        | {
            "token_id": 2,
            "migration_id": create(
                f"{API}/application/storage_migrations", destination_storage_name="local"
            ),
        },
    }
    event = world.app.get(f"{of_project}/audit_events", headers={"PRIVATE-TOKEN": root}).json[0]
    for found in values.values():
        found["event_id"] = event["id"]
    components.recorder.stop()
    components.database.dispose()
    return Filled(Path(str(url.database)), folder, tokens, values)


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """The address at which waitress serves an application, in a thread of this process."""
    sockets: dict[int, Any] = {}
    server = create_server(application, map=sockets, host="127.0.0.1", port=0, threads=2)
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            wasyncore.loop(timeout=0.1, map=sockets, count=1)

    thread = threading.Thread(target=run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    ended.set()
    thread.join()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets, ignore_all=True)


def _trust(world: World, project_id: int) -> int:
    with world.components.database.writing() as session:
        publisher = TrustedPublisher(
            project_id=project_id,
            name="pipelines",
            issuer=_ISSUER,
            claims={"project_path": PROJECT},
            created_at=world.clock(),
        )
        session.add(publisher)
        session.flush()
        return publisher.id
