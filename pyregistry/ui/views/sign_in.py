"""Signing in and out."""

from http import HTTPStatus
from typing import Any

from pyramid.csrf import new_csrf_token
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from pyregistry.accounts.services.sessions import sign_in, sign_out
from pyregistry.authnz.credentials import SESSION_COOKIE, session_secret
from pyregistry.components import Components
from pyregistry.errors import TooManyRequests
from pyregistry.http.parameters import read_body
from pyregistry.resources.namespaces import Login, Logout
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.cookies import cookie_path, set_cookie
from pyregistry.ui.first_run import is_first_run
from pyregistry.ui.forms import SignInForm, local_path, query_text

_TEMPLATE = "pyregistry:ui/templates/accounts/sign_in.jinja2"
_WRONG = "The user name or the password is wrong."


@view_config(
    context=Login, request_method="GET", permission=NO_PERMISSION_REQUIRED, renderer=_TEMPLATE
)
def show_sign_in(_context: Login, request: Request) -> Any:
    """The form; who is signed in already goes where they were going."""
    return_to = local_path(query_text(request, "return_to"))
    if request.identity is not None:
        return _leads_to(request, return_to)
    request.response.headers["Cache-Control"] = "no-store"
    page = {"username": "", "return_to": return_to, "problem": ""}
    return {**page, "first_run": is_first_run(request)}


@view_config(
    context=Login, request_method="POST", permission=NO_PERMISSION_REQUIRED, renderer=_TEMPLATE
)
def begin_session(_context: Login, request: Request) -> Any:
    """Sign in, or show the form again.

    Wrong credentials are answered 422: a 401 would need a challenge (RFC 9110 section
    15.5.2), and browsers answer challenges with a dialogue of their own. Too many of them are
    answered 429, whatever the password.
    """
    form = SignInForm.read(request)
    components: Components = request.components
    try:
        components.throttle.check_sign_in(form.username, request.remote_addr)
    except TooManyRequests as refusal:
        request.response.headers["Retry-After"] = str(refusal.retry_after)
        request.response.headers["Cache-Control"] = "no-store"
        return _form_again(request, form, refusal.status, refusal.sentence)
    lifetime, visitor = components.settings.sessions_lifetime, request.visitor
    secret = sign_in(
        components.database,
        form.username,
        form.password,
        lifetime=lifetime,
        address=visitor.address,
        user_agent=visitor.user_agent,
        now=request.now,
    )
    if secret is None:
        components.throttle.sign_in_failed(form.username, request.remote_addr)
        return _form_again(request, form, HTTPStatus.UNPROCESSABLE_ENTITY, _WRONG)
    _end_session(request)
    response = _leads_to(request, form.return_to)
    set_cookie(request, response, SESSION_COOKIE, secret, lifetime=lifetime)
    return response


@view_config(context=Logout, request_method="POST", permission=NO_PERMISSION_REQUIRED)
def end_session(_context: Logout, request: Request) -> Response:
    """Sign out; who is not signed in is none the worse for it.

    Where the form names a page (`return_to`), somebody else is to sign in and go there.
    """
    return_to = local_path(str(read_body(request).get("return_to", "")))
    _end_session(request)
    response = _redirect(request, Addresses(request).sign_in(return_to) if return_to else "")
    response.delete_cookie(SESSION_COOKIE, path=cookie_path(request))
    return response


def _form_again(
    request: Request, form: SignInForm, status: HTTPStatus, problem: str
) -> dict[str, Any]:
    """The form as it was sent, without the password, and what is wrong."""
    request.response.status = int(status)
    page = {"username": form.username, "return_to": form.return_to, "problem": problem}
    # Nothing is looked up for who fails too often.
    return {**page, "first_run": False}


def _end_session(request: Request) -> None:
    """End the browser's session if it has one, and with it what its forms were signed with."""
    secret = session_secret(request)
    if secret is not None:
        sign_out(request.components.database, secret)
    new_csrf_token(request)


def _leads_to(request: Request, return_to: str) -> Response:
    addresses = Addresses(request)
    path = return_to.partition("?")[0]
    if path in (addresses.sign_in(), addresses.sign_out):
        return_to = ""
    return _redirect(request, return_to)


def _redirect(request: Request, path: str) -> Response:
    """To a path on this host; to the first page where it is empty."""
    response = HTTPSeeOther(request.host_url + (path or Addresses(request).home))
    response.headers["Cache-Control"] = "no-store"
    return response
