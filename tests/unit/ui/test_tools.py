"""What people are told to copy: quoted, named as tools take it, and never a second index."""

import shlex
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from pyramid.request import Request

from pyregistry.namespaces.models import NamespaceKind, Visibility
from pyregistry.namespaces.records import NamespaceRecord
from pyregistry.ui.addresses import Addresses
from pyregistry.ui.tools import (
    Snippet,
    Tool,
    Wanted,
    index_name,
    install_tools,
    setup_tools,
)

ADDRESSES = Addresses(Request.blank("/", base_url="https://registry.example"))
INDEX = "https://registry.example/acme/Core.x/-/simple/"
PLAIN = Wanted("Demo.Kit", "1!1.0")
NEEDY = Wanted("demo", "1.0", here=("helper>1",), elsewhere=("attrs",), beside=("other",))


def project(visibility: Visibility = Visibility.PRIVATE) -> NamespaceRecord:
    return NamespaceRecord(
        id=1,
        kind=NamespaceKind.PROJECT,
        parent_id=None,
        name="Core",
        path="Core.x",
        full_path="acme/Core.x",
        full_path_key="acme/core.x",
        description="",
        visibility=visibility,
        packages_enabled=True,
        packages_available=True,
        anyone_can_pull=False,
        pulls_open=False,
        serial=1,
    )


def everything(visibility: Visibility, wanted: Wanted = NEEDY) -> list[Tool]:
    """All that there is to copy for a project."""
    where = project(visibility)
    return [
        *setup_tools(ADDRESSES, where),
        *install_tools(ADDRESSES, where, wanted),
    ]


def snippet(tools: list[Tool], name: str, place: str) -> Snippet:
    """What is copied for a tool into a place."""
    (tool,) = [each for each in tools if each.name == name]
    (found,) = [each for each in tool.snippets if each.place == place]
    return found


@pytest.mark.parametrize(
    ("path", "name"),
    [("acme/core", "acme-core"), ("Acme/a_b.c--d", "acme-a-b-c-d"), ("1/x.", "1-x")],
)
def test_every_tool_takes_the_name_of_an_index(path: str, name: str) -> None:
    assert index_name(path) == name


def test_what_needs_nothing_else_is_one_command() -> None:
    tools = install_tools(ADDRESSES, project(), PLAIN)
    assert snippet(tools, "pip", "Terminal").text == (
        f"pip install --index-url {INDEX} 'Demo.Kit==1!1.0'"
    )
    assert "no other is asked" in tools[0].note


def test_each_package_comes_from_where_it_belongs() -> None:
    tools = install_tools(ADDRESSES, project(), NEEDY)
    assert snippet(tools, "pip", "Terminal").text == (
        f"pip install --no-deps --index-url {INDEX} demo==1.0 'helper>1'\npip install attrs"
    )
    assert snippet(tools, "uv", "Terminal, without a pyproject.toml").text == (
        f"uv pip install --no-deps --default-index {INDEX} demo==1.0 'helper>1'\n"
        "uv pip install attrs"
    )
    sources = tomllib.loads(snippet(tools, "uv", "pyproject.toml").text)["tool"]["uv"]["sources"]
    assert sources == {name: {"index": "acme-core-x"} for name in ("demo", "helper")}
    (source,) = tomllib.loads(snippet(tools, "pdm", "pyproject.toml").text)["tool"]["pdm"]["source"]
    assert source["include_packages"] == ["demo", "helper"]
    assert source["exclude_packages"] == ["*"]
    assert snippet(tools, "poetry", "Terminal").text == (
        "poetry add --source acme-core-x demo==1.0 'helper>1'"
    )
    assert "Other projects of this registry have other" in tools[0].note


@pytest.mark.parametrize("visibility", list(Visibility))
def test_no_second_index_and_no_token_in_an_address(visibility: Visibility) -> None:
    for tool in everything(visibility):
        for each in tool.snippets:
            assert "extra-index-url" not in each.text + each.note
            assert "@registry.example" not in each.text
            for line in each.text.splitlines():
                # Whatever names the index for pip takes nothing along from elsewhere.
                assert "--index-url" not in line or "--no-deps" in line or line.startswith("--")


@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_token_is_asked_for_only_where_it_is_needed(visibility: Visibility) -> None:
    tools = setup_tools(ADDRESSES, project(visibility))
    asked = [each.text for tool in tools for each in tool.snippets if "__token__" in each.text]
    assert len(asked) == (0 if visibility is Visibility.PUBLIC else 4)
    index = tomllib.loads(snippet(tools, "uv", "pyproject.toml").text)["tool"]["uv"]["index"][0]
    assert index["explicit"] is True
    assert index.get("authenticate") == (None if visibility is Visibility.PUBLIC else "always")


def test_what_a_release_needs_is_told_apart() -> None:
    requirements = [
        "Helper[x]>1",
        'attrs; python_version < "4"',
        "over-there",
        'pytest; extra == "test"',
        "no requirement !!",
        'odd; os_name == "a\x1bb"',
    ]
    homes = {"helper": "acme/core", "over-there": "acme/other"}
    wanted = Wanted.of("demo", "1.0", requirements, homes, "acme/core")
    assert wanted.here == ("Helper[x]>1",)
    assert wanted.elsewhere == ('attrs; python_version < "4"',)
    assert wanted.beside == ("over-there",)
    assert wanted.names == ["demo", "helper"]


@given(st.lists(st.text(max_size=30), max_size=5))
def test_whatever_is_needed_stays_one_word(requirements: list[str]) -> None:
    wanted = Wanted.of("demo", "1.0", requirements, {}, "acme/core")
    for line in snippet(install_tools(ADDRESSES, project(), wanted), "pip", "Terminal").text.split(
        "\n"
    ):
        assert shlex.split(line)[:2] == ["pip", "install"]
    assert all(Requirement(text).name for text in wanted.elsewhere)


def test_many_requirements_make_no_endless_line() -> None:
    wanted = Wanted.of("demo", "1.0", [f"need-{number}" for number in range(500)], {}, "acme/core")
    assert len(wanted.elsewhere) == 50
