"""What the table of settings is made of: rows, each the attribute of a dataclass."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final, TypeVar, cast, dataclass_transform

T = TypeVar("T")

PREFIX: Final = "pyregistry."


class Secrecy(Enum):
    """More than that a setting is secret."""

    ENVIRONMENT_ONLY = auto()
    """Its value may stand in the environment, and in no ini file."""


@dataclass(frozen=True)
class Setting:
    """One setting: `key` as in the ini file, `default` as one would write it there.

    An empty default means none. `unit` says what a value is. `environment`
    holds the environment variables that override the key, the strongest first.
    With `only_environment` they are the only place where it may stand.
    """

    key: str
    parse: Callable[[str], object]
    default: str
    unit: str
    meaning: str
    environment: tuple[str, ...]
    secret: bool
    derive: Callable[[Mapping[str, Any]], object] | None
    only_environment: bool = False


def setting(
    key: str,
    parse: Callable[[str], T],
    default: str,
    unit: str,
    meaning: str,
    *,
    also: tuple[str, ...] = (),
    secret: bool | Secrecy = False,
    derive: Callable[[Mapping[str, Any]], T] | None = None,
) -> T:
    """A row of the table, as the attribute of `Settings` that holds its value.

    `derive` makes the value that holds by default from the attributes above
    it; `default` then only says it to people. `also` names more environment
    variables. A secret is in no repr and in no error. One that is
    `ENVIRONMENT_ONLY` is an error in an ini file.
    """
    full_key = PREFIX + key
    variable = full_key.upper().replace(".", "_")
    row = Setting(
        full_key,
        parse,
        default,
        unit,
        meaning,
        (variable, *also),
        secret=bool(secret),
        derive=derive,
        only_environment=secret is Secrecy.ENVIRONMENT_ONLY,
    )
    # The dataclass takes the field and its users take the value, as with
    # dataclasses.field(): so mypy compares parser and attribute.
    return cast(T, field(repr=not secret, metadata={"setting": row}))


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """The same parser, for an attribute that is None where nothing is given."""
    return parse


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(setting,))
def table(cls: type[T]) -> type[T]:
    """A frozen dataclass whose fields are made by `setting()`."""
    return dataclass(frozen=True, kw_only=True)(cls)
