"""Inspecting an archive: filename, safety, content, core metadata."""

from pyregistry.forklift.inspect.inspection import InspectedArchive, inspect
from pyregistry.forklift.inspect.limits import ArchiveLimits

__all__ = ["ArchiveLimits", "InspectedArchive", "inspect"]
