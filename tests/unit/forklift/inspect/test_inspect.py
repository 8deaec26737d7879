"""Whole archives: agreement, limits, and anything a client may send."""

import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyregistry.errors import Invalid
from pyregistry.forklift.inspect import ArchiveLimits, inspect
from pyregistry.packaging.filenames import PackageType
from tests.factories.distributions import Distribution, render_metadata, sdist, wheel, zip_bytes

MIB = 1024 * 1024

DISTRIBUTIONS = [
    wheel(description="# Hello", description_content_type="text/markdown"),
    sdist(description="text"),
    sdist(extension=".zip"),
]


def refusal(folder, distribution: Distribution, **options) -> str:
    with pytest.raises(Invalid) as caught:
        inspect(distribution.write_to(folder), distribution.filename, **options)
    return caught.value.sentence


def test_a_wheel(tmp_path):
    distribution = DISTRIBUTIONS[0]
    found = inspect(distribution.write_to(tmp_path), distribution.filename)
    assert found.parsed.packagetype is PackageType.WHEEL
    assert found.metadata.name == "demo-package"
    assert found.metadata_bytes == distribution.metadata
    assert found.serves_metadata
    assert "<h1" in found.description_html


def test_no_description(tmp_path):
    distribution = sdist()
    assert inspect(distribution.write_to(tmp_path), distribution.filename).description_html == ""


@pytest.mark.parametrize("expected", ["demo-package", "Demo.Package"])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_expected_name_in_any_spelling(tmp_path, distribution, expected):
    path = distribution.write_to(tmp_path)
    assert inspect(path, distribution.filename, expected_name=expected)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_another_name_than_expected(tmp_path, distribution):
    assert "'other'" in refusal(tmp_path, distribution, expected_name="other")


@pytest.mark.parametrize("field", ["name", "version"])
@pytest.mark.parametrize("build", [wheel, sdist])
def test_metadata_that_differs_from_the_filename(tmp_path, build, field):
    values = {"name": "demo-package", "version": "1.0"}
    wrong = render_metadata(**(values | {field: "9.9"}))
    path = "demo_package-1.0.dist-info/METADATA" if build is wheel else "PKG-INFO"
    sentence = refusal(tmp_path, build(files={path: wrong}))
    assert "9.9" in sentence
    assert values[field].replace("-", "_") in sentence


def test_a_local_version(tmp_path):
    for build in (wheel, sdist):
        distribution = build(version="1.0+Local.1")
        found = inspect(distribution.write_to(tmp_path), distribution.filename)
        assert str(found.parsed.version) == "1.0+local.1"
        assert str(found.metadata.version) == "1.0+local.1"


def test_the_metadata_decides_where_a_name_ends(tmp_path):
    distribution = sdist("demo", "1.0-1", filename="demo-1.0-1.tar.gz")
    found = inspect(distribution.write_to(tmp_path), distribution.filename)
    assert (found.parsed.name, str(found.parsed.version)) == ("demo", "1.0.post1")


def test_a_description_that_does_not_render(tmp_path):
    broken = wheel(description="`open", description_content_type="text/x-rst")
    assert "does not render" in refusal(tmp_path, broken)


@pytest.mark.parametrize("build", [wheel, sdist])
def test_metadata_over_its_limit(tmp_path, build):
    distribution = build(description="x" * 2000)
    assert "bytes" in refusal(tmp_path, distribution, limits=ArchiveLimits(max_metadata_size=1000))


@pytest.mark.parametrize("extension", [".tar.gz", ".zip"])
def test_an_sdist_that_is_a_bomb(tmp_path, extension):
    bomb = sdist(extension=extension, files={"zeros": bytes(65 * MIB)})
    assert "200 times its size" in refusal(tmp_path, bomb)
    assert "more than 1048576 bytes" in refusal(
        tmp_path, bomb, limits=ArchiveLimits(max_expanded_size=MIB)
    )


def test_a_wheel_that_is_a_bomb(tmp_path):
    bomb = wheel(files={"zeros": bytes(65 * MIB)})
    assert "200 times its size" in refusal(tmp_path, bomb)
    generous = ArchiveLimits(max_ratio=2000)
    assert inspect(bomb.write_to(tmp_path), bomb.filename, limits=generous)


@pytest.mark.parametrize("build", [wheel, sdist])
def test_too_many_members(tmp_path, build):
    distribution = build(files={f"demo/{number}": b"" for number in range(20)})
    assert "members" in refusal(tmp_path, distribution, limits=ArchiveLimits(max_members=10))


def test_memory_is_flat(tmp_path):
    large = wheel(files={"zeros": bytes(60 * MIB)})
    path, filename = large.write_to(tmp_path), large.filename
    tracemalloc.start()
    try:
        assert inspect(path, filename)
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


def test_extensions_that_lie(tmp_path):
    for distribution in DISTRIBUTIONS:
        for other in DISTRIBUTIONS:
            if distribution.filename.rpartition(".")[2] != other.filename.rpartition(".")[2]:
                refusal(tmp_path, Distribution(distribution.filename, other.content, b""))


ANYTHING = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def check_sentence(sentence: str) -> None:
    assert sentence.isprintable()
    sentence.encode("latin-1")


def never_fails(path, content: bytes, filename: str) -> None:
    path.write_bytes(content)
    try:
        inspect(path, filename)
    except Invalid as refused:
        check_sentence(refused.sentence)


@ANYTHING
@given(
    which=st.integers(0, 2),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255))),
    cut=st.floats(0, 1),
)
def test_damaged_archives_are_refused(tmp_path, which, changes, cut):
    distribution = DISTRIBUTIONS[which]
    content = bytearray(distribution.content)
    for place, byte in changes:
        content[int(place * len(content))] = byte
    kept = content if cut > 0.5 else content[: int(2 * cut * len(content))]
    never_fails(tmp_path / "archive", bytes(kept), distribution.filename)


@ANYTHING
@given(content=st.binary(), which=st.integers(0, 2))
def test_any_bytes_are_refused(tmp_path, content, which):
    never_fails(tmp_path / "archive", content, DISTRIBUTIONS[which].filename)


@ANYTHING
@given(headers=st.binary(max_size=300), tail=st.text(max_size=100))
def test_any_metadata_is_read_or_refused(tmp_path, headers, tail):
    start = b"Metadata-Version: 2.4\nName: demo-package\nVersion: 1.0\n"
    members = {"demo_package-1.0/PKG-INFO": start + headers + tail.encode("utf-8", "ignore")}
    never_fails(tmp_path / "archive", zip_bytes(members), "demo_package-1.0.zip")
