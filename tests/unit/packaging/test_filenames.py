import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.tags import parse_tag
from packaging.version import Version

from pyregistry.errors import Invalid
from pyregistry.packaging.filenames import PackageType, is_stem_of, parse_filename
from tests.factories.distributions import escaped_name

names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True)
versions = st.from_regex(
    r"([1-9]!)?[0-9]{1,3}(\.[0-9]{1,3}){0,3}((a|b|rc)[0-9])?(\.post[0-9])?(\.dev[0-9])?"
    r"(\+[a-z0-9]{1,5}(\.[a-z0-9]{1,5})?)?",
    fullmatch=True,
)


class TestWheels:
    def test_a_wheel(self):
        parsed = parse_filename("Demo_Package-1.0-py3-none-any.whl")
        assert parsed.packagetype is PackageType.WHEEL
        assert parsed.packagetype == "bdist_wheel"
        assert parsed.normalized_name == "demo-package"
        assert parsed.version == Version("1.0")
        assert parsed.python_version == "py3"
        assert parsed.tags == parse_tag("py3-none-any")
        assert parsed.build == ()
        assert parsed.extension == ".whl"
        assert parsed.stem == "Demo_Package-1.0-py3-none-any"

    def test_a_build_tag(self):
        assert parse_filename("a-1.0-2x-py3-none-any.whl").build == (2, "x")

    def test_several_compressed_tags(self):
        parsed = parse_filename("a-1.0-py2.py3-none-win32.win_amd64.whl")
        assert parsed.python_version == "py2.py3"
        assert len(parsed.tags) == 4

    def test_a_local_version(self):
        parsed = parse_filename("a-1.0+ubuntu.1-py3-none-any.whl")
        assert str(parsed.version) == "1.0+ubuntu.1"

    @given(names, versions, st.sampled_from(["py3-none-any", "cp311-abi3-win32.win_amd64"]))
    def test_round_trip(self, name, version, tags):
        parsed = parse_filename(f"{escaped_name(name)}-{version}-{tags}.whl", name)
        assert parsed.normalized_name == escaped_name(name).replace("_", "-")
        assert parsed.version == Version(version)
        assert parsed.tags == parse_tag(tags)

    @pytest.mark.parametrize(
        "filename",
        [
            "a-1.0.whl",
            "a-1.0-py3-any.whl",
            "a-1.0-x-py3-none-any.whl",
            "a-1.0-1-2-py3-none-any.whl",
            "a-abc-py3-none-any.whl",
            "a__b-1.0-py3-none-any.whl",
            "_a-1.0-py3-none-any.whl",
            "a_-1.0-py3-none-any.whl",
            "-1.0-py3-none-any.whl",
            "a-1.0-py3.-none-any.whl",
            "a-1.0-py3--any.whl",
            "a-1.0-py3-none-.whl",
            "a-1_0-py3-none-any.whl",
            "a-1.0-py3-none-any.WHL",
        ],
    )
    def test_refused(self, filename):
        with pytest.raises(Invalid):
            parse_filename(filename)


class TestSdists:
    @pytest.mark.parametrize(
        ("filename", "name", "version"),
        [
            ("demo_package-1.0.tar.gz", "demo_package", "1.0"),
            ("legacy.Demo_Pkg-1.0.tar.gz", "legacy.Demo_Pkg", "1.0"),
            ("my-package-1.0.zip", "my-package", "1.0"),
            ("my-package-2-1.0.zip", "my-package-2", "1.0"),
            ("a-1.0rc1.post2.dev3+local.1.zip", "a", "1.0rc1.post2.dev3+local.1"),
            ("a-1!1.0.zip", "a", "1!1.0"),
            ("a-v1.0.zip", "a", "1.0"),
            ("foo-1.0-1.tar.gz", "foo-1.0", "1"),
            ("foo-1.0-beta.tar.gz", "foo", "1.0b0"),
            ("foo-1.0-post1.tar.gz", "foo", "1.0.post1"),
        ],
    )
    def test_without_an_expected_name(self, filename, name, version):
        parsed = parse_filename(filename)
        assert parsed.packagetype is PackageType.SDIST
        assert (parsed.name, parsed.version) == (name, Version(version))
        assert parsed.python_version == "source"
        assert (parsed.build, parsed.tags) == ((), frozenset())
        assert filename == parsed.stem + parsed.extension

    @pytest.mark.parametrize(
        ("filename", "expected", "version"),
        [
            ("foo-1.0-1.tar.gz", "foo", "1.0.post1"),
            ("foo-1.0-1.tar.gz", "Foo-1.0", "1"),
            ("my-package-1.0.zip", "My_Package", "1.0"),
        ],
    )
    def test_the_expected_name_decides(self, filename, expected, version):
        assert parse_filename(filename, expected).version == Version(version)

    @given(names, versions, st.sampled_from([".tar.gz", ".zip"]))
    def test_round_trip(self, name, version, extension):
        parsed = parse_filename(f"{escaped_name(name)}-{version}{extension}", name)
        assert parsed.normalized_name == escaped_name(name).replace("_", "-")
        assert parsed.version == Version(version)

    @given(names, versions)
    def test_round_trip_of_older_spellings(self, name, version):
        parsed = parse_filename(f"{name}-{version}.tar.gz", name)
        assert (parsed.name, parsed.version) == (name, Version(version))

    @pytest.mark.parametrize(
        "filename",
        ["a.tar.gz", "1.0.tar.gz", "-1.0.zip", "a-.zip", "a-abc.zip", "_a-1.0.zip", ".zip"],
    )
    def test_refused(self, filename):
        with pytest.raises(Invalid):
            parse_filename(filename)


@pytest.mark.parametrize(
    "filename",
    [
        "",
        "a-1.0",
        "a-1.0.exe",
        "a-1.0.egg",
        "a-1.0.tgz",
        "a-1.0.tar.bz2",
        "a-1.0.tar",
        "a-1.0.ZIP",
        "../a-1.0.zip",
        "b/a-1.0.zip",
        "b\\a-1.0.zip",
        "a-1.0.zip\n",
        "a\0-1.0.zip",
        "a\r\nb-1.0.zip",
        "é-1.0.zip",
        "a-\u0661.zip",
        "a b-1.0.zip",
        "a%2f-1.0.zip",
        "a" * 250 + "-1.0.zip",
    ],
)
def test_refused_whatever_it_is(filename):
    with pytest.raises(Invalid) as caught:
        parse_filename(filename)
    caught.value.sentence.encode("ascii")


def test_the_longest_filename():
    name = "a" * (255 - len("-1.0.zip"))
    assert parse_filename(f"{name}-1.0.zip").name == name


@pytest.mark.parametrize("filename", ["a-1.0-py3-none-any.whl", "a-1.0.tar.gz", "a-1.0.zip"])
def test_another_package_than_expected(filename):
    assert parse_filename(filename, "A")
    with pytest.raises(Invalid, match="not one of the package 'b'"):
        parse_filename(filename, "b")


@given(st.text(), st.sampled_from(["", ".whl", ".tar.gz", ".zip"]), st.none() | st.text())
def test_any_filename_is_read_or_refused(text, extension, expected):
    try:
        parsed = parse_filename(text + extension, expected)
    except Invalid:
        return
    assert parsed.filename == text + extension


@given(st.text("a1.-_+!", max_size=30), st.sampled_from([".tar.gz", ".zip"]))
def test_any_sdist_filename_is_read_or_refused(stem, extension):
    try:
        parsed = parse_filename(stem + extension)
    except Invalid:
        return
    assert is_stem_of(parsed.stem, parsed.name, parsed.version)


def test_stems():
    assert is_stem_of("Foo.Bar-1.0.0", "foo-bar", Version("1.0"))
    assert is_stem_of("foo-bar-1.0-1", "foo_bar", Version("1.0.post1"))
    assert not is_stem_of("foo-bar-1.0", "foo", Version("1.0"))
    assert not is_stem_of("foo-1.0", "foo", Version("1.1"))
    assert not is_stem_of("foo", "foo", Version("1.0"))
