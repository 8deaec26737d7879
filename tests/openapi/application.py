"""The application with a judge before it: whoever sends a request has its exchange checked.

Which operation a request asks for is read from the resource that traversal found, and from the
names above it: there an `:id` with slashes is one name, and a number or a path alike.
"""

import json
from collections.abc import Callable, Iterable
from functools import cached_property
from gzip import decompress
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from pyramid.config import Configurator
from pyramid.events import ContextFound
from pyramid.registry import Registry
from webob import Request
from webtest import TestResponse

from pyregistry.api.openapi.document import MOUNT, all_operations, document
from pyregistry.resources.base import lineage_of
from tests.factories.views import registered_views
from tests.openapi.judge import Answered, Asked, Disobeyed, Judge, form_of, is_json

_FOUND = "tests.openapi.found"
_MAXIMUM_BODY = 64 * 1024
_JSON = "application/json"
_SUCCESS = 2
_DEPTH = 3  # the root, api, v4
_UPLOAD = "/packages/pypi"
"""Uploads are read as a stream, which tests watch: nobody else may."""
StartResponse = Callable[..., Any]
Environ = dict[str, Any]


def obeying(config: Configurator) -> "Obeying":
    """The application, which fails a test that it answers otherwise than is documented."""
    config.add_subscriber(_note, ContextFound)
    return Obeying(config.make_wsgi_app(), config.registry)


def _note(event: ContextFound) -> None:
    """Remember what traversal has found: `None` for less than the whole address."""
    request = event.request
    whole = not request.view_name and not request.subpath
    request.environ.setdefault(_FOUND, []).append(request.context if whole else None)


def found_by(response: TestResponse) -> Any:
    """The resource that traversal found for a request; `None` for less than its whole address."""
    found: list[Any] = response.request.environ[_FOUND]
    return found[-1] if found else None


def segments_of(resource: Any) -> list[str]:
    """What the address of a resource has below `/api/v4`, an `:id` in one piece."""
    return [above.__name__ for above in lineage_of(resource)][::-1][_DEPTH:]


class Obeying:
    """The application as WSGI has it."""

    def __init__(self, application: Any, registry: Registry) -> None:
        self.application = application
        self._registry = registry
        self._judge = Judge(document())
        self._contexts = {
            (operation.method, operation.path): operation.context for operation in all_operations()
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(f"{MOUNT}/"):
            return self.application(environ, start_response)  # type: ignore[no-any-return]
        asked, found = _asked(environ), []
        environ[_FOUND] = found
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started[:] = [(status, headers)]
            return start_response(status, headers, exc_info)

        parts = self.application(environ, start)
        ((status, headers),) = started
        body = None
        if _is_json(headers) or int(status[:3]) == HTTPStatus.NO_CONTENT:
            body = b"".join(parts)
            if hasattr(parts, "close"):
                parts.close()
            parts = [body]
        answered = Answered(int(status[:3]), headers, _unpacked(headers, body))
        try:
            self._check(environ["REQUEST_METHOD"], found[-1] if found else None, asked, answered)
        except Disobeyed as disobeyed:
            address = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
            raise Disobeyed(
                f"{address} ({answered.status}): {disobeyed}; see pyregistry/api/openapi"
            ) from None
        return parts

    def _check(self, method: str, context: Any, asked: Asked, answered: Answered) -> None:
        asked_for = "GET" if method == "HEAD" else method
        segments = segments_of(context)
        if not any((kind, asked_for) in self._views for kind in type(context).__mro__):
            self._judge.check_refusal(method, answered)
            return
        path = self._judge.path_of(asked_for, segments)
        if path is None:
            raise Disobeyed("no operation describes this view at this address")
        kind = self._contexts[asked_for, path]
        if not isinstance(context, kind):
            raise Disobeyed(f"{path} leads to {type(context).__name__}, not to {kind.__name__}")
        self._judge.check_response(method, path, answered)
        if answered.status // 100 == _SUCCESS:
            self._judge.check_request(asked_for, path, segments, asked)

    @cached_property
    def _views(self) -> set[tuple[type, str]]:
        return {name for name, _ in registered_views(self._registry)}


def _asked(environ: Environ) -> Asked:
    """The request's parameters; its body, where that can hold some, is read and put back."""
    request = Request(environ)
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True, errors="replace")
    media_type: str = request.content_type or ""
    is_upload = environ["PATH_INFO"].rstrip("/").endswith(_UPLOAD)
    length = request.content_length
    if is_upload or length is None or length > _MAXIMUM_BODY:
        return Asked(query, media_type, None if is_upload or request.is_body_readable else {})
    content = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = BytesIO(content)
    return Asked(query, media_type, _parameters(environ, media_type, content))


def _parameters(environ: Environ, media_type: str, content: bytes) -> Any:
    try:
        if not content:
            return {}
        if media_type == _JSON:
            return json.loads(content)
        copy = Request({**environ, "wsgi.input": BytesIO(content)})
        return form_of(copy.POST.items())
    except (ValueError, LookupError, RecursionError, DeprecationWarning):
        return None  # no request that is accepted


def _is_json(headers: list[tuple[str, str]]) -> bool:
    types = [value for name, value in headers if name.lower() == "content-type"]
    return bool(types) and is_json(types[0].partition(";")[0])


def _unpacked(headers: list[tuple[str, str]], body: bytes | None) -> bytes | None:
    packed = any(name.lower() == "content-encoding" for name, _ in headers)
    return decompress(body) if packed and body else body
