"""What is taken out of lines of the log."""

import pytest

from pyregistry.authnz.permissions import CredentialKind
from pyregistry.redaction import redacted
from pyregistry.tokens.secrets import PREFIXES, generate


@pytest.mark.parametrize("kind", PREFIXES)
def test_tokens_of_every_kind(kind: CredentialKind) -> None:
    line = f"sent {generate(kind)}, wrong"
    assert redacted(line) == f"sent {PREFIXES[kind]}***, wrong"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("https://ada:s3@cret@example.org/simple/", "https://***@example.org/simple/"),
        ("redis://:secret@127.0.0.1:6379/0 failed", "redis://***@127.0.0.1:6379/0 failed"),
        ("postgresql://u:p@h/d and https://x:y@z/", "postgresql://***@h/d and https://***@z/"),
        ("{'Authorization': 'Basic YTpi', 'A': '*'}", "{'Authorization': '***', 'A': '*'}"),
        ("PRIVATE-TOKEN: abc def\nHost: x", "PRIVATE-TOKEN: ***\nHost: x"),
        ("Set-Cookie: pyregistry_session=abc; Path=/", "Set-Cookie: ***"),
        ("/path?private_token=abc&page=2", "/path?private_token=***&page=2"),
        ("connection password=hunter2 host=db", "connection password=*** host=db"),
        ("https://s3/k?X-Amz-Security-Token=a%2Fb", "https://s3/k?X-Amz-Security-Token=***"),
    ],
)
def test_other_secrets(line: str, expected: str) -> None:
    assert redacted(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "GET /acme/core/-/simple/demo/ 200, 512 bytes in 0.004 s, for ada from 192.0.2.7",
        "pyregistry listens on http://127.0.0.1:6543",
        "Serving on https://[::1]:443/mail@example.org",
        "the storage does not work: [Errno 2] No such file: '/var/lib/pyregistry'",
        "a statement took 1.000 seconds: SELECT tokens.id FROM tokens WHERE tokens.digest = ?",
    ],
)
def test_what_is_none_stays(line: str) -> None:
    assert redacted(line) == line
