"""Who one is, and the page that changes one's password."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.accounts.errors import WrongPassword
from pyregistry.accounts.services.own_password import NewPassword, change_own_password
from pyregistry.accounts.services.passwords import MINIMUM_LENGTH
from pyregistry.accounts.services.users import find_user_by_id
from pyregistry.authnz.permissions import Permissions
from pyregistry.components import Components
from pyregistry.errors import Invalid, Refusal, TooManyRequests
from pyregistry.members.services.memberships import memberships_of
from pyregistry.resources.pages.profile import PasswordPage, ProfilePage
from pyregistry.sentences import plural
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.profile import PROFILE, TEMPLATES, own_session_id, profile_page
from pyregistry.ui.submissions import Sent, done, read_form
from pyregistry.ui.views.paging import part_of, window_after


@view_config(
    context=ProfilePage,
    request_method="GET",
    permission=Permissions.SELF_READ,
    renderer=f"{TEMPLATES}show.jinja2",
)
def show_profile(context: ProfilePage, request: Request) -> dict[str, Any]:
    """The visitor's account, and where they are a member."""
    user_id, window = request.identity.user_id, window_after(request)
    return {
        **profile_page(context, request, ""),
        "account": find_user_by_id(request.db, user_id),
        "memberships": part_of(
            lambda part: memberships_of(request.db, user_id, part, request.now), window
        ),
        "is_first": window.cursor is None,
    }


@view_config(
    context=PasswordPage,
    request_method="GET",
    permission=Permissions.SELF_MANAGE,
    renderer=f"{TEMPLATES}password.jinja2",
)
def ask_for_password(context: PasswordPage, request: Request) -> dict[str, Any]:
    """The form for a new password."""
    request.response.headers["Cache-Control"] = "no-store"
    return _password_page(context, request)


@view_config(
    context=PasswordPage,
    request_method="POST",
    permission=Permissions.SELF_MANAGE,
    renderer=f"{TEMPLATES}password.jinja2",
)
def change_password(context: PasswordPage, request: Request) -> Any:
    """Change the visitor's password, or show the form again. Wrong ones are limited."""
    try:
        ended = _change(request, read_form(request))
    except Refusal as refusal:
        # Not in the request's transaction: the password is hashed outside of it.
        request.response.status = int(refusal.status)
        if isinstance(refusal, TooManyRequests):
            request.response.headers["Cache-Control"] = "no-store"
            request.response.headers["Retry-After"] = str(refusal.retry_after)
        return _password_page(context, request, refusal)
    sentence = "Your password was changed."
    if ended:
        sentence += f" You were signed out of {plural(ended, 'other browser')}."
    return done(request, Addresses(request).instance_page(PROFILE, "password"), sentence)


def _password_page(
    context: PasswordPage, request: Request, refusal: Refusal | None = None
) -> dict[str, Any]:
    page = profile_page(context, request, "password", refusal=refusal)
    return {**page, "least": MINIMUM_LENGTH}


def _change(request: Request, sent: Sent) -> int:
    """Change the password; how many other sessions ended. Raises as the service does.

    Who fails too often has to wait, as for signing in, and the count is the same one: raises
    `TooManyRequests`.
    """
    wanted, identity = _wanted(sent), request.identity
    components: Components = request.components
    components.throttle.check_sign_in(identity.username, request.remote_addr)
    try:
        return change_own_password(
            components.database,
            identity.username,
            wanted,
            kept_session_id=own_session_id(identity),
            actor=request.actor,
            now=request.now,
        )
    except WrongPassword:
        components.throttle.sign_in_failed(identity.username, request.remote_addr)
        raise


def _wanted(sent: Sent) -> NewPassword:
    wanted = NewPassword(sent.secret("current_password"), sent.secret("new_password"))
    if not wanted.current:
        raise Invalid("Type your current password first.", about="current_password")
    if wanted.new != sent.secret("new_password_again"):
        raise Invalid(
            "The new password is not the same in both fields: type it again.",
            about="new_password_again",
        )
    return wanted
