"""What is recorded of an archive that was received and inspected."""

import hashlib

from pyregistry.forklift.inspect import InspectedArchive
from pyregistry.packaging.new_files import NewFile
from pyregistry.storage.digests import Digests


def new_file(inspected: InspectedArchive, digests: Digests, size: int, storage: str) -> NewFile:
    """The file as it is to be recorded, of so many bytes, in the storage of that name."""
    parsed, metadata = inspected.parsed, inspected.metadata
    served = inspected.metadata_bytes if inspected.serves_metadata else None
    return NewFile(
        filename=parsed.filename,
        packagetype=parsed.packagetype,
        python_version=parsed.python_version,
        name=metadata.name,
        normalized_name=metadata.normalized_name,
        version=metadata.raw["version"],
        canonical_version=metadata.canonical_version,
        size=size,
        sha256=digests.sha256,
        blake2b_256=digests.blake2b_256,
        md5=digests.md5,
        sha1=digests.sha1,
        requires_python=metadata.requires_python,
        core_metadata=metadata.without_description,
        description=metadata.description,
        description_html=inspected.description_html or None,
        metadata_file=served,
        metadata_sha256=hashlib.sha256(served).hexdigest() if served is not None else None,
        storage=storage,
    )
