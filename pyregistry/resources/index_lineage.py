"""Which group or project an address of a package index is about, before it is looked up."""

from pyramid.request import Request
from pyramid.traversal import split_path_info

from pyregistry.authnz.identity import Lineage
from pyregistry.namespaces.names import path_keys
from pyregistry.resources.api import ApiGroups, ApiProjects, NamespacesById, identifier_of
from pyregistry.resources.base import is_number, number_of

_ENDPOINTS = "-"
_OF_AN_INDEX = frozenset({"simple", "files", "legacy", "pypi", "integrity"})
_API: dict[tuple[str, ...], type[NamespacesById]] = {
    ("api", "v4", "groups"): ApiGroups,
    ("api", "v4", "projects"): ApiProjects,
}


def lineage_of_index(request: Request) -> Lineage | None:
    """The lineage of the index that a request reads, or of the project that it publishes to.

    None for every other address: what a page or a list shows may lie in many places.
    """
    segments = split_path_info(request.environ.get("PATH_INFO", ""))
    if segments[:3] in _API:
        return _lineage_in_api(_API[segments[:3]].index_at, segments[3:])
    if segments[:1] == ("packages",):
        return Lineage()
    if _ENDPOINTS not in segments:
        return None
    path, rest = _split(segments)
    return Lineage(tuple(path_keys(path))) if rest[:1] and rest[0] in _OF_AN_INDEX else None


def _split(segments: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    place = segments.index(_ENDPOINTS)
    return segments[:place], segments[place + 1 :]


def _lineage_in_api(index_at: tuple[str, ...], segments: tuple[str, ...]) -> Lineage | None:
    identifier = identifier_of(segments)
    rest = segments[len(identifier) :]
    # The index itself, and nothing else that begins alike; uploads go to where it lies.
    if not identifier or rest[: len(index_at)] != index_at:
        return None
    if is_number(identifier[0]):
        number = number_of(identifier[0])
        return None if number is None else Lineage(namespace_id=number)
    return Lineage(tuple(path_keys(identifier)))
