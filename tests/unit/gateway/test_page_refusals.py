"""Every refusal that somebody at a page may meet has a sentence that says what happened, and what to try."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.pages.sentences import BY_CODE
from kernel import errors

ROOT = Path(__file__).parents[3]
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.Refusal)}
KINDS -= {"Unavailable"}  # for which there is one sentence, whatever did not answer
# What pages never ask for, or say in words of their own where they do.
OF_THE_API_ALONE = {
    *("head_malformed", "refresh_token_invalid", "refresh_token_reused", "role_or_roles", "look_of_device"),
    *("client_missing", "offset_missing", "origin_foreign", "channel_not_yours"),
    *("under_both", "channel_unknown"),
}


def refused(service: str) -> Iterator[tuple[str, str]]:
    """Each code that stands as such in a refusal, and the file."""
    for path in (ROOT / "services" / service).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0] in KINDS:
                place = 1 if ast.unparse(node.func).endswith(".field") else 0
                code = node.args[place] if len(node.args) > place else None
                if isinstance(code, ast.Constant):
                    yield code.value, path.name


@pytest.mark.parametrize("service", ["auth", "clients", "booking", "loyalty", "analytics"])
def test_every_refusal_has_a_sentence(service):
    found = set(refused(service))
    assert found
    assert sorted((code, name) for code, name in found if code not in BY_CODE and code not in OF_THE_API_ALONE) == []


def test_what_is_of_the_api_alone_is_refused_somewhere_and_has_no_sentence():
    found = {code for service in ("auth", "clients", "booking", "loyalty", "analytics") for code, _ in refused(service)}
    assert found >= OF_THE_API_ALONE
    assert not OF_THE_API_ALONE & BY_CODE.keys()
