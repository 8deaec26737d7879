"""Requests made up from the OpenAPI document, sent to a server: it says all answers.

Each operation works on a copy of a registry in which something is at every address, so that not
everything is 404. The requests are the same in every run.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from pyramid.registry import Registry
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import URL

from pyregistry.api.openapi.document import MOUNT, all_operations, document
from pyregistry.api.openapi.operations import Operation
from pyregistry.config import configure
from tests.conftest import NewDatabase
from tests.factories.world import Clock, new_components
from tests.openapi.registry import Filled, fill, serving

pytestmark = pytest.mark.thorough

OPERATIONS = list(all_operations())
SCHEMA = schemathesis.openapi.from_dict(document())
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CASES = {"administrator": 12, "developer": 3}
SUCCESS = 2


def named(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@pytest.fixture(scope="module")
def served(
    new_sqlite: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Registry, Filled]]:
    """A server, its registry, and what every operation begins with."""
    folder = tmp_path_factory.mktemp("made-up")
    unused = URL.create("sqlite", database=str(folder / "never-opened.sqlite3"))
    config = configure(new_components(unused, folder, Clock()))
    application = config.make_wsgi_app()
    filled = fill(application, config.registry, new_sqlite(), folder)
    with serving(application) as address:
        yield address, config.registry, filled


@pytest.mark.parametrize("caller", CASES)
@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_only_what_is_documented_is_answered(
    served: tuple[str, Registry, Filled], tmp_path: Path, operation: Operation, caller: str
) -> None:
    address, registry, filled = served
    api_operation = SCHEMA[operation.path][operation.method]
    there = filled.values_for(operation)
    headers = {"PRIVATE-TOKEN": filled.token_for(caller, operation)}
    session = requests.Session()
    answers: Counter[int] = Counter()

    # Something is there in most; what is sent is as documented in most.
    asked = st.one_of(
        api_operation.as_strategy(path_parameters=there),
        api_operation.as_strategy(path_parameters=there),
        api_operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=there),
        api_operation.as_strategy(),
    )

    @seed(4)
    @settings(
        max_examples=CASES[caller],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=asked)
    def run(case: schemathesis.Case) -> None:
        response = case.call(base_url=address + MOUNT, session=session, headers=headers)
        answers[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    with filled.served_by(registry, tmp_path):
        run()
    if caller == "administrator" and operation.method in ("GET", "DELETE") and not operation.body:
        assert any(status // 100 == SUCCESS for status in answers), answers
