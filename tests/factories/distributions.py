"""Wheels and sdists for the tests: small, deterministic, and installable by pip.

The same arguments give the same bytes, at every time and in every time zone.
"""

import base64
import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Headers = Mapping[str, str | Sequence[str]] | Sequence[tuple[str, str]]

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644

# An sdist brings its own build backend, so that installing it needs no index.
_PYPROJECT = b"""\
[build-system]
requires = []
build-backend = "demo_backend"
backend-path = ["."]
"""

_BACKEND = b'''\
"""A build backend that packs this folder into a wheel."""

import base64
import hashlib
import os
import re
import zipfile


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    metadata = _read("PKG-INFO")
    headers = dict(re.findall(r"(?m)^(Name|Version): (.+)$", metadata.decode("utf-8")))
    name = re.sub("[-_.]+", "_", headers["Name"].strip()).lower()
    stem = name + "-" + headers["Version"].strip()
    info = stem + ".dist-info/"
    wheel = b"Wheel-Version: 1.0\\nGenerator: demo\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    members = {info + "METADATA": metadata, info + "WHEEL": wheel}
    for folder, _, names in os.walk("src"):
        for filename in names:
            path = os.path.join(folder, filename)
            members[os.path.relpath(path, "src").replace(os.sep, "/")] = _read(path)
    record = ""
    for path in sorted(members):
        digest = base64.urlsafe_b64encode(hashlib.sha256(members[path]).digest())
        record += "%s,sha256=%s,%d\\n" % (path, digest.decode().rstrip("="), len(members[path]))
    members[info + "RECORD"] = (record + info + "RECORD,,\\n").encode("utf-8")
    filename = stem + "-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, filename), "w") as archive:
        for path in sorted(members):
            archive.writestr(path, members[path])
    return filename
'''


@dataclass(frozen=True)
class Distribution:
    """A distribution archive: its filename, its bytes and its METADATA or PKG-INFO."""

    filename: str
    content: bytes
    metadata: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def md5(self) -> str:
        return hashlib.md5(self.content).hexdigest()

    @property
    def blake2b_256(self) -> str:
        return hashlib.blake2b(self.content, digest_size=32).hexdigest()

    def write_to(self, folder: Path) -> Path:
        """Write the archive into a folder under its own filename."""
        path = folder / self.filename
        path.write_bytes(self.content)
        return path


def wheel(
    name: str = "demo-package",
    version: str = "1.0",
    *,
    tags: str = "py3-none-any",
    build: str | None = None,
    metadata: Headers | None = None,
    description: str = "",
    description_content_type: str | None = None,
    metadata_version: str = "2.4",
    files: Mapping[str, bytes] | None = None,
    record: str | None = None,
    omit: Collection[str] = (),
) -> Distribution:
    """A wheel (PEP 427) with one module.

    `metadata` are further headers; `files` are further members, by path, and
    replace those of the same path; `record` replaces the RECORD; `omit` names
    members to leave out, by their last part (`METADATA`, `WHEEL`, `RECORD`).
    """
    content_type = description_content_type
    core_metadata = render_metadata(
        name, version, metadata, description, content_type, metadata_version
    )
    stem = f"{escaped_name(name)}-{version.replace('-', '_')}"
    info = f"{stem}.dist-info"
    members = {
        f"{escaped_name(name)}/__init__.py": f"__version__ = {version!r}\n".encode(),
        f"{info}/METADATA": core_metadata,
        f"{info}/WHEEL": render_wheel_file(tags, build),
        **(files or {}),
    }
    members = {path: data for path, data in members.items() if path.split("/")[-1] not in omit}
    if "RECORD" not in omit:
        listing = render_record(members, info) if record is None else record
        members[f"{info}/RECORD"] = listing.encode()
    filename = "-".join([stem, *([build] if build else []), tags]) + ".whl"
    return Distribution(filename, zip_bytes(members), core_metadata)


def sdist(
    name: str = "demo-package",
    version: str = "1.0",
    *,
    extension: str = ".tar.gz",
    filename: str | None = None,
    folder: str | None = None,
    metadata: Headers | None = None,
    description: str = "",
    description_content_type: str | None = None,
    metadata_version: str = "2.4",
    files: Mapping[str, bytes] | None = None,
    omit: Collection[str] = (),
) -> Distribution:
    """An sdist (PEP 625 unless `filename` says otherwise), with its own build backend.

    `folder` is the top-level folder, else the filename without its extension;
    `files` are further members, by their path in that folder; `omit` names
    members to leave out, by their last part.
    """
    content_type = description_content_type
    core_metadata = render_metadata(
        name, version, metadata, description, content_type, metadata_version
    )
    filename = filename or f"{escaped_name(name)}-{version}{extension}"
    top = folder or filename.removesuffix(extension)
    inside = {
        "PKG-INFO": core_metadata,
        "pyproject.toml": _PYPROJECT,
        "demo_backend.py": _BACKEND,
        f"src/{escaped_name(name)}/__init__.py": f"__version__ = {version!r}\n".encode(),
        **(files or {}),
    }
    members = {
        f"{top}/{path}": data
        for path, data in inside.items()
        if path.rsplit("/", maxsplit=1)[-1] not in omit
    }
    content = tar_gz_bytes(members) if extension == ".tar.gz" else zip_bytes(members)
    return Distribution(filename, content, core_metadata)


def escaped_name(name: str) -> str:
    """The name as filenames of today spell it (PEP 625, PEP 427)."""
    return re.sub(r"[-_.]+", "_", name).lower()


def render_metadata(
    name: str,
    version: str,
    headers: Headers | None = None,
    description: str = "",
    description_content_type: str | None = None,
    metadata_version: str = "2.4",
) -> bytes:
    """The bytes of a METADATA or PKG-INFO, the description in its body."""
    pairs = [("Metadata-Version", metadata_version), ("Name", name), ("Version", version)]
    items = headers.items() if isinstance(headers, Mapping) else headers or []
    for header, value in items:
        values = [value] if isinstance(value, str) else value
        pairs.extend((header, each) for each in values)
    if description_content_type is not None:
        pairs.append(("Description-Content-Type", description_content_type))
    text = "".join(f"{header}: {value}\n" for header, value in pairs)
    return f"{text}\n{description}".encode()


def render_wheel_file(tags: str = "py3-none-any", build: str | None = None) -> bytes:
    """The bytes of a WHEEL file with every single tag of a compressed tag set."""
    pythons, abis, platforms = (part.split(".") for part in tags.split("-"))
    lines = ["Wheel-Version: 1.0", "Generator: demo", "Root-Is-Purelib: true"]
    lines += [f"Tag: {py}-{abi}-{plat}" for py in pythons for abi in abis for plat in platforms]
    lines += [f"Build: {build}"] if build else []
    return ("\n".join(lines) + "\n").encode()


def render_record(members: Mapping[str, bytes], info: str) -> str:
    """The text of a RECORD of these members, in the `.dist-info` folder `info`."""
    lines = []
    for path, data in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        quoted = f'"{path}"' if "," in path else path
        lines.append(f"{quoted},sha256={digest},{len(data)}\n")
    return "".join(lines) + f"{info}/RECORD,,\n"


def zip_bytes(members: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file with these members, in their order; a path ending in `/` is a folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in members.items():
            info = zipfile.ZipInfo(path, date_time=_EPOCH)
            info.compress_type = compression
            info.create_system = 3
            info.external_attr = _FILE_MODE << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def tar_gz_bytes(members: Mapping[str, bytes], *, tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    """A gzipped tar file with these members, in their order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tar_format) as archive:
        for path, data in members.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            info.mode = 0o644
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), mtime=0)
