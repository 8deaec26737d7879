"""The statements that services execute, and what SQLite makes of them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.factories.world import World

Statement = tuple[str, Any]
"""Its text and its parameters."""


@contextmanager
def statements(world: World) -> Iterator[list[Statement]]:
    """The questions that are asked of the database inside the block."""
    executed: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            executed.append((statement, parameters))

    engine = world.components.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield executed
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plans(world: World, executed: Iterable[Statement]) -> list[str]:
    """The plan of each statement on SQLite, a step a line."""
    with world.components.database.engine.connect() as connection:
        return [
            "\n".join(
                str(row[-1])
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            )
            for statement, parameters in executed
        ]
