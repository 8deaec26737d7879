"""What the API is about, a module a subject, in the order of the document."""

from pyregistry.api.openapi.subjects import (
    events,
    indexes,
    instance,
    members,
    moves,
    namespaces,
    packages,
    protection,
    publishers,
    storage_migrations,
    tokens,
    usage,
    users,
)

SUBJECTS = (
    namespaces.SUBJECT,
    moves.SUBJECT,
    packages.SUBJECT,
    indexes.SUBJECT,
    members.SUBJECT,
    *tokens.SUBJECTS,
    users.SUBJECT,
    publishers.SUBJECT,
    *protection.SUBJECTS,
    usage.SUBJECT,
    events.SUBJECT,
    instance.SUBJECT,
    storage_migrations.SUBJECT,
)
