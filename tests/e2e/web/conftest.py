"""A whole Lokon in one process, with a branch, a master, and two clients who came, for tests through HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from deploy import javascript
from tests.e2e.browser import ARGUMENTS, ensure_chromium
from tests.e2e.systems import PASSWORD, running, until
from tests.e2e.web.journeys import PATIENCE_MS

# What is awaited is a state; how soon it comes is measured by the benchmarks, on a machine that does nothing else.
expect.set_options(timeout=PATIENCE_MS)


def zone_where_it_is(hour: int) -> ZoneInfo:
    """A zone in which it is `hour` o'clock now: in the middle of a day no midnight comes while the tests run."""
    east = (hour - datetime.now(UTC).hour + 36) % 24 - 12
    return ZoneInfo(f"Etc/GMT{-east:+d}" if east else "Etc/GMT")


ZONE = zone_where_it_is(14)


@dataclass
class Site:
    """A running Lokon with one branch, one master, Clara from instagram and Dina whom she brought."""

    url: str
    password: str = PASSWORD


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=ensure_chromium(), args=ARGUMENTS)
        yield chromium
        chromium.close()


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
        shifts = [{"date": str(today + timedelta(days=days)), "starts": "09:00", "ends": "21:00"} for days in range(3)]
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
        period = {"from": str(last_month), "to": str(today)}

        def counted() -> bool:
            return bool(api.get("/analytics/sources", params=period).json().get("visits") == 3)

        until(counted, 60, "the visits are in the figures")
