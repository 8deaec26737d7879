"""Where the form and the archive speak of the same thing, they must agree.

What counts is the archive. The form is compared only in what decides how a file is
found and installed: name, version, package type and Requires-Python. Clients
differ too much in how they repeat the rest.
"""

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from pyregistry.errors import Invalid
from pyregistry.forklift.form import UploadForm
from pyregistry.forklift.inspect import InspectedArchive
from pyregistry.packaging.filenames import PackageType
from pyregistry.packaging.names import check_package_name, normalize_name

PROTOCOL_VERSION = "1"


def check_form(form: UploadForm) -> None:
    """Check what the form alone can get wrong. Raises `Invalid`."""
    protocol = form.one("protocol_version")
    if protocol not in (None, PROTOCOL_VERSION):
        raise Invalid(f"The protocol_version {protocol[:20]!a} is not known: send 1.")
    name = form.one("name")
    if name is None:
        raise Invalid("The form does not name the package: send the field name.")
    check_package_name(name)
    version = form.one("version")
    if version is None:
        raise Invalid("The form does not say which version this is: send the field version.")
    _version(version)
    filetype = form.one("filetype")
    if filetype is not None and filetype not in set(PackageType):
        raise Invalid(f"The filetype {filetype[:40]!a} is not known: send sdist or bdist_wheel.")


def check_agreement(form: UploadForm, inspected: InspectedArchive) -> None:
    """Compare a form that `check_form` accepts with the archive. Raises `Invalid`."""
    metadata = inspected.metadata
    name = form.one("name") or ""
    if normalize_name(name) != normalize_name(metadata.name):
        raise _contradiction("name", name, metadata.name)
    version = form.one("version") or ""
    if _version(version) != metadata.version:
        raise _contradiction("version", version, str(metadata.version))
    filetype = form.one("filetype")
    if filetype is not None and filetype != inspected.parsed.packagetype:
        raise _contradiction("filetype", filetype, inspected.parsed.packagetype)
    requires_python = form.one("requires_python")
    if requires_python is not None and _specifiers(requires_python) != _specifiers(
        metadata.requires_python or ""
    ):
        raise _contradiction(
            "requires_python", requires_python, metadata.requires_python or "nothing"
        )


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        raise Invalid(
            f"{text[:60]!a} is not a valid version: use one that PEP 440 allows, such as 1.0.2."
        ) from None


def _specifiers(text: str) -> SpecifierSet | None:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return None


def _contradiction(field: str, sent: str, found: str) -> Invalid:
    return Invalid(
        f"The form says {field} {sent[:80]!a}, but the archive says {found[:80]!a}: "
        "send what the archive says, or build it anew."
    )
