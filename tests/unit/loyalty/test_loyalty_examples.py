"""The page that explains programmes: every example on it is one, and every rule and refusal is on it."""

import ast
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.loyalty.domain.parsing import programme_of
from services.loyalty.domain.programme import RULES
from services.loyalty.domain.reading import MISSING, OUT_OF_RANGE, UNKNOWN, WRONG

PAGE = Path("docs/loyalty.md").read_text()
EXAMPLES: list[dict[str, Any]] = [json.loads(block) for block in re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)]
SOURCES = [Path(f"services/loyalty/domain/{name}.py").read_text() for name in ("parsing", "parsing_rules")]


def whole(example: dict[str, Any]) -> dict[str, Any]:
    """A rule, or some sections, as a document."""
    if "kind" in example:
        return {"rules": [example]}
    return example if example.keys() & {"rules", "tiers"} else {"rules": []} | example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.get("kind") or ",".join(example))
def test_an_example_is_read(example: dict[str, Any]) -> None:
    programme_of(whole(example), id=None, version=1, now=datetime(2026, 11, 1, tzinfo=UTC))


def test_every_kind_of_rule_has_an_example() -> None:
    assert {example["kind"] for example in EXAMPLES if "kind" in example} == set(RULES)


def noted(source: str) -> set[str]:
    """The codes in calls of `note(place, code, sentence)` and in `code=` of the readers of fields."""
    found: set[Any] = set()
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "note":
            found |= {getattr(call.args[1], "value", None)}
        found |= {getattr(word.value, "value", None) for word in call.keywords if word.arg == "code"}
    return {code for code in found if isinstance(code, str)}


def test_every_refusal_is_explained() -> None:
    codes = {code for source in SOURCES for code in noted(source)} | {MISSING, WRONG, UNKNOWN, OUT_OF_RANGE}
    assert len(codes) > 15
    assert codes - set(re.findall(r"`(\w+)`", PAGE)) == set()
