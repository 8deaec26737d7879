"""Whether somebody sees a group or project, asked of the database as it is now."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pyregistry.authnz.identity import Viewer
from pyregistry.authnz.roles import Role
from pyregistry.namespaces.models import Namespace
from pyregistry.namespaces.services.readable import visible, visited


def still_sees(session: Session, viewer: Viewer, namespace_id: int) -> bool:
    """Whether a viewer sees a namespace, after a change in this transaction.

    What a request's principals say is older: somebody whose only project in a group is gone
    does not see the group any more.
    """
    statement = select(Namespace.id).where(
        Namespace.id == namespace_id,
        or_(visible(viewer, Role.GUEST), visited(viewer)),
    )
    return session.scalars(statement).first() is not None
