"""The pages in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browser import ARGUMENTS, ensure_chromium

PATIENCE_MS = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=ensure_chromium(), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(site, browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser context; whatever the console complains about fails the test.

    Its clock is fourteen hours behind the branch's: most of the day it is another date there.
    """
    context = browser.new_context(base_url=site.url, timezone_id="Pacific/Pago_Pago")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    # A refused sign-in is told by the browser, too.
    assert [text for text in complaints if "status of 401" not in text] == []


@pytest.fixture
def signed_in(site, page: Page) -> Page:
    page.goto("/sign-in")
    page.get_by_label("Login").fill("owner")
    page.get_by_label("Password").fill(site.password)
    page.get_by_label("Password").press("Enter")
    expect(page.locator("#who")).not_to_be_empty(timeout=PATIENCE_MS)
    return page


def test_who_is_signed_out_is_shown_the_door(page):
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)


def test_a_wrong_password_is_told_in_a_sentence(page):
    page.goto("/sign-in")
    page.get_by_label("Login").fill("owner")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Login or password is wrong.", timeout=PATIENCE_MS)


def test_the_day_shows_who_comes_to_whom_and_when(signed_in):
    column = signed_in.get_by_role("region", name="Mila")
    visit = column.get_by_role("listitem")
    expect(visit).to_have_count(1, timeout=PATIENCE_MS)
    expect(visit).to_contain_text("12:00–13:00")
    expect(visit).to_contain_text("<b>Novak</b>")  # a name is a text, whatever it looks like
    expect(visit).to_contain_text("Haircut")
    expect(visit).to_contain_text("completed")
    expect(signed_in.get_by_text("Cancelled or missed: 1")).to_be_visible()


def test_a_day_without_visits_says_what_to_do(signed_in):
    signed_in.get_by_role("button", name="The day after").click()
    expect(signed_in.get_by_text("Nothing is booked at Centre on this day.")).to_be_visible(timeout=PATIENCE_MS)


def test_the_sources_show_who_brought_whom_with_money(signed_in):
    expect(signed_in.locator("#sources canvas")).to_be_visible(timeout=PATIENCE_MS)
    instagram = signed_in.locator("#sources summary", has_text="instagram")
    expect(instagram).to_contain_text("2 clients, 3 visits, RUB 7,500.00")
    instagram.press("Enter")  # by keyboard
    clara = signed_in.locator("#sources summary", has_text="Clara")
    expect(clara).to_contain_text("3 visits")
    clara.press("Enter")
    expect(signed_in.locator("#sources .leaf", has_text="Dina")).to_contain_text("1 visit, RUB 2,500.00")


def test_months_are_bars_and_a_table(signed_in):
    expect(signed_in.locator("#visits canvas")).to_be_visible(timeout=PATIENCE_MS)
    signed_in.locator("#visits summary").click()
    expect(signed_in.locator("#visits tbody tr")).to_have_count(2)
    expect(signed_in.locator("#visits tbody tr").first).to_contain_text("RUB 5,000.00")


def test_a_reload_stays_signed_in_and_signing_out_does_not(signed_in):
    signed_in.reload()
    expect(signed_in.get_by_role("region", name="Mila")).to_be_visible(timeout=PATIENCE_MS)
    assert signed_in.evaluate("document.cookie") == ""
    signed_in.get_by_role("button", name="Sign out").click()
    expect(signed_in.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)
    signed_in.goto("/")
    expect(signed_in.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)


def test_two_tabs_that_open_at_once_share_the_session(site, signed_in):
    other = signed_in.context.new_page()
    for tab in (signed_in, other):
        tab.evaluate(f"location.assign('{site.url}/')")
    for tab in (signed_in, other):
        expect(tab.get_by_role("region", name="Mila")).to_be_visible(timeout=PATIENCE_MS)


def test_a_phone_shows_the_same_without_scrolling_sideways(signed_in):
    signed_in.set_viewport_size({"width": 360, "height": 740})
    expect(signed_in.get_by_role("region", name="Mila")).to_be_visible(timeout=PATIENCE_MS)
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= 360
