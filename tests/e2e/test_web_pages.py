"""The pages in a real browser, on the whole system in one process."""

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from chassis.config import environment
from deploy import javascript
from tests.e2e.browser import ARGUMENTS, ensure_chromium

PASSWORD = "correct horse battery"
ZONE = ZoneInfo("Europe/Moscow")
PATIENCE_MS = 15_000


@dataclass
class Site:
    """A running Lokon with one branch, one master, Clara from instagram and Dina whom she brought."""

    url: str
    today: date


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    javascript.install()
    with tempfile.TemporaryDirectory(prefix="lokon-web-", dir="/tmp") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        words = {"LOKON_DATA": folder, "LOKON_LISTEN": address, "LOKON_OWNER_PASSWORD": PASSWORD}
        command = [sys.executable, "-m", "deploy.embedded", "--with-parent"]
        with (Path(folder) / "out").open("wb") as out:
            process = subprocess.Popen(command, env=environment() | words, stdout=out, stderr=out)
        try:
            wait_until_ready(f"http://{address}", process)
            today = datetime.now(ZONE).date()
            fill(f"http://{address}", today)
            yield Site(f"http://{address}", today)
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "Lokon ended before it answered"
        try:
            if httpx.get(f"{url}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("Lokon is not ready after a minute")


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=ensure_chromium(), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser context; whatever the console complains about fails the test."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    # A refused sign-in is told by the browser, too.
    assert [text for text in complaints if "status of 401" not in text] == []


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("Login").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("heading", name="The day")).to_be_visible(timeout=PATIENCE_MS)


def test_who_is_signed_out_is_shown_the_door(page):
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)


def test_a_wrong_password_is_told_in_a_sentence(page):
    page.goto("/sign-in")
    page.get_by_label("Login").fill("owner")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Login or password is wrong.", timeout=PATIENCE_MS)


def test_the_day_shows_who_comes_to_whom_and_when(page):
    sign_in(page)
    column = page.get_by_role("region", name="Mila")
    visit = column.get_by_role("listitem")
    expect(visit).to_have_count(1, timeout=PATIENCE_MS)
    expect(visit).to_contain_text("12:00–13:00")
    expect(visit).to_contain_text("<b>Novak</b>")  # a name is a text, whatever it looks like
    expect(visit).to_contain_text("Haircut")
    expect(visit).to_contain_text("completed")
    expect(page.get_by_text("Cancelled or missed: 1")).to_be_visible()


def test_a_day_without_visits_says_what_to_do(page):
    sign_in(page)
    page.get_by_role("button", name="The day after").click()
    expect(page.get_by_text("Nothing is booked at Centre on this day.")).to_be_visible(timeout=PATIENCE_MS)


def test_the_sources_show_who_brought_whom_with_money(page):
    sign_in(page)
    expect(page.locator("#sources canvas")).to_be_visible(timeout=PATIENCE_MS)
    instagram = page.locator("#sources summary", has_text="instagram")
    expect(instagram).to_contain_text("2 clients, 3 visits, RUB 7,500.00")
    instagram.press("Enter")  # by keyboard
    clara = page.locator("#sources summary", has_text="Clara")
    expect(clara).to_contain_text("3 visits")
    clara.press("Enter")
    expect(page.locator("#sources .leaf", has_text="Dina")).to_contain_text("1 visit, RUB 2,500.00")


def test_months_are_bars_and_a_table(page):
    sign_in(page)
    expect(page.locator("#visits canvas")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("#visits summary").click()
    expect(page.locator("#visits tbody tr")).to_have_count(2)
    expect(page.locator("#visits tbody tr").first).to_contain_text("RUB 5,000.00")


def test_a_reload_stays_signed_in_and_signing_out_does_not(page):
    sign_in(page)
    page.reload()
    expect(page.get_by_role("heading", name="The day")).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)


def test_two_tabs_that_open_at_once_share_the_session(site, page):
    sign_in(page)
    other = page.context.new_page()
    for tab in (page, other):
        tab.evaluate(f"location.assign('{site.url}/')")
    for tab in (page, other):
        expect(tab.get_by_role("heading", name="The day")).to_be_visible(timeout=PATIENCE_MS)
        expect(tab.get_by_role("region", name="Mila")).to_be_visible(timeout=PATIENCE_MS)


def test_a_phone_shows_the_same_without_scrolling_sideways(page):
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page)
    expect(page.get_by_role("region", name="Mila")).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
