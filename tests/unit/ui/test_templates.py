"""Nothing is left in the templates that no page uses."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from pyregistry.namespaces.models import NamespaceKind, Visibility

FOLDER = Path(str(files("pyregistry").joinpath("ui", "templates")))
TEXTS = {path.relative_to(FOLDER).as_posix(): path.read_text() for path in FOLDER.rglob("*.jinja2")}
EVERYTHING = "\n".join(TEXTS.values())
MACRO = re.compile(r"macro (\w+)\((.*?)\) -?%}(.*?)endmacro", re.DOTALL)
MACROS = [(path, *found) for path, text in TEXTS.items() for found in MACRO.findall(text)]


@pytest.mark.parametrize(
    ("name", "parameters", "body"), [each[1:] for each in MACROS], ids=[each[1] for each in MACROS]
)
def test_every_macro_and_its_parameters_are_used(name: str, parameters: str, body: str) -> None:
    uses = re.findall(rf"\b{name}\(", EVERYTHING)
    assert len(uses) > 1
    for parameter in re.findall(r"(\w+)(?:=[^,]*)?(?:, |$)", parameters):
        assert re.search(rf"\b{parameter}\b", body), parameter


def test_every_icon_is_used() -> None:
    icons = set(re.findall(r'^  "(\w+)":', TEXTS["parts/icons.jinja2"], re.MULTILINE))
    shown = set(re.findall(r'icon\("(\w+)"\)', EVERYTHING))
    assert icons == shown | {each.value for each in (*NamespaceKind, *Visibility)}
