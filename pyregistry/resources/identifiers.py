"""What an `:id` of the API names: a group or project, by number or by path."""

from collections.abc import Sequence

from pyramid.request import Request

from pyregistry.namespaces.models import NamespaceKind
from pyregistry.namespaces.names import MAXIMUM_DEPTH, path_keys
from pyregistry.packaging.services.lookup import Resolution, Wanted, resolve_id, resolve_path
from pyregistry.resources.base import MAXIMUM_DIGITS, is_number, viewer_of


def resolve_identifier(
    request: Request, segments: Sequence[str], kind: NamespaceKind, wanted: Wanted | None = None
) -> Resolution:
    """The group or project that an `:id` names, given as its segments; nothing for another kind.

    What the caller may see is not asked here. At most one query.
    """
    viewer = viewer_of(request)
    if len(segments) == 1 and is_number(segments[0]):
        if len(segments[0]) > MAXIMUM_DIGITS:
            return Resolution()
        resolution = resolve_id(request.db, int(segments[0]), kind, viewer, wanted)
    elif 0 < len(segments) <= MAXIMUM_DEPTH:
        resolution = resolve_path(request.db, path_keys(segments), viewer, wanted)
        if len(resolution.namespaces) < len(segments):
            return Resolution()
    else:
        return Resolution()
    found = resolution.namespaces
    return resolution if found and found[-1].kind is kind else Resolution()
