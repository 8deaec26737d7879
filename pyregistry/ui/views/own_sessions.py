"""The browsers in which one is signed in."""

from dataclasses import dataclass
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from pyregistry.accounts.services.own_sessions import (
    OwnSession,
    end_other_sessions,
    end_own_session,
    sessions_slice,
)
from pyregistry.authnz.permissions import Permissions
from pyregistry.resources.pages.profile import OtherSessionsEndPage, SessionEndPage, SessionsPage
from pyregistry.sentences import plural
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.browsers import browser_named
from pyregistry.ui.profile import PROFILE, TEMPLATES, own_session_id, profile_page
from pyregistry.ui.submissions import done
from pyregistry.ui.views.paging import part_of, window_after

_SESSIONS = "sessions"


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A session, what its browser seems to be, and whether the page is shown in it."""

    session: OwnSession
    browser: str
    is_this: bool


@view_config(
    context=SessionsPage,
    request_method="GET",
    permission=Permissions.SELF_READ,
    renderer=f"{TEMPLATES}sessions.jinja2",
)
def list_sessions(context: SessionsPage, request: Request) -> dict[str, Any]:
    """Where the visitor is signed in, the newest first."""
    identity, window = request.identity, window_after(request)
    found = part_of(
        lambda part: sessions_slice(request.db, identity.user_id, part, request.now), window
    )
    own = own_session_id(identity)
    shown = [
        ShownSession(each, browser_named(each.user_agent), each.id == own) for each in found.rows
    ]
    return {
        **profile_page(context, request, _SESSIONS),
        "sessions": found.with_rows(shown),
        "is_first": window.cursor is None,
    }


@view_config(context=SessionEndPage, request_method="POST", permission=Permissions.SELF_MANAGE)
def end_session(context: SessionEndPage, request: Request) -> Response:
    """Sign the visitor out of one browser."""
    user_id = request.identity.user_id
    end_own_session(request.db, user_id, context.session_id, request.actor, request.now)
    return _ended(request, "You were signed out of that browser.")


@view_config(
    context=OtherSessionsEndPage, request_method="POST", permission=Permissions.SELF_MANAGE
)
def end_others(_context: OtherSessionsEndPage, request: Request) -> Response:
    """Sign the visitor out of every browser but this one."""
    identity = request.identity
    ended = end_other_sessions(
        request.db, identity.user_id, own_session_id(identity), request.actor, request.now
    )
    return _ended(request, f"You were signed out of {plural(ended, 'other browser')}.")


def _ended(request: Request, sentence: str) -> Response:
    return done(request, Addresses(request).instance_page(PROFILE, _SESSIONS), sentence)
