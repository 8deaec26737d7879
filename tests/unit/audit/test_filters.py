"""How people say which events they ask for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyregistry.audit.filters import EventFilter, actions_of, credential_kind_of, moment_of
from pyregistry.errors import Invalid
from pyregistry.events.actions import Action

MIDNIGHT = datetime(2026, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "actions"),
    [
        ([], set()),
        (["member.added"], {Action.MEMBER_ADDED}),
        (["member.added,file.pushed"], {Action.MEMBER_ADDED, Action.FILE_PUSHED}),
        (["member.added", " file.pushed "], {Action.MEMBER_ADDED, Action.FILE_PUSHED}),
        (["file."], {Action.FILE_PUSHED, Action.FILE_PULLED, Action.FILE_DELETED}),
        (
            ["member.", "file.pushed"],
            {
                Action.MEMBER_ADDED,
                Action.MEMBER_CHANGED,
                Action.MEMBER_REMOVED,
                Action.FILE_PUSHED,
            },
        ),
    ],
)
def test_actions(texts: list[str], actions: set[Action]) -> None:
    assert actions_of("action", texts) == actions


@pytest.mark.parametrize("word", ["", ",", "member", "MEMBER.ADDED", "nothing.", ".", "a\nb", "é"])
def test_no_action(word: str) -> None:
    with pytest.raises(Invalid, match="parameter action") as refused:
        actions_of("action", ["file.pushed", word])
    assert refused.value.sentence.isprintable()


@pytest.mark.parametrize(
    "name", ["personal_access_token", "browser_session", "command_line", "trusted_publisher"]
)
def test_kinds_of_credentials(name: str) -> None:
    assert credential_kind_of("credential_kind", name) == name


@pytest.mark.parametrize("name", ["", "token", "PASSWORD"])
def test_no_kind_of_credential(name: str) -> None:
    with pytest.raises(Invalid, match="parameter credential_kind must be one of: personal"):
        credential_kind_of("credential_kind", name)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-31", MIDNIGHT),
        ("2026-12-31T00:00:00Z", MIDNIGHT),
        ("2026-12-31T00:00", MIDNIGHT),
        ("2026-12-31 00:00:00.000", MIDNIGHT),
        ("2026-12-31T02:00:00+02:00", MIDNIGHT),
        ("2026-12-30T18:00:00-06:00", MIDNIGHT),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert moment_of("created_after", text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "today", "2026-02-31", "31.12.2026", "2026", "0001-01-01T00:00+01:00", "2026-12-31T25:00"],
)
def test_no_moment(text: str) -> None:
    with pytest.raises(Invalid, match="parameter created_after must be a date such as"):
        moment_of("created_after", text)


@given(st.text(max_size=40))
def test_any_text_is_a_moment_in_utc_or_refused(text: str) -> None:
    sentence = "since"
    try:
        assert moment_of("since", text).tzinfo is UTC
    except Invalid as refusal:
        sentence = refusal.sentence
    assert "since" in sentence


def test_pulls_are_left_out_until_they_are_asked_for() -> None:
    assert EventFilter().leaves_out_pulls
    assert EventFilter(actions=actions_of("action", ["file.pushed"])).leaves_out_pulls
    assert not EventFilter(actions=actions_of("action", ["file."])).leaves_out_pulls
