"""Sentences that the next page shows once: what a form has done.

They wait in a cookie. It is signed with the secret of the browser's session, so that no
other site of the same domain can put words into the registry's mouth.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Final

from pyramid.config import Configurator
from pyramid.events import NewResponse
from pyramid.request import Request
from pyramid.response import Response

from pyregistry.authnz.credentials import session_secret
from pyregistry.http.attempts import is_marked, mark
from pyregistry.ui.cookies import cookie_path, read_cookie, set_cookie

COOKIE: Final = "pyregistry_flash"
_SHOWN: Final = "_pyregistry_flash_shown"
_LIFETIME: Final = timedelta(minutes=1)
_MAXIMUM_SENTENCE: Final = 250
_MAXIMUM_COOKIE: Final = 2500


def flash(request: Request, response: Response, sentence: str) -> None:
    """Have the next page of this browser say `sentence`; nothing where nobody is signed in."""
    secret = session_secret(request)
    if secret is None:
        return
    shortened = json.dumps(sentence[:_MAXIMUM_SENTENCE], ensure_ascii=False)
    content = urlsafe_b64encode(shortened.encode("utf-8", "replace"))
    signed = f"{content.decode()}.{_signature(secret, content)}"
    set_cookie(request, response, COOKIE, signed, lifetime=_LIFETIME)


def take_flash(request: Request) -> str | None:
    """The sentence that waits for this page, if there is one. It will not be shown again."""
    cookie, secret = read_cookie(request, COOKIE)
    if cookie is None:
        return None
    mark(request, _SHOWN)
    if secret is None or len(cookie) > _MAXIMUM_COOKIE or not cookie.isascii():
        return None
    content, _, signature = cookie.partition(".")
    if not hmac.compare_digest(signature, _signature(secret, content.encode())):
        return None
    sentence: str = json.loads(urlsafe_b64decode(content))
    return sentence


def forget_shown(event: NewResponse) -> None:
    """Drop the cookie with the page that shows what was in it."""
    if is_marked(event.request, _SHOWN):
        event.response.delete_cookie(COOKIE, path=cookie_path(event.request))


def includeme(config: Configurator) -> None:
    """Subscribe to responses."""
    config.add_subscriber(forget_shown, NewResponse)


def _signature(secret: str, content: bytes) -> str:
    key = b"flash:" + secret.encode("utf-8", "replace")
    return hmac.new(key, content, hashlib.sha256).hexdigest()
