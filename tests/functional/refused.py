"""Uploads that must be refused: the file, what the form says otherwise, and what is answered."""

import io
import zipfile
from dataclasses import replace
from typing import Any

from tests.factories.distributions import Distribution, sdist, tar_gz_bytes, wheel, zip_bytes
from tests.functional.archives import (
    hard_linked,
    linked,
    with_comment,
    with_duplicate_name,
    with_mismatching_header,
)

MIB = 1024 * 1024


def changed(distribution: Distribution, **changes: Any) -> Distribution:
    """The distribution with another filename or other bytes."""
    return replace(distribution, **changes)


def zip_sdist(**members: bytes) -> Distribution:
    """An sdist with any members; `__` in a name stands for `/`."""
    good = sdist(extension=".zip")
    paths = {path.replace("__", "/"): data for path, data in members.items()}
    return changed(good, content=zip_bytes({"demo_package-1.0/PKG-INFO": good.metadata, **paths}))


def tar_sdist(members: dict[str, bytes]) -> Distribution:
    """An sdist with any members beside its PKG-INFO."""
    good = sdist()
    return changed(
        good, content=tar_gz_bytes({"demo_package-1.0/PKG-INFO": good.metadata, **members})
    )


DEMO = "demo_package-1.0"
INFO = f"{DEMO}.dist-info"
WHEEL = wheel()
RECORD = zipfile.ZipFile(io.BytesIO(WHEEL.content)).read(f"{INFO}/RECORD").decode()

REFUSED: dict[str, tuple[Distribution, dict[str, Any], str]] = {
    "name in the form": (sdist(), {"name": "another"}, "is not one of the package 'another'"),
    "name in the file name": (
        changed(sdist(), filename="another-1.0.tar.gz"),
        {},
        "is not one of the package 'demo-package'",
    ),
    "name in the archive": (
        changed(sdist("another"), filename=f"{DEMO}.tar.gz"),
        {"name": "demo-package"},
        "has the top-level folder 'another-1.0'",
    ),
    "version in the form": (
        sdist(),
        {"version": "1.1"},
        "The form says version '1.1', but the archive says '1.0'",
    ),
    "version in the file name": (
        changed(sdist(), filename="demo_package-1.1.tar.gz"),
        {},
        "its filename is 'demo_package-1.1.tar.gz'",
    ),
    "version in the archive": (
        changed(wheel(version="1.1"), filename=WHEEL.filename),
        {"version": "1.0"},
        "has the folder 'demo_package-1.1.dist-info'",
    ),
    "no name": (sdist(), {"name": ""}, "'' is no name for a package"),
    "invalid name": (sdist(), {"name": "-demo-"}, "'-demo-' is no name for a package"),
    "no version": (sdist(), {"version": ""}, "send the field version"),
    "invalid version": (sdist(), {"version": "one"}, "'one' is no version"),
    "invalid version everywhere": (sdist(version="1.0-final-x"), {}, "'1.0-final-x' is no version"),
    "version of more digits than Python reads": (
        sdist(),
        {"version": "1" * 5000},
        "...' is no version",
    ),
    "requires-python of more digits than Python reads": (
        sdist(),
        {"requires_python": ">=" + "1" * 5000},
        "The form says requires_python '>=1",
    ),
    "protocol version": (sdist(), {"protocol_version": "2"}, "protocol_version '2' is not known"),
    "unknown packagetype": (
        sdist(),
        {"filetype": "bdist_egg"},
        "filetype 'bdist_egg' is not known",
    ),
    "packagetype of the other kind": (
        sdist(),
        {"filetype": "bdist_wheel"},
        "The form says filetype 'bdist_wheel', but the archive says 'sdist'",
    ),
    "requires-python in the form": (
        sdist(),
        {"requires_python": ">=3.99"},
        "The form says requires_python '>=3.99'",
    ),
    "wheel without METADATA": (
        wheel(omit=["METADATA"]),
        {"name": "demo-package"},
        "has no METADATA",
    ),
    "wheel without WHEEL": (wheel(omit=["WHEEL"]), {}, "has no WHEEL"),
    "wheel without RECORD": (wheel(omit=["RECORD"]), {}, "has no RECORD"),
    "RECORD without a member": (wheel(record=f"{INFO}/RECORD,,\n"), {}, "RECORD does not list"),
    "RECORD with another digest": (
        wheel(files={"demo_package/__init__.py": b"__version__ = '9.9'\n"}, record=RECORD),
        {},
        "RECORD says that 'demo_package/__init__.py' has the sha256",
    ),
    "sdist without PKG-INFO": (sdist(omit=["PKG-INFO"]), {}, "has no PKG-INFO"),
    "two top-level folders": (
        tar_sdist({"elsewhere/setup.py": b""}),
        {},
        "has two top-level folders",
    ),
    "a file beside the folder": (
        tar_sdist({"setup.py": b""}),
        {},
        "'setup.py' outside of a folder",
    ),
    "two top-level folders in a ZIP": (
        zip_sdist(elsewhere__a=b""),
        {},
        "has two top-level folders",
    ),
    "absolute path": (tar_sdist({"/etc/passwd": b"x"}), {}, "the name '/etc/passwd'"),
    "parent folder": (
        tar_sdist({f"{DEMO}/../../evil": b"x"}),
        {},
        "the name 'demo_package-1.0/../../evil'",
    ),
    "parent folder in a ZIP": (
        changed(sdist(extension=".zip"), content=zip_bytes({f"{DEMO}/../evil": b"x"})),
        {},
        "the name 'demo_package-1.0/../evil'",
    ),
    "parent folder in a wheel": (wheel(files={"../evil.py": b"x"}), {}, "the name '../evil.py'"),
    "absolute path in a wheel": (wheel(files={"/evil.py": b"x"}), {}, "the name '/evil.py'"),
    "link that leaves": (linked("../../../etc/passwd"), {}, "leads to '../../../etc/passwd'"),
    "absolute link": (linked("/etc/passwd"), {}, "leads to '/etc/passwd'"),
    "hard link that leaves": (hard_linked("../evil"), {}, "the name '../evil'"),
    "gzip bomb": (
        tar_sdist({f"{DEMO}/zeros": bytes(70 * MIB)}),
        {},
        "expands to more than 200 times its size",
    ),
    "ZIP bomb": (
        wheel(files={"demo_package/zeros": bytes(70 * MIB)}),
        {},
        "expands to more than 200 times its size",
    ),
    "data before": (
        changed(WHEEL, content=b"junk" + WHEEL.content),
        {},
        "its central directory does not end where its end record begins",
    ),
    "data after": (
        changed(WHEEL, content=WHEEL.content + b"junk"),
        {},
        "its last bytes are not an end record",
    ),
    "a second ZIP after": (
        changed(WHEEL, content=WHEEL.content * 2),
        {},
        "its central directory does not end where its end record begins",
    ),
    "duplicate name": (
        with_duplicate_name(WHEEL),
        {},
        "has 'demo_package/__init__.py' more than once",
    ),
    "mismatching headers": (
        with_mismatching_header(WHEEL),
        {},
        "has another name in its local header",
    ),
    "comment that holds a second end": (
        with_comment(WHEEL, WHEEL.content[-22:]),
        {},
        "its central directory does not end where its end record begins",
    ),
    "cut off": (
        changed(WHEEL, content=WHEEL.content[:-30]),
        {},
        "its last bytes are not an end record",
    ),
    "cut off tar": (
        changed(sdist(), content=sdist().content[:-30]),
        {},
        "its compressed data is cut off",
    ),
    "no archive": (changed(WHEEL, content=b"not a ZIP"), {}, "no well-formed ZIP file"),
    "empty": (changed(WHEEL, content=b""), {}, "no well-formed ZIP file"),
    "a ZIP called tar.gz": (
        changed(sdist(), content=WHEEL.content),
        {},
        "no well-formed gzipped tar file",
    ),
    "sha256": (sdist(), {"sha256_digest": "0" * 64}, "The field sha256_digest is 0000"),
    "blake2b": (sdist(), {"blake2_256_digest": "0" * 64}, "The field blake2_256_digest is 0000"),
    "no digest at all": (sdist(), {"sha256_digest": "abc"}, "send 64 hexadecimal digits"),
    "description that does not render": (
        sdist(description="Title\n==\n\n.. nothing::\n", description_content_type="text/x-rst"),
        {},
        "does not render as text/x-rst",
    ),
    "unknown description type": (
        sdist(description="text", description_content_type="text/html"),
        {},
        "not 'text/html'",
    ),
    "unknown metadata version": (sdist(metadata_version="9.9"), {}, "Metadata-Version '9.9'"),
    "invalid metadata": (
        sdist(metadata={"Requires-Dist": "a b c"}),
        {},
        "'a b c' is invalid for 'requires-dist'",
    ),
    "extension": (
        changed(sdist(), filename=f"{DEMO}.tar.bz2"),
        {},
        "has no extension of a distribution archive",
    ),
    "egg": (
        changed(sdist(), filename=f"{DEMO}-py3.11.egg"),
        {},
        "has no extension of a distribution archive",
    ),
    "path as the file name": (
        changed(sdist(), filename=f"../../{DEMO}.tar.gz"),
        {},
        "without a folder",
    ),
    "long file name": (
        changed(sdist(), filename=f"{'d' * 300}-1.0.tar.gz"),
        {},
        "has 311 characters",
    ),
    "wheel tags": (
        changed(WHEEL, filename="demo_package-1.0-py3-none.whl"),
        {},
        "is no filename of a wheel",
    ),
}
