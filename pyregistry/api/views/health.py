"""How the registry is, in detail, for its administrators."""

import platform
from dataclasses import asdict
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.health.checks import free_bytes
from pyregistry.health.services.report import count_everything
from pyregistry.http.caching import describe_read
from pyregistry.resources.api_instance import ApiHealth
from pyregistry.schema import HEAD, current
from pyregistry.version import __version__


@view_config(
    context=ApiHealth, request_method="GET", permission=Permissions.HEALTH_READ, renderer="json"
)
def show_health(_context: ApiHealth, request: Request) -> dict[str, Any]:
    """The checks of readiness, and what explains them. That it fails is no failure to tell it."""
    describe_read(request)
    components: Components = request.components
    problems = components.health.problems(anew=True)
    database = components.database
    return {
        "status": "failed" if any(problems.values()) else "ok",
        "version": __version__,
        "python_version": platform.python_version(),
        "uptime_seconds": int(components.health.uptime),
        "database": {
            "kind": database.kind,
            "problem": problems["database"],
            "schema_revision": current(database),
            "expected_schema_revision": HEAD,
        },
        "storage": {
            "kind": components.storage.name,
            "problem": problems["storage"],
            "free_bytes": free_bytes(components.storage),
        },
        "recorder": {"backlog": components.recorder.backlog},
        "throttle": {"storage_reachable": components.throttle.reaches_storage()},
        "counts": asdict(count_everything(request.db)),
    }
