"""What `docs/api.md` shows is what the gateway takes."""

import re
from pathlib import Path

import msgspec
import pytest

from gateway.route import Route
from gateway.routes import AREAS
from gateway.schemas import explain, schema

PAGE = Path("docs/api.md").read_text()
ROUTES = [route for area in AREAS for route in area.routes]
EXAMPLES = re.findall(r"```http\n(\w+) (\S+)\n\n(.*?)```", PAGE, re.DOTALL)
CALLS = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?\s]*)", PAGE)


def plain(path: str) -> str:
    """A path as the page writes it: `{id}` for whatever is identified."""
    return re.sub(r"<uuid:\w+>", "{id}", path)


def route_of(method: str, path: str) -> Route:
    return next(route for route in ROUTES if (route.method, plain(route.path)) == (method, path))


@pytest.mark.parametrize(("method", "path", "body"), EXAMPLES, ids=lambda word: word if word.startswith("/") else "")
def test_an_example_is_a_body_that_its_route_takes(method: str, path: str, body: str) -> None:
    assert explain(schema("Body", route_of(method, path).members), msgspec.json.decode(body)) == {}


def test_a_call_that_the_page_names_is_there() -> None:
    there = {(route.method, plain(route.path)) for route in ROUTES}
    assert len(CALLS) > 20
    assert set(CALLS) - there == set()
