"""The real salon's export, imported into a running Lokon by the command that people type."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.config import environment
from tests.e2e.salon import User
from tests.e2e.systems import PASSWORD, ROOT, Running
from tests.exports import real_export, write_export

WHOLE = {"from": "2018-03-01", "to": "2018-07-31"}


def run_importer(url: str, folder: Path, *more: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    words = {"LOKON_OWNER_PASSWORD": password, "COLUMNS": "160"}
    command = [sys.executable, "-m", "deploy.importer", str(folder), "--url", url, "--login", "owner", *more]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT, env=environment() | words, timeout=120
    )


@pytest.fixture(scope="module")
def folder() -> Path:
    return real_export()


@pytest.fixture(scope="module")
def owner(embedded: Running) -> Iterator[User]:
    user = User(embedded.url, "owner", PASSWORD)
    yield user
    user.http.close()


def everything(owner: User, path: str, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = owner.get(path, limit=200, **query, **cursor)
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}


def test_the_export_arrives_whole_and_once(embedded: Running, owner: User, folder: Path) -> None:
    """A dry run changes nothing; a run brings every cent within a minute; a second run changes nothing."""
    dry = run_importer(embedded.url, folder, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "1,459" in dry.stdout
    assert "bookings.csv:1719" in dry.stdout, "what stays unresolved is listed by file and line"
    assert owner.get("/branches")["items"] == []
    assert owner.get("/settings")["currency"] is None

    begun = time.monotonic()
    done = run_importer(embedded.url, folder)
    took = time.monotonic() - begun
    assert done.returncode == 0, done.stdout + done.stderr
    assert took < 60
    (branch,) = owner.get("/branches")["items"]
    assert (branch["name"], branch["time_zone"]) == ("Hair salon", "America/Toronto")
    rows = owner.get("/analytics/visits", group_by="month", **WHOLE)["rows"]
    assert {row["month"]: row["revenue"]["amount"] for row in rows} == {
        "2018-03": 326_000,
        "2018-04": 1_738_845,
        "2018-05": 3_447_264,
        "2018-06": 3_211_299,
        "2018-07": 2_857_495,
    }
    assert sum(row["visits"] for row in rows) == 1459
    assert owner.get("/settings")["currency"] == "CAD"
    before = standing(owner)
    assert [len(one) for one in before] == [33, 7, 821, 1459 + 196 + 58 + 158]

    again = run_importer(embedded.url, folder)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "everything was there" in again.stdout
    assert standing(owner) == before
    assert owner.get("/analytics/visits", group_by="month", **WHOLE)["rows"] == rows


def standing(owner: User) -> list[dict[str, int]]:
    """Everything that an import makes, by id and version."""
    paths = ("/services", "/masters", "/clients", "/appointments")
    return [{item["id"]: item["version"] for item in everything(owner, path)} for path in paths]


def test_the_history_stands_on_the_cards(embedded: Running, owner: User, folder: Path) -> None:
    run_importer(embedded.url, folder)
    clients = {item["reference"]: item for item in everything(owner, "/clients")}
    visits = owner.get(f"/clients/{clients['hair salon/KERT01']['id']}/visits")["items"]
    first = next(visit for visit in visits if visit["starts"].startswith("2018-03-15"))
    assert first["starts"] == "2018-03-15T10:00:00-04:00"
    assert (first["status"], first["due"]) == ("completed", {"amount": 8200, "currency": "CAD"})
    assert "hair salon/WALK_IN" not in clients


def test_two_salons_of_a_chain_may_use_the_same_codes(embedded: Running, owner: User, tmp_path: Path) -> None:
    receipts = ("1,03/15/2017,Women's hair cut,SAME01,JJ,1,82,4.1,6.56",)
    for name in ("North", "South"):
        done = run_importer(embedded.url, write_export(tmp_path, receipts=receipts), "--branch-name", name)
        assert done.returncode == 0, done.stdout + done.stderr
    cards = [item["reference"] for item in everything(owner, "/clients") if item["first_name"] == "SAME01"]
    assert sorted(cards) == ["north/SAME01", "south/SAME01"]
    (row,) = owner.get("/analytics/visits", group_by="month", **{"from": "2017-03-01", "to": "2017-03-31"})["rows"]
    assert (row["visits"], row["revenue"]["amount"]) == (2, 16_400)


@pytest.mark.parametrize(
    ("words", "password", "sentence"),
    [
        ((), "not the password of anybody", "cannot sign in"),
        (("--time-zone", "Mars/Olympus"), PASSWORD, "not a time zone"),
        (("--currency", "dollars"), PASSWORD, "not a currency"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    embedded: Running, tmp_path: Path, words: tuple[str, ...], password: str, sentence: str
) -> None:
    refused = run_importer(embedded.url, write_export(tmp_path), *words, password=password)
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_site_that_is_not_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    refused = run_importer("http://127.0.0.1:9", write_export(tmp_path))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "does not answer" in refused.stderr


def test_refused_rows_are_named_and_the_others_arrive(embedded: Running, owner: User, tmp_path: Path) -> None:
    """What the reader and what the server refuses is told with file and line; everything else is there."""
    folder = write_export(
        tmp_path,
        receipts=(
            "1,05/01/2017,Color toner,A01,JJ,1,50,0,0",
            "2,05/01/2017,Color toner,B01,JJ,1,fifty,0,0",
            f"3,05/01/2217,Color toner,{'C' * 201},JJ,1,50,0,0",
            "4,05/01/2217,Color toner,D01,JJ,1,50,0,0",
        ),
    )
    done = run_importer(embedded.url, folder, "--branch-name", "Another salon", "--currency", "CAD")
    assert done.returncode == 1
    for place in ("receipts.csv:3", "receipts.csv:4", "receipts.csv:5"):
        assert place in done.stdout
    branch = next(one for one in owner.get("/branches")["items"] if one["name"] == "Another salon")
    visits = everything(owner, "/appointments", branch_id=branch["id"])
    assert [visit["due"]["amount"] for visit in visits] == [5000]
