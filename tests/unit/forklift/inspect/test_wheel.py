import base64
import hashlib
from pathlib import Path

import pytest

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect import inspect
from pyregistry.forklift.inspect.record import parse_record
from pyregistry.forklift.inspect.wheel import check_wheel_file
from pyregistry.packaging.filenames import parse_filename
from tests.factories.distributions import (
    Distribution,
    render_record,
    render_wheel_file,
    wheel,
    zip_bytes,
)
from tests.factories.raw_zip import RawEntry, raw_zip

INFO = "demo_package-1.0.dist-info"


def refusal(folder: Path, distribution: Distribution) -> str:
    with pytest.raises(Invalid) as caught:
        inspect(distribution.write_to(folder), distribution.filename)
    return caught.value.sentence


def accepted(folder: Path, distribution: Distribution) -> None:
    assert inspect(distribution.write_to(folder), distribution.filename).serves_metadata


def rows(**changes: str) -> str:
    """The RECORD of the usual wheel, with rows replaced by the last part of their path."""
    lines = {}
    for line in render_record(members(), INFO).splitlines():
        lines[line.partition(",")[0].rpartition("/")[2]] = line
    return "".join(f"{line}\n" for line in (lines | changes).values() if line)


def members() -> dict[str, bytes]:
    distribution = wheel()
    return {
        "demo_package/__init__.py": b"__version__ = '1.0'\n",
        f"{INFO}/METADATA": distribution.metadata,
        f"{INFO}/WHEEL": render_wheel_file(),
    }


def digest(algorithm: str, data: bytes) -> str:
    value = base64.urlsafe_b64encode(hashlib.new(algorithm, data).digest()).decode()
    return f"{algorithm}={value.rstrip('=')}"


MODULE = "demo_package/__init__.py"
CODE = b"__version__ = '1.0'\n"


@pytest.mark.parametrize(
    "record",
    [
        rows(),
        rows(RECORD=""),
        rows(**{"__init__.py": f"{MODULE},{digest('sha512', CODE)},{len(CODE)}"}),
        rows(**{"__init__.py": f"{MODULE},{digest('sha384', CODE)},"}),
        rows(**{"__init__.py": f'"{MODULE}",{digest("sha256", CODE)}=,{len(CODE)}'}),
        rows() + "demo_package/,,\n\n",
        rows() + rows(),
        rows().replace("\n", "\r\n"),
    ],
)
def test_records_that_match(tmp_path, record):
    accepted(tmp_path, wheel(record=record))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (rows(**{"__init__.py": ""}), "does not list 'demo_package/__init__.py'"),
        (rows(METADATA=""), "does not list"),
        (rows() + f"other.py,{digest('sha256', b'')},0\n", "not in the wheel"),
        (rows(**{"__init__.py": f"{MODULE},{digest('sha256', b'')},{len(CODE)}"}), "sha256"),
        (rows(**{"__init__.py": f"{MODULE},{digest('sha256', CODE)},1"}), "1 bytes"),
        (rows(**{"__init__.py": f"{MODULE},{digest('md5', CODE)},{len(CODE)}"}), "SHA-256"),
        (rows(**{"__init__.py": f"{MODULE},{digest('sha1', CODE)},{len(CODE)}"}), "SHA-256"),
        (rows(**{"__init__.py": f"{MODULE},,"}), "SHA-256"),
        (rows(**{"__init__.py": f"{MODULE},{digest('sha256', CODE)},x"}), "no size"),
        (rows(**{"__init__.py": f"{MODULE},{digest('sha256', CODE)},-20"}), "no size"),
        (rows(**{"__init__.py": f"{MODULE},{digest('sha256', CODE)},{'9' * 5000}"}), "no size"),
        (rows() + f"{MODULE},{digest('sha256', b'')},0\n", "twice"),
        (rows(RECORD=f"{INFO}/RECORD,{digest('sha256', b'')},0"), "digest of itself"),
        (rows() + "one\n", "three columns"),
        (rows() + "one,two,three,four\n", "three columns"),
        (rows() + '"open,,\n', "no CSV"),
        (rows() + f"../{MODULE},{digest('sha256', CODE)},{len(CODE)}\n", "not in the wheel"),
        ("", "does not list"),
    ],
)
def test_records_that_do_not(tmp_path, record, words):
    assert words in refusal(tmp_path, wheel(record=record))


def test_a_record_that_is_not_utf8():
    with pytest.raises(Invalid, match="UTF-8"):
        parse_record(b"\xff,,\n", "x/RECORD")


def test_a_record_with_a_field_beyond_all_measure():
    with pytest.raises(Invalid, match="CSV"):
        parse_record(b"a" * 200_000 + b",,\n", "x/RECORD")


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD"])
def test_files_that_must_be_there(tmp_path, name):
    assert f"has no {name}" in refusal(tmp_path, wheel(omit={name}))


def test_signatures_need_no_row(tmp_path):
    files = {f"{INFO}/RECORD.jws": b"{}", f"{INFO}/RECORD.p7s": b""}
    accepted(tmp_path, wheel(files=files, record=rows()))


def test_names_with_commas_and_beyond_ascii(tmp_path):
    accepted(tmp_path, wheel(files={"demo_package/a,b.txt": b"x", "demo_package/é.txt": b"y"}))


def test_other_dist_info_folders(tmp_path):
    assert "has 2 top-level folders" in refusal(
        tmp_path, wheel(files={"other-1.0.dist-info/METADATA": b""})
    )
    assert "has 2 top-level folders" in refusal(
        tmp_path, wheel(files={"Demo_Package-1.0.DIST-INFO/METADATA": b""})
    )
    assert "has 0 top-level folders" in refusal(
        tmp_path, Distribution("a-1-py3-none-any.whl", zip_bytes({"a.py": b""}), b"")
    )
    accepted(tmp_path, wheel(files={"vendor/other-1.0.dist-info/METADATA": b""}))


@pytest.mark.parametrize(
    "folder", ["other-1.0.dist-info", "demo_package-1.1.dist-info", "demo_package.dist-info"]
)
def test_a_dist_info_folder_of_another_distribution(tmp_path, folder):
    moved = {path.replace(INFO, folder): data for path, data in members().items()}
    record = render_record(moved, folder).encode()
    content = zip_bytes({**moved, f"{folder}/RECORD": record})
    assert folder in refusal(tmp_path, Distribution(wheel().filename, content, b""))


@pytest.mark.parametrize("folder", ["Demo.Package-1.0.0.dist-info", "demo-package-1.dist-info"])
def test_a_dist_info_folder_in_another_spelling(tmp_path, folder):
    moved = {path.replace(INFO, folder): data for path, data in members().items()}
    record = render_record(moved, folder).encode()
    content = zip_bytes({**moved, f"{folder}/RECORD": record})
    accepted(tmp_path, Distribution(wheel().filename, content, b""))


def test_a_second_spelling_of_a_required_file(tmp_path):
    files = {f"{INFO}/metadata": b""}
    assert "two spellings" in refusal(tmp_path, wheel(files=files))


def test_links(tmp_path):
    content = raw_zip([RawEntry(b"demo_package/a", b"b", mode=0o120777)])
    assert "link" in refusal(tmp_path, Distribution(wheel().filename, content, b""))


def test_an_archive_of_another_kind(tmp_path):
    distribution = Distribution(wheel().filename, b"\x1f\x8b" + bytes(100), b"")
    assert "ZIP" in refusal(tmp_path, distribution)


@pytest.mark.parametrize(
    ("filename_tags", "content"),
    [
        ("py3-none-any", render_wheel_file("py3-none-any")),
        ("py2.py3-none-any", render_wheel_file("py2.py3-none-any")),
        ("py2.py3-none-any", b"Wheel-Version: 1.0\nTag: py2.py3-none-any\n"),
        ("py3-none-any", b"Wheel-Version: 1.9\n"),
        ("cp311-cp311-manylinux_2_17_x86_64", render_wheel_file("cp311-cp311-linux_x86_64")),
        ("cp311-none-macosx_11_0_arm64", render_wheel_file("cp311-cp311-macosx_11_0_arm64")),
    ],
)
def test_wheel_files_that_fit(filename_tags, content):
    check_wheel_file(content, parse_filename(f"a-1-{filename_tags}.whl"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Wheel-Version"),
        (b"Wheel-Version: 2.0\n", "Wheel-Version"),
        (b"Wheel-Version: 1\n", "Wheel-Version"),
        (b"Wheel-Version: 1.0\nWheel-Version: 1.0\n", "Wheel-Version"),
        (render_wheel_file("cp311-none-any"), "'cp311'"),
        (b"Wheel-Version: 1.0\nTag: py3\n", "malformed tag"),
        (b"Wheel-Version: 1.0\nTag: " + b"a." * 1000 + b"-b-c\n", "malformed tag"),
        (b"Wheel-Version: 1.0\nTag: \xff-none-any\n", "tag"),
    ],
)
def test_wheel_files_that_do_not(content, words):
    with pytest.raises(Invalid) as caught:
        check_wheel_file(content, parse_filename("a-1-py3-none-any.whl"))
    assert words in caught.value.sentence


def test_the_record_is_read_within_its_limit(tmp_path):
    record = f"{INFO}/RECORD"
    content = zip_bytes({**members(), record: b"\n" * (33 * 1024 * 1024)})
    assert "use at most" in refusal(tmp_path, Distribution(wheel().filename, content, b""))
