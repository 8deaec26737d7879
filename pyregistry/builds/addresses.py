"""The addresses that a build may name: pages link to some of them."""

import re

# Without ASCII, the sign for Kelvin would be a k, and what is not it would not be a k either.
_FLAGS = re.ASCII | re.IGNORECASE
_NAME = r"[a-z0-9_.-]+"
_PART = r"[a-z0-9_.~+%-]+"
_HOST = rf"(?:{_NAME}|\[[0-9a-f:.]+\])(?::[0-9]{{1,5}})?"
# What is visible in ASCII, but nothing that ends an attribute, or a host elsewhere than it seems
# to, as browsers take a backslash for a slash: not `"<>\\^` and backquote, `{|}`.
_REST = r"[!#-;=?-\[\]_a-z~]*"
_WEB = re.compile(rf"https?://{_HOST}(?:[/?#]{_REST})?", _FLAGS)
_REPOSITORIES = (
    _WEB,
    re.compile(rf"(?:ssh|git|git\+ssh)://(?:{_NAME}@)?{_HOST}/{_REST}", _FLAGS),
    re.compile(rf"{_NAME}@{_NAME}:/?{_PART}(?:/{_PART})*/?", _FLAGS),
    re.compile(rf"{_PART}(?:/{_PART})+", _FLAGS),
)
"""On the web, by ssh in both of git's spellings, or a path in a place that everybody knows."""


def is_web_address(text: str) -> bool:
    """Whether a browser can be led there: http(s), no user name, no password."""
    return _WEB.fullmatch(text) is not None


def is_repository(text: str) -> bool:
    """Whether it says where sources are, and no password.

    Systems of continuous integration give their jobs an address with a token in it to clone
    from (`https://gitlab-ci-token:…@…`): it must not be stored, let alone be shown.
    """
    return any(form.fullmatch(text) is not None for form in _REPOSITORIES)
