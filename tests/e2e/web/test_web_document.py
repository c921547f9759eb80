"""The OpenAPI document against the running system: no 500, no status, type or shape that it does not describe."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

PARTS = 6  # each of which ends in good time on a slow machine, too
EXAMPLES, FEW_EXAMPLES = 15, 3

# What a schema cannot say is refused with 422, a version that is none with 412, a missing one with 428; haste with 429.
RULES = """
[checks]
positive_data_acceptance.enabled = false
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 409, 410, 412, 413, 414, 422, 428, 429]
missing_required_header.expected-statuses = [401, 403, 404, 410, 428, 429]
"""
# They would end the session that all the other calls use.
ENDS_THE_SESSION = ("/api/v1/auth/logout", "/api/v1/auth/password")


def operations(url: str) -> dict[str, bool]:
    """All of the document by their ids, and whether somebody signed out may ask it."""
    paths = httpx.get(f"{url}/api/v1/openapi.json", timeout=10).json()["paths"].values()
    found = [operation for path in paths for operation in path.values() if "operationId" in operation]
    return {each["operationId"]: not each["security"] or {} in each["security"] for each in found}


def attack(url: str, folder: Path, asked: list[str], *words: str, examples: int = EXAMPLES, calls: int) -> None:
    """Send what the document allows of each operation, and what it forbids; so many `calls`, or some were left out."""
    rules = folder / "schemathesis.toml"
    rules.write_text(RULES)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(rules), "run"]
    spared = [word for path in ENDS_THE_SESSION for word in ("--exclude-path", path)]
    only = [word for name in asked for word in ("--include-operation-id", name)]
    bounds = ["--max-examples", str(examples), "--seed", "1"]
    told = subprocess.run(
        [
            *command,
            f"{url}/api/v1/openapi.json",
            *spared,
            *only,
            *bounds,
            "--continue-on-failure",
            "--no-color",
            *words,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert told.returncode == 0, told.stdout[-8_000:] + told.stderr[-2_000:]
    sent = re.search(r"(\d+) generated", told.stdout)
    assert sent, told.stdout
    assert int(sent[1]) >= calls * len(asked)


@pytest.fixture(scope="module")
def owner(site) -> str:
    body = {"login": "owner", "password": site.password}
    answer = httpx.post(f"{site.url}/api/v1/auth/login", json=body, timeout=10)
    return f"Authorization: Bearer {answer.json()['access_token']}"


@pytest.mark.parametrize("part", range(PARTS))
def test_the_owner_gets_only_answers_that_are_described(site, owner, tmp_path, part):
    asked = sorted(operations(site.url))[part::PARTS]
    attack(site.url, tmp_path, asked, "--header", owner, "--phases", "coverage,fuzzing", calls=20)


def test_somebody_signed_out_gets_only_answers_that_are_described(site, tmp_path):
    asked = [name for name, is_open in operations(site.url).items() if is_open]
    attack(site.url, tmp_path, asked, "--phases", "coverage,fuzzing", calls=20)


def test_somebody_signed_out_is_refused_as_described(site, tmp_path):
    asked = [name for name, is_open in operations(site.url).items() if not is_open]
    attack(site.url, tmp_path, asked, "--phases", "fuzzing", examples=FEW_EXAMPLES, calls=1)
