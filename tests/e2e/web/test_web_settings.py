"""The planner of shifts and the settings in a real browser: what an owner does before a salon opens."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.salon import eventually
from tests.e2e.systems import PASSWORD
from tests.e2e.web.conftest import ZONE
from tests.e2e.web.journeys import PATIENCE_MS, complaints_of, end, findings, scrolls_sideways, sign_in, told
from tests.e2e.web.pictures import DESKTOP, PHONE, in_language, picture

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def page(site, browser: Browser) -> Iterator[Page]:
    """A fresh browser in which the owner is signed in; whatever the console complains about fails the test."""
    context = browser.new_context(base_url=site.url, locale="en-GB", viewport=DESKTOP)
    context.set_default_timeout(PATIENCE_MS)
    complaints = complaints_of(context)
    opened = context.new_page()
    sign_in(opened, site.password, "/settings")
    yield opened
    end(context, complaints)


@pytest.fixture(scope="module")
def api(site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{site.url}/api/v1", timeout=30) as client:
        session = client.post("/auth/login", json={"login": "owner", "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {session['access_token']}"
        yield client


def first(api: httpx.Client, path: str) -> dict:
    return api.get(path).json()["items"][0]


def dialog(page: Page) -> Locator:
    return page.locator("#dialog").get_by_role("dialog")


# --- the planner ----------------------------------------------------------------------------------------------------


def next_monday(weeks: int = 1):
    today = datetime.now(ZONE).date()
    return today + timedelta(days=7 * weeks - today.weekday())


def week(page: Page, weeks: int = 1) -> Locator:
    """The cells of Mila in a week to come."""
    page.goto(f"/shifts?from={next_monday(weeks)}")
    return page.get_by_role("row", name="Mila").locator(".cell")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save the shifts").click()


def test_shifts_are_typed_by_keyboard_and_saved_at_once(page):
    cells = week(page)
    cells.nth(0).focus()
    page.keyboard.type("9-18")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("10-14, 15-19")
    expect(page.get_by_text("Changed days, not saved yet: 2")).to_be_visible()
    page.get_by_role("button", name="Save the shifts").dblclick()
    told(page, "Saved: working days 2")
    cells = week(page)
    expect(cells.nth(0)).to_have_value("9–18")
    expect(cells.nth(1)).to_have_value("10–14, 15–19")
    expect(cells.nth(2)).to_have_value("")


def test_shifts_are_painted_by_mouse_over_days(page):
    cells = week(page, 2)
    page.get_by_label("10–20").check()
    cells.nth(0).hover()
    page.mouse.down()
    for number in (1, 2):
        cells.nth(number).hover()
    page.mouse.up()
    cells.nth(4).focus()
    page.keyboard.press(" ")
    save(page)
    told(page, "Saved: working days 4")
    values = [cell.input_value() for cell in week(page, 2).all()]
    assert values == ["10–20"] * 3 + ["", "10–20", "", ""]


def test_what_is_no_time_is_not_sent_and_stays(page):
    cells = week(page, 3)
    cells.nth(0).fill("nine to five")
    cells.nth(1).fill("9-17")
    save(page)
    assert cells.nth(0).evaluate("cell => !cell.validity.valid")
    expect(cells.nth(1)).to_have_value("9-17")
    assert page.evaluate("document.activeElement.value") == "nine to five"
    cells.nth(0).fill("")
    save(page)
    told(page, "Saved: working days 1")


def test_an_appointment_in_the_way_is_shown_before_anything_is_saved(page, api):
    branch, master, service, client = (first(api, path) for path in ("/branches", "/masters", "/services", "/clients"))
    day = next_monday(4)
    shifts = [{"date": str(day), "starts": "09:00", "ends": "20:00"}]
    api.put(f"/masters/{master['id']}/shifts", json={"branch_id": branch["id"], "shifts": shifts}).raise_for_status()
    starts = datetime(day.year, day.month, day.day, 17, tzinfo=ZONE).isoformat()
    segment = {"service_id": service["id"], "master_id": master["id"]}
    body = {"branch_id": branch["id"], "client_id": client["id"], "starts": starts, "segments": [segment]}
    booked = api.post("/appointments", json=body)
    assert booked.is_success, booked.text
    cells = week(page, 4)
    cells.nth(0).fill("9-12")
    cells.nth(1).fill("9-12")
    save(page)
    expect(dialog(page)).to_contain_text("has an appointment outside of these hours")
    expect(dialog(page)).to_contain_text("17:00–18:00")
    picture(page, "shifts-conflict-en")
    page.keyboard.press("Escape")
    expect(cells.nth(0)).to_have_value("9-12")  # nothing that was typed is lost
    kept = api.get(f"/masters/{master['id']}/shifts", params={"from": str(day), "to": str(day)}).json()["shifts"]
    assert [shift["ends"] for shift in kept] == ["20:00"]
    save(page)
    dialog(page).get_by_role("button", name="Save all the same").dblclick()
    told(page, "Saved: working days 2")
    expect(week(page, 4).nth(0)).to_have_value("9–12")


def test_a_week_is_copied_and_nothing_of_it_is_saved_before_one_says_so(page):
    week(page, 7).nth(0).fill("10-20")
    save(page)
    told(page, "Saved: working days 1")
    week(page, 8)
    page.get_by_role("button", name="Copy the week before").click()
    told(page, "Copied from the week before.")
    expect(page.locator(".cell").nth(0)).to_have_value("10–20")
    expect(page.get_by_text("Changed days, not saved yet: 1")).to_be_visible()
    expect(week(page, 8).nth(0)).to_have_value("")


def test_a_template_is_laid_out_over_a_week(page):
    week(page, 5)
    page.get_by_role("button", name="By a template").click()
    page.get_by_role("button", name="New template").click()
    dialog(page).get_by_label("What it is called").fill(f"2/2 {SCRIPT}")
    dialog(page).get_by_label("Hours, such as").fill("11-21")
    dialog(page).get_by_role("button", name="Save").dblclick()
    told(page, "Template “2/2")
    page.get_by_role("button", name="By a template").click()
    expect(dialog(page).locator("[name=template_id] option")).to_have_count(1)  # a double click made one
    dialog(page).get_by_label("Mila").check()
    dialog(page).get_by_role("button", name="Save the shifts").click()
    told(page, "Saved: working days 4")
    values = [cell.input_value() for cell in week(page, 5).all()]
    assert values == ["11–21", "11–21", "", "", "11–21", "11–21", ""]


def test_an_absence_and_a_block_stand_in_the_plan(page):
    week(page, 6)
    page.get_by_role("button", name="Absence").click()
    dialog(page).get_by_label("Ends").fill(f"{next_monday(6) + timedelta(days=2)}T00:00")
    dialog(page).get_by_label("Remark").fill(SCRIPT)
    dialog(page).get_by_role("button", name="Save").dblclick()
    told(page, "The absence is in the plan")
    expect(page.locator("#away").get_by_text("on leave")).to_have_count(1)
    expect(page.locator("td.away")).to_have_count(2)
    page.get_by_role("button", name="Change the absence of Mila").click()
    expect(dialog(page).get_by_label("Remark")).to_have_value(SCRIPT)
    dialog(page).get_by_role("button", name="Remove the absence").click()
    told(page, "The absence is removed")
    page.get_by_role("button", name="Block a time").click()
    dialog(page).get_by_label("What for").fill(SCRIPT)
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.locator("#away")).to_contain_text(SCRIPT)


# --- the salon ------------------------------------------------------------------------------------------------------


def a_logo() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (120, 60), (11, 110, 79)).save(written, "PNG")
    return written.getvalue()


def test_the_salons_name_logo_and_colour_stand_on_every_page(page, site, browser):
    page.goto("/settings/salon")
    page.get_by_label("Name of the salon").fill(f"Lotus {SCRIPT}")
    svg = {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": b"<svg><script>alert(1)</script></svg>"}
    page.get_by_label("Logo").set_input_files(svg)
    expect(page.locator("form#salon .trouble-place")).to_contain_text("another kind")  # before anything is sent
    page.get_by_label("Logo").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": a_logo()})
    page.get_by_label("Colour of buttons and links").fill("#0b6e4f")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".navbar-brand")).to_contain_text(f"Lotus {SCRIPT}")
    expect(page.locator(".navbar-brand img")).to_have_js_property("naturalWidth", 120)
    colour = "getComputedStyle(document.documentElement).getPropertyValue('--tblr-primary').trim()"
    assert page.evaluate(colour) == "#0b6e4f"
    stranger = browser.new_page(base_url=site.url)
    stranger.goto("/sign-in")
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("Lotus")
    stranger.close()
    page.get_by_label("Without a logo").check()
    page.get_by_label("Name of the salon").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".navbar-brand")).to_have_text("Lokon")


# --- users and roles ------------------------------------------------------------------------------------------------


def test_a_user_is_made_once_with_a_password_that_is_shown_once(page, api, site, browser):
    page.goto("/settings/users")
    page.get_by_role("button", name="New user").click()
    dialog(page).get_by_label("Name", exact=True).fill(f"Boris {SCRIPT}")
    dialog(page).get_by_label("Login").fill("boris")
    dialog(page).get_by_role("button", name="Create the user").click()
    expect(dialog(page).locator(".trouble-place")).to_contain_text("Choose one role at least.")
    expect(dialog(page).get_by_label("Login")).to_have_value("boris")
    dialog(page).get_by_label("Administrator").check()
    dialog(page).get_by_label("Centre").check()
    dialog(page).get_by_role("button", name="Create the user").dblclick()
    password = dialog(page).locator("#password-once").inner_text()
    dialog(page).get_by_role("button", name="I have written it down").click()
    expect(page.get_by_role("cell", name="boris", exact=True)).to_have_count(1)
    context = browser.new_context(base_url=site.url, locale="en-GB")
    other = sign_in(context.new_page(), password, "/settings/services", login="boris")
    expect(other.get_by_role("link", name="Settings")).to_have_count(0)  # an administrator changes nothing there
    expect(other.get_by_role("button", name="New service")).to_have_count(0)
    one_of_each = [f"/settings/{path}/{first(api, f'/{path}')['id']}" for path in ("branches", "services", "masters")]
    for address in ("/settings/branches", "/settings/masters", "/settings/rooms", "/shifts", *one_of_each):
        answer = other.goto(address)
        assert answer is not None
        assert answer.ok, address
        expect(other.get_by_role("button", name="Save")).to_have_count(0)  # to read, and nothing more
    page.get_by_role("link", name="Boris").click()
    page.get_by_role("button", name="Block").click()
    expect(page.get_by_text("blocked")).to_be_visible()
    eventually(lambda: other.reload() and other.locator("#login").count(), bool)  # once the gateway has heard of it
    context.close()


def test_a_role_is_copied_and_given_less(page):
    page.goto("/settings/roles")
    page.get_by_role("link", name="Copy the role Administrator").click()
    page.get_by_label("Name of the role").fill("desk at night")
    page.get_by_label("Appointments: see").select_option(label="own only")
    page.get_by_label("Appointments: change").uncheck()
    page.get_by_role("button", name="Save the role").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("desk at night")
    expect(page.get_by_label("Appointments: see")).to_have_value("appointments.read.own")
    expect(page.get_by_label("Appointments: change")).not_to_be_checked()
    expect(page.get_by_label("Appointments: complete")).to_be_checked()
    page.get_by_label("Appointments: complete").uncheck()
    page.get_by_role("button", name="Save the role").click()
    told(page, "Saved; whoever has this role signs in again")
    page.goto("/settings/journal?action=role.created")
    expect(page.get_by_role("cell", name="Created a role")).to_have_count(1)


# --- branches, services, masters ------------------------------------------------------------------------------------


def test_a_branch_says_when_it_is_open_and_how_booking_is_bounded(page):
    page.goto("/settings/branches")
    page.get_by_role("button", name="New branch").click()
    dialog(page).get_by_label("What it is called").fill(f"South {SCRIPT}")
    dialog(page).get_by_label("Time zone").fill("Europe/Nowhere")
    dialog(page).get_by_role("button", name="Add the branch").click()
    expect(dialog(page).locator(".trouble-place")).to_contain_text("There is no such time zone.")
    dialog(page).get_by_label("Time zone").fill("Europe/Samara")
    dialog(page).get_by_role("button", name="Add the branch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"South {SCRIPT}")
    page.get_by_label("Mon").fill("10-21")
    page.get_by_label("Clients book at least").fill("1.5")
    page.get_by_role("button", name="Save the branch").click()
    told(page, "The branch is saved")
    expect(page.get_by_label("Mon")).to_have_value("10–21")
    expect(page.get_by_label("Clients book at least")).to_have_value("1.5")
    page.get_by_label("Address").fill("Not saved yet")
    page.get_by_role("button", name="Add a holiday").click()
    dialog(page).get_by_label("Day", exact=True).fill(str(next_monday(8)))
    dialog(page).get_by_label("What for").fill("New year")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.locator("#holidays")).to_contain_text("New year · closed")
    expect(page.get_by_label("Address")).to_have_value("Not saved yet")


def test_a_service_has_prices_in_branches_and_a_master_terms_of_their_own(page, api):
    page.goto("/settings/services")
    page.get_by_role("button", name="New service").click()
    dialog(page).get_by_label("What it is called").fill(f"Colour {SCRIPT}")
    dialog(page).get_by_label("Category").fill("Colour")
    dialog(page).get_by_label("Price").fill("4500.50")
    dialog(page).get_by_role("button", name="Add the service").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Colour {SCRIPT}")
    page.get_by_text("Prices in branches").click()
    page.get_by_role("group", name="Centre").get_by_label("Price").fill("5000")
    page.get_by_text("How the time passes").click()
    page.get_by_label("Minutes of phase 1").fill("20")
    page.get_by_label("Minutes of phase 2").fill("30")
    page.get_by_role("button", name="Save the service").click()
    expect(page.locator("form#service-form .trouble-place")).to_contain_text("The phases do not add up")
    page.get_by_label("What happens in phase 2").select_option(label="it waits")
    page.get_by_label("Minutes of phase 3").fill("10")
    page.get_by_role("button", name="Save the service").click()
    told(page, "The service is saved")
    (kept,) = [one for one in api.get("/services").json()["items"] if one["name"].startswith("Colour")]
    assert kept["price"] == {"amount": 450_050, "currency": "RUB"}
    assert [price["price"]["amount"] for price in kept["branch_prices"]] == [500_000]
    assert kept["phases"] == [
        {"minutes": 20, "busy": True},
        {"minutes": 30, "busy": False},
        {"minutes": 10, "busy": True},
    ]
    page.goto("/settings/masters")
    page.get_by_role("link", name="Mila").click()
    page.get_by_label(f"Colour {SCRIPT} Colour").check()
    page.get_by_label(f"Colour {SCRIPT}: Minutes", exact=True).fill("90")
    page.get_by_role("button", name="Save the master").click()
    told(page, "The master is saved")
    master = first(api, "/masters")
    assert len(master["service_ids"]) == 2
    assert [(one["service_id"], one["duration_minutes"]) for one in master["renderings"]] == [(kept["id"], 90)]


def test_rooms_sources_and_fields_are_added_once(page):
    page.goto("/settings/rooms")
    page.get_by_role("button", name="New room").click()
    dialog(page).get_by_label("What it is called").fill(f"Room {SCRIPT}")
    dialog(page).get_by_role("button", name="Save").dblclick()
    told(page, "Saved")
    expect(page.locator("#rooms").get_by_text(f"Room {SCRIPT}")).to_have_count(1)
    page.goto("/settings/sources")
    page.get_by_role("button", name="New source").click()
    dialog(page).get_by_label("What it is called").fill(f"VK {SCRIPT}")
    dialog(page).get_by_label("From the month on").first.fill("2026-01")
    dialog(page).get_by_label("Costs a month").first.fill("15000")
    dialog(page).get_by_role("button", name="Save").dblclick()
    told(page, "Saved")
    expect(page.get_by_role("row", name="VK")).to_contain_text("RUB 15,000")
    page.goto("/settings/fields")
    page.get_by_role("button", name="New field").click()
    dialog(page).get_by_label("What it is called").fill(f"Tea {SCRIPT}")
    dialog(page).get_by_label("Kind").select_option(label="Choice from a list")
    dialog(page).get_by_label("What can be chosen").fill("green\nblack")
    dialog(page).get_by_role("button", name="Save").dblclick()
    told(page, "Saved")
    expect(page.locator("#fields").get_by_text(f"Tea {SCRIPT}")).to_have_count(1)
    page.goto("/settings/consents")
    page.get_by_role("button", name="New text").click()
    dialog(page).get_by_label("Purpose").fill("photos")
    dialog(page).get_by_label("Title").fill(f"Photos {SCRIPT}")
    dialog(page).get_by_label("Text", exact=True).fill(f"We show our work.\n{SCRIPT}")
    dialog(page).get_by_role("button", name="Save").dblclick()
    told(page, "Saved")
    expect(page.locator("#consents").get_by_role("heading", name="Photos <")).to_have_count(1)
    page.get_by_role("button", name="Write the next version").click()
    expect(dialog(page).get_by_label("Title")).to_have_value(f"Photos {SCRIPT}")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.locator("#consents")).to_contain_text("Version 2")


# --- clients from a table -------------------------------------------------------------------------------------------


def test_clients_are_tried_out_and_then_taken_in(page, api):
    page.goto("/settings/imports")
    rows = f"Имя;Телефон;Комментарий\nИрина;+79161112233;{SCRIPT}\nОльга;+79161112244;\nБез телефона;;\n"
    page.get_by_label("Table of clients").set_input_files(
        {"name": "clients.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}
    )
    expect(page.locator("form#upload .trouble-place")).to_contain_text("another kind")
    page.get_by_label("Table of clients").set_input_files(
        {"name": "clients.csv", "mimeType": "text/csv", "buffer": rows.encode("cp1251")}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_label("Field for the column Телефон")).to_have_value("phone")
    expect(page.get_by_role("row", name="Комментарий")).to_contain_text(SCRIPT)
    page.get_by_role("button", name="Try it out").click()
    expect(page.get_by_text("new cards: 2")).to_be_visible()
    assert api.get("/clients", params={"q": "Ирина"}).json()["items"] == []
    page.get_by_role("button", name="Take the rows in").dblclick()
    expect(page.get_by_text("This became of the rows")).to_be_visible()
    page.get_by_role("link", name="not taken in: 1").click()
    expect(page.get_by_role("row", name="4")).to_be_visible()
    assert len(api.get("/clients", params={"q": "Ирина"}).json()["items"]) == 1


def test_a_list_of_clients_leaves_when_it_was_asked_for_and_once(page):
    page.goto("/settings/exports")
    page.get_by_label("Somebody else has to let it").uncheck()
    page.locator("#rules").get_by_role("button", name="Save").click()
    told(page, "Saved")
    page.get_by_text("Ask for a list").click()
    page.get_by_label("What for; whoever lets it").fill(f"Cards {SCRIPT}")
    page.get_by_role("button", name="Ask for it").dblclick()
    told(page, "Asked for:")
    expect(page.get_by_role("row", name=f"Cards {SCRIPT}")).to_have_count(1)
    with page.expect_download() as started:
        page.get_by_role("button", name="Take the file").click()
    assert "Clara" in started.value.path().read_text(encoding="utf-8-sig")
    page.reload()
    expect(page.get_by_role("button", name="Take the file")).to_have_count(0)
    page.get_by_role("button", name="Lock all lists").click()
    expect(page.get_by_text("Locked: nothing is asked for")).to_be_visible()


# --- whoever cannot use a mouse, and phones -------------------------------------------------------------------------

ADDRESSES = (
    "/shifts?view=month",
    "/settings/salon",
    "/settings/branches",
    "/settings/services",
    "/settings/masters",
    "/settings/rooms",
    "/settings/users",
    "/settings/roles",
    "/settings/roles/new",
    "/settings/journal",
    "/settings/sources",
    "/settings/fields",
    "/settings/consents",
    "/settings/imports",
    "/settings/exports",
)


@pytest.mark.parametrize(("language", "theme", "size"), [("en", "light", DESKTOP), ("ru", "dark", PHONE)])
def test_nothing_serious_stands_in_anybodys_way_in_the_settings(page, api, language, theme, size):
    in_language(page, language, theme)
    page.set_viewport_size(size)
    one_of_each = [f"/settings/{path}/{first(api, f'/{path}')['id']}" for path in ("branches", "services", "masters")]
    for address in (*ADDRESSES, *one_of_each):
        page.goto(address)
        assert findings(page) == [], address
        assert not scrolls_sideways(page), address
    for address, name in (("/shifts", "shifts"), (one_of_each[1], "settings-service"), ("/settings/roles/new", "role")):
        page.goto(address)
        picture(page, f"{name}-{language}" + ("-phone" if size is PHONE else ""))
