"""The list of clients through the whole system: two people, one file, marked, and gone from everywhere else."""

import csv
import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from tests.e2e.salon import User, eventually
from tests.e2e.systems import PASSWORD, Running

CARDS = 1_200  # several parts
COLUMNS = ["id", "last_name", "first_name", "phones", "registered_at"]
WISH = {"columns": COLUMNS, "reason": "letters for the holidays"}
SECOND = "a second pair of eyes"


@dataclass
class Office:
    owner: User
    eva: User

    def approved(self, **words: Any) -> str:
        """The address of an export that the owner asked for and Eva approved."""
        asked = self.owner.post("/client-exports", **(WISH | words))
        assert (asked["state"], asked["cards"]) == ("asked", CARDS)
        path = f"/client-exports/{asked['id']}"
        assert self.eva.post(f"{path}/approve")["state"] == "approved"
        return path


@pytest.fixture(scope="module")
def office(system: Running) -> Iterator[Office]:
    owner = User(system.url, "owner", PASSWORD)
    owner.post("/users", login="eva", name="Eva", role="owner", branch_ids=[], password=SECOND)
    eva = User(system.url, "eva", SECOND)
    for start in range(0, CARDS, 400):
        cards = [
            {"first_name": "=1+1", "last_name": f"Клара {n}", "phones": [f"+7916{n:07}"], "reference": f"{n}"}
            for n in range(start, start + 400)
        ]
        owner.post("/clients/bulk", clients=cards)
    yield Office(owner, eva)
    owner.http.close()
    eva.http.close()


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    text = io.StringIO(answer.content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=";"))


def test_the_list_leaves_once_and_tells_where_it_comes_from(office: Office) -> None:
    """Approved by another, each card in it once, nothing of it runs, each row says who took it; then it is over."""
    owner, eva = office.owner, office.eva
    path = office.approved()
    assert eva.refusal(403, "GET", f"{path}/file")["code"] == "not_own_export"
    rows = rows_of(owner.http.get(f"{path}/file"))
    assert len({row["id"] for row in rows}) == len(rows) == CARDS
    assert {row["first_name"] for row in rows} == {"'=1+1"}
    assert sorted(row["phones"] for row in rows) == [f"'+7916{n:07}" for n in range(CARDS)]
    export_id = path.rpartition("/")[2]
    (mark,) = {row["export"] for row in rows}
    assert mark.startswith(f"{export_id} owner 20")
    assert owner.refusal(409, "GET", f"{path}/file")["code"] == "export_taken"
    assert owner.get(path)["state"] == "taken"
    traced = eva.post("/client-exports/trace", phones=[row["phones"] for row in rows[100:140]])
    assert (traced["items"][0]["id"], traced["items"][0]["share"]) == (export_id, 1.0)

    def told() -> list[str]:
        return [entry["action"] for entry in owner.get("/journal", subject_id=export_id)["items"]]

    assert eventually(told, lambda actions: len(actions) == 3) == [
        "client.list_taken",
        "client.list_approved",
        "client.list_asked",
    ]


def test_a_workbook_is_one_that_opens(office: Office) -> None:
    answer = office.owner.http.get(f"{office.approved(format='xlsx')}/file")
    sheet = load_workbook(io.BytesIO(answer.content), read_only=True).active
    assert sheet is not None
    rows = list(sheet.values)
    assert rows[0] == (*COLUMNS, "export")
    assert len(rows) == CARDS + 1
    assert {row[2] for row in rows[1:]} == {"=1+1"}


def test_nobody_approves_their_own_and_a_lock_holds_everything(office: Office) -> None:
    """Asking, approving, taking; afterwards it goes on where it was."""
    owner, eva = office.owner, office.eva
    asked = owner.post("/client-exports", **WISH)
    own = f"/client-exports/{asked['id']}/approve"
    assert owner.refusal(403, "POST", own)["code"] == "own_export"
    path = office.approved()
    rules = owner.get("/client-exports/rules")
    locked = {"json": {"locked": True}, "headers": {"If-Match": f'"{rules["version"]}"'}}
    assert eva.status("PUT", "/client-exports/lock", **locked) == 200
    for method, where in (("GET", f"{path}/file"), ("POST", own)):
        user = owner if method == "GET" else eva
        assert user.refusal(409, method, where)["code"] == "exports_locked"
    assert owner.refusal(409, "POST", "/client-exports", json=WISH)["code"] == "exports_locked"
    open_ = {"json": {"locked": False}, "headers": {"If-Match": "*"}}
    assert owner.status("PUT", "/client-exports/lock", **open_) == 200
    assert len(rows_of(owner.http.get(f"{path}/file"))) == CARDS


def test_others_go_on_meanwhile(office: Office) -> None:
    """Somebody at the desk waits for a part at most."""
    path = office.approved()
    with ThreadPoolExecutor(1) as pool:
        file = pool.submit(office.owner.http.get, f"{path}/file")
        waited = []
        while not file.done():
            begun = time.perf_counter()
            office.eva.get("/clients", limit=1)
            waited.append(time.perf_counter() - begun)
        assert len(rows_of(file.result())) == CARDS
    assert max(waited) < 2.0
