"""Whatever the fields hold: both representations say the same, and clients can read them."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from pyregistry.packaging.models import PackageStatus
from pyregistry.simple.negotiation import MediaType
from pyregistry.simple.pages import FileLink, IndexPage, PackagePage
from pyregistry.simple.rendering import render_index, render_package

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

hostile = st.sampled_from(['"><script>alert(1)</script>', "</a>&amp;&#10;", "-->", "a\r\nb", "'\\"])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | hostile
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
files = st.builds(
    FileLink,
    filename=texts.filter(bool),
    sha256=digests,
    size=st.integers(0, 2**50),
    uploaded_at=st.datetimes(timezones=st.just(UTC)),
    requires_python=st.none() | texts,
    metadata_sha256=st.none() | digests,
    yanked=st.booleans(),
    yanked_reason=st.none() | texts,
)
statuses = st.sampled_from(PackageStatus)
packages = st.builds(
    PackagePage,
    name=st.from_regex(r"\A[a-z0-9]+(-[a-z0-9]+)?\Z"),
    files=st.lists(files, max_size=4),
    versions=st.lists(texts, max_size=3),
    serial=st.integers(0, 2**60),
    status=statuses,
    status_reason=st.none() | texts,
)


class Links(HTMLParser):
    """Anchors as (attributes, text), and the named metas."""

    def __init__(self, body):
        super().__init__()
        self.anchors = []
        self.metas = {}
        self.tags = set()
        self.feed(body.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        found = dict(attrs)
        if tag == "a":
            self.anchors.append([found, ""])
        elif tag == "meta" and "name" in found:
            self.metas[found["name"]] = found["content"]

    def handle_data(self, data):
        if self.anchors and self.get_starttag_text().startswith("<a "):
            self.anchors[-1][1] += data


def visible(text):
    return CONTROL.sub("\ufffd", text)


def expected_attributes(file):
    attributes = {"href": f"{file['url']}#sha256={file['hashes']['sha256']}"}
    if "requires-python" in file:
        attributes["data-requires-python"] = visible(file["requires-python"])
    if file["core-metadata"]:
        digest = f"sha256={file['core-metadata']['sha256']}"
        attributes["data-core-metadata"] = attributes["data-dist-info-metadata"] = digest
    if file["yanked"]:
        attributes["data-yanked"] = "" if file["yanked"] is True else visible(file["yanked"])
    return attributes


@given(packages)
def test_html_says_what_json_says(page):
    document = json.loads(render_package(page, MediaType.JSON))
    links = Links(render_package(page, MediaType.TEXT_HTML))
    assert [attributes for attributes, _ in links.anchors] == [
        expected_attributes(file) for file in document["files"]
    ]
    assert [text for _, text in links.anchors] == [
        visible(file["filename"]) for file in document["files"]
    ]
    status = document["project-status"]
    assert links.metas.get("pypi:project-status", "active") == status["status"]
    reason = links.metas.get("pypi:project-status-reason")
    assert reason == (visible(status["reason"]) if "reason" in status else None)
    known = {"html", "head", "meta", "title", "body", "h1", "a", "br"}
    assert links.tags <= known


@given(packages)
def test_html_is_safe_for_readers_with_regular_expressions(page):
    body = render_package(page, MediaType.TEXT_HTML).decode("utf-8")
    anchors = [line for line in body.split("\n") if line.startswith("<a ")]
    assert len(anchors) == len(page.offered_files)
    for anchor in anchors:
        assert re.fullmatch(r'<a( [a-z-]+="[^"<>]*")+>[^<>]*</a><br>', anchor)
    assert not CONTROL.search(body)


@given(packages)
def test_json_never_breaks_a_strict_client(page):
    document = json.loads(render_package(page, MediaType.JSON))
    assert isinstance(document["meta"]["_last-serial"], int)
    assert isinstance(document["project-status"]["status"], str)
    assert document["project-status"].get("reason", "given") != ""
    for file in document["files"]:
        assert set(file["hashes"]) == {"sha256"}
        assert type(file["size"]) is int
        assert type(file["yanked"]) is bool or (type(file["yanked"]) is str and file["yanked"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", file["upload-time"])
        assert datetime.fromisoformat(file["upload-time"]).tzinfo is not None
        assert file["core-metadata"] is False or set(file["core-metadata"]) == {"sha256"}
        assert "#" not in file["url"]
        nulls = {key for key, value in file.items() if value is None}
        assert nulls == {"provenance"}


@given(packages)
def test_every_field_survives_json(page):
    document = json.loads(render_package(page, MediaType.JSON))
    assert document["versions"] == list(page.versions)
    for file, shown in zip(page.offered_files, document["files"], strict=True):
        assert shown["filename"] == file.filename
        assert shown["size"] == file.size
        assert shown.get("requires-python", "") == (file.requires_python or "")
        assert datetime.fromisoformat(shown["upload-time"]) == file.uploaded_at
        if file.yanked and file.yanked_reason:
            assert shown["yanked"] == file.yanked_reason


@given(st.text(st.characters(categories=["Cs"]), min_size=1))
def test_half_a_surrogate_pair_never_reaches_a_client(half):
    file = FileLink(
        f"demo{half}.zip", "a" * 64, 1, datetime(2026, 1, 1, tzinfo=UTC), half, None, True, half
    )
    page = PackagePage("demo", [file], [half], 1)
    for media_type in MediaType:
        assert "demo?" in render_package(page, media_type).decode("utf-8")


@given(st.lists(st.tuples(texts, st.integers(0)), max_size=5), st.integers(0))
def test_index_pages_agree(projects, serial):
    page = IndexPage(projects, serial)
    document = json.loads(render_index(page, MediaType.JSON))
    assert [(shown["name"], shown["_last-serial"]) for shown in document["projects"]] == projects
    links = Links(render_index(page, MediaType.TEXT_HTML))
    assert [text for _, text in links.anchors] == [visible(name) for name, _ in projects]
