"""Events in words, whatever they hold."""

from datetime import UTC, datetime
from typing import Any

import pytest
from markupsafe import Markup

from pyregistry.audit.services.listing import AuditEvent
from pyregistry.events.actions import Action
from pyregistry.ui.activity import ACTION_CHOICES, INSTANCE_CHOICES, Detail, shown_event
from pyregistry.ui.event_sentences import sentence_of

HARMFUL = '<script>alert("x")</script>\u202e'


def event(action: str, **values: Any) -> AuditEvent:
    """An event that Ada caused."""
    known: dict[str, Any] = dict.fromkeys(
        name for name in AuditEvent.__dataclass_fields__ if name not in ("id", "details")
    )
    known |= {
        "id": 7,
        "occurred_at": datetime(2026, 5, 1, tzinfo=UTC),
        "actor_id": 1,
        "actor_name": "ada",
        "details": {},
    }
    return AuditEvent(**{**known, "action": action, **values})


def text_of(found: AuditEvent) -> str:
    """The sentence without its markup."""
    return sentence_of(found).striptags()


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            event(
                Action.MEMBER_ADDED,
                details={"username": "bert", "before": None, "after": {"access_level": 30}},
            ),
            "ada added bert as Developer",
        ),
        (
            event(
                Action.MEMBER_REMOVED,
                details={"user_id": 2, "username": "bert", "before": {"access_level": 50}},
            ),
            "ada removed bert, who was Owner",
        ),
        (
            event(
                Action.MEMBER_REMOVED,
                details={"user_id": 1, "username": "ada", "before": {"access_level": 50}},
            ),
            "ada left, who was Owner",
        ),
        (
            event(Action.FILE_PUSHED, package="demo", version="1.0", filename="demo-1.0.tar.gz"),
            "ada published demo-1.0.tar.gz of demo 1.0",
        ),
        (
            event(
                Action.USER_CHANGED,
                details={
                    "username": "bert",
                    "before": {"is_blocked": False},
                    "after": {"is_blocked": True},
                },
            ),
            "ada blocked bert",
        ),
        (
            event(
                Action.USER_CHANGED,
                details={
                    "username": "bert",
                    "before": {"is_blocked": True},
                    "after": {"is_blocked": False},
                },
            ),
            "ada let bert in again",
        ),
        (
            event(
                Action.TOKEN_CREATED, details={"kind": "personal_access_token", "name": "laptop"}
            ),
            "ada created the personal access token laptop",
        ),
        (event(Action.SETTINGS_CHANGED), "ada changed the settings of the registry"),
        (
            event(
                Action.GROUP_CREATED,
                actor_name=None,
                credential_kind="command_line",
                namespace_path="acme",
            ),
            "The command line created the group acme",
        ),
        (
            event(Action.FILE_PULLED, actor_id=None, actor_name=None, package="demo"),
            "Somebody without an account pulled something of demo something",
        ),
        (
            event(Action.FILE_PULLED, actor_name="ada", credential_kind="deploy_token"),
            "The deploy token ada pulled something of something something",
        ),
        (event("moon.landed"), "ada: moon.landed"),
    ],
)
def test_what_happened_in_words(found: AuditEvent, sentence: str) -> None:
    assert text_of(found) == sentence


@pytest.mark.parametrize("action", list(Action))
def test_every_action_has_a_sentence(action: Action) -> None:
    """None falls back to its name, and each can be looked for."""
    assert action.value not in text_of(event(action))
    groups = (*ACTION_CHOICES, *INSTANCE_CHOICES)
    choices = [value for _, actions in groups for value, _ in actions]
    assert choices.count(action.value) == 1


@pytest.mark.parametrize("action", [*Action, HARMFUL])
@pytest.mark.parametrize(
    "details",
    [
        {},
        {"before": "x", "after": 3, "username": {"a": [1]}, "kind": None, "name": ["x"]},
        {"before": {"access_level": "high"}, "after": {"access_level": [1], "full_path": 3}},
        {"before": {}, "after": {"access_level": 12}, "user_id": [1]},
        {HARMFUL: HARMFUL, "before": {HARMFUL: HARMFUL}, "username": HARMFUL, "name": HARMFUL},
    ],
)
def test_nothing_that_was_recorded_breaks_a_page(action: str, details: dict[str, Any]) -> None:
    found = event(
        action, details=details, actor_name=HARMFUL, namespace_path=HARMFUL, package=HARMFUL
    )
    shown = shown_event(found)
    assert isinstance(shown.sentence, Markup)
    assert "<script" not in shown.sentence
    assert shown.sentence.count("<bdi>") == shown.sentence.count("</bdi>")


def test_details_tell_what_changed() -> None:
    """What stayed as it was is left out; lists and other values are text."""
    found = event(
        Action.MEMBER_CHANGED,
        details={
            "user_id": 2,
            "scopes": ["api", "read_api"],
            "before": {"access_level": 30, "expires_at": None},
            "after": {"access_level": 40, "expires_at": None},
        },
    )
    assert shown_event(found).details == [
        Detail("Role", "Developer", "Maintainer"),
        Detail("Id of the user", None, "2"),
        Detail("Scopes", None, "api, read_api"),
    ]


def test_long_details_are_cut() -> None:
    found = event(Action.SETTINGS_CHANGED, details={"after": {"description": "x" * 5000}})
    (detail,) = shown_event(found).details
    assert detail.after == "x" * 300 + "…"
