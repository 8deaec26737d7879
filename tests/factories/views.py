"""Which views there are, as Pyramid was told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyramid.events import ContextFound
from pyramid.interfaces import IExceptionResponse
from pyramid.registry import Registry

ViewName = tuple[type, str]
"""The class of a view's context, and its method."""
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def registered_views(registry: Registry) -> Iterator[tuple[ViewName, Any]]:
    """The name and the permission of every view, without those of exceptions and static files."""
    permissions = {
        id(related): item["introspectable"]["value"]
        for item in registry.introspector.get_category("permissions") or ()
        for related in item["related"]
    }
    for item in registry.introspector.get_category("views"):
        view = item["introspectable"]
        context = view["context"]
        if view["route_name"] is not None or context is IExceptionResponse:
            continue
        if isinstance(context, type) and issubclass(context, Exception):
            continue
        methods = view["request_methods"]
        for method in (methods,) if isinstance(methods, str) else methods or _METHODS:
            yield (context, method), permissions.get(id(view))


@contextmanager
def contexts_found(registry: Registry) -> Iterator[list[type]]:
    """The classes of what traversal finds inside the block, where it finds the whole address."""
    found: list[type] = []

    def note(event: ContextFound) -> None:
        request = event.request
        if not request.view_name and not request.subpath:
            found.extend(type(request.context).__mro__)

    registry.registerHandler(note, (ContextFound,))
    try:
        yield found
    finally:
        registry.unregisterHandler(note, (ContextFound,))
