"""The pages that give, change and take away roles."""

from datetime import datetime
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from pyregistry.accounts.errors import UserNotFound
from pyregistry.accounts.models import User
from pyregistry.accounts.services.users import find_user
from pyregistry.api.callers import granter_of
from pyregistry.authnz.permissions import Permissions
from pyregistry.authnz.roles import Role
from pyregistry.errors import Conflict, Invalid, NotFound
from pyregistry.members.days import end_of
from pyregistry.members.errors import MemberExists
from pyregistry.members.services.change import (
    Grant,
    add_member,
    change_member,
    remove_member,
)
from pyregistry.resources.pages.members import (
    LeavePage,
    MemberPage,
    MemberRemovalPage,
    NewMemberPage,
)
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.grants import check_confirmed_by_button, day_in, role_in
from pyregistry.ui.members import (
    MEMBERS,
    TEMPLATES,
    ShownMember,
    found_member,
    has_own_role,
    member_page,
)
from pyregistry.ui.submissions import NOTHING_SENT, Attempt, Sent, attempt, done, read_form


@view_config(
    context=NewMemberPage,
    request_method="GET",
    permission=Permissions.MEMBERS_MANAGE,
    renderer=f"{TEMPLATES}add.jinja2",
)
def ask_for_member(context: NewMemberPage, request: Request) -> dict[str, Any]:
    """The form for a new member."""
    return member_page(context, request, "Add a member")


@view_config(
    context=NewMemberPage,
    request_method="POST",
    permission=Permissions.MEMBERS_MANAGE,
    renderer=f"{TEMPLATES}add.jinja2",
)
def add(context: NewMemberPage, request: Request) -> Any:
    """Give a user a role, or show the form again."""
    sent, namespace = read_form(request), context.namespace

    def change() -> str:
        username = sent.text("username")
        if not username:
            raise Invalid("Type the user name of the new member.", about="username")
        grant = Grant(role_in(sent), _end(sent))
        user = _user_called(request, username)
        try:
            add_member(request.db, namespace.id, user, grant, granter_of(request), request.now)
        except MemberExists as refusal:
            # The API says it in GitLab's words, which tell nobody what to do.
            sentence = f"{user.username} is a member here already: change the role in the list."
            raise Conflict(sentence, about=refusal.about) from None
        return f"{user.username} is {_with_article(grant.role)} of {namespace.full_path} now."

    tried = attempt(request, change)
    if tried.result is None:
        return member_page(context, request, "Add a member", sent, tried)
    return done(request, Addresses(request).page(namespace.full_path, MEMBERS), tried.result)


def _user_called(request: Request, username: str) -> User:
    try:
        return find_user(request.db, username)
    except UserNotFound as refusal:
        # Somebody may have typed an email address.
        sentence = f"{refusal.sentence.rstrip('.')}: give the name that they sign in with."
        raise UserNotFound(sentence) from None


@view_config(
    context=MemberPage,
    request_method="GET",
    permission=Permissions.MEMBERS_MANAGE,
    renderer=f"{TEMPLATES}member.jinja2",
)
def show_member(context: MemberPage, request: Request) -> dict[str, Any]:
    """One member, with the form that changes their role. Raises `MemberNotFound`."""
    return _member_page(context, request, found_member(context, context.number))


@view_config(
    context=MemberPage,
    request_method="POST",
    permission=Permissions.MEMBERS_MANAGE,
    renderer=f"{TEMPLATES}member.jinja2",
)
def change_role(context: MemberPage, request: Request) -> Any:
    """Give a member another role or end. Raises `MemberNotFound`."""
    sent, namespace = read_form(request), context.namespace
    shown = found_member(context, context.number)

    def change() -> str:
        grant = _changed(shown, sent)
        by = granter_of(request)
        change_member(request.db, namespace.id, context.number, grant, by, request.now)
        role = _with_article(grant.role)
        return f"{shown.member.username} is {role} of {namespace.full_path} now."

    tried = attempt(request, change)
    if tried.result is None:
        return _member_page(context, request, shown, sent, tried)
    return done(request, Addresses(request).page(namespace.full_path, MEMBERS), tried.result)


@view_config(
    context=MemberRemovalPage,
    request_method="GET",
    permission=Permissions.MEMBERS_MANAGE,
    renderer=f"{TEMPLATES}remove.jinja2",
)
def ask_to_remove(context: MemberRemovalPage, request: Request) -> dict[str, Any]:
    """Ask whether a member shall be removed. Raises `MemberNotFound`."""
    shown = found_member(context, context.__parent__.number)
    return _removal(context, request, shown, Attempt())


@view_config(
    context=MemberRemovalPage,
    request_method="POST",
    permission=Permissions.MEMBERS_MANAGE,
    renderer=f"{TEMPLATES}remove.jinja2",
)
def remove(context: MemberRemovalPage, request: Request) -> Any:
    """Take away a member's role. Raises `MemberNotFound`."""
    sent, namespace = read_form(request), context.namespace
    shown = found_member(context, context.__parent__.number)

    def change() -> str:
        check_confirmed_by_button(sent)
        by = granter_of(request)
        remove_member(request.db, namespace.id, shown.member.user_id, by, request.now)
        return (
            f"{shown.member.username} has no role of their own in {namespace.full_path} any more."
        )

    tried = attempt(request, change)
    if tried.result is None:
        return _removal(context, request, shown, tried)
    addresses = Addresses(request)
    if shown.member.user_id == request.identity.user_id:
        # They may see no more of it.
        return done(request, addresses.home, tried.result)
    return done(request, addresses.page(namespace.full_path, MEMBERS), tried.result)


@view_config(
    context=LeavePage,
    request_method="GET",
    permission=Permissions.MEMBERS_LEAVE,
    renderer=f"{TEMPLATES}leave.jinja2",
)
def ask_to_leave(context: LeavePage, request: Request) -> dict[str, Any]:
    """Ask whether the visitor wants to give up their own role. Raises `NotFound` without one."""
    _check_can_leave(context)
    return member_page(context, request, "Leave")


@view_config(
    context=LeavePage,
    request_method="POST",
    permission=Permissions.MEMBERS_LEAVE,
    renderer=f"{TEMPLATES}leave.jinja2",
)
def leave(context: LeavePage, request: Request) -> Any:
    """Give up one's own role; nobody needs a permission of somebody else for it.

    Raises `NotFound` for who has none.
    """
    _check_can_leave(context)
    sent, namespace = read_form(request), context.namespace

    def change() -> str:
        check_confirmed_by_button(sent)
        by = granter_of(request)
        remove_member(request.db, namespace.id, request.identity.user_id, by, request.now)
        return f"You have left {namespace.full_path}."

    tried = attempt(request, change)
    if tried.result is None:
        return member_page(context, request, "Leave", sent, tried)
    return done(request, Addresses(request).home, tried.result)


def _check_can_leave(context: LeavePage) -> None:
    if not has_own_role(context):
        raise NotFound(
            "You have no role of your own here: there is nothing to leave. A role that comes from "
            "a group above is given up there."
        )


def _end(sent: Sent) -> datetime | None:
    last_day = day_in(sent, "last_day")
    return None if last_day is None else end_of(last_day)


def _changed(shown: ShownMember, sent: Sent) -> Grant:
    """The role and the end that were sent; the end is kept to the second where its day is."""
    role, last_day = role_in(sent), day_in(sent, "last_day")
    keeps_end = last_day == shown.last_day
    return Grant(role, None if last_day is None else end_of(last_day), keeps_end=keeps_end)


def _with_article(role: Role) -> str:
    return f"an {role.label}" if role is Role.OWNER else f"a {role.label}"


def _member_page(
    context: MemberPage,
    request: Request,
    shown: ShownMember,
    sent: Sent = NOTHING_SENT,
    tried: Attempt[Any] | None = None,
) -> dict[str, Any]:
    last_day = shown.last_day.isoformat() if shown.last_day else ""
    typed = {"role": str(int(shown.member.role)), "last_day": last_day} | sent.shown()
    form = member_page(context, request, shown.member.username, sent, tried)
    return {**form, "sent": typed, "shown": shown}


def _removal(
    context: MemberRemovalPage, request: Request, shown: ShownMember, tried: Attempt[Any]
) -> dict[str, Any]:
    title = f"Remove {shown.member.username}"
    return {**member_page(context, request, title, tried=tried), "shown": shown}
