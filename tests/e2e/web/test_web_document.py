"""The OpenAPI document against the running system: no 500, no status, type or shape that it does not describe."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

EXAMPLES = 25

# What a schema cannot say is refused with 422, a version that is none with 412, a missing one with 428.
RULES = """
[checks]
positive_data_acceptance.enabled = false
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 409, 410, 412, 413, 414, 422, 428]
missing_required_header.expected-statuses = [401, 403, 404, 410, 428]
"""
# They would end the session that all the other calls use.
ENDS_THE_SESSION = ("/api/v1/auth/logout", "/api/v1/auth/password")


def attack(url: str, folder: Path, *words: str, fewest: int) -> None:
    """Send what the document allows, and what it forbids; at least `fewest` calls, or something was left out."""
    rules = folder / "schemathesis.toml"
    rules.write_text(RULES)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(rules), "run"]
    spared = [word for path in ENDS_THE_SESSION for word in ("--exclude-path", path)]
    bounds = ["--max-examples", str(EXAMPLES), "--seed", "1", "--workers", "2"]
    told = subprocess.run(
        [*command, f"{url}/api/v1/openapi.json", *spared, *bounds, "--continue-on-failure", "--no-color", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert told.returncode == 0, told.stdout[-8_000:] + told.stderr[-2_000:]
    sent = re.search(r"(\d+) generated", told.stdout)
    assert sent, told.stdout
    assert int(sent[1]) >= fewest


@pytest.fixture(scope="module")
def owner(site) -> str:
    body = {"login": "owner", "password": site.password}
    answer = httpx.post(f"{site.url}/api/v1/auth/login", json=body, timeout=10)
    return f"Authorization: Bearer {answer.json()['access_token']}"


def test_the_owner_gets_only_answers_that_are_described(site, owner, tmp_path):
    attack(site.url, tmp_path, "--header", owner, "--phases", "coverage,fuzzing", fewest=3_000)


def test_somebody_signed_out_gets_only_answers_that_are_described(site, tmp_path):
    attack(site.url, tmp_path, "--phases", "fuzzing", fewest=500)
