"""Debian's Chromium, started once for each process of the tests."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

# Playwright could keep requests from leaving as well, but without a cache: what the way back shows
# would be asked for once more, a form that was sent included.
_NO_HOST_BUT_OURS = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
ABSENT = "this machine has no Chromium (on Debian: apt-get install chromium)"


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A Chromium without a window, which reaches this machine alone.

    Skips where there is none; fails there with `CI=true`.
    """
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{ABSENT}, and CI=true asks for it")
        pytest.skip(ABSENT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[_NO_HOST_BUT_OURS])
        yield browser
        browser.close()
