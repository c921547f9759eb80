"""Clients who come from a workbook, and those who write on a site, through the whole system."""

import io
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from openpyxl import Workbook

from tests.e2e.salon import PATIENCE_SECONDS, User
from tests.e2e.systems import PASSWORD, Running

XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
ROWS = 450


@pytest.fixture(scope="module")
def owner(system: Running) -> Iterator[User]:
    owner = User(system.url, "owner", PASSWORD)
    yield owner
    owner.http.close()


def workbook() -> bytes:
    book = Workbook()
    book.active.append(("ФИО", "Телефон", "Дата рождения", "Код", "Телефон пригласившего"))
    for number in range(ROWS):
        book.active.append((f"Петрова Анна{number} Ильинична", 79160000000 + number, "01.02.1990", f"K{number}", None))
    book.active.append(("Иванова Ольга", "12", "31.02.1990", "K-wrong", None))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def finished(owner: User, path: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS * 2
    while (found := owner.get(path))["run"]["state"] == "running":
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def test_a_workbook_is_mapped_tried_and_taken_in(owner: User) -> None:
    sent = owner.http.post("/client-imports", content=workbook(), headers=XLSX)
    assert sent.status_code == 201, sent.text
    made = sent.json()
    path = f"/client-imports/{made['id']}"
    assert sent.headers["Location"].endswith(path)
    assert made["first_rows"][0][1] == "79160000000"
    columns = [{"column": one["number"], "field": one["field"]} for one in made["columns"]]
    assert owner.refusal(428, "PUT", f"{path}/mapping", json={"columns": columns})["code"] == "version_missing"
    match = {"If-Match": sent.headers["ETag"]}
    keyless = {"columns": columns[:1]}
    refused = owner.refusal(422, "PUT", f"{path}/mapping", json=keyless, headers=match)
    assert refused["code"] == "mapping_without_key"
    assert owner.http.put(f"{path}/mapping", json={"columns": columns}, headers=match).status_code == 200
    for dry_run in (True, False):
        begun = owner.http.post(f"{path}/runs", json={"dry_run": dry_run})
        assert begun.status_code == 202, begun.text
        run = finished(owner, path)["run"]
        assert (run["done"], run["created"] + run["suggested"], run["refused"]) == (ROWS + 1, ROWS, 1), run
    (wrong,) = owner.get(f"{path}/rows", outcome="refused")["items"]
    assert wrong["number"] == ROWS + 2
    assert {error["code"] for error in wrong["errors"]} == {"phone_invalid", "date_invalid"}
    assert len(owner.get("/clients", q="+7 916 000-04-49")["items"]) == 1
    assert owner.refusal(409, "POST", f"{path}/runs", json={"dry_run": True})["code"] == "import_over"


def test_what_is_no_table_is_refused(owner: User) -> None:
    sent = owner.http.post("/client-imports", content=b"PK\x03\x04 no workbook", headers=XLSX)
    assert (sent.status_code, sent.json()["code"]) == (422, "file_unreadable")


def test_what_is_written_on_a_site_waits_for_the_desk(owner: User, system: Running) -> None:
    form = owner.post("/contact-forms", name="Landing page", channel="site", origins=["https://salon.example"])
    address = f"{system.url}{form['path']}"
    said = {"first_name": "Clara", "phone": "+7 903 123-45-67", "message": "When are you open?"}
    with httpx.Client(headers={"Origin": "https://salon.example"}) as stranger:
        first, again = (stranger.post(address, json=said) for _ in range(2))
        assert (first.status_code, first.json()) == (again.status_code, again.json()) == (202, {"received": True})
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        assert stranger.post(address, json=said, headers={"Origin": "https://evil.example"}).status_code == 403
        assert stranger.post(f"{system.url}/api/v1/forms/{uuid4()}", json=said).status_code == 404
    enquiries = owner.get("/enquiries", state="open")["items"]
    assert [one["known"] for one in enquiries] == [True, False]
    card = owner.get(f"/clients/{enquiries[0]['client_id']}")
    assert (card["source"]["channel"], card["first_name"]) == ("site", "Clara")
    done = owner.http.patch(f"/enquiries/{enquiries[0]['id']}", json={"state": "done"}, headers={"If-Match": '"1"'})
    assert (done.status_code, done.json()["state"]) == (200, "done")
    assert owner.status("DELETE", f"/clients/{card['id']}", headers={"If-Match": "*"}) == 204
    assert owner.get("/enquiries")["items"] == []
