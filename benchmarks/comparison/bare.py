"""A Pyramid view that returns fixed bytes: the most that any view of the framework can do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from benchmarks.comparison.captures import headers_of
from pyregistry.http.giving_way import GIVES_WAY


def main(_global_config: Mapping[str, str], **settings: str) -> Any:
    """The Paste app factory; `captures` is the folder of the answers, by their keys."""
    answers = _read(Path(settings["captures"]))
    config = Configurator(settings=settings)
    config.add_route("answer", "/{key}")

    def view(request: Request) -> Response:
        headers, not_changed, etag, body = answers[request.matchdict["key"]]
        if etag is not None and request.environ.get("HTTP_IF_NONE_MATCH") == etag:
            return Response(status=304, headerlist=list(not_changed))
        return Response(body=body, headerlist=list(headers))

    config.add_view(view, route_name="answer")
    app = config.make_wsgi_app()
    # It waits for nothing: the server may treat it as it treats what the registry remembers.
    setattr(app, GIVES_WAY, True)
    return app


def _read(folder: Path) -> dict[str, Any]:
    answers = {}
    for path in folder.glob("*.sent"):
        headers = headers_of(folder, path.stem)
        body = path.read_bytes()
        kept = [
            item
            for item in headers.items()
            if item[0] not in {"content-encoding", "content-type", "content-disposition"}
        ]
        full = [*headers.items(), ("content-length", str(len(body)))]
        answers[path.stem] = (full, kept, headers.get("etag"), body)
    return answers
