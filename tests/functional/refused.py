"""Uploads that must be refused: what is sent as the file, and what the form says otherwise."""

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

REFUSED: dict[str, tuple[Distribution, dict[str, Any]]] = {
    "name in the form": (sdist(), {"name": "another"}),
    "name in the file name": (changed(sdist(), filename="another-1.0.tar.gz"), {}),
    "name in the archive": (
        changed(sdist("another"), filename=f"{DEMO}.tar.gz"),
        {"name": "demo-package"},
    ),
    "version in the form": (sdist(), {"version": "1.1"}),
    "version in the file name": (changed(sdist(), filename="demo_package-1.1.tar.gz"), {}),
    "version in the archive": (
        changed(wheel(version="1.1"), filename=WHEEL.filename),
        {"version": "1.0"},
    ),
    "no name": (sdist(), {"name": ""}),
    "invalid name": (sdist(), {"name": "-demo-"}),
    "no version": (sdist(), {"version": ""}),
    "invalid version": (sdist(), {"version": "one"}),
    "invalid version everywhere": (sdist(version="1.0-final-x"), {}),
    "protocol version": (sdist(), {"protocol_version": "2"}),
    "unknown packagetype": (sdist(), {"filetype": "bdist_egg"}),
    "packagetype of the other kind": (sdist(), {"filetype": "bdist_wheel"}),
    "requires-python in the form": (sdist(), {"requires_python": ">=3.99"}),
    "wheel without METADATA": (wheel(omit=["METADATA"]), {"name": "demo-package"}),
    "wheel without WHEEL": (wheel(omit=["WHEEL"]), {}),
    "wheel without RECORD": (wheel(omit=["RECORD"]), {}),
    "RECORD without a member": (wheel(record=f"{INFO}/RECORD,,\n"), {}),
    "RECORD with another digest": (
        wheel(
            record=f"demo_package/__init__.py,sha256={'A' * 43},22\n"
            f"{INFO}/METADATA,,\n{INFO}/WHEEL,,\n{INFO}/RECORD,,\n"
        ),
        {},
    ),
    "sdist without PKG-INFO": (sdist(omit=["PKG-INFO"]), {}),
    "two top-level folders": (tar_sdist({"elsewhere/setup.py": b""}), {}),
    "a file beside the folder": (tar_sdist({"setup.py": b""}), {}),
    "two top-level folders in a ZIP": (zip_sdist(elsewhere__a=b""), {}),
    "absolute path": (tar_sdist({"/etc/passwd": b"x"}), {}),
    "parent folder": (tar_sdist({f"{DEMO}/../../evil": b"x"}), {}),
    "parent folder in a ZIP": (
        changed(sdist(extension=".zip"), content=zip_bytes({f"{DEMO}/../evil": b"x"})),
        {},
    ),
    "parent folder in a wheel": (wheel(files={"../evil.py": b"x"}), {}),
    "absolute path in a wheel": (wheel(files={"/evil.py": b"x"}), {}),
    "link that leaves": (linked("../../../etc/passwd"), {}),
    "absolute link": (linked("/etc/passwd"), {}),
    "hard link that leaves": (hard_linked("../evil"), {}),
    "gzip bomb": (tar_sdist({f"{DEMO}/zeros": bytes(70 * MIB)}), {}),
    "ZIP bomb": (wheel(files={"demo_package/zeros": bytes(70 * MIB)}), {}),
    "data before": (changed(WHEEL, content=b"junk" + WHEEL.content), {}),
    "data after": (changed(WHEEL, content=WHEEL.content + b"junk"), {}),
    "a second ZIP after": (changed(WHEEL, content=WHEEL.content * 2), {}),
    "duplicate name": (with_duplicate_name(WHEEL), {}),
    "mismatching headers": (with_mismatching_header(WHEEL), {}),
    "comment that holds a second end": (with_comment(WHEEL, WHEEL.content[-22:]), {}),
    "cut off": (changed(WHEEL, content=WHEEL.content[:-30]), {}),
    "cut off tar": (changed(sdist(), content=sdist().content[:-30]), {}),
    "no archive": (changed(WHEEL, content=b"not a ZIP"), {}),
    "empty": (changed(WHEEL, content=b""), {}),
    "a ZIP called tar.gz": (changed(sdist(), content=WHEEL.content), {}),
    "sha256": (sdist(), {"sha256_digest": "0" * 64}),
    "blake2b": (sdist(), {"blake2_256_digest": "0" * 64}),
    "no digest at all": (sdist(), {"sha256_digest": "abc"}),
    "description that does not render": (
        sdist(description="Title\n==\n\n.. nothing::\n", description_content_type="text/x-rst"),
        {},
    ),
    "unknown description type": (
        sdist(description="text", description_content_type="text/html"),
        {},
    ),
    "unknown metadata version": (sdist(metadata_version="9.9"), {}),
    "invalid metadata": (sdist(metadata={"Requires-Dist": "a b c"}), {}),
    "extension": (changed(sdist(), filename=f"{DEMO}.tar.bz2"), {}),
    "egg": (changed(sdist(), filename=f"{DEMO}-py3.11.egg"), {}),
    "path as the file name": (changed(sdist(), filename=f"../../{DEMO}.tar.gz"), {}),
    "long file name": (changed(sdist(), filename=f"{'d' * 300}-1.0.tar.gz"), {}),
    "wheel tags": (changed(WHEEL, filename="demo_package-1.0-py3-none.whl"), {}),
}
