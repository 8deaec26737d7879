"""A secret that a form has made, on its way to the page that shows it once.

Were it shown by the answer to the form, whoever loads that page again, or goes back and forth in
their browser, would make another one. So the answer leads to a page, and the secret waits for it
in a cookie. Whatever else learns of that cookie, such as a log, learns nothing: it is sealed with
the secret of the browser's session. Nor can another site of the same domain show a secret here.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response

from pyregistry.authnz.credentials import session_secret
from pyregistry.http.caching import describe_secret
from pyregistry.ui.cookies import read_cookie, set_cookie

COOKIE: Final = "pyregistry_handover"
_LIFETIME: Final = timedelta(minutes=1)
_MAXIMUM_COOKIE: Final = 4000


def hand_over(request: Request, address: str, made: Mapping[str, Any]) -> Response | None:
    """On to the page `address` (a path), which takes what was `made` over, once.

    None where nobody is signed in whose browser could keep it: the answer itself must show it,
    and nothing may keep that answer.
    """
    secret = session_secret(request)
    if secret is None:
        describe_secret(request)
        return None
    from pyregistry.ui.sealing import sealed

    response = HTTPSeeOther(request.host_url + address)
    response.headers["Cache-Control"] = "no-store"
    set_cookie(
        request,
        response,
        COOKIE,
        sealed(made, secret),
        lifetime=_LIFETIME,
        path=address,
        same_site="Strict",
    )
    return response


def take_over(request: Request) -> dict[str, Any] | None:
    """What waits for this page, if something does. It waits no more, and nothing may keep it."""
    cookie, secret = read_cookie(request, COOKIE)
    if cookie is None:
        return None
    request.response.delete_cookie(COOKIE, path=request.path)
    if secret is None or len(cookie) > _MAXIMUM_COOKIE:
        return None
    from pyregistry.ui.sealing import unsealed

    made = unsealed(cookie, secret)
    if made is not None:
        describe_secret(request)
    return made
