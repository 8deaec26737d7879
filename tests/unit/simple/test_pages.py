"""What the pages of the simple repository API say, as JSON and as HTML."""

import json
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import unquote, urljoin

import pytest
from bs4 import BeautifulSoup

from pyregistry.packaging.models import PackageStatus
from pyregistry.simple.negotiation import MediaType
from pyregistry.simple.pages import FileLink, IndexPage, PackagePage, index_link
from pyregistry.simple.rendering import render_index, render_package

UPLOADED_AT = datetime(2026, 11, 22, 10, 20, 30, 45, tzinfo=UTC)
WHEEL = "demo-1.0-py3-none-any.whl"


def make_file(filename=WHEEL, **fields):
    return FileLink(
        filename, **{"sha256": "a" * 64, "size": 7, "uploaded_at": UPLOADED_AT, **fields}
    )


def make_page(*files, **fields):
    return PackagePage(
        **{"name": "demo", "files": files, "versions": ["1.0"], "serial": 5, **fields}
    )


def as_json(page):
    return json.loads(render_package(page, MediaType.JSON))


def as_html(page):
    return BeautifulSoup(render_package(page, MediaType.TEXT_HTML), "html.parser")


def only_anchor(page):
    (anchor,) = as_html(page).find_all("a")
    return anchor


def metas(soup):
    return {meta["name"]: meta["content"] for meta in soup.find_all("meta") if meta.get("name")}


def test_json_of_a_package_with_everything():
    file = make_file(
        requires_python=">=3.11",
        metadata_sha256="b" * 64,
        yanked=True,
        yanked_reason="broken",
    )
    assert as_json(make_page(file, status=PackageStatus.ARCHIVED, status_reason="done")) == {
        "meta": {"api-version": "1.4", "_last-serial": 5},
        "name": "demo",
        "project-status": {"status": "archived", "reason": "done"},
        "versions": ["1.0"],
        "files": [
            {
                "filename": WHEEL,
                "url": f"../../files/{'a' * 64}/{WHEEL}",
                "hashes": {"sha256": "a" * 64},
                "requires-python": ">=3.11",
                "size": 7,
                "upload-time": "2026-11-22T10:20:30.000045Z",
                "yanked": "broken",
                "core-metadata": {"sha256": "b" * 64},
                "provenance": None,
            }
        ],
    }


def test_json_of_a_package_with_as_little_as_possible():
    page = as_json(make_page(make_file()))
    assert page["project-status"] == {"status": "active"}
    (file,) = page["files"]
    assert "requires-python" not in file
    assert file["yanked"] is False
    assert file["core-metadata"] is False
    # Old versions of pip take what stands there for a string.
    assert "dist-info-metadata" not in file


@pytest.mark.parametrize(
    ("yanked", "reason", "shown"),
    [
        (False, None, False),
        (False, "left over", False),
        (True, None, True),
        (True, "", True),
        (True, "why", "why"),
    ],
)
def test_yanked_is_false_true_or_the_reason(yanked, reason, shown):
    page = make_page(make_file(yanked=yanked, yanked_reason=reason))
    (file,) = as_json(page)["files"]
    assert (type(file["yanked"]), file["yanked"]) == (type(shown), shown)
    expected = None if not yanked else reason or ""
    assert only_anchor(page).get("data-yanked") == expected


def test_html_of_a_package_with_everything():
    file = make_file(
        requires_python=">=3.11,<4",
        metadata_sha256="b" * 64,
        yanked=True,
        yanked_reason="broken",
    )
    page = make_page(file, status=PackageStatus.DEPRECATED, status_reason="use <other>")
    body = render_package(page, MediaType.TEXT_HTML)
    soup = as_html(page)
    assert metas(soup) == {
        "pypi:repository-version": "1.4",
        "pypi:project-status": "deprecated",
        "pypi:project-status-reason": "use <other>",
    }
    assert only_anchor(page).text == WHEEL
    assert only_anchor(page).attrs == {
        "href": f"../../files/{'a' * 64}/{WHEEL}#sha256={'a' * 64}",
        "data-requires-python": ">=3.11,<4",
        "data-core-metadata": f"sha256={'b' * 64}",
        "data-dist-info-metadata": f"sha256={'b' * 64}",
        "data-yanked": "broken",
    }
    assert body.startswith(b'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n')
    assert body.endswith(b"</body>\n</html>\n<!--SERIAL 5-->\n")
    assert b'data-requires-python="&gt;=3.11,&lt;4"' in body


def test_html_of_a_package_with_as_little_as_possible():
    page = make_page(make_file())
    assert set(only_anchor(page).attrs) == {"href"}
    assert metas(as_html(page)) == {"pypi:repository-version": "1.4"}


def test_both_html_types_have_the_same_bytes():
    page = make_page(make_file())
    assert render_package(page, MediaType.HTML) == render_package(page, MediaType.TEXT_HTML)
    index = IndexPage([("demo", 5)], 5)
    assert render_index(index, MediaType.HTML) == render_index(index, MediaType.TEXT_HTML)


@pytest.mark.parametrize(
    ("filename", "quoted"),
    [
        ("demo-1.0+cu12.1-py3-none-any.whl", "demo-1.0%2Bcu12.1-py3-none-any.whl"),
        ("demo-1!2.0.tar.gz", "demo-1%212.0.tar.gz"),
        ("demo-1.0~_.tar.gz", "demo-1.0~_.tar.gz"),
        ("a b%2B/../#?&.zip", "a%20b%252B%2F..%2F%23%3F%26.zip"),
    ],
)
def test_filenames_are_percent_encoded_in_addresses(filename, quoted):
    page = make_page(make_file(filename))
    (file,) = as_json(page)["files"]
    assert file["filename"] == filename
    assert file["url"] == f"../../files/{'a' * 64}/{quoted}"
    assert only_anchor(page)["href"] == f"{file['url']}#sha256={'a' * 64}"


@pytest.mark.parametrize("mount", ["/acme/core/-", "/api/v4/projects/7/packages/pypi", ""])
def test_links_lead_to_the_files_beside_simple_under_every_mount(mount):
    page = make_page(make_file("demo-1.0+local.tar.gz"))
    base = f"https://registry.example{mount}/simple/demo/"
    address = urljoin(base, only_anchor(page)["href"].partition("#")[0])
    expected = f"https://registry.example{mount}/files/{'a' * 64}/demo-1.0+local.tar.gz"
    assert unquote(address) == expected
    assert unquote(urljoin(base, as_json(page)["files"][0]["url"])) == expected


@pytest.mark.parametrize("media_type", list(MediaType))
def test_a_quarantined_package_offers_no_files(media_type):
    page = make_page(make_file(), status=PackageStatus.QUARANTINED, status_reason="malware")
    body = render_package(page, media_type)
    assert WHEEL.encode() not in body
    assert b"a" * 64 not in body
    assert b"quarantined" in body
    assert b"malware" in body


@pytest.mark.parametrize("status", ["active", "archived", "deprecated"])
def test_every_other_status_offers_the_files(status):
    page = make_page(make_file(), status=PackageStatus(status))
    assert len(as_json(page)["files"]) == 1
    assert only_anchor(page).text == WHEEL
    assert as_json(page)["project-status"] == {"status": status}


def test_a_reason_is_shown_for_an_active_package_too():
    page = make_page(status_reason="checked")
    assert as_json(page)["project-status"] == {"status": "active", "reason": "checked"}
    shown = metas(as_html(page))
    assert shown["pypi:project-status"] == "active"
    assert shown["pypi:project-status-reason"] == "checked"


def test_upload_times_are_told_in_utc_with_microseconds():
    winter = timezone(timedelta(hours=1))
    local = datetime(2026, 1, 1, 0, 30, tzinfo=winter)
    assert make_file(uploaded_at=local).upload_time == "2025-12-31T23:30:00.000000Z"


def test_a_naive_upload_time_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="time zone"):
        make_file(uploaded_at=UPLOADED_AT.replace(tzinfo=None))


def test_json_of_an_index_has_the_serial_of_every_name():
    page = IndexPage([("demo", 3), ("other-name", 9)], 12)
    assert json.loads(render_index(page, MediaType.JSON)) == {
        "meta": {"api-version": "1.4", "_last-serial": 12},
        "projects": [
            {"_last-serial": 3, "name": "demo"},
            {"_last-serial": 9, "name": "other-name"},
        ],
    }


def test_html_of_an_index():
    body = render_index(IndexPage([("demo", 3), ("other-name", 9)], 12), MediaType.TEXT_HTML)
    soup = BeautifulSoup(body, "html.parser")
    assert [(a["href"], a.text) for a in soup.find_all("a")] == [
        ("demo/", "demo"),
        ("other-name/", "other-name"),
    ]
    assert metas(soup) == {"pypi:repository-version": "1.4"}
    assert b"<!--SERIAL 12-->" in body


@pytest.mark.parametrize("media_type", list(MediaType))
def test_empty_pages(media_type):
    assert b"1.4" in render_index(IndexPage([], 0), media_type)
    assert b"1.4" in render_package(make_page(versions=[]), media_type)


def test_a_hostile_name_stays_one_relative_link():
    assert index_link('javascript:"/..//<a>') == "javascript%3A%22%2F..%2F%2F%3Ca%3E/"
    body = render_index(IndexPage([('"><script>', 1)], 1), MediaType.TEXT_HTML)
    assert b"<script" not in body
