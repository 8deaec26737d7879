"""The browser's cookies: where they belong, how they are set and read."""

from datetime import timedelta
from typing import Literal

from pyramid.request import Request
from pyramid.response import Response

from pyregistry.authnz.credentials import session_secret


def cookie_path(request: Request) -> str:
    """The path below which the registry lies: other applications of the host get no cookie."""
    return request.script_name or "/"


def set_cookie(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    lifetime: timedelta,
    path: str | None = None,
    same_site: Literal["Lax", "Strict"] = "Lax",
) -> None:
    """Have the browser keep `value` for that long, out of the reach of scripts.

    It comes back below `path` alone, else everywhere in the registry, and over HTTPS alone
    where it was set over HTTPS.
    """
    response.set_cookie(
        name,
        value,
        max_age=lifetime,
        path=cookie_path(request) if path is None else path,
        secure=request.scheme == "https",
        httponly=True,
        samesite=same_site,
    )


def read_cookie(request: Request, name: str) -> tuple[str | None, str | None]:
    """The cookie and the secret of the browser's session, which vouches for it."""
    try:
        return request.cookies.get(name), session_secret(request)
    except UnicodeDecodeError:
        return None, None  # Some cookie is not UTF-8: none of ours was ever.
