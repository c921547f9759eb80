"""A whole Lokon in one process, with a branch, a master, and two clients who came, for tests through HTTP."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from deploy import javascript
from tests.e2e.systems import PASSWORD, running

ZONE = ZoneInfo("Europe/Moscow")


@dataclass
class Site:
    """A running Lokon with one branch, one master, Clara from instagram and Dina whom she brought."""

    url: str
    password: str = PASSWORD


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    javascript.install()
    with running("embedded") as system:
        fill(system.url, datetime.now(ZONE).date())
        yield Site(system.url)


def fill(url: str, today: date) -> None:
    with httpx.Client(base_url=f"{url}/api/v1", timeout=30) as api:

        def post(path: str, **body: object) -> dict[str, str]:
            answer = api.post(path, json=body)
            assert answer.is_success, answer.text
            return answer.json()

        session = post("/auth/login", login="owner", password=PASSWORD)
        api.headers["Authorization"] = f"Bearer {session['access_token']}"
        price = {"amount": 250_000, "currency": "RUB"}
        branch = post("/branches", name="Centre", time_zone=ZONE.key)
        service = post("/services", name="Haircut", category="Hair", duration_minutes=60, price=price)
        master = post("/masters", name="Mila", service_ids=[service["id"]])
        shifts = [{"date": str(today), "starts": "09:00", "ends": "21:00"}]
        done = api.put(f"/masters/{master['id']}/shifts", json={"branch_id": branch["id"], "shifts": shifts})
        assert done.is_success, done.text
        clara = post("/clients", first_name="Clara", last_name="<b>Novak</b>", source={"channel": "instagram"})
        dina = post("/clients", first_name="Dina", referrer_id=clara["id"])
        segment = {"service_id": service["id"], "master_id": master["id"]}
        line = {"kind": "service", "amount": 250_000} | segment

        def visit(number: int, client: dict[str, str], day: date, status: str = "completed") -> dict[str, object]:
            starts = datetime(day.year, day.month, day.day, 10 + number, tzinfo=ZONE).isoformat()
            told = {"reference": f"visit-{number}", "branch_id": branch["id"], "client_id": client["id"]}
            bill = {"lines": [line]} if status == "completed" else {}
            return told | bill | {"starts": starts, "status": status, "segments": [segment]}

        last_month = today.replace(day=1) - timedelta(days=3)
        visits = [
            visit(0, clara, last_month),
            visit(1, dina, last_month),
            visit(2, clara, today),
            visit(3, dina, today, "cancelled"),
        ]
        post("/appointments/bulk", currency="RUB", visits=visits)
        for _ in range(100):
            tree = api.get("/analytics/sources", params={"from": str(last_month), "to": str(today)}).json()
            if tree["visits"] == 3:
                return
            time.sleep(0.1)
        raise AssertionError(f"the visits are not in the figures: {json.dumps(tree)}")
