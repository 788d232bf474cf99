"""schemathesis asks the API all that its description allows, and more."""

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from tests import made_studio

from facsimile.data.description import DataSetDescription
from facsimile.studio.app import create_app

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
EXAMPLES = 6


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """With a data set, so that not all that is asked for is missing."""
    root = tmp_path_factory.mktemp("contract")
    app = create_app(made_studio.settings(root))
    app.state.studio.datasets.create(DataSetDescription(**made_studio.described(root)))
    return app


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_answer_is_an_error_of_ours_or_undocumented(served, mode):
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", served)
    tried = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def ask(case):
            tried[case.path] += 1
            if tried[case.path] % 2 and isinstance(case.path_parameters.get("name"), str):
                case.path_parameters["name"] = "mine"  # half the time what there is
            case.call_and_validate(checks=CHECKS)

        try:
            ask()
        except Unsatisfiable:  # nothing can be wrong with a route that takes nothing
            assert mode is GenerationMode.NEGATIVE
    assert len(tried) >= 10


def test_every_route_of_the_api_is_described(served):
    described = served.openapi()["paths"]
    assert len(described) >= 13
    for path, methods in described.items():
        for method, route in methods.items():
            answers = route["responses"]
            assert {"422", "404"} <= answers.keys(), f"{method} {path}"
            problem = answers["422"]["content"]
            assert list(problem) == ["application/problem+json"]
            assert route.get("summary") and route.get("description")


def test_the_problem_that_routes_refer_to_is_there(served):
    import json

    text = json.dumps(served.openapi())
    schemas = served.openapi()["components"]["schemas"]
    for name in {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in schemas
    assert "HTTPValidationError" not in schemas
