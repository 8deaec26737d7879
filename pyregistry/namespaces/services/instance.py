"""What administrators decide for the whole instance."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from pyregistry.namespaces.models import InstanceSettings


def instance_settings(session: Session) -> InstanceSettings:
    """The row of the instance's settings."""
    return session.scalars(select(InstanceSettings)).one()
