"""Where the browser's cookies belong."""

from pyramid.request import Request


def cookie_path(request: Request) -> str:
    """The path below which the registry lies: other applications of the host get no cookie."""
    return request.script_name or "/"
