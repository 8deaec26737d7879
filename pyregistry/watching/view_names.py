"""Which view answered a request, by a name that comes from the code and not from the address."""

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.viewderivers import INGRESS

from pyregistry.http.observation import observation_of

_PACKAGE = "pyregistry."
_FOLDER = ".views"

View = Callable[[Any, Request], Response]


def name_of(view: object) -> str:
    """Where a view is defined, and as what: `simple.simple_package`, `ui.sign_in.show_login`."""
    module = getattr(view, "__module__", "").removeprefix(_PACKAGE).replace(_FOLDER, "")
    name = getattr(view, "__qualname__", type(view).__name__)
    return f"{module}.{name}".strip(".")


def named_view(view: View, info: Any) -> View:
    """A view deriver: the view says that it is the one, also where it asks for a permission.

    Views of exceptions do not: the view that raised them has answered.
    """
    if info.exception_only:
        return view
    name = name_of(info.original_view)

    def answer(context: Any, request: Request) -> Response:
        observation_of(request.environ).view = name
        return view(context, request)

    return answer


def includeme(config: Configurator) -> None:
    """Have every view named, those too that refuse."""
    config.add_view_deriver(named_view, "pyregistry_named_view", under=INGRESS, over="secured_view")
