"""What load balancers ask, in GitLab's form: whether the process answers, and whether it works."""

from http import HTTPStatus
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from pyregistry.components import Components
from pyregistry.resources.namespaces import Liveness, Readiness

_OK = "ok"
_FAILED = "failed"


@view_config(
    context=Liveness, request_method="GET", permission=NO_PERMISSION_REQUIRED, renderer="json"
)
def show_liveness(_context: Liveness, request: Request) -> dict[str, Any]:
    """The process answers. Nothing else is asked: to start it again would mend nothing else."""
    request.response.headers["Cache-Control"] = "no-store"
    return {"status": _OK}


@view_config(
    context=Readiness, request_method="GET", permission=NO_PERMISSION_REQUIRED, renderer="json"
)
def show_readiness(_context: Readiness, request: Request) -> dict[str, Any]:
    """Whether the database and the storage work; 503 where one of them does not."""
    components: Components = request.components
    request.response.headers["Cache-Control"] = "no-store"
    problems = components.health.problems()
    failed = any(problems.values())
    if failed:
        request.response.status_int = HTTPStatus.SERVICE_UNAVAILABLE
    checks = {f"{part}_check": present_check(problem) for part, problem in problems.items()}
    return {"status": _FAILED if failed else _OK, **checks}


def present_check(problem: str | None) -> list[dict[str, str]]:
    """The result of a check, as GitLab lists those of its hosts; ours are asked by one host."""
    return [{"status": _OK}] if problem is None else [{"status": _FAILED, "message": problem}]


def includeme(config: Configurator) -> None:
    """Register the views of this module."""
    config.scan(__name__)
