"""Settings in a line, as the tests of them read and refuse."""

import pytest

from pyregistry.settings import Settings, SettingsError


def parse(ini=None, environ=None):
    """The settings of an ini file in `/srv`."""
    return Settings.parse({"here": "/srv", **(ini or {})}, environ or {})


def refusal(ini=None, environ=None):
    """The sentence with which they are refused: one line."""
    with pytest.raises(SettingsError) as caught:
        parse(ini, environ)
    assert "\n" not in caught.value.sentence
    return caught.value.sentence
