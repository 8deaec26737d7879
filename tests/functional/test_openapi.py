"""The OpenAPI document: it is valid, and names what the registry answers and nothing else."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate
from pyramid.registry import Registry

from pyregistry.api.openapi.document import MOUNT, all_operations, document
from pyregistry.api.openapi.operations import Operation
from pyregistry.api.openapi.parameters import PATH_PARAMETERS
from tests.factories.distributions import wheel
from tests.factories.views import registered_views
from tests.factories.world import World, basic
from tests.functional.support import PROJECT
from tests.openapi.application import found_by, segments_of
from tests.openapi.judge import Judge
from tests.policy.endpoints import ASIDE, ENDPOINTS

ADDRESS = f"{MOUNT}/openapi.json"
OPERATIONS = list(all_operations())
OF_THE_API = "pyregistry.resources.api"
"""Where the resources are that belong to the API alone."""


def named(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def test_anyone_may_read_it(world: World) -> None:
    response = world.app.get(ADDRESS)
    assert response.content_type == "application/json"
    assert response.json == document()
    assert response.json["openapi"].startswith("3.1.")
    assert response.json["servers"] == [{"url": MOUNT}]


def test_it_is_the_same_for_everybody(world: World) -> None:
    world.project(PROJECT)
    responses = [world.app.get(ADDRESS, headers=headers) for headers in ({}, world.as_("ann"))]
    assert responses[0].body == responses[1].body
    assert responses[0].headers["ETag"] == responses[1].headers["ETag"]


def test_who_holds_it_is_told_so(world: World) -> None:
    etag = world.app.get(ADDRESS).headers["ETag"]
    response = world.app.get(ADDRESS, headers={"If-None-Match": etag}, status=304)
    assert response.body == b""
    assert response.headers["ETag"] == etag
    assert "Content-Type" not in response.headers


def test_wrong_credentials_are_wrong_here_too(world: World) -> None:
    world.app.get(ADDRESS, headers=basic("pyrpat_wrong"), status=401)


def test_it_is_valid() -> None:
    validate(document())


def test_every_view_of_the_api_has_an_operation(application: tuple[object, Registry]) -> None:
    described = {
        (kind, operation.method) for operation in OPERATIONS for kind in operation.context.__mro__
    }
    of_the_api = {
        name for name, _ in registered_views(application[1]) if name[0].__module__ in api_modules()
    }
    assert len(of_the_api) > 50
    missing = [f"{method} of {kind.__name__}" for kind, method in of_the_api - described]
    assert not missing, "describe these views in pyregistry/api/openapi/subjects"


def test_every_operation_has_a_view(application: tuple[object, Registry]) -> None:
    views = {name for name, _ in registered_views(application[1])}
    assert [
        named(operation)
        for operation in OPERATIONS
        if not any((kind, operation.method) in views for kind in operation.context.__mro__)
    ] == []


def test_the_operations_are_the_endpoints_of_the_policy() -> None:
    """Each address that is proved is documented once, of projects and of groups alike."""
    judge = Judge(document())
    proved = set()
    rows = [(row.method, row.address) for row in ENDPOINTS] + [row[:2] for row in ASIDE]
    for method, address in rows:
        if address.startswith(f"{MOUNT}/") and method != "HEAD":
            segments = address.partition("?")[0].removeprefix(f"{MOUNT}/").strip("/").split("/")
            path = judge.path_of(method, segments)
            assert path is not None, f"describe {method} {address} in pyregistry/api/openapi"
            proved.add((method, path))
    assert proved == {(operation.method, operation.path) for operation in OPERATIONS}


def test_every_address_leads_to_the_resource_that_its_operation_names(world: World) -> None:
    values = filled(world)
    headers = world.as_("root")
    judge = Judge(document())
    for operation in OPERATIONS:
        of_group = "group" if operation.path.startswith("/groups/") else "project"
        for namespace in (values[of_group], values[f"{of_group}_path"]):
            address = MOUNT + operation.path.format(**{**values, "id": namespace})
            context = found_by(world.app.get(address, headers=headers, status="*"))
            assert type(context) is operation.context, named(operation)
            assert judge.path_of(operation.method, segments_of(context)) == operation.path


def test_no_operation_has_the_name_of_another() -> None:
    names = Counter(operation.id for operation in OPERATIONS)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_parameter_of_an_address_is_described() -> None:
    used = {name for operation in OPERATIONS for name in operation.parameters_in_path}
    assert used == PATH_PARAMETERS.keys()


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_the_words_are_sentences(operation: Operation) -> None:
    assert re.fullmatch(r"[A-Z].*[a-z]", operation.summary)
    assert operation.who
    assert all(answer.description.endswith(".") for answer in operation.answers)


def test_objects_in_answers_have_no_other_attributes() -> None:
    open_ones = [
        where
        for where, schema in schemas_in(document()["components"]["schemas"])
        if schema.get("type") == "object" and "additionalProperties" not in schema
    ]
    assert open_ones == []


def api_modules() -> set[str]:
    """The modules of the resources that belong to the API alone."""
    return {
        kind.__module__
        for operation in OPERATIONS
        for kind in operation.context.__mro__
        if kind.__module__.startswith(OF_THE_API)
    }


def filled(world: World) -> dict[str, Any]:
    """A group and a project with a release; the values of the parameters of addresses."""
    world.user("root", is_admin=True)
    group = world.group(PROJECT.partition("/")[0])
    project = world.project(PROJECT)
    distribution = wheel()
    world.upload(PROJECT, distribution)
    file = world.file_named(distribution.filename)
    assert file is not None
    return {
        **dict.fromkeys(PATH_PARAMETERS, 1),
        "project": project,
        "project_path": PROJECT.replace("/", "%2F"),
        "group": group,
        "group_path": PROJECT.partition("/")[0],
        "package_id": file.release_id,
        "file_id": file.id,
        "name": "demo-package",
        "sha256": file.sha256,
        "filename": file.filename,
    }


def schemas_in(part: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a document, with where it is."""
    if isinstance(part, dict):
        yield where, part
        for name, value in part.items():
            yield from schemas_in(value, f"{where}/{name}")
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from schemas_in(value, f"{where}/{number}")
