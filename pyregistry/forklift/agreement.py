"""Where the form and the archive speak of the same thing, they must agree.

What counts is the archive. The form is compared only in what decides how a file is
found and installed: name, version, package type and Requires-Python. Clients
differ too much in how they repeat the rest.
"""

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from pyregistry.errors import Invalid
from pyregistry.forklift.form import UploadForm
from pyregistry.forklift.inspect import InspectedArchive
from pyregistry.packaging.filenames import PackageType
from pyregistry.packaging.names import (
    canonical_version,
    check_package_name,
    normalize_name,
    parse_version,
)
from pyregistry.sentences import shown

PROTOCOL_VERSION = "1"


def check_form(form: UploadForm) -> tuple[NormalizedName, str]:
    """Check what the form alone can get wrong; the normalised name and the canonical version
    that it says. Raises `Invalid`."""
    protocol = form.one("protocol_version")
    if protocol not in (None, PROTOCOL_VERSION):
        raise Invalid(f"The protocol_version {shown(protocol)} is not known: send 1.")
    name = form.one("name")
    if name is None:
        raise Invalid("The form does not name the package: send the field name.")
    check_package_name(name)
    version = form.one("version")
    if version is None:
        raise Invalid("The form does not say which version this is: send the field version.")
    canonical = canonical_version(version)
    filetype = form.one("filetype")
    if filetype is not None and filetype not in set(PackageType):
        raise Invalid(f"The filetype {shown(filetype)} is not known: send sdist or bdist_wheel.")
    return normalize_name(name), canonical


def check_agreement(form: UploadForm, inspected: InspectedArchive) -> None:
    """Compare a form that `check_form` accepts with the archive. Raises `Invalid`."""
    metadata = inspected.metadata
    name = form.one("name") or ""
    if normalize_name(name) != metadata.normalized_name:
        raise _contradiction("name", name, metadata.name)
    version = form.one("version") or ""
    if parse_version(version) != metadata.version:
        raise _contradiction("version", version, str(metadata.version))
    filetype = form.one("filetype")
    if filetype is not None and filetype != inspected.parsed.packagetype:
        raise _contradiction("filetype", filetype, inspected.parsed.packagetype)
    sent, found = form.one("requires_python"), metadata.requires_python or ""
    if sent is not None and not _same_specifiers(sent, found):
        raise _contradiction("requires_python", sent, found or "nothing")


def _same_specifiers(sent: str, found: str) -> bool:
    try:
        return SpecifierSet(sent) == SpecifierSet(found)
    except ValueError:
        # No specifier, or one with a number of more digits than Python reads.
        return False


def _contradiction(field: str, sent: str, found: str) -> Invalid:
    return Invalid(
        f"The form says {field} {shown(sent)}, but the archive says {shown(found)}: "
        "send what the archive says, or build it anew."
    )
