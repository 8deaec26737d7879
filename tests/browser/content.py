"""What the registry of the tests in a browser holds, written before its server starts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyramid.registry import Registry
from sqlalchemy import URL
from webtest import TestApp

from pyregistry.authnz.identity import Actor
from pyregistry.authnz.roles import Role
from pyregistry.config import application, configure
from pyregistry.namespaces.services.create import find
from pyregistry.namespaces.services.settings import Changes, change_settings
from pyregistry.packaging.models import PackageStatus
from pyregistry.packaging.services.change import set_status, set_yanked
from tests.browser.access import let_in, pull
from tests.factories.distributions import Distribution, sdist, wheel
from tests.factories.limits import set_limits, used
from tests.factories.switches import turn
from tests.factories.world import PASSWORD, Clock, World, basic, new_components

MANY = 60
"""More packages than a page lists."""

README = """\
# Acme client

Talks to **Acme**. [Read on](https://docs.example.org/), or look at `acme_client.connect`.

## Begin

```python
from acme_client import connect

for order in connect("https://acme.example.org").orders(limit=10):
    print(order.number, order.total)  # 17, 4.20
```

| setting | default | what for |
|---|---|---|
| `timeout` | 10 | seconds until a request is given up |
| `retries` | 3 | how often it is sent again |

> It is safe to call from several threads.

1. Install it.
2. Sign in.
"""
FACTS = {
    "Summary": "A client of the order service, with retries and types",
    "Keywords": "acme,orders,client",
    "Home-page": "https://acme.example.org/client",
    "Author": "Ann Author",
    "Author-email": "Ann Author <ann@example.org>",
    "Maintainer-email": "Max Maintainer <max@example.org>",
    "License-Expression": "MIT OR Apache-2.0",
    "Requires-Python": ">=3.9",
    "Platform": "any",
    "Project-URL": [
        "Source, https://git.example.org/acme/client",
        "Documentation, https://docs.example.org/",
    ],
    "Classifier": [
        "Development Status :: 5 - Production/Stable",
        "Programming Language :: Python :: 3",
        "Typing :: Typed",
    ],
    "Requires-Dist": ["attrs>=23", "acme-models~=1.0", 'tomli; python_version < "3.11"'],
    "Provides-Extra": ["fast"],
}
JOB = {
    "pipeline_id": "4711",
    "pipeline_url": "https://git.example.org/acme/client/-/pipelines/4711",
    "job_id": "4712",
    "ref": "v2.0",
    "sha": "c0ffee" + "0" * 34,
    "started_by": "ann",
    "source_repository": "https://git.example.org/acme/client",
}
WORDS = ("alpha", "bravo", "core", "data", "engine", "feed", "grid", "http", "index", "json")


def new_world(database_url: URL, folder: Path, data: Path) -> tuple[World, Registry]:
    """An empty registry with its files in `data`, and what Pyramid knows of it."""
    clock = Clock(datetime.now(UTC) - timedelta(days=63))
    components = new_components(database_url, folder, clock, data=str(data))
    config = configure(components)
    app = TestApp(application(config), extra_environ={"REMOTE_ADDR": "127.0.0.1"})
    return World(components, clock, app), config.registry


def fill(world: World) -> dict[str, int]:
    """Make all that `pages.py` names; afterwards it is now. Gives ids that addresses need."""
    _people_and_places(world)
    _a_package_of_every_kind(world)
    _many_packages(world)
    turn(world, "acme/retired", on=False)
    ids = let_in(world)
    pull(world, "acme/client", "acme_client-2.0-py3-none-any.whl", days=14)
    _limits(world)
    world.clock.moment = datetime.now(UTC)
    return ids


def _limits(world: World) -> None:
    """Of which one group has nearly used its own, and the registry has not."""
    set_limits(world, "", storage_limit=10 * used(world))
    set_limits(world, "acme", admin_max_file_size=500 * 1024**2)
    set_limits(world, "acme/data", storage_limit=used(world, "acme/data") + 1000)
    set_limits(world, "acme/client", max_file_size=100 * 1024**2, admin_storage_limit=100 * 1024)


def _people_and_places(world: World) -> None:
    for path, visibility in {
        "acme": "public",
        "acme/data": "public",
        "acme/attic": "public",
    }.items():
        world.group(path, visibility)
    world.group("closed")
    for path, visibility in {
        "acme/client": "public",
        "acme/data/warehouse": "internal",
        "acme/new-service": "private",
        "acme/retired": "private",
        "closed/vault": "private",
    }.items():
        world.project(path, visibility)
    describe(world, "acme", "Everything that Acme builds and uses")
    describe(world, "acme/data", "Data engineering: feeds, grids and what they need")
    describe(world, "acme/client", "The clients of our services, for all teams")
    people: dict[str, dict[str, Any]] = {
        "admin": {"is_admin": True},
        "olga": {},
        "dora": {},
        "gus": {"is_external": True},
        "nora": {"is_external": True},
    }
    for username, options in people.items():
        world.user(username, password=PASSWORD, **options)
    world.member("acme", "olga", Role.OWNER)
    world.member("acme", "dora", Role.DEVELOPER)
    world.member("acme/new-service", "gus", Role.GUEST)


def describe(world: World, path: str, description: str) -> None:
    """Describe a group or project."""
    with world.components.database.writing() as session:
        changes = Changes(description=description)
        change_settings(session, find(session, path).id, changes, Actor(), world.clock())


def publish(world: World, path: str, headers: dict[str, str], *found: Distribution) -> None:
    """Publish distributions, a few days after what was published before."""
    world.clock.advance(days=3, hours=5, minutes=7)
    for distribution in found:
        world.upload(path, distribution, headers)


def _a_package_of_every_kind(world: World) -> None:
    path, dora = "acme/client", world.as_("dora")
    content = {
        "metadata": FACTS,
        "description": README,
        "description_content_type": "text/markdown",
    }
    for version in ("0.9", "1.0", "1.1", "1.1.post1", "1.2", "3.0rc1"):
        publish(world, path, dora, sdist("acme-client", version, **content))
    yank(world, "acme_client-1.1.tar.gz", "It loses orders: use 1.1.post1.")
    job = basic(world.job_token(path, **JOB))
    for distribution in _many_files(**content):
        world.upload(path, distribution, job)
    for status, reason in {
        PackageStatus.DEPRECATED: "acme-client does the same.",
        PackageStatus.ARCHIVED: "Nobody works on it any more.",
        PackageStatus.QUARANTINED: "It sends tokens to somebody else.",
    }.items():
        name = f"acme-{status.value}"
        publish(world, path, dora, wheel(name, metadata={"Summary": f"This one is {status.value}"}))
        with world.components.database.writing() as session:
            project = find(session, path).id
            set_status(session, project, name, status, reason, Actor(), world.clock())


def _many_files(**content: Any) -> Sequence[Distribution]:
    platforms = ("manylinux_2_28_x86_64", "macosx_11_0_arm64", "win_amd64")
    return [
        sdist("acme-client", "2.0", **content),
        wheel("acme-client", "2.0", **content),
        *(
            wheel("acme-client", "2.0", tags=f"cp3{minor}-cp3{minor}-{platform}", **content)
            for minor in (12, 13)
            for platform in platforms
        ),
    ]


def yank(world: World, filename: str, reason: str) -> None:
    """Yank the release of a file."""
    file = world.file_named(filename)
    assert file is not None
    with world.components.database.writing() as session:
        set_yanked(session, file.release_id, True, reason, Actor(), world.clock())


def _many_packages(world: World) -> None:
    dora = world.as_("dora")
    for number in range(MANY):
        words = (WORDS[number % 10], WORDS[number * 7 // 10 % 10], str(number))
        summary = f"What the {words[0]} knows of the {words[1]}"
        package = wheel("-".join(words), f"1.{number}", metadata={**FACTS, "Summary": summary})
        world.clock.advance(hours=7)
        world.upload("acme/data/warehouse", package, dora)


def on_time(world: World) -> World:
    """The world at the moment of now: what is made in it is as new as it looks."""
    return replace(world, clock=Clock(datetime.now(UTC)))
