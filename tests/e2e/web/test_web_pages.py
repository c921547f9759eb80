"""The pages in a real browser: the door, the desk of one, the figures, languages and colours."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.web.conftest import ZONE
from tests.e2e.web.journeys import complaints_of, drag, end, findings

PATIENCE_MS = 20_000
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def page(site, browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser context; whatever the console complains about fails the test, a broken policy too.

    Its clock is fourteen hours behind the branch's: most of the day it is another date there.
    """
    context = browser.new_context(base_url=site.url, timezone_id="Pacific/Pago_Pago", locale="en-GB", bypass_csp=False)
    context.set_default_timeout(PATIENCE_MS)
    complaints = complaints_of(context)
    yield context.new_page()
    end(context, complaints)  # but for refusals, which the browser tells, too


@pytest.fixture
def desk(site, page: Page) -> Page:
    """Tomorrow at the desk, where nothing lies in the past."""
    sign_in(page, site.password, f"/desk?date={tomorrow()}")
    expect(page.locator("#calendar")).to_have_attribute("data-alive", "yes", timeout=PATIENCE_MS)  # its scripts answer
    return page


def tomorrow() -> str:
    return str(datetime.now(ZONE).date() + timedelta(days=1))


def sign_in(page: Page, password: str, to: str = "/") -> Page:
    page.goto(to)
    page.get_by_label("Login").fill("owner")
    page.get_by_label("Password").fill(password)
    page.get_by_label("Password").press("Enter")
    expect(page.locator("#who")).to_have_text("Owner", timeout=PATIENCE_MS)
    return page


def visit(page: Page, *texts: str) -> Locator:
    found = page.locator(".ec-event.visit")
    for text in texts:
        found = found.filter(has_text=text)
    return found


def told(page: Page, text: str) -> None:
    expect(page.locator("#told").get_by_text(text)).to_be_visible(timeout=PATIENCE_MS)


def book(page: Page, who: str, starts: str, master: str = "Mila") -> None:
    """By keyboard and mouse as at the desk: open, type, choose, book."""
    page.get_by_role("button", name="New appointment").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Begins").fill(f"{tomorrow()}T{starts}")
    dialog.get_by_label("Master").select_option(label=master)
    dialog.get_by_label("Client: name or phone").fill(who)
    dialog.get_by_role("button", name=who).first.click()
    if dialog.get_by_label("Service", exact=True).input_value() == "":
        dialog.get_by_label("Service", exact=True).select_option(index=1)
    expect(dialog.get_by_text("to pay").or_(dialog.get_by_text("instead of"))).to_be_visible(timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="Book", exact=True).dblclick()
    told(page, f"Booked: {starts}")


# --- the door -------------------------------------------------------------------------------------------------------


def test_who_is_signed_out_is_shown_the_door(page):
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)


def test_a_wrong_password_is_told_in_a_sentence_and_the_login_stays(page):
    page.goto("/sign-in")
    page.get_by_label("Login").fill("owner")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Login or password is wrong.", timeout=PATIENCE_MS)
    expect(page.get_by_label("Login")).to_have_value("owner")


def test_a_reload_stays_signed_in_and_signing_out_does_not(desk):
    desk.reload()
    expect(desk.locator("#who")).to_have_text("Owner", timeout=PATIENCE_MS)
    assert desk.evaluate("document.cookie") == ""
    desk.locator("#who").click()
    desk.get_by_role("button", name="Sign out").click()
    expect(desk.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)
    desk.go_back()
    expect(desk.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)


def test_two_tabs_that_open_at_once_share_the_session(desk):
    cookies = [cookie for cookie in desk.context.cookies() if not cookie["name"].startswith("lokon_access")]
    desk.context.clear_cookies()
    desk.context.add_cookies(cookies)  # so that both have to renew it
    other = desk.context.new_page()
    for tab in (desk, other):
        tab.evaluate("address => { location.assign(address) }", f"{desk.url.split('/desk')[0]}/clients")
    for tab in (desk, other):
        expect(tab.get_by_role("heading", name="Clients")).to_be_visible(timeout=PATIENCE_MS)


# --- the desk -------------------------------------------------------------------------------------------------------


def test_the_day_shows_who_comes_to_whom_and_when(site, page):
    sign_in(page, site.password, f"/desk?date={datetime.now(ZONE).date()}")
    shown = visit(page, "12:00–13:00")
    expect(shown).to_have_count(1, timeout=PATIENCE_MS)
    expect(shown).to_contain_text("<b>Novak</b>")  # a name is a text, whatever it looks like
    expect(shown).to_contain_text("Haircut")
    expect(shown).to_contain_text("completed")
    expect(page.get_by_text("Cancelled or missed: 1")).to_be_visible()
    expect(page.locator(".ec-resource", has_text="Mila").first).to_be_visible()


def test_a_day_on_which_nobody_works_says_what_to_do(desk):
    desk.get_by_label("Day", exact=True).fill(str(datetime.now(ZONE).date() + timedelta(days=40)))
    expect(desk.get_by_text("Nobody works here on this day")).to_be_visible(timeout=PATIENCE_MS)


def test_a_known_client_is_booked_once_in_four_steps_with_a_double_click_at_the_end(desk):
    book(desk, "Dina", "09:00")
    expect(visit(desk, "09:00–10:00", "Dina")).to_have_count(1, timeout=PATIENCE_MS)
    expect(desk.locator("#beside")).to_contain_text("Dina")


def test_a_new_client_is_registered_with_their_first_appointment(desk):
    desk.get_by_role("button", name="New appointment").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Begins").fill(f"{tomorrow()}T11:00")
    dialog.get_by_label("Master").select_option(label="Mila")
    dialog.get_by_label("Client: name or phone").fill("+79161234567")
    dialog.get_by_role("button", name="New client").click()
    dialog.get_by_label("First name").fill("<script>alert(1)</script>")
    expect(dialog.get_by_label("Phone", exact=True)).to_have_value("+79161234567")
    dialog.get_by_label("Service", exact=True).select_option(index=1)
    dialog.get_by_role("button", name="Book", exact=True).click()
    expect(visit(desk, "11:00–12:00", "<script>")).to_have_count(1, timeout=PATIENCE_MS)


def test_what_stands_against_a_booking_is_told_in_the_form_and_what_was_typed_stays(desk):
    book(desk, "Clara", "13:00")
    desk.get_by_role("button", name="New appointment").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Begins").fill(f"{tomorrow()}T13:30")
    dialog.get_by_label("Master").select_option(label="Mila")
    dialog.get_by_label("Client: name or phone").fill("Dina")
    dialog.get_by_role("button", name="Dina", exact=True).click()
    dialog.get_by_label("Service", exact=True).select_option(index=1)
    dialog.get_by_label("Comment").fill("with a dog")
    dialog.get_by_role("button", name="Book", exact=True).click()
    expect(dialog.locator(".trouble-place")).to_contain_text("Somebody else has this time.", timeout=PATIENCE_MS)
    expect(dialog.get_by_label("Comment")).to_have_value("with a dog")
    dialog.get_by_label("Begins").fill(f"{tomorrow()}T14:00")
    dialog.get_by_role("button", name="Book", exact=True).click()
    told(desk, "Booked: 14:00")


def test_a_drag_shows_what_it_comes_to_and_is_final_only_then(desk):
    book(desk, "Dina", "16:00")
    moved = visit(desk, "16:00–17:00")
    drag(desk, moved, 60)
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("The time is free, and the price stays")
    desk.keyboard.press("Escape")
    expect(visit(desk, "16:00–17:00")).to_have_count(1)
    drag(desk, visit(desk, "16:00–17:00"), 60)
    expect(dialog.get_by_label("Begins")).to_have_value(f"{tomorrow()}T17:00")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(visit(desk, "17:00–18:00", "Dina")).to_have_count(1, timeout=PATIENCE_MS)


def test_an_appointment_is_cancelled_with_a_reason_even_if_the_session_ends_meanwhile(site, desk):
    book(desk, "Clara", "19:00")
    desk.locator("#beside").get_by_role("button", name="Cancel the appointment").click()
    dialog = desk.locator("#dialog").get_by_role("dialog")
    dialog.get_by_label("Reason").fill("rain")
    desk.context.clear_cookies()
    dialog.get_by_role("button", name="Cancel the appointment").click()
    door = desk.locator("#over").get_by_role("dialog")
    door.get_by_label("Login").fill("owner")
    door.get_by_label("Password").fill(site.password)
    door.get_by_role("button", name="Sign in").click()
    expect(door).to_have_count(0, timeout=PATIENCE_MS)
    expect(dialog.get_by_label("Reason")).to_have_value("rain")
    dialog.get_by_role("button", name="Cancel the appointment").click()
    told(desk, "Cancelled")
    expect(visit(desk, "19:00–20:00")).to_have_count(0, timeout=PATIENCE_MS)
    expect(desk.locator("#beside")).to_contain_text("rain")


def test_two_desks_see_each_other_at_once(site, desk, browser):
    context = browser.new_context(base_url=site.url, locale="ru-RU")
    other = context.new_page()
    other.goto(f"/desk?date={tomorrow()}")
    other.locator("#login").fill("owner")
    other.locator("#password").fill(site.password)
    other.locator("#password").press("Enter")
    expect(other.locator("#calendar")).to_have_attribute("data-alive", "yes", timeout=PATIENCE_MS)
    book(desk, "Dina", "20:00")
    expect(visit(other, "20:00–21:00", "Dina")).to_have_count(1, timeout=PATIENCE_MS)
    expect(other.locator("#calendar")).to_have_attribute("data-alive", "yes")  # it was told, and did not look by itself
    context.close()


def test_the_day_on_paper_says_who_comes_to_whom(site, page):
    sign_in(page, site.password)
    page.goto(f"/desk/print?date={datetime.now(ZONE).date()}")
    expect(page.get_by_role("heading", name="Mila")).to_be_visible()
    expect(page.get_by_role("row", name="12:00–13:00")).to_contain_text("<b>Novak</b>")


def test_a_client_is_found_while_typing_and_remembered(desk):
    desk.keyboard.press("/")
    desk.keyboard.type("nov")
    desk.locator("#found").get_by_role("link", name="Clara <b>Novak</b>", exact=True).click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Clara <b>Novak</b>")
    desk.get_by_role("searchbox").focus()
    expect(desk.locator("#found")).to_contain_text("Looked at last")
    expect(desk.locator("#found")).to_contain_text("Clara")


# --- languages, colours, phones, and whoever cannot use a mouse ------------------------------------------------------


@pytest.mark.parametrize("address", ["/sign-in", "/desk", "/clients", "/figures"])
@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ru", "dark")])
def test_nothing_serious_stands_in_anybodys_way(site, page, address, language, theme):
    sign_in(page, site.password)
    url = {"url": site.url}
    page.context.add_cookies(
        [{"name": "lokon_language", "value": language} | url, {"name": "lokon_theme", "value": theme} | url]
    )
    page.goto(f"/desk?date={datetime.now(ZONE).date()}" if address == "/desk" else address)
    if address == "/desk":  # whose stream never ends
        expect(visit(page, "12:00")).to_have_count(1, timeout=PATIENCE_MS)
    else:
        page.wait_for_load_state("networkidle")
    assert findings(page) == []


@pytest.mark.parametrize("address", ["/desk", "/clients", "/figures"])
def test_a_phone_shows_the_same_without_scrolling_sideways(site, page, address):
    page.set_viewport_size(PHONE)
    sign_in(page, site.password, address)
    if address == "/desk":  # whose stream never ends
        expect(page.locator("#calendar[data-shown]")).to_be_visible()
    else:
        page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
