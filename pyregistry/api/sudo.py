"""GitLab's `sudo`: with it an administrator acts as another user. Here nobody can."""

from collections.abc import Callable
from typing import Any, Final

from pyramid.config import Configurator
from pyramid.request import Request

from pyregistry.http.parameters import check_no_sudo

View = Callable[[Any, Request], Any]
_API: Final = "/api/"


def refuse_sudo(view: View, info: Any) -> View:
    """Refuse requests to the API that ask to act as another user, as a header or in the query.

    What a body says is refused where it is read.
    """
    if info.exception_only:
        return view

    def checked(context: Any, request: Request) -> Any:
        path: str = request.environ.get("PATH_INFO", "")
        if path.startswith(_API):
            check_no_sudo({*request.GET, *(name.lower() for name in request.headers)})
        return view(context, request)

    return checked


def includeme(config: Configurator) -> None:
    """Register the deriver: whoever may not see a thing is told so first."""
    config.add_view_deriver(refuse_sudo, under="secured_view", over="decorated_view")
