"""GitLab's `sudo`: with it an administrator acts as another user. Here nobody can."""

from collections.abc import Callable
from typing import Any, Final

from pyramid.config import Configurator
from pyramid.request import Request

from pyregistry.errors import NotAllowed

View = Callable[[Any, Request], Any]
_SUDO: Final = "sudo"
_API: Final = "/api/"


def refuse_sudo(view: View, info: Any) -> View:
    """Refuse requests to the API that ask to act as another user, as a header or in the query.

    Ignored, they would do with all that an administrator may what was meant to be done with
    what the other may, and in the wrong name.
    """
    if info.exception_only:
        return view

    def checked(context: Any, request: Request) -> Any:
        path: str = request.environ.get("PATH_INFO", "")
        if path.startswith(_API) and (_SUDO in request.headers or _SUDO in request.GET):
            raise NotAllowed("The parameter sudo cannot be used: nobody acts as another user here.")
        return view(context, request)

    return checked


def includeme(config: Configurator) -> None:
    """Register the deriver: whoever may not see a thing is told so first."""
    config.add_view_deriver(refuse_sudo, under="secured_view", over="decorated_view")
