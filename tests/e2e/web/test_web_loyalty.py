"""The programme from the form to its publication, what clients have of loyalty, and reports, in a real browser."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.web.journeys import PATIENCE_MS, complaints_of, end, findings, scrolls_sideways, sign_in
from tests.e2e.web.pictures import PHONE, in_language, picture

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def api(site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{site.url}/api/v1", timeout=30) as client:
        session = client.post("/auth/login", json={"login": "owner", "password": site.password}).json()
        client.headers["Authorization"] = f"Bearer {session['access_token']}"
        yield client


@pytest.fixture(scope="module")
def clara(api: httpx.Client) -> str:
    clients = api.get("/clients").json()["items"]
    return next(str(client["id"]) for client in clients if client["first_name"] == "Clara")


@pytest.fixture(scope="module")
def page(site, browser: Browser) -> Iterator[Page]:
    """One page, signed in, for the whole module; what the console complains about fails it, a broken policy too."""
    context = browser.new_context(base_url=site.url, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    complaints = complaints_of(context)
    yield sign_in(context.new_page(), site.password, "/loyalty")
    end(context, complaints)


def told(page: Page, text: str) -> None:
    expect(page.locator("#told").get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)


def dialog_of(page: Page, button: str) -> Locator:
    page.get_by_role("button", name=button, exact=True).first.click()
    return page.get_by_role("dialog")


# --- the programme ----------------------------------------------------------------------------------------------------


def test_a_programme_is_edited_tried_and_published_and_a_draft_survives(page):
    page.goto("/loyalty/programme/edit")
    picture(page, "loyalty-programme-en")
    page.locator("#adding summary").click()
    page.get_by_role("button", name="Statuses").click()
    rule = page.locator(".rule").last
    rule.get_by_label("Name", exact=True).fill(SCRIPT)
    rule.get_by_label("From (visits, amount or people)").fill("1")
    rule.get_by_label("Discount, %").fill("500")
    page.get_by_role("button", name="Try it over the history").click()
    wrong = rule.locator(".wrong")
    expect(wrong).to_have_text(
        "This must be a percentage from 0 to 100 with at most two decimals.", timeout=PATIENCE_MS
    )
    expect(rule.get_by_label("Discount, %")).to_have_attribute("aria-invalid", "true")

    page.reload()
    page.get_by_role("button", name="Go on with them").click()
    rule = page.locator(".rule").last
    expect(rule.get_by_label("Discount, %")).to_have_value("500", timeout=PATIENCE_MS)
    rule.get_by_label("Discount, %").fill("10")
    page.get_by_role("button", name="Try it over the history").dblclick()
    expect(page).to_have_url(re.compile("/loyalty/trials/"), timeout=PATIENCE_MS)
    expect(page.locator("#proposed")).to_have_text("RUB 250", timeout=PATIENCE_MS)  # 10 % of the visit after a first
    expect(page.locator("canvas").first).to_be_visible()
    picture(page, "loyalty-trial-en")

    dialog_of(page, "Publish these rules").get_by_role("button", name="Publish", exact=True).dblclick()
    expect(page).to_have_url(re.compile(r"/loyalty\?branch_id="), timeout=PATIENCE_MS)
    expect(page.locator("h2").first).to_contain_text("version 2")
    expect(page.locator(".rules")).to_contain_text(SCRIPT)
    expect(page.get_by_role("row", name="Programme").filter(has_text="the whole chain")).to_have_count(2)


def test_what_was_published_is_tried_once_and_a_stale_trial_is_refused(page, api):
    trials = api.get("/loyalty/simulations").json()["items"]
    assert len(trials) == 1  # the double click did it once
    page.goto(f"/loyalty/trials/{trials[0]['id']}")
    dialog = dialog_of(page, "Publish these rules")
    newest = api.get("/loyalty/programme").json()["newest"]
    again = api.put("/loyalty/programme", json={"rules": [{"kind": "personal"}]}, headers={"If-Match": f'"{newest}"'})
    assert again.is_success, again.text
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog.locator(".trouble-place")).to_contain_text("Somebody has changed this since", timeout=PATIENCE_MS)


# --- one client -------------------------------------------------------------------------------------------------------


def test_a_discount_is_explained_as_a_tree_and_points_are_given_with_a_reason(page, clara):
    page.goto(f"/loyalty/clients/{clara}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Clara <b>Novak</b>")
    expect(page.locator("#why")).to_contain_text("No discount")
    dialog = dialog_of(page, "Give or take points")
    dialog.get_by_label("How many points").fill("120")
    dialog.get_by_label("Reason").fill(SCRIPT)
    dialog.get_by_role("button", name="Save").dblclick()
    told(page, "the client has 120 points")
    expect(page.locator("#points")).to_contain_text("120", timeout=PATIENCE_MS)
    expect(page.get_by_role("row", name="by hand")).to_contain_text(SCRIPT)
    dialog = dialog_of(page, "Give or take points")
    dialog.get_by_label("take", exact=True).check()
    dialog.get_by_label("How many points").fill("500")
    dialog.get_by_label("Reason").fill("a slip")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator(".trouble-place")).to_contain_text("fewer points", timeout=PATIENCE_MS)
    page.keyboard.press("Escape")


def test_a_certificate_is_sold_found_by_its_code_and_blocked(page):
    page.goto("/loyalty/certificates")
    dialog = dialog_of(page, "Sell a gift certificate")
    dialog.get_by_label("Amount, RUB").fill("3 000,50")
    dialog.get_by_role("button", name="Sell", exact=True).click()
    expect(dialog.locator(".trouble-place")).to_contain_text("amount of money", timeout=PATIENCE_MS)
    dialog.get_by_label("Amount, RUB").fill("3000.50")
    dialog.get_by_role("button", name="Sell", exact=True).click()
    code = page.locator("#code").inner_text()
    page.get_by_role("link", name="I have written it down").click()
    expect(page.locator("#balance")).to_contain_text("RUB 3,000.50 of RUB 3,000.50")
    page.goto("/loyalty/certificates")
    page.get_by_label("Code of the certificate").fill(code.lower())
    page.get_by_role("button", name="Look up").click()
    expect(page).to_have_url(re.compile("/loyalty/certificates/.*-"), timeout=PATIENCE_MS)
    dialog_of(page, "Block it").get_by_role("button", name="Block", exact=True).click()
    expect(page.locator("#balance")).to_contain_text("blocked", timeout=PATIENCE_MS)


def test_a_membership_is_made_sold_and_frozen(page, clara):
    page.goto("/loyalty/memberships")
    dialog = dialog_of(page, "New membership")
    dialog.get_by_label("Name").fill("Ten haircuts")
    dialog.get_by_label("Price, RUB").fill("20000")
    dialog.get_by_label("May be frozen for so many days").fill("14")
    dialog.get_by_label("How many visits").first.fill("10")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Ten haircuts")).to_contain_text("10 visits", timeout=PATIENCE_MS)
    page.goto(f"/loyalty/clients/{clara}")
    dialog_of(page, "Sell a membership").get_by_role("button", name="Sell", exact=True).dblclick()
    expect(page.get_by_text("10 of 10 visits left")).to_have_count(1, timeout=PATIENCE_MS)
    dialog = dialog_of(page, "Ten haircuts")
    dialog.get_by_label("For how many days").fill("7")
    dialog.get_by_role("button", name="Freeze", exact=True).click()
    expect(page.get_by_text("frozen").first).to_be_visible(timeout=PATIENCE_MS)


def test_a_promotion_is_made_changed_and_ended(page):
    page.goto("/loyalty/promotions")
    dialog = dialog_of(page, "New promotion")
    dialog.get_by_label("Name").fill("Spring")
    dialog.get_by_label("How much, or what").fill("15")
    dialog.get_by_label("Until").fill("2030-01-01T00:00")
    dialog.get_by_label("Code (empty", exact=False).fill("SPRING")
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("row", name="Spring")
    expect(row).to_contain_text("15%", timeout=PATIENCE_MS)
    row.get_by_role("button", name="Change Spring").click()
    expect(dialog.get_by_label("Until")).to_have_value("2030-01-01T00:00")  # by the salon's clock, as it was typed
    dialog.get_by_role("button", name="Save").click()
    told(page, "Changed")
    row.get_by_role("button", name="Change Spring").click()
    expect(dialog.get_by_label("Until")).to_have_value("2030-01-01T00:00")
    page.keyboard.press("Escape")
    row.get_by_role("button", name="End Spring").click()
    page.get_by_role("dialog").get_by_role("button", name="End it now").click()
    told(page, "The promotion has ended.")
    expect(page.get_by_role("button", name="End Spring")).to_have_count(0, timeout=PATIENCE_MS)


# --- reports ----------------------------------------------------------------------------------------------------------


def test_a_report_is_put_together_looked_at_saved_once_and_taken_out(page, api):
    page.goto("/reports/new")
    page.get_by_label("and by").select_option("source")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("What is tested").select_option("revenue")
    page.get_by_label("How it is compared").select_option("at_least")
    value = page.get_by_label("Value")
    expect(value).to_have_attribute("inputmode", "decimal")
    value.fill("much")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#report .wrong")).to_have_text("This must be a number.", timeout=PATIENCE_MS)
    value.fill("1000")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row", name="All together")).to_contain_text("RUB 7,500", timeout=PATIENCE_MS)
    picture(page, "report-en")
    page.get_by_label("Name", exact=True).fill(SCRIPT)
    page.get_by_role("button", name="Save").dblclick()
    expect(page).to_have_url(re.compile("/reports/.*-"), timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text(SCRIPT)
    assert len(api.get("/analytics/reports").json()["items"]) == 1
    for kind, start in (
        ("CSV", b"\xef\xbb\xbfmonth,source"),
        ("XLSX", b"PK"),
        ("PDF", b"%PDF"),
        ("SVG", b"<"),
        ("PNG", b"\x89PNG"),
    ):
        with page.expect_download() as taken:
            page.get_by_role("link", name=kind, exact=True).click()
        assert taken.value.path().read_bytes().startswith(start), kind
    page.get_by_role("link", name="Change", exact=True).click()
    expect(page.get_by_label("Value")).to_have_value("1000")


# --- everybody --------------------------------------------------------------------------------------------------------

ADDRESSES: list[Callable[[str], str]] = [
    lambda _clara: "/loyalty",
    lambda _clara: "/loyalty/programme/edit",
    lambda _clara: "/loyalty/trials",
    lambda _clara: "/loyalty/certificates",
    lambda _clara: "/loyalty/promotions",
    lambda clara: f"/loyalty/clients/{clara}",
    lambda _clara: "/reports/new",
]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ru", "dark")])
def test_nothing_serious_stands_in_the_way_of_loyalty_on_a_phone_either(page, api, clara, language, theme):
    promotion = {"name": f"Summer {language}", "percent": "5", "ends": "2030-01-01T00:00:00Z"}
    assert api.post("/loyalty/promotions", json=promotion).is_success  # with its buttons
    in_language(page, language, theme)
    page.set_viewport_size(PHONE)
    wrong = {}
    for address in (one(clara) for one in ADDRESSES):
        page.goto(address)
        if "clients" in address:
            picture(page, f"loyalty-client-{language}-phone")
        if (serious := findings(page)) or scrolls_sideways(page):
            wrong[address] = serious or "sideways"
    assert wrong == {}
