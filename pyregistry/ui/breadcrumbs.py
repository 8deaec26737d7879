"""The way from the first page to this one."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.ui.addresses import Addresses


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step: what it is called and its address."""

    label: str
    address: str


def namespace_crumbs(addresses: Addresses, lineage: Iterable[NamespaceRecord]) -> list[Crumb]:
    """The steps to a namespace; `lineage` goes from it to its top group."""
    return [
        Crumb(record.path, addresses.namespace(record.full_path))
        for record in reversed(list(lineage))
    ]
