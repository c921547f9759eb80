"""The demo chain, small, loaded into a running Lokon: interrupted, begun again, complete, and seen by its owner."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from deploy import javascript
from deploy.demo.generated import SEED, Begin, generate
from deploy.demo.loading import Report, is_complete, load
from deploy.demo.logins import read_passwords
from kernel.time import utc_now
from tests.e2e.browser import ARGUMENTS, ensure_chromium
from tests.e2e.salon import User
from tests.e2e.systems import PASSWORD, Running
from tests.e2e.web.journeys import PATIENCE_MS, complaints_of, end, scrolls_sideways, sign_in
from tests.e2e.web.pictures import DESKTOP, PHONE, in_language, picture, wanted

CLIENTS = 1_500 if wanted() else 250  # pictures for docs/ are of a chain that is busy
DRAWN = {  # of any chain; what takes years, or judging everybody first, may still say why there is nothing
    "figures": "/figures?compared=year_before",
    "heat-map": "/figures/heat-map?period=last_12_months",
    "sources": "/figures/sources",
    "retention": "/figures/retention",
}
SHOWN = {
    "seasonality": "/figures/seasonality?subject=category%3DПедикюр",
    "forecast": "/figures/forecast",
    "churn": "/figures/churn",
    "standings": "/figures/standings?state=at_risk",
    "dashboard": "/dashboard",
    "shifts": "/shifts",
    "search": "/search?q=Анна",
    "segment": "/segments/new",
    "services": "/settings/services",
}
ON_PHONES = ("dashboard", "figures", "shifts", "sources")


class Killed(Exception):  # noqa: N818 - what happened to it
    """The loader's process ended in the middle."""


@pytest.fixture(scope="module")
def owner(embedded: Running) -> Iterator[User]:
    user = User(embedded.url, "owner", PASSWORD)
    yield user
    user.http.close()


def killed_at(what: str) -> Report:
    """A report that ends the loading half-way through `what`."""

    def report(now: str, done: int, total: int) -> None:
        if now == what and done * 2 >= total:
            raise Killed

    return report


def test_a_demo_that_was_interrupted_goes_on_and_ends_complete(embedded: Running, owner: User) -> None:
    folder, now = embedded.folder, utc_now()
    for moment in ("masters", "visits", "bookings"):
        with pytest.raises(Killed):
            load(embedded.url, PASSWORD, folder, now, killed_at(moment), clients=CLIENTS)
    assert not is_complete(folder)
    told: dict[str, tuple[int, int]] = {}
    load(embedded.url, PASSWORD, folder, utc_now(), lambda what, done, total: told.update({what: (done, total)}))
    assert is_complete(folder)
    assert all(done == total for done, total in told.values())

    begin = Begin(SEED, now, CLIENTS)
    demo = generate(begin)
    assert len(owner.get("/branches")["items"]) == 3
    assert len(owner.get("/masters", limit=200)["items"]) == 24
    days = {"from": str(begin.first), "to": str(begin.until)}
    rows = owner.get("/analytics/visits", group_by="month", **days)["rows"]
    past = [visit for visit in demo.visits if visit.status == "completed"]
    assert sum(row["visits"] for row in rows) == len(past), "nothing twice, nothing missing"
    assert sum(row["revenue"]["amount"] for row in rows) == 100 * sum(visit.roubles for visit in past)
    ahead = [visit for visit in demo.visits if visit.status == "booked"]
    booked = owner.get("/appointments", limit=200, **{"from": str(begin.until), "to": "2099-12-31"})["items"]
    by_hand = [one for one in booked if one["reference"] is None]
    made_by_booking = [one for one in by_hand if not one["series_id"] and not one["group_event_id"]]
    assert len(ahead) / 2 < len(made_by_booking) <= len(ahead)
    assert {one["series_id"] for one in by_hand if one["series_id"]} == {
        one["id"] for one in owner.get("/series")["items"]
    }
    events = owner.get("/group-events", limit=200)["items"]
    assert len(events) == len({(one["master_id"], one["starts"]) for one in events}) >= 2, "nothing twice"
    assert any(one["places_left"] < one["capacity"] for one in events)
    assert len(owner.get("/holidays")["items"]) == 4
    assert len(owner.get("/absences")["items"]) == len(owner.get("/waiting-list")["items"]) == 1
    for login, password in read_passwords(folder).items():
        User(embedded.url, login, password).http.close()


# --- as its owner sees it -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(embedded: Running) -> Iterator[Page]:
    """A browser at the loaded chain, in which the owner is signed in; what its console complains about fails."""
    javascript.install()
    load(embedded.url, PASSWORD, embedded.folder, utc_now(), lambda *_: None, clients=CLIENTS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=ensure_chromium(), args=ARGUMENTS)
        context = chromium.new_context(base_url=embedded.url, locale="ru-RU", viewport=DESKTOP)
        context.set_default_timeout(PATIENCE_MS)
        complaints = complaints_of(context)
        yield sign_in(context.new_page(), PASSWORD, to="/figures")
        end(context, complaints, bears=None)
        chromium.close()


@pytest.mark.parametrize("name", [*DRAWN, *SHOWN])
def test_the_owner_sees_the_chain(page: Page, owner: User, name: str) -> None:
    if wanted():
        settle(owner)
    in_language(page, "ru")
    page.goto((DRAWN | SHOWN)[name])
    expect(page.locator("h1").first).to_have_text(re.compile("[а-я]"))
    expect(page.locator("main").locator(".plot canvas, .empty, table, form").first).to_be_attached()
    if name in DRAWN:
        expect(page.locator(".plot canvas").first).to_be_visible()
    if name == "segment":
        page.get_by_label("Название").fill("Давно не были")
        page.get_by_role("button", name="Посчитать").click()
        expect(page.locator(".counted")).to_be_visible()
    page.wait_for_load_state("networkidle")
    drawn(page, f"{name}-ru")
    page.set_viewport_size(PHONE)
    assert not scrolls_sideways(page)
    if name in ON_PHONES:
        drawn(page, f"{name}-ru-phone")
    page.set_viewport_size(DESKTOP)


def drawn(page: Page, name: str) -> None:
    if name.startswith("sources"):
        page.locator(".plot").first.scroll_into_view_if_needed()
    picture(page, name)


def settle(owner: User) -> None:
    """Wait until everybody is judged, for pictures of what that tells."""
    for _ in range(600):
        states = owner.get("/analytics/churn")["states"]
        if states and states[0]["clients"] > CLIENTS / 10:
            return
        time.sleep(1)
    raise AssertionError("nobody was judged within ten minutes")
