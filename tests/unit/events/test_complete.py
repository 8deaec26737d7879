"""Every action that events can record is recorded somewhere."""

import ast

from pyregistry.events.actions import Action
from tests.factories.source import modules

NOT_YET = {}
"""What nothing in the registry does yet."""


def recorded() -> set[Action]:
    """Every action that a module names, but for those that define, count and read them."""
    return {
        Action[node.attr]
        for module in modules().values()
        if module.parts[:1] not in (("events",), ("audit",))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Action"
    }


def test_every_action_is_recorded() -> None:
    assert recorded() == set(Action)
