import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from pyregistry.simple.cache import PageCache, RenderedPage, Variant, make_rendered_page
from pyregistry.simple.negotiation import MediaType


def page_of(size, etag='"1"'):
    return RenderedPage(b"x" * size, None, etag, MediaType.JSON)


def test_gives_the_page_for_the_very_validator_only():
    cache = PageCache(100_000)
    page = page_of(10)
    cache.put(("demo", MediaType.JSON), 7, page)
    assert cache.get(("demo", MediaType.JSON), 7) is page
    for other in (6, 8, "7", None, (7,)):
        assert cache.get(("demo", MediaType.JSON), other) is None
    assert cache.get(("demo", MediaType.HTML), 7) is None
    assert cache.get(("demo", MediaType.JSON), 7) is page


def test_a_newer_page_replaces_the_older_one():
    cache = PageCache(100_000)
    cache.put("demo", 1, page_of(1000))
    newer = page_of(10)
    cache.put("demo", 2, newer)
    assert cache.get("demo", 1) is None
    assert cache.get("demo", 2) is newer
    assert len(cache) == 1
    assert cache.total_bytes < 1000


def test_drops_the_pages_used_longest_ago():
    cache = PageCache(10_000)
    for key in "abcd":
        cache.put(key, 1, page_of(1900))
    assert cache.get("a", 1) is not None
    cache.put("e", 1, page_of(1900))
    assert cache.get("b", 1) is None
    assert all(cache.get(key, 1) is not None for key in "acde")


@pytest.mark.parametrize("size", [0, 1, 700, 1500])
def test_stays_within_its_bytes(size):
    cache = PageCache(10_000)
    for key in range(1000):
        cache.put(key, 1, page_of(size))
        assert cache.total_bytes <= 10_000
    assert cache.get(999, 1) is not None
    assert len(cache) >= 4


def test_counts_the_compressed_bytes_too():
    cache = PageCache(100_000)
    cache.put("a", 1, RenderedPage(b"x" * 100, b"y" * 5000, '"1"', MediaType.JSON))
    assert cache.total_bytes >= 5100


def test_a_page_over_a_quarter_of_the_cache_is_not_kept():
    cache = PageCache(10_000)
    cache.put("small", 1, page_of(10))
    cache.put("large", 1, page_of(2501))
    assert cache.get("large", 1) is None
    assert cache.get("small", 1) is not None


def test_a_page_that_has_grown_too_large_drops_its_predecessor():
    cache = PageCache(10_000)
    cache.put("demo", 1, page_of(10))
    cache.put("demo", 2, page_of(9000))
    assert len(cache) == 0
    assert cache.total_bytes == 0


def test_of_a_large_page_the_compressed_bytes_are_kept():
    cache = PageCache(10_000)
    body = b"demo" * 5000
    cache.put("large", 1, make_rendered_page(body, '"5"', MediaType.JSON))
    kept = cache.get("large", 1)
    assert kept.body is None
    assert cache.total_bytes < 2500
    assert gzip.decompress(kept.variant("gzip").body) == body
    assert kept.variant(None) == Variant(body, '"5"', None)


def test_threads_that_ask_at_once_have_a_page_rendered_once():
    cache, rendered, all_ask = PageCache(10_000), [], Barrier(5, timeout=10)

    def slowly():
        rendered.append(1)
        all_ask.wait()
        return page_of(10)

    def ask(number):
        if number:
            all_ask.wait()
        return cache.page("demo", 1, slowly)

    with ThreadPoolExecutor(5) as pool:
        pages = list(pool.map(ask, range(5)))
    assert len(rendered) == 1
    assert all(page is pages[0] for page in pages)


def test_a_page_that_could_not_be_rendered_is_rendered_by_another():
    cache = PageCache(10_000)
    begun, failing = Event(), Event()

    def fails():
        begun.set()
        failing.wait(10)
        raise RuntimeError("the connection is lost")

    page = page_of(10)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.page, "demo", 1, fails)
        assert begun.wait(10)
        second = pool.submit(cache.page, "demo", 1, lambda: page)
        failing.set()
        assert second.result(10) is page
        with pytest.raises(RuntimeError):
            first.result(10)
    assert cache.get("demo", 1) is page


def test_another_state_does_not_wait():
    cache = PageCache(10_000)
    older, newer = page_of(10), page_of(20)

    def render():
        assert cache.page("demo", 2, lambda: newer) is newer
        return older

    assert cache.page("demo", 1, render) is older


def test_no_bytes_turn_it_off():
    cache = PageCache(0)
    cache.put("demo", 1, page_of(0))
    assert cache.get("demo", 1) is None


def test_threads_share_it():
    cache = PageCache(20_000)

    def work(worker):
        for step in range(500):
            key = (worker * 7 + step) % 40
            page = cache.get(key, step % 3)
            assert page is None or page.etag == f'"{key}-{step % 3}"'
            cache.put(key, step % 3, page_of(step, f'"{key}-{step % 3}"'))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    kept = sum(len(page.body) + 512 for _, page in cache._pages.values())
    assert cache.total_bytes == kept <= 20_000


def test_compresses_a_page_the_same_way_every_time():
    body = b"<a href='demo/'>demo</a>" * 100
    page = make_rendered_page(body, '"5"', MediaType.TEXT_HTML)
    assert (page.body, page.etag, page.content_type) == (body, '"5"', MediaType.TEXT_HTML)
    assert gzip.decompress(page.gzip_body) == body
    assert page.gzip_body[4:8] == b"\0\0\0\0"
    assert make_rendered_page(body, '"5"', MediaType.TEXT_HTML) == page


def test_leaves_small_and_incompressible_pages_plain():
    assert make_rendered_page(b"x" * 1023, '"5"', MediaType.JSON).gzip_body is None
    assert make_rendered_page(b"x" * 1024, '"5"', MediaType.JSON).gzip_body is not None
    assert make_rendered_page(os.urandom(5000), '"5"', MediaType.JSON).gzip_body is None


def test_each_variant_has_its_own_entity_tag():
    page = RenderedPage(b"plain", b"packed", '"5"', MediaType.JSON)
    assert page.variant("gzip, deflate") == Variant(b"packed", '"5-gzip"', "gzip")
    for accept_encoding in (None, "identity", "gzip;q=0"):
        assert page.variant(accept_encoding) == Variant(b"plain", '"5"', None)


def test_a_page_without_compressed_bytes_is_given_plain():
    page = RenderedPage(b"plain", None, '"5"', MediaType.JSON)
    assert page.variant("gzip") == Variant(b"plain", '"5"', None)
