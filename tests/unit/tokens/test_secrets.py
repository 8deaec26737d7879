"""The form of tokens."""

import hashlib
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.authnz.permissions import CredentialKind
from pyregistry.tokens.secrets import PREFIXES, digest, generate, is_token, kind_of
from tests.factories.source import REPOSITORY

ALPHABET = string.digits + string.ascii_letters
TOKEN = generate(CredentialKind.PERSONAL_ACCESS_TOKEN)


@pytest.mark.parametrize("kind", PREFIXES)
def test_format(kind: CredentialKind) -> None:
    token = generate(kind)
    assert re.fullmatch(r"pyr[a-z]{3}_[0-9A-Za-z]{43}[0-9A-Za-z]{6}", token)
    assert token.startswith(PREFIXES[kind])
    assert is_token(token)


def test_the_pattern_for_secret_scanners_finds_every_kind_and_nothing_else() -> None:
    document = (REPOSITORY / "docs" / "tokens.md").read_text()
    (pattern,) = re.findall(r"^    (pyr\(.*)$", document, re.MULTILINE)
    for kind, prefix in PREFIXES.items():
        token = generate(kind)
        assert re.findall(f"({pattern})", f"x = '{token}'\n")[0][0] == token
        assert f"| `{prefix}` |" in document
    for other in ("pyrxxx_" + "0" * 49, "pyrpat_" + "0" * 48, TOKEN.replace("_", "-")):
        assert not re.search(pattern, other)


@pytest.mark.parametrize("kind", PREFIXES)
def test_the_kind_of_a_form(kind: CredentialKind) -> None:
    token = generate(kind)
    mistyped = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert kind_of(token) is kind
    assert (kind_of(mistyped), is_token(mistyped)) == (kind, False)


@pytest.mark.parametrize(
    "text",
    ["", "pyrpat_", "pyrxxx_" + "0" * 49, TOKEN + "0", TOKEN + "\n"],
    # The token is another one in each process.
    ids=["nothing", "a prefix", "another prefix", "too long", "a line"],
)
def test_no_kind(text: str) -> None:
    assert kind_of(text) is None


def test_prefixes_tell_kinds_apart() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)


def test_tokens_are_never_the_same() -> None:
    assert len({generate(CredentialKind.PERSONAL_ACCESS_TOKEN) for _ in range(1000)}) == 1000


def test_every_change_of_one_character_is_noticed() -> None:
    for place, character in enumerate(TOKEN):
        for other in ALPHABET + "_-":
            if other != character:
                changed = TOKEN[:place] + other + TOKEN[place + 1 :]
                assert not is_token(changed), changed


def test_two_characters_that_changed_places_are_noticed() -> None:
    for place in range(len(TOKEN) - 1):
        first, second = TOKEN[place : place + 2]
        if first != second:
            assert not is_token(TOKEN[:place] + second + first + TOKEN[place + 2 :])


@pytest.mark.parametrize(
    "form", ["", "{}0", " {}", "{}\n", "{}\0", "{0}{0}", "Bearer {}", "pyrpat_{}", "{:.55}"]
)
def test_no_token(form: str) -> None:
    assert not is_token(form.format(TOKEN))


def test_prefix_of_no_kind() -> None:
    assert not is_token("pyrxxx_" + TOKEN.partition("_")[2])


@given(st.text(max_size=100))
def test_any_text_is_a_token_or_not(text: str) -> None:
    assert not is_token(text)
    assert len(digest(text)) == 32


def test_digest() -> None:
    assert digest(TOKEN) == hashlib.sha256(TOKEN.encode()).digest()
