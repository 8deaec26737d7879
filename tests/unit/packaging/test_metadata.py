import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from pyregistry.errors import Invalid
from pyregistry.packaging.metadata import CoreMetadata
from tests.factories.distributions import render_metadata

VERSIONS = ["1.0", "1.1", "1.2", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6"]


def parse(headers=None, description="", metadata_version="2.4", **names) -> CoreMetadata:
    names = {"name": "demo", "version": "1.0"} | names
    content = render_metadata(
        **names, headers=headers, description=description, metadata_version=metadata_version
    )
    return CoreMetadata.parse(content)


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        CoreMetadata.parse(content)
    sentence = caught.value.sentence
    assert sentence.isascii()
    assert sentence.isprintable()
    return sentence


@pytest.mark.parametrize("metadata_version", VERSIONS)
def test_every_version_of_the_format(metadata_version):
    metadata = parse(metadata_version=metadata_version)
    assert metadata.metadata_version == metadata_version
    assert (metadata.name, metadata.version) == ("demo", Version("1.0"))


@pytest.mark.parametrize("metadata_version", ["", "0.9", "1.3", "2.7", "3.0", "2", "abc", "2.4.1"])
def test_other_versions_of_the_format(metadata_version):
    assert "Metadata-Version" in refusal(
        f"Metadata-Version: {metadata_version}\nName: a\nVersion: 1\n".encode()
    )


EVERY_HEADER = {
    "Platform": ["Linux", "BSD"],
    "Supported-Platform": ["RedHat 7.2"],
    "Summary": "A demo",
    "Description-Content-Type": "text/markdown; charset=UTF-8; variant=GFM",
    "Keywords": "one, two",
    "Home-page": "https://example.com",
    "Download-URL": "https://example.com/demo.zip",
    "Author": "Zoë",
    "Author-email": "zoe@example.com",
    "Maintainer": "M",
    "Maintainer-email": "m@example.com",
    "License-Expression": "MIT",
    "License-File": ["LICENSE", "licenses/OTHER"],
    "Classifier": ["Private :: Do Not Upload"],
    "Requires-Dist": ["requests (>=2)", "other @ https://example.com/other.zip"],
    "Requires-Python": ">=3.8",
    "Requires-External": ["libpng (>=1.5)"],
    "Project-URL": ["Source, https://example.com/source"],
    "Provides-Extra": ["test"],
    "Provides-Dist": ["virtual"],
    "Obsoletes-Dist": ["old"],
    "Import-Name": ["demo"],
    "Import-Namespace": ["space"],
}

EVERY_FIELD = {
    "metadata_version": "2.5",
    "name": "demo",
    "version": "1.0",
    "platforms": ["Linux", "BSD"],
    "supported_platforms": ["RedHat 7.2"],
    "summary": "A demo",
    "description": "Long text.\n",
    "description_content_type": "text/markdown; charset=UTF-8; variant=GFM",
    "keywords": ["one", "two"],
    "home_page": "https://example.com",
    "download_url": "https://example.com/demo.zip",
    "author": "Zoë",
    "author_email": "zoe@example.com",
    "maintainer": "M",
    "maintainer_email": "m@example.com",
    "license_expression": "MIT",
    "license_files": ["LICENSE", "licenses/OTHER"],
    "classifiers": ["Private :: Do Not Upload"],
    "requires_dist": ["requests (>=2)", "other @ https://example.com/other.zip"],
    "requires_python": ">=3.8",
    "requires_external": ["libpng (>=1.5)"],
    "project_urls": {"Source": "https://example.com/source"},
    "provides_extra": ["test"],
    "provides_dist": ["virtual"],
    "obsoletes_dist": ["old"],
    "import_names": ["demo"],
    "import_namespaces": ["space"],
}


def test_everything_is_kept():
    metadata = parse(
        EVERY_HEADER,
        description="Long text.\n",
        metadata_version="2.5",
    )
    assert json.loads(json.dumps(dict(metadata.raw))) == EVERY_FIELD
    assert metadata.description == "Long text.\n"
    assert metadata.description_content_type == "text/markdown; charset=UTF-8; variant=GFM"
    assert metadata.requires_python == ">=3.8"
    assert metadata.without_description == {
        field: value for field, value in metadata.raw.items() if field != "description"
    }


def test_fields_of_distutils():
    metadata = parse(
        {"Requires": ["a"], "Provides": ["b (1.0)"], "Obsoletes": ["c"]}, metadata_version="1.1"
    )
    assert metadata.raw["requires"] == ["a"]
    assert metadata.raw["provides"] == ["b (1.0)"]
    assert metadata.raw["obsoletes"] == ["c"]


def test_fields_that_say_nothing_are_absent():
    metadata = parse(
        {
            "Summary": "UNKNOWN",
            "Home-page": "UNKNOWN",
            "Author": "",
            "License": " UNKNOWN ",
            "Platform": ["UNKNOWN"],
            "Keywords": "",
            "Classifier": ["", "A :: B"],
            "Requires-Python": "",
        },
        description="UNKNOWN\n\n\n",
    )
    assert set(metadata.raw) == {"metadata_version", "name", "version", "classifiers"}
    assert metadata.raw["classifiers"] == ["A :: B"]
    assert (metadata.description, metadata.requires_python, metadata.dynamic) == (None, None, [])


def test_a_package_may_be_called_unknown():
    assert parse(name="UNKNOWN").name == "UNKNOWN"


def test_an_empty_import_name_says_that_there_is_none():
    assert parse({"Import-Name": ""}, metadata_version="2.5").raw["import_names"] == []


@pytest.mark.parametrize(
    ("header", "field", "value", "first"),
    [
        ("License-File", "license_files", "LICENSE", "2.4"),
        ("License-Expression", "license_expression", "MIT", "2.4"),
        ("Dynamic", "dynamic", "License", "2.2"),
        ("Import-Name", "import_names", "demo", "2.5"),
        ("Import-Namespace", "import_namespaces", "demo", "2.5"),
    ],
)
def test_fields_from_before_their_version_are_dropped(header, field, value, first):
    for metadata_version in VERSIONS:
        known = VERSIONS.index(metadata_version) >= VERSIONS.index(first)
        metadata = parse({header: value}, metadata_version=metadata_version)
        assert (field in metadata.raw) is known


def test_what_is_dropped_is_not_checked():
    assert parse({"License-File": "C:\\LICENSE"}, metadata_version="2.1")
    assert parse({"License-Expression": "nonsense"}, metadata_version="2.1")


@pytest.mark.parametrize("metadata_version", VERSIONS)
def test_what_installers_heed_is_kept_and_checked_in_every_version(metadata_version):
    metadata = parse(
        {"Requires-Dist": "a", "Requires-Python": ">=3", "Description-Content-Type": "text/plain"},
        metadata_version=metadata_version,
    )
    assert metadata.raw["requires_dist"] == ["a"]
    assert metadata.requires_python == ">=3"
    assert metadata.description_content_type == "text/plain"
    with pytest.raises(Invalid):
        parse({"Requires-Dist": "a b"}, metadata_version=metadata_version)


def test_headers_that_no_version_knows_are_ignored():
    assert parse({"X-Future": ["a", "b"]}).raw.keys() == {"metadata_version", "name", "version"}


def test_a_folded_summary_is_one_line():
    assert parse({"Summary": "One\n  two"}).raw["summary"] == "One two"


@pytest.mark.parametrize(
    "folded",
    [
        "One\n        two\n            three\n        \n        four",
        "One\n       |two\n       |    three\n       |\n       |four",
    ],
)
def test_a_description_in_a_header_loses_its_indent(folded):
    metadata = parse({"Description": folded}, metadata_version="1.2")
    assert metadata.description == "One\ntwo\n    three\n\nfour"


def test_a_description_in_the_body_keeps_its_indent():
    text = "One\n        two\n        three\n"
    assert parse(description=text).description == text


def test_line_ends_of_windows_are_none_of_the_values_but_of_the_description():
    content = render_metadata("demo", "1.0", {"Summary": "x"}, "a\nb\n").replace(b"\n", b"\r\n")
    metadata = CoreMetadata.parse(content)
    assert (metadata.raw["summary"], metadata.description) == ("x", "a\r\nb\r\n")


def test_extras_of_old_tools():
    assert parse({"Provides-Extra": "a b"}, metadata_version="2.2").raw["provides_extra"] == ["a b"]
    with pytest.raises(Invalid):
        parse({"Provides-Extra": "a b"}, metadata_version="2.3")


def test_versions():
    metadata = parse(version="1.0.0+Local.1")
    assert metadata.raw["version"] == "1.0.0+Local.1"
    assert metadata.canonical_version == "1+local.1"
    assert parse(name="Foo.Bar").normalized_name == "foo-bar"


@pytest.mark.parametrize(
    ("metadata_version", "dynamic", "reliable"),
    [
        ("2.1", [], False),
        ("2.0", [], False),
        ("1.2", [], False),
        ("2.2", [], True),
        ("2.6", [], True),
        ("2.2", ["Description", "License"], True),
        ("2.2", ["Requires-Dist"], False),
        ("2.2", ["REQUIRES-PYTHON"], False),
        ("2.2", ["License", "provides-extra"], False),
    ],
)
def test_reliable_for_sdist(metadata_version, dynamic, reliable):
    metadata = parse({"Dynamic": dynamic}, metadata_version=metadata_version)
    assert metadata.reliable_for_sdist is reliable


START = b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Metadata-Version"),
        (b"\n" + START, "Metadata-Version"),
        (b"Metadata-Version: 2.4\nVersion: 1.0\n", "no Name"),
        (b"Metadata-Version: 2.4\nName: demo\n", "no Version"),
        (b"Metadata-Version: 2.4\nName: de mo\nVersion: 1.0\n", "'de mo'"),
        (b"Metadata-Version: 2.4\nName: -\nVersion: 1.0\n", "no name"),
        (b"Metadata-Version: 2.4\nName: demo\nVersion: dev\n", "'dev'"),
        (b"Metadata-Version: 2.4\nName: demo\nVersion: " + b"9" * 5000 + b"\n", "no version"),
        (START + b"Name: other\n", "Name more than once"),
        (START + b"name: demo\n", "Name more than once"),
        (START + b"Summary: a\nSummary: b\n", "Summary more than once"),
        (START + b"Keywords: a\nKeywords: b\n", "Keywords more than once"),
        (START + b"Requires-Python: >=3\nRequires-Python: >=4\n", "more than once"),
        (START + b"Description: a\n\nb", "Description more than once"),
        (START + b"Project-URL: A, b\nProject-URL: A, c\n", "more than once"),
        (START + b"Requires-Python: abc\n", "'abc' is invalid for 'requires-python'"),
        (START + b"Requires-Dist: a b\n", "'a b' is invalid for 'requires-dist'"),
        (START + b"Requires-Dist: a; " + b"(" * 3900 + b"\n", "invalid"),
        (START + b"Requires-Dist: " + b"a" * 5000 + b"\n", "5000 characters"),
        (START + b"Requires-Python: >=" + b"9" * 5000 + b"\n", "characters"),
        (START + b"Summary: " + b"a " * 20_000 + b"\n", "Summary of 39999 characters"),
        (START + (b"Requires-Dist: " + b"a" * 3999 + b"\n") * 126, "503874 characters together"),
        (START + b"Author-Email: " + b"a@b," * 10_000 + b"\n", "Author-Email of 40000"),
        (START + b"Keywords: " + b"a," * 20_000 + b"\n", "Keywords of"),
        (START + b"License-Expression: nonsense\n", "nonsense"),
        (START + b"License-Expression: " + b"(" * 1900 + b"\n", "invalid"),
        (START + b"License-Expression: " + b"MIT OR " * 900 + b"MIT\n", "longer than"),
        (START + b"License-File: ../LICENSE\n", "parent directory"),
        (START + b"Dynamic: Name\n", "'name' is not allowed"),
        (START + b"Dynamic: version\n", "'version' is not allowed"),
        (START + b"Dynamic: Metadata-Version\n", "not allowed"),
        (START + b"Dynamic: Nonsense\n", "'nonsense' is not a valid dynamic field"),
        (START + b"Description-Content-Type: text/html\n", "text/html"),
        (START + b"Summary: \xe9\n", "not UTF-8"),
        (START + b"\n\xff", "not UTF-8"),
        (START + b"\n\xed\xa0\x80", "not UTF-8"),
        (START + b"Summary: a\0b\n", "NUL"),
        (START + b"\n\0", "NUL"),
        (START + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n--x--\n", "'content-type'"),
        (START + b"Content-Transfer-Encoding: base64\n\nAAAA", "'content-transfer-encoding'"),
        (START + b"MIME-Version: 1.0\n", "'mime-version'"),
        (START + b"Classifier: a\n" * 10_000, "10003 headers"),
        (START + b"".join(b"x%d: a\n" % number for number in range(200)), "203 names"),
        (START + b"\n" + b"x" * (5 * 1024 * 1024), "more than the limit"),
    ],
    ids=range(44),
)
def test_refused(content, words):
    assert words in refusal(content)


def test_the_limit_of_the_size_is_the_callers():
    with pytest.raises(Invalid, match="limit of 10"):
        CoreMetadata.parse(START, max_size=10)


@given(st.binary(max_size=500))
def test_any_bytes_are_read_or_refused(content):
    for start in (b"", START):
        try:
            metadata = CoreMetadata.parse(start + content)
        except Invalid as caught:
            caught.sentence.encode("ascii")
        else:
            assert "\\u0000" not in json.dumps(dict(metadata.raw))
            json.dumps(dict(metadata.raw), ensure_ascii=False).encode("utf-8")


HEADERS = [
    "Requires-Dist",
    "Requires-Python",
    "License-Expression",
    "License-File",
    "Dynamic",
    "Provides-Extra",
    "Project-URL",
    "Import-Name",
    "Description-Content-Type",
    "Summary",
    "Keywords",
]


@given(st.lists(st.tuples(st.sampled_from(HEADERS), st.text()), max_size=5))
def test_any_values_are_read_or_refused(headers):
    lines = "".join(f"{header}: {value}\n" for header, value in headers)
    content = b"Metadata-Version: 2.5\nName: demo\nVersion: 1.0\n"
    try:
        metadata = CoreMetadata.parse(content + lines.encode("utf-8", "ignore"))
    except Invalid:
        return
    json.dumps(dict(metadata.raw), ensure_ascii=False).encode("utf-8")
