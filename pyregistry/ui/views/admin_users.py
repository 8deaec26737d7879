"""The pages on which administrators manage users."""

from collections.abc import Callable
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.accounts.models import User
from pyregistry.accounts.services.change import UserChanges, change_user
from pyregistry.accounts.services.listing import find_visible_user
from pyregistry.accounts.services.passwords import MINIMUM_LENGTH, new_password
from pyregistry.accounts.services.users import NewUser, block, create_user, unblock
from pyregistry.authnz.permissions import Permissions
from pyregistry.errors import Refusal
from pyregistry.members.services.delete import delete_user
from pyregistry.members.services.memberships import memberships_of
from pyregistry.resources.base import viewer_of
from pyregistry.resources.pages.admin_users import (
    AddUser,
    BlockUser,
    ChangeUser,
    DeleteUser,
    OfUserPage,
    ResetPassword,
    UnblockUser,
    UserPage,
)
from pyregistry.slices import Window
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.admin import admin_page
from pyregistry.ui.breadcrumbs import Crumb
from pyregistry.ui.handovers import hand_over, take_over
from pyregistry.ui.submissions import (
    NOTHING_SENT,
    Sent,
    attempt,
    check_confirmed,
    done,
    read_form,
)
from pyregistry.ui.views.paging import PAGE_LENGTH

_SEGMENT = "users"
_ADD_TEMPLATE = "pyregistry:ui/templates/admin/add_user.jinja2"
_USER_TEMPLATE = "pyregistry:ui/templates/admin/user.jinja2"
_SHOWN_ONCE_TEMPLATE = "pyregistry:ui/templates/admin/password.jinja2"


@view_config(
    context=AddUser,
    request_method="GET",
    permission=Permissions.USERS_MANAGE,
    renderer=_ADD_TEMPLATE,
)
def show_new(_context: AddUser, request: Request) -> dict[str, Any]:
    """The form for a new user."""
    return _new_page(request, NOTHING_SENT, None)


@view_config(
    context=AddUser,
    request_method="POST",
    permission=Permissions.USERS_MANAGE,
    renderer=_ADD_TEMPLATE,
)
def create(_context: AddUser, request: Request) -> Any:
    """Create a user, with the password that was typed or one that is shown once."""
    sent = read_form(request)
    password = sent.secret("password") or new_password()
    wanted = NewUser(
        username=sent.text("username"),
        email=sent.text("email"),
        name=sent.given("name"),
        password=password,
        is_admin=sent.checked("admin"),
        is_external=sent.checked("external"),
    )
    tried = attempt(request, lambda: create_user(request.db, wanted, request.actor, request.now))
    if tried.result is None:
        return _new_page(request, sent, tried.refusal)
    sentence = f"The user {wanted.username} was created."
    return _after_password(request, sent, tried.result, password, sentence)


@view_config(
    context=UserPage,
    request_method="GET",
    permission=Permissions.USERS_MANAGE,
    renderer=_USER_TEMPLATE,
)
def show(context: UserPage, request: Request) -> dict[str, Any]:
    """One user, and what can be done; first, once, a password that was made up."""
    made = take_over(request)
    if made is not None:
        return _password_page(request, _user(context, request), made)
    return _user_page(request, _user(context, request), "", NOTHING_SENT, None)


@view_config(
    context=ChangeUser,
    request_method="POST",
    permission=Permissions.USERS_MANAGE,
    renderer=_USER_TEMPLATE,
)
def change(context: ChangeUser, request: Request) -> Any:
    """Change what a user is called and may do."""
    sent = read_form(request)
    changes = UserChanges(
        name=sent.text("name"),
        email=sent.text("email"),
        is_admin=sent.checked("admin"),
        is_external=sent.checked("external"),
    )

    def save(user: User) -> str:
        change_user(request.db, user.id, changes, request.actor, request.now)
        return f"The user {user.username} was changed."

    return _changed(context, request, "change", sent, save)


@view_config(
    context=ResetPassword,
    request_method="POST",
    permission=Permissions.USERS_MANAGE,
    renderer=_USER_TEMPLATE,
)
def reset_password(context: ResetPassword, request: Request) -> Any:
    """Give a user the password that was typed, or one that is shown once."""
    sent, user = read_form(request), _user(context, request)
    password = sent.secret("password") or new_password()
    changes = UserChanges(password=password)
    tried = attempt(
        request, lambda: change_user(request.db, user.id, changes, request.actor, request.now)
    )
    if tried.refusal is not None:
        return _user_page(request, user, "password", sent, tried.refusal)
    sentence = f"{user.username} has a new password, and was signed out everywhere."
    return _after_password(request, sent, user, password, sentence)


@view_config(
    context=BlockUser,
    request_method="POST",
    permission=Permissions.USERS_MANAGE,
    renderer=_USER_TEMPLATE,
)
def block_(context: BlockUser, request: Request) -> Any:
    """Stop a user."""

    def stop(user: User) -> str:
        block(request.db, user, request.actor, request.now)
        return f"{user.username} is blocked: nothing of theirs works any more."

    return _changed(context, request, "block", NOTHING_SENT, stop)


@view_config(
    context=UnblockUser,
    request_method="POST",
    permission=Permissions.USERS_MANAGE,
    renderer=_USER_TEMPLATE,
)
def unblock_(context: UnblockUser, request: Request) -> Any:
    """Let a user in again."""

    def let_in(user: User) -> str:
        unblock(request.db, user, request.actor, request.now)
        return f"{user.username} can sign in again."

    return _changed(context, request, "block", NOTHING_SENT, let_in)


@view_config(
    context=DeleteUser,
    request_method="POST",
    permission=Permissions.USERS_MANAGE,
    renderer=_USER_TEMPLATE,
)
def delete(context: DeleteUser, request: Request) -> Any:
    """Delete a user for ever, where the user name was typed."""
    sent = read_form(request)

    def remove(user: User) -> str:
        username = user.username
        check_confirmed(sent, username)
        delete_user(request.db, user.id, request.actor, request.now)
        return f"The user {username} was deleted."

    return _changed(context, request, "delete", sent, remove, leads_to_list=True)


def _user(context: UserPage | OfUserPage, request: Request) -> User:
    return find_visible_user(request.db, viewer_of(request), context.number)


def _changed(
    context: OfUserPage,
    request: Request,
    form: str,
    sent: Sent,
    make: Callable[[User], str],
    *,
    leads_to_list: bool = False,
) -> Any:
    """What comes of a form of a user's page: `make` changes the user and says so."""
    user = _user(context, request)
    user_id = user.id
    tried = attempt(request, lambda: make(user))
    if tried.result is None:
        return _user_page(request, user, form, sent, tried.refusal)
    segments = ("admin", _SEGMENT) if leads_to_list else ("admin", _SEGMENT, user_id)
    return done(request, Addresses(request).instance_page(*segments), tried.result)


def _after_password(request: Request, sent: Sent, user: User, password: str, sentence: str) -> Any:
    address = Addresses(request).instance_page("admin", _SEGMENT, user.id)
    if sent.secret("password"):
        return done(request, address, sentence)
    made = {"password": password, "sentence": sentence}
    leads_on = hand_over(request, address, made)
    if leads_on is not None:
        return leads_on
    return _password_page(request, user, made)


def _password_page(request: Request, user: User, made: dict[str, str]) -> dict[str, Any]:
    """The page that shows once a password that was made up."""
    request.override_renderer = _SHOWN_ONCE_TEMPLATE
    page = admin_page(request, _SEGMENT)
    address = Addresses(request).instance_page("admin", _SEGMENT, user.id)
    page["crumbs"].append(Crumb(user.username, address))
    return {**page, **made, "subject": user}


def _new_page(request: Request, sent: Sent, refusal: Refusal | None) -> dict[str, Any]:
    page = admin_page(request, _SEGMENT)
    address = Addresses(request).instance_page("admin", _SEGMENT, "add")
    page["crumbs"].append(Crumb("New user", address))
    return {**page, "sent": sent, "refusal": refusal, "least": MINIMUM_LENGTH}


def _user_page(
    request: Request, user: User, form: str, sent: Sent, refusal: Refusal | None
) -> dict[str, Any]:
    """The page of a user; `form` is the one that was refused."""
    page = admin_page(request, _SEGMENT)
    address = Addresses(request).instance_page("admin", _SEGMENT, user.id)
    page["crumbs"].append(Crumb(user.username, address))
    memberships = memberships_of(request.db, user.id, Window(PAGE_LENGTH, by_key=True), request.now)
    return {
        **page,
        "subject": user,
        "memberships": memberships,
        "is_own": user.id == request.identity.user_id,
        "form": form,
        "least": MINIMUM_LENGTH,
        "sent": sent,
        "refusal": refusal,
    }
