"""View derivers that make an address mean one thing, and default to denial.

Pyramid hands what is left of a path to the view as a subpath, lets `@@name` pick a view
by name, and follows `..` upwards. Each would give one page many addresses.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.events import ApplicationCreated
from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.viewderivers import INGRESS

from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Invalid
from pyregistry.http.addresses import names_nothing

View = Callable[[Any, Request], Any]
_RELATIVE = frozenset({".", ".."})


def exact_path(view: View, info: Any) -> View:
    """Refuse a path of which something is left over, with `@@` in it, or with `.` or `..`.

    In the JSON API, one with an empty segment, too.
    """
    if info.exception_only or info.options.get("subpath"):
        return view

    def checked(context: Any, request: Request) -> Any:
        path: str = request.environ.get("PATH_INFO", "")
        if request.subpath or "@@" in path or not _RELATIVE.isdisjoint(path.split("/")):
            raise HTTPNotFound
        if names_nothing(path):
            raise HTTPNotFound
        try:
            request.GET  # noqa: B018 -- decoded here, where a mistake in it is still the client's
        except UnicodeDecodeError:
            raise Invalid("The query is not valid UTF-8.") from None
        return view(context, request)

    return checked


exact_path.options = ("subpath",)  # type: ignore[attr-defined]  # where Pyramid looks


def collect_methods(event: ApplicationCreated) -> None:
    """Note which methods each kind of resource answers, for the `Allow` header."""
    registry = event.app.registry
    methods: dict[type, set[str]] = defaultdict(set)
    for item in registry.introspector.get_category("views") or ():
        introspectable = item["introspectable"]
        context = introspectable["context"]
        if isinstance(context, type) and introspectable["request_methods"]:
            asked = introspectable["request_methods"]
            methods[context].update((asked,) if isinstance(asked, str) else asked)
    for found in methods.values():
        if "GET" in found:
            found.add("HEAD")
    registry["pyregistry.methods"] = dict(methods)


def includeme(config: Configurator) -> None:
    """Register the derivers."""
    config.add_view_deriver(exact_path, under=INGRESS, over="secured_view")
    config.add_subscriber(collect_methods, ApplicationCreated)
    config.set_default_permission(Permissions.NOBODY)
