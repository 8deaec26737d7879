"""Archives that a registry must refuse, made from good ones."""

import gzip
import io
import tarfile
import warnings
import zipfile
from dataclasses import replace

from tests.factories.distributions import Distribution, sdist

_FOLDER = "demo_package-1.0"


def linked(target: str, kind: bytes = tarfile.SYMTYPE) -> Distribution:
    """An sdist with a link to `target`."""
    good = sdist()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        metadata = tarfile.TarInfo(f"{_FOLDER}/PKG-INFO")
        metadata.size = len(good.metadata)
        archive.addfile(metadata, io.BytesIO(good.metadata))
        link = tarfile.TarInfo(f"{_FOLDER}/link")
        link.type = kind
        link.linkname = target
        archive.addfile(link)
    return replace(good, content=gzip.compress(buffer.getvalue(), mtime=0))


def hard_linked(target: str) -> Distribution:
    """An sdist with a hard link to `target`."""
    return linked(target, tarfile.LNKTYPE)


def with_duplicate_name(wheel: Distribution) -> Distribution:
    """The wheel with one of its members twice."""
    buffer = io.BytesIO(wheel.content)
    with zipfile.ZipFile(buffer, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        name = archive.namelist()[0]
        archive.writestr(archive.getinfo(name), archive.read(name))
    return replace(wheel, content=buffer.getvalue())


def with_mismatching_header(wheel: Distribution) -> Distribution:
    """The wheel with another name in the first member's local header than in the directory."""
    name = b"demo_package/__init__.py"
    return replace(wheel, content=wheel.content.replace(name, name[:-4] + b"x.py", 1))


def with_comment(wheel: Distribution, comment: bytes) -> Distribution:
    """The wheel with a comment on the archive."""
    buffer = io.BytesIO(wheel.content)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = comment
    return replace(wheel, content=buffer.getvalue())
