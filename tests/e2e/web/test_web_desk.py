"""The desk in a real browser: two at once, drags, undo, free times, waiting, payment; by mouse and by keyboard."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from deploy import javascript
from tests.e2e.systems import PASSWORD, running
from tests.e2e.web.journeys import PATIENCE_MS, complaints_of, drag, end, findings, scrolls_sideways, sign_in, told
from tests.e2e.web.pictures import DESKTOP, PHONE, in_language, picture

MORNING = 8  # o'clock at the branch, whenever the tests run: so that there is a later today


def zone_in_the_morning() -> ZoneInfo:
    east = (MORNING - datetime.now(UTC).hour + 36) % 24 - 12
    return ZoneInfo(f"Etc/GMT{-east:+d}" if east else "Etc/GMT")


@dataclass
class Salon:
    """A branch with four masters, of whom two cut hair, and people who were there before."""

    url: str
    api: httpx.Client
    zone: ZoneInfo
    ids: dict[str, str] = field(default_factory=dict)

    def day(self, days: int = 1) -> str:
        return str(datetime.now(self.zone).date() + timedelta(days=days))

    def at(self, clock: str, days: int = 1) -> str:
        return datetime.fromisoformat(f"{self.day(days)}T{clock}").replace(tzinfo=self.zone).isoformat()

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.api.post(path, json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def book(self, who: str, clock: str, master: str = "Mila", service: str = "Haircut", days: int = 1) -> str:
        segment = {"service_id": self.ids[service], "master_id": self.ids[master]}
        made = self.post(
            "/appointments",
            branch_id=self.ids["Centre"],
            client_id=self.ids[who],
            starts=self.at(clock, days),
            segments=[segment],
        )
        return str(made["id"])


def fill(salon: Salon) -> None:
    ids, post = salon.ids, salon.post
    session = post("/auth/login", login="owner", password=PASSWORD)
    salon.api.headers["Authorization"] = f"Bearer {session['access_token']}"
    for name in ("Centre", "North"):
        ids[name] = post("/branches", name=name, time_zone=salon.zone.key)["id"]
    for name, category, minutes, price, marks in (
        ("Haircut", "Hair", 60, 250_000, []),
        ("Colour", "Hair", 120, 600_000, [{"condition": "latex", "severity": "warn"}]),
        ("Manicure", "Nails", 60, 180_000, []),
        ("Polish change", "Quick", 15, 50_000, []),
    ):
        said = {"name": name, "category": category, "duration_minutes": minutes, "contraindications": marks}
        ids[name] = post("/services", **said, price={"amount": price, "currency": "RUB"})["id"]
    for name, services in (
        ("Mila", ("Haircut", "Colour")),
        ("Nora", ("Haircut",)),
        ("Olga", ("Manicure",)),
        ("Pia", ("Manicure", "Polish change")),
    ):
        ids[name] = post("/masters", name=name, service_ids=[ids[one] for one in services])["id"]
        shifts = [{"date": salon.day(n), "starts": "09:00", "ends": "21:00"} for n in range(4)]
        put = salon.api.put(f"/masters/{ids[name]}/shifts", json={"branch_id": ids["Centre"], "shifts": shifts})
        assert put.is_success, put.text
    tier = {"kind": "visits", "steps": [{"start": 1, "percent": 10}]}
    branches = [ids["Centre"], ids["North"]]
    post("/users", login="desk", name="Asya", role="administrator", branch_ids=branches, password=PASSWORD)
    newest = salon.api.get("/loyalty/programme").json()["newest"]
    programme = {"rules": [tier], "points": {"value": 100, "per_visit": 50, "expire_after_days": 365}}
    put = salon.api.put("/loyalty/programme", json=programme, headers={"If-Match": f'"{newest}"'})
    assert put.is_success, put.text
    for first, last, more in (
        ("Clara", "Novak", {"contraindications": ["latex"], "phones": ["+79160000001"]}),
        ("Dina", "Orlova", {"phones": ["+79160000002"]}),
        ("Emma", "<script>alert(1)</script>", {}),
    ):
        ids[first] = post("/clients", first_name=first, last_name=last, **more)["id"]
    segment = {"service_id": ids["Colour"], "master_id": ids["Mila"]}
    line = {"kind": "service", "amount": 600_000} | segment
    visit = {"reference": "before", "branch_id": ids["Centre"], "client_id": ids["Clara"], "status": "completed"}
    post("/appointments/bulk", currency="RUB", visits=[
        visit | {"starts": salon.at("12:00", -20), "segments": [segment], "lines": [line]},
    ])  # fmt: skip
    salon.book("Emma", "19:00", "Pia", "Manicure", days=2)
    for _ in range(150):  # until loyalty has heard of the visit
        if salon.api.get(f"/loyalty/clients/{ids['Clara']}").json().get("discount_percent") == 10:
            return
        time.sleep(0.1)
    raise AssertionError(salon.api.get(f"/loyalty/clients/{ids['Clara']}").text)


@pytest.fixture(scope="module")
def salon() -> Iterator[Salon]:
    javascript.install()
    with running("embedded") as system, httpx.Client(base_url=f"{system.url}/api/v1", timeout=30) as api:
        salon = Salon(system.url, api, zone_in_the_morning())
        fill(salon)
        yield salon


@pytest.fixture(scope="module")
def state(salon: Salon, browser: Browser) -> Any:
    """The cookies of an administrator who is signed in: the door has tests of its own."""
    context = browser.new_context(base_url=salon.url, locale="en-GB")
    sign_in(context.new_page(), PASSWORD, "/clients", login="desk")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def desks(salon: Salon, browser: Browser, state: Any) -> Iterator[Any]:
    """`desks(days=1)` opens a desk of that day, each a browser of its own; what the console says fails the test."""
    opened_ones = []

    def opened(days: int = 1, view: str = "", size: dict[str, int] = DESKTOP) -> Page:
        context = browser.new_context(base_url=salon.url, storage_state=state, locale="en-GB", viewport=size)  # type: ignore[arg-type]
        opened_ones.append((context, complaints_of(context)))
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"/desk?branch_id={salon.ids['Centre']}&date={salon.day(days)}{'&view=week' if view else ''}")
        expect(page.locator("#calendar")).to_have_attribute("data-alive", "yes", timeout=PATIENCE_MS)
        return page

    yield opened
    for context, complaints in opened_ones:
        end(context, complaints)


def visit(page: Page, *texts: str) -> Locator:
    found = page.locator(".ec-event.visit")
    for text in texts:
        found = found.filter(has_text=text)
    return found


def seen(page: Page, *texts: str) -> Locator:
    found = visit(page, *texts)
    expect(found).to_have_count(1, timeout=PATIENCE_MS)
    return found


# --- booking --------------------------------------------------------------------------------------------------------


def test_a_known_client_is_booked_in_four_interactions_and_the_card_says_what_to_know(salon, desks):
    page = desks()
    page.get_by_label("Free times for", exact=True).select_option(label="Colour")  # so that there is a place to click
    expect(page.locator(".free").first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_label("Free times for", exact=True).select_option(index=0)
    began = time.monotonic()
    page.get_by_role("button", name="New appointment").click()  # 1
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Client: name or phone").press_sequentially("nov")  # 2: found while typing
    expect(dialog.get_by_role("button", name="Clara Novak")).to_be_visible()
    page.keyboard.press("Enter")  # 3: what they had last is chosen already
    expect(dialog.get_by_text("instead of")).to_be_visible()
    about = dialog.locator(".about")
    expect(about).to_contain_text("latex")
    expect(about).to_contain_text("Mila")
    expect(about).to_contain_text("Colour")
    expect(about).to_contain_text("10")
    expect(dialog.locator("#price")).to_contain_text("The card speaks against this:")
    picture(page, "desk-booking-en")
    dialog.get_by_role("button", name="Book", exact=True).dblclick()  # 4, and only once
    seen(page, "12:00–14:00", "Clara Novak", "⚠")
    assert time.monotonic() - began < 30
    beside = page.locator("#beside")
    expect(beside).to_contain_text("The card speaks against this:")
    expect(beside).to_contain_text("instead of")
    expect(beside).to_contain_text("Favourite master")


def test_a_new_client_is_booked_within_a_minute_by_keyboard_alone(desks):
    page = desks()
    began = time.monotonic()
    page.get_by_role("button", name="New appointment").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Client: name or phone")).to_be_focused()
    page.keyboard.type("<img src=x onerror=alert(1)>")
    expect(dialog.get_by_role("button", name="New client:")).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("First name")).to_be_focused()
    dialog.get_by_label("Phone", exact=True).press_sequentially("89161112233")
    dialog.get_by_label("Service", exact=True).focus()
    page.keyboard.type("Man")
    expect(dialog.get_by_label("Service", exact=True)).not_to_have_value("")
    dialog.get_by_role("button", name="Book", exact=True).press("Enter")
    seen(page, "12:00–13:00", "<img src=x")
    assert time.monotonic() - began < 60
    page.reload()
    page.go_back()
    page.go_forward()
    seen(page, "12:00–13:00", "<img src=x")  # nothing was repeated


def test_who_types_faster_than_the_search_gets_whom_they_typed(desks):
    page = desks()
    page.get_by_role("button", name="New appointment").press("Enter")
    box = page.get_by_role("dialog").get_by_label("Client: name or phone")
    expect(box).to_be_focused()
    page.keyboard.type("Clara Novak")
    page.keyboard.press("Enter")
    expect(page.locator("#chosen [name=client_id]")).to_have_value(re.compile(".+"))
    expect(box).to_have_value("Clara Novak")


def test_the_card_of_a_client_opens_the_booking_with_them_chosen(salon, desks):
    page = desks()
    page.goto(f"/clients/{salon.ids['Dina']}")
    page.get_by_role("link", name="Book", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Client: name or phone")).to_have_value("Dina Orlova")
    expect(dialog.locator("[name=client_id]")).to_have_value(salon.ids["Dina"])
    page.keyboard.press("Escape")  # nothing was typed: nothing is asked
    expect(dialog).to_have_count(0)
    assert "client_id" not in page.url


def test_what_was_typed_in_a_dialog_is_left_only_after_a_question(desks):
    page = desks()
    page.get_by_role("button", name="New appointment").click()
    dialog, asked = page.get_by_role("dialog"), []
    dialog.get_by_label("Client: name or phone").press_sequentially("Zoe")
    dialog.get_by_role("button", name="New client:").click()
    expect(dialog.get_by_label("First name")).to_have_value("Zoe")
    page.once("dialog", lambda question: (asked.append(question.message), question.dismiss()))
    page.keyboard.press("Escape")
    expect(dialog.get_by_label("First name")).to_have_value("Zoe")
    page.once("dialog", lambda question: (asked.append(question.message), question.dismiss()))
    dialog.get_by_role("button", name="Close").click()
    expect(dialog.get_by_label("First name")).to_have_value("Zoe")
    page.once("dialog", lambda question: (asked.append(question.type), question.dismiss()))
    page.evaluate("setTimeout(() => location.assign('/clients'))")
    expect(dialog.get_by_label("First name")).to_have_value("Zoe")
    page.once("dialog", lambda question: (asked.append(question.message), question.accept()))
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert [text for text in asked if "is not saved" in text] == asked[:2] + asked[3:]
    assert asked[2] == "beforeunload"


def test_a_form_of_another_site_is_refused(desks):
    page = desks()
    sent = "fetch('/desk/appointments', {method: 'POST', body: new URLSearchParams({csrf: '0'})}).then(it => it.status)"
    assert page.evaluate(sent) == 403


def test_free_times_lie_beneath_the_masters_who_render_it_and_are_booked_with_a_click(salon, desks):
    salon.book("Dina", "10:00", "Nora", days=3)
    page = desks(days=3)
    seen(page, "10:00–11:00", "Dina")
    page.get_by_label("Free times for", exact=True).select_option(label="Haircut")
    expect(page.locator(".ec-bg-event.free")).to_have_count(3)  # Mila all day, Nora before and after
    picture(page, "desk-free-en")
    page.get_by_label("Free times for", exact=True).select_option(index=0)
    expect(page.locator(".ec-bg-event.free")).to_have_count(0)


# --- two at once ----------------------------------------------------------------------------------------------------


def test_what_one_desk_books_moves_and_cancels_the_other_sees_at_once(salon, desks):
    one, other = desks(days=2), desks(days=2)
    id_ = salon.book("Dina", "10:00", "Nora", days=2)
    seen(one, "10:00–11:00", "Dina")
    found = seen(other, "10:00–11:00", "Dina")
    drag(other, found, 60)
    other.get_by_role("dialog").get_by_role("button", name="Move", exact=True).click()
    found = seen(one, "11:00–12:00", "Dina")
    found.click()
    one.locator("#beside").get_by_role("button", name="Cancel the appointment").click()
    one.get_by_role("dialog").get_by_role("button", name="Booked by mistake").click()
    one.get_by_role("dialog").get_by_role("button", name="Cancel the appointment").click()
    expect(visit(other, "Dina")).to_have_count(0, timeout=5_000)
    assert salon.api.get(f"/appointments/{id_}").json()["status"] == "cancelled"


def test_the_same_slot_is_dragged_to_by_two_and_one_gets_it(salon, desks):
    for who, clock in (("Dina", "15:00"), ("Emma", "17:00")):
        salon.book(who, clock, "Nora", days=2)
    one, other = desks(days=2), desks(days=2)
    drag(one, seen(one, "15:00–16:00", "Dina"), 60)
    drag(other, seen(other, "17:00–18:00", "Emma"), -60)
    for page in (one, other):
        expect(page.get_by_role("dialog")).to_contain_text("The time is free")
    one.get_by_role("dialog").get_by_role("button", name="Move", exact=True).click()
    told(one, "Moved to 16:00")
    other.get_by_role("dialog").get_by_role("button", name="Move", exact=True).click()
    expect(other.get_by_role("dialog").locator(".trouble-place")).to_contain_text("Somebody else has this time.")
    other.keyboard.press("Escape")
    for page in (one, other):
        seen(page, "16:00–17:00", "Dina")
        seen(page, "17:00–18:00", "Emma", "<script>")


# --- moving ---------------------------------------------------------------------------------------------------------


def test_a_visit_is_pulled_longer_and_that_is_undone(salon, desks):
    salon.book("Dina", "09:00", "Nora")
    page = desks()
    found = seen(page, "09:00–10:00", "Dina")
    drag(page, found, 30, by="bottom")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("09:00–10:30")
    expect(dialog).to_contain_text("the price stays")
    picture(page, "desk-moving-en")
    dialog.get_by_role("button", name="Move", exact=True).click()
    seen(page, "09:00–10:30", "Dina")
    page.locator("#told").get_by_role("button", name="Undo").click()
    told(page, "Put back")
    seen(page, "09:00–10:00", "Dina")


def test_a_visit_goes_to_another_master_and_back_by_keyboard(salon, desks):
    salon.book("Dina", "19:00", "Nora")
    page = desks()
    seen(page, "19:00–20:00", "Dina").focus()
    page.keyboard.press("Enter")
    page.locator("#beside").get_by_role("button", name="Move", exact=True).press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Master").select_option(label="Mila")
    dialog.get_by_label("Begins").fill(f"{salon.day()}T18:30")
    expect(dialog.locator("#moved")).to_contain_text("18:30–19:30")
    dialog.get_by_role("button", name="Move", exact=True).press("Enter")
    seen(page, "18:30–19:30", "Mila", "Dina")
    page.locator("body").press("Control+z")
    seen(page, "19:00–20:00", "Nora", "Dina")


def test_what_stands_against_a_drag_is_told_with_times_that_are_free(salon, desks):
    salon.book("Dina", "16:00", "Olga", "Manicure", days=3)
    salon.book("Emma", "17:00", "Olga", "Manicure", days=3)
    page = desks(days=3)
    drag(page, seen(page, "16:00–17:00", "Olga"), 30)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Somebody else has this time.")
    dialog.locator("[data-value]").first.click()
    expect(dialog).to_contain_text("The time is free")
    dialog.get_by_role("button", name="Leave it where it was").click()
    seen(page, "16:00–17:00", "Olga")


# --- arrival, payment, waiting, paper --------------------------------------------------------------------------------


def test_who_arrives_pays_with_discount_and_points_in_the_kind_that_is_chosen(salon, desks):
    id_ = salon.book("Clara", "18:00", "Mila", days=0)
    page = desks(days=0)
    seen(page, "18:00–19:00", "Clara").click()
    page.locator("#beside").get_by_role("button", name="Is here").click()
    told(page, "The client is here")
    page.locator("#beside").get_by_role("button", name="Complete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#due")).to_have_text("RUB 2,250")
    dialog.get_by_label("The rest stays owed").check()
    expect(dialog.locator("#left")).to_contain_text("RUB 2,250")
    dialog.get_by_role("radio", name="Cash").check()
    dialog.get_by_text("In parts: cash and card").click()
    dialog.get_by_role("textbox", name="Card").fill("1000")
    dialog.get_by_role("textbox", name="Card").press("Tab")
    expect(dialog.locator("#bill")).to_contain_text("RUB 1,250")
    expect(dialog.locator("#left")).to_have_count(0)
    dialog.get_by_text("Points, gift certificate, promotion code").click()
    points = salon.api.get(f"/loyalty/clients/{salon.ids['Clara']}").json()["points"]
    expect(dialog).to_contain_text(f"The client has {points} points.")
    picture(page, "desk-paying-en")
    assert findings(page) == []
    dialog.get_by_role("button", name="Complete", exact=True).click()
    told(page, "Completed")
    made = salon.api.get(f"/appointments/{id_}").json()
    assert (made["status"], made["paid"]["amount"]) == ("completed", 225_000)
    assert [(one["kind"], one["amount"]["amount"]) for one in made["payments"]] == [
        ("card", 100_000),
        ("cash", 125_000),
    ]


def test_a_membership_pays_for_its_service(salon, desks):
    price = {"amount": 1_000_000, "currency": "RUB"}
    counter = {"visits": 5, "service_ids": [salon.ids["Haircut"]]}
    kind = salon.post("/loyalty/membership-types", name="Five haircuts", price=price, valid_days=90, counters=[counter])
    told_of = {"type_id": kind["id"], "branch_id": salon.ids["Centre"], "paid_by": "card"}
    salon.post(f"/loyalty/clients/{salon.ids['Dina']}/memberships", **told_of)
    id_ = salon.book("Dina", "16:00", "Nora", days=0)
    page = desks(days=0)
    seen(page, "16:00–17:00", "Dina").click()
    page.locator("#beside").get_by_role("button", name="Complete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Membership that pays it").select_option(index=1)
    expect(dialog.locator("#taken")).to_have_text("RUB 0")
    dialog.get_by_role("button", name="Complete", exact=True).click()
    told(page, "Completed")
    assert [one["kind"] for one in salon.api.get(f"/appointments/{id_}").json()["payments"]] == ["membership"]


def test_who_finds_no_time_waits_and_is_booked_from_the_list(salon, desks):
    page = desks(days=3)
    page.get_by_role("button", name="Waiting list").click()
    page.get_by_role("button", name="Add somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Client: name or phone").press_sequentially("orlova")
    dialog.get_by_role("button", name="Dina Orlova").click()
    dialog.get_by_label("Service", exact=True).select_option(index=2)
    dialog.get_by_label("From the day").fill(salon.day(3))
    dialog.get_by_label("To the day").fill(salon.day(3))
    dialog.get_by_label("Not before").fill("13:00")
    dialog.get_by_role("button", name="Put on the waiting list").dblclick()
    told(page, "On the waiting list")
    assert len(salon.api.get("/waiting-list", params={"branch_id": salon.ids["Centre"]}).json()["items"]) == 1
    page.get_by_role("button", name="Waiting list").click()
    expect(page.get_by_role("dialog")).to_contain_text("Dina")
    expect(page.get_by_role("dialog")).to_contain_text("13:00–23:59")
    picture(page, "desk-waiting-en")
    assert findings(page) == []
    book_it = (
        page.get_by_role("dialog")
        .get_by_role("button", name="Book a time")
        .or_(page.get_by_role("dialog").get_by_role("button", name="Book the offer"))
    )
    book_it.first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#price")).to_contain_text("Free until")
    dialog.get_by_role("button", name="Book", exact=True).click()
    told(page, "Booked: 12:00")
    page.get_by_role("button", name="New appointment").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Client: name or phone").press_sequentially("emma")
    dialog.get_by_role("button", name="Emma <script>").click()
    dialog.get_by_label("Service", exact=True).select_option(index=2)
    dialog.get_by_text("No time suits? Waiting list").click()
    dialog.get_by_role("button", name="Put on the waiting list").click()
    expect(dialog).to_have_count(0, timeout=PATIENCE_MS)
    page.get_by_role("button", name="Waiting list", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Take off the list").click()  # Dina is not there any more
    told(page, "Taken off the waiting list")
    assert len(salon.api.get("/waiting-list", params={"status": "waiting"}).json()["items"]) == 0


def test_the_day_on_paper_fits_its_pages_and_shows_names_as_text(salon, desks):
    page = desks(days=2)
    page.get_by_role("link", name="Print").click()
    expect(page.get_by_role("heading", name="Nora")).to_be_visible()
    expect(page.get_by_role("row", name="17:00–18:00")).to_contain_text("<script>alert(1)</script>")
    page.emulate_media(media="print")
    picture(page, "desk-print-en")
    expect(page.get_by_role("link", name="Back to the desk")).to_be_hidden()
    paper = page.pdf(format="A4")
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") in (0, 1)
    assert len(paper) > 5_000


def test_another_branch_is_a_choice_away_and_says_what_to_do_where_nobody_works(salon, desks):
    page = desks()
    page.get_by_label("Branch", exact=True).select_option(label="North")
    expect(page.get_by_text("Nobody works here on this day")).to_be_visible(timeout=PATIENCE_MS)
    assert salon.ids["North"] in page.url


def test_on_a_phone_the_menu_is_behind_a_button_and_the_keyboard_comes_to_the_content_first(desks):
    page = desks(size=PHONE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    clients = page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Clients")
    expect(clients).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(clients).to_be_visible()
    assert not scrolls_sideways(page)


def test_a_quarter_of_an_hour_is_readable_and_told_by_the_clock_that_was_chosen(salon, desks):
    salon.book("Dina", "10:00", "Pia", "Polish change", days=2)
    page = desks(days=2)
    brief = seen(page, "10:00 Dina Orlova")
    expect(brief).to_have_class(re.compile("brief"))
    line = brief.locator(".name")
    assert brief.evaluate("it => it.clientHeight") >= line.evaluate("it => it.getBoundingClientRect().height")
    page.context.add_cookies(
        [
            {"name": name, "value": said, "url": salon.url}
            for name, said in (("lokon_clock", "12"), ("lokon_names", "full"))
        ]
    )
    page.reload()
    expect(visit(page, "Orlova Dina", "Polish change")).to_contain_text(re.compile(r"10:00\sam"), timeout=PATIENCE_MS)


CUT_LINES = """() => [...document.querySelectorAll(".ec-event.visit .line")].filter((line) => {
  const box = line.closest(".ec-event-body").getBoundingClientRect(), it = line.getBoundingClientRect();
  return it.left < box.right - 1 && it.bottom > box.bottom + 1;  // what is beside the box nobody sees
}).map((line) => line.textContent)"""


def test_no_line_is_cut_in_half_however_narrow_the_columns_are(salon, desks):
    salon.book("Clara", "10:30", "Pia", "Polish change", days=3)
    salon.book("Clara", "18:00", "Mila", "Colour", days=3)
    salon.book("Emma", "14:00", "Nora", days=3)
    page = desks(days=3)
    brief = seen(page, "10:30", "Polish change")
    expect(visit(page).nth(2)).to_be_attached()
    for width in ("100%", "360px"):
        page.evaluate("width => { document.querySelector('#calendar').style.width = width; }", width)
        page.wait_for_timeout(300)  # until the columns have found their width
        page.wait_for_function(f"({CUT_LINES})().length === 0")
    expect(brief.locator(".name")).to_be_visible()
    assert "Polish change" in (brief.locator(".box").get_attribute("title") or "")
    assert "Pia, 10:30–10:45, Clara Novak" in (brief.locator(".visually-hidden").text_content() or "")


# --- who may what, and by keyboard ------------------------------------------------------------------------------------


def test_what_may_not_be_handed_over_cannot_be_dropped_on_another_master(salon, browser):
    rights = "appointments.read appointments.edit branches.read clients.read masters.read services.read shifts.read"
    salon.post("/roles", name="mover", permissions=rights.split(), history_days=None)
    branches = [salon.ids["Centre"]]
    salon.post("/users", login="mover", name="Max", roles=["mover"], branch_ids=branches, password=PASSWORD)
    salon.book("Emma", "12:00", "Olga", "Manicure", days=3)
    context = browser.new_context(base_url=salon.url, locale="en-GB", viewport=DESKTOP)  # type: ignore[arg-type]
    complaints = complaints_of(context)
    page = sign_in(context.new_page(), PASSWORD, f"/desk?date={salon.day(3)}", login="mover")
    drag(page, seen(page, "Olga, 12:00–13:00"), 0, to="Pia")
    told(page, "not give it to another master")
    expect(page.get_by_role("dialog")).to_have_count(0)
    drag(page, seen(page, "Olga, 12:00–13:00"), 60)
    expect(page.get_by_role("dialog")).to_contain_text("13:00–14:00")
    page.get_by_role("dialog").get_by_role("button", name="Move", exact=True).click()
    seen(page, "Olga, 13:00–14:00")
    end(context, complaints)


def test_the_desk_is_walked_by_keyboard_and_the_focus_comes_back(salon, desks):
    id_ = salon.book("Clara", "09:30", "Mila", days=2)
    salon.book("Dina", "14:00", "Mila", days=2)
    page = desks(days=2)
    first, second = seen(page, "Mila, 09:30"), seen(page, "Mila, 14:00")
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    beside = page.locator("#beside")
    expect(beside).to_be_focused()
    beside.get_by_text("History").press("Enter")
    expect(beside.locator(".history")).to_contain_text("Appointment made")
    expect(beside.locator(".history")).to_contain_text("Price then: RUB")
    beside.get_by_role("button", name="Move", exact=True).press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(beside.get_by_role("button", name="Move", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    salon.api.post(f"/appointments/{id_}/confirm")  # by another desk: all of the day is drawn anew
    expect(seen(page, "Mila, 09:30", "confirmed")).to_be_focused()
    page.get_by_label("Free times for", exact=True).select_option(label="Haircut")
    expect(page.get_by_text("Free times as a list")).to_be_visible()
    page.get_by_text("Free times as a list").press("Enter")
    page.locator("#free-list").get_by_role("button", name="Nora").first.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Master")).to_have_value(salon.ids["Nora"])
    page.keyboard.press("Escape")
    expect(page.locator("#free-list").get_by_role("button", name="Nora").first).to_be_focused()
    page.get_by_role("button", name="Waiting list").press("Enter")
    page.get_by_role("button", name="Add somebody").press("Enter")  # one dialog after another
    expect(dialog.get_by_label("Client: name or phone")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Waiting list", exact=True)).to_be_focused()


# --- how it looks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "theme", "view", "size"),
    [
        ("en", "light", "day", DESKTOP),
        ("ru", "dark", "day", DESKTOP),
        ("ru", "light", "week", DESKTOP),
        ("ru", "light", "day", PHONE),
        ("en", "dark", "week", PHONE),
    ],
)
def test_nothing_serious_and_nothing_sideways(salon, desks, language, theme, view, size):
    page = desks(days=1, size=size)
    in_language(page, language, theme)
    page.goto(f"/desk?branch_id={salon.ids['Centre']}&date={salon.day(2)}&view={view}")
    expect(visit(page).first).to_be_visible(timeout=PATIENCE_MS)
    visit(page).first.click()
    expect(page.locator("#beside .card")).to_be_visible()
    name = "-".join(["desk", language, *(["week"] if view == "week" else []), *(["phone"] if size == PHONE else [])])
    if size == PHONE:
        page.evaluate("scrollTo(0, 0)")
    picture(page, name)
    assert findings(page) == []
    assert not scrolls_sideways(page)
