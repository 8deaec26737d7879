"""One database session a request, joined to its transaction.

A request that only reads gets a reading session, any other one that may write.
Uploads, signing in and out, changing one's password, and the exchange of ID tokens run outside
of the request's transaction. Theirs would hold the only write lock that SQLite has for as long as
a slow client sends, while a password is hashed, or while an issuer is asked for its keys. What is
only counted is written later, by the recorder.
"""

import zope.sqlalchemy
from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.orm import Session

from pyregistry.components import Components
from pyregistry.http.addresses import without_gaps

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_TRANSACTIONS = (
    "/-/legacy",
    "/packages/pypi",
    "/usage",
    "/-/copied",
    "/-/login",
    "/-/logout",
    "/-/profile/password",
    "/_/oidc/mint-token",
    "/_/oidc/burn-token",
)


def within_transaction(request: Request) -> bool:
    """pyramid_tm's activate hook: whether the request has one transaction around it."""
    if request.method != "POST":
        return True
    # As the tree reads it: `-//legacy` is an upload as well.
    path = without_gaps(request.environ.get("PATH_INFO", ""))
    return not path.endswith(_OWN_TRANSACTIONS)


def request_session(request: Request) -> Session:
    """The request's session: inside the transaction while there is one, else its own."""
    joined = bool(request.environ.get("tm.active"))
    sessions: dict[bool, Session] = request.__dict__.setdefault("_sessions", {})
    if joined not in sessions:
        sessions[joined] = _open(request, joined=joined)
    return sessions[joined]


def _open(request: Request, *, joined: bool) -> Session:
    components: Components = request.components
    writes = joined and request.method not in _READING
    database = components.database
    session = database.writing_session() if writes else database.reading_session()
    if joined:
        zope.sqlalchemy.register(
            session,
            transaction_manager=request.tm,
            initial_state="changed" if writes else "active",
        )
    request.add_finished_callback(lambda _request: session.close())
    return session


def includeme(config: Configurator) -> None:
    """Set up pyramid_tm and `request.db`."""
    config.add_settings(
        {
            "tm.activate_hook": within_transaction,
            "tm.manager_hook": "pyramid_tm.explicit_manager",
            # It would ask who the caller is where a refusal has no view yet.
            "tm.annotate_user": False,
        }
    )
    config.include("pyramid_tm")
    config.add_request_method(request_session, "db", property=True)
