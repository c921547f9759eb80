"""The API keeps what its OpenAPI document says, whatever is sent to it: schemathesis tries every operation."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 25  # of what the document allows, and as many of what it forbids
ENDS_THE_SESSION = "SignOut"  # the very session that the run needs; signing out has tests of its own
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LIMITS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


@pytest.fixture(scope="module")
def document(embedded) -> Any:
    return schemathesis.openapi.from_url(f"{embedded.url}/api/v1/openapi.json")


@pytest.fixture(scope="module")
def token(embedded) -> str:
    answer = httpx.post(
        f"{embedded.url}/api/v1/auth/login", json={"login": "owner", "password": embedded.password}, timeout=20
    )
    return str(answer.raise_for_status().json()["access_token"])


def operations(document: Any, mode: GenerationMode) -> Iterator[tuple[str, Any]]:
    """Each operation's name, and a strategy of cases that the document allows or forbids."""
    for found in document.get_all_operations():
        operation = found.ok()
        yield operation.definition.raw["operationId"], operation.as_strategy(generation_mode=mode)


def broken(document: Any, mode: GenerationMode, headers: dict[str, str], left_out: str | None = None) -> list[str]:
    """What the API did that the document does not say, a line per operation."""
    complaints = []
    for name, cases in operations(document, mode):
        if name == left_out:
            continue

        @LIMITS
        @given(case=cases)
        def hold(case: Any) -> None:
            case.validate_response(case.call(headers=headers, timeout=30), checks=CHECKS)

        try:
            hold()
        except Exception as complaint:
            complaints.append(f"{name}: {complaint}")
    return complaints


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "forbidden"])
def test_the_owner_gets_what_the_document_says(document: Any, token: str, mode: GenerationMode) -> None:
    complaints = broken(document, mode, {"Authorization": f"Bearer {token}"}, ENDS_THE_SESSION)
    assert not complaints, "\n\n".join(complaints)


@pytest.mark.timeout(600)
def test_somebody_signed_out_gets_what_the_document_says(document: Any) -> None:
    complaints = broken(document, GenerationMode.POSITIVE, {})
    assert not complaints, "\n\n".join(complaints)
