"""A client's own pages in a real browser, on a phone: signing in by a code that the owner tells, and what is there."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.web.conftest import ZONE, Site
from tests.e2e.web.journeys import PATIENCE_MS, complaints_of, end, findings, scrolls_sideways, sign_in, told
from tests.e2e.web.pictures import DESKTOP, PHONE, in_language, picture

SCRIPT = "<script>document.title = 'owned'</script>"
EVA, FAMILY, NOBODY, LEAVING = "+79031234501", "+79031234502", "+79031234503", "+79031234504"
EVA_SHOWN = "+7 903 123-45-01"
TEXT = "We may keep your photo. " + SCRIPT


@pytest.fixture(scope="module")
def api(site: Site) -> Iterator[httpx.Client]:
    """The owner's API, with Eva who has two visits ahead, a family with one phone, and somebody who wants to leave."""
    with httpx.Client(base_url=f"{site.url}/api/v1", timeout=30) as client:
        session = client.post("/auth/login", json={"login": "owner", "password": site.password}).json()
        client.headers["Authorization"] = f"Bearer {session['access_token']}"

        def post(path: str, **body: object) -> dict[str, str]:
            answer = client.post(path, json=body)
            assert answer.is_success, answer.text
            return answer.json()

        branch = client.get("/branches").json()["items"][0]
        service = client.get("/services").json()["items"][0]
        post("/consent-documents", purpose="photos", title=f"Photos {SCRIPT}", text=TEXT, language="en")
        eva = post("/clients", first_name="Eva", last_name=SCRIPT, phones=[EVA], email="eva@example.com")
        post("/clients", first_name="Ada", phones=[FAMILY])
        post("/clients", first_name="Bela", phones=[FAMILY], shared_phone=True)
        post("/clients", first_name="Lena", phones=[LEAVING])
        tomorrow = datetime.now(ZONE).date() + timedelta(days=1)
        for hour in (11, 17):
            starts = datetime(tomorrow.year, tomorrow.month, tomorrow.day, hour, tzinfo=ZONE).isoformat()
            segments = [{"service_id": service["id"]}]
            post("/appointments", branch_id=branch["id"], client_id=eva["id"], starts=starts, segments=segments)
        yield client


@pytest.fixture
def phone(site: Site, browser: Browser) -> Iterator[Page]:
    """A page on a phone, in a fresh browser; what the console complains about fails the test."""
    context = browser.new_context(base_url=site.url, locale="en-GB", viewport=PHONE)
    context.set_default_timeout(PATIENCE_MS)
    complaints = complaints_of(context)
    yield context.new_page()
    end(context, complaints)


def told_code(api: httpx.Client, number: str) -> str:
    """As the owner reads it from the outbox."""
    return next(one["code"] for one in api.get("/auth/codes").json()["items"] if one["phone"] == number)


def ask_for_code(page: Page, number: str) -> None:
    page.goto("/my")
    page.get_by_label("Phone").fill(number)
    page.get_by_role("button", name="Get a code").click()
    expect(page.get_by_role("heading", name="The code", exact=True)).to_be_visible()


def enter(page: Page, api: httpx.Client, number: str) -> None:
    ask_for_code(page, number)
    page.get_by_label("Code").fill(told_code(api, number))
    page.get_by_role("button", name="Sign in").dblclick()


def fine(page: Page) -> None:
    assert findings(page) == []
    assert not scrolls_sideways(page)
    assert page.title() != "owned"


def test_a_client_signs_in_by_a_code_and_does_everything_by_themselves(api, phone, site, browser):
    """In one session: looks, moves, cancels, invites, agrees, takes their data out. Script is text everywhere."""
    phone.goto("/")
    phone.goto("/my")
    fine(phone)
    picture(phone, "own-door-en-phone")
    ask_for_code(phone, "8 (903) 123-45-01")
    fine(phone)
    phone.get_by_label("Code").fill("000 000")
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.get_by_role("alert")).to_contain_text("This is not the code")
    expect(phone.get_by_role("alert")).to_contain_text("4 tries are left")
    owner = browser.new_context(base_url=site.url, locale="en-GB", viewport=DESKTOP).new_page()
    sign_in(owner, site.password, "/codes")
    expect(owner.get_by_role("cell", name=EVA_SHOWN)).to_be_visible()
    assert findings(owner) == []
    picture(owner, "codes-en")
    code = owner.locator("td.own-code").first.inner_text()
    owner.context.close()
    phone.get_by_label("Code").fill(f"{code[:3]} {code[3:]}")
    phone.get_by_role("button", name="Sign in").dblclick()

    expect(phone.get_by_role("heading", name="My visits")).to_be_visible()
    expect(phone.locator("#own-visits article")).to_have_count(2)
    expect(phone.locator(".menu").get_by_role("link")).to_have_text(["Visits", "Benefits", "Invite", "My data"])
    fine(phone)
    picture(phone, "own-visits-en-phone")

    first = phone.locator("#own-visits article").first
    first.get_by_role("link", name="Move").click()
    fine(phone)
    phone.get_by_role("group", name="Evening").get_by_text("19:00", exact=True).click()
    picture(phone, "own-moving-en-phone")
    phone.get_by_role("button", name="Move here").dblclick()
    expect(phone.get_by_text("Moved. The time before is free for others now.")).to_be_visible()
    expect(phone.locator("#own-visits article").last).to_contain_text("19:00–20:00")

    phone.locator("#own-visits article").first.get_by_role("button", name="Cancel").click()
    phone.get_by_label("Reason, if you like").fill(SCRIPT)
    fine(phone)
    phone.get_by_role("button", name="Yes, cancel the visit").dblclick()
    told(phone, "The visit is cancelled.")
    expect(phone.locator("#own-visits article")).to_have_count(1)
    phone.reload()
    expect(phone.locator(".plain").get_by_text("cancelled")).to_be_visible()

    phone.goto("/my")
    phone.get_by_role("link", name="Benefits").click()
    expect(phone.locator("#discount-title")).to_be_visible()
    fine(phone)
    picture(phone, "own-benefits-en-phone")
    phone.get_by_role("link", name="Invite").click()
    link = phone.get_by_label("Your link").input_value()
    assert link.startswith(f"{site.url}/book?from=")
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.evaluate("Object.defineProperty(navigator, 'share', {value: undefined})")  # as on a computer
    phone.get_by_role("button", name="Share").click()
    expect(phone.get_by_text("Copied.")).to_be_visible()
    assert phone.evaluate("navigator.clipboard.readText()") == link
    assert phone.get_by_alt_text("QR code of your link").evaluate("picture => picture.naturalWidth") > 200
    fine(phone)
    picture(phone, "own-invitation-en-phone")

    phone.get_by_role("link", name="My data").click()
    expect(phone.get_by_text(EVA_SHOWN)).to_be_visible()
    expect(phone.get_by_text("eva@example.com")).to_be_visible()
    fine(phone)
    phone.get_by_text("Read the text").click()
    expect(phone.get_by_text(TEXT)).to_be_visible()
    phone.get_by_role("button", name="I agree", exact=True).dblclick()
    expect(phone.get_by_text("You agreed on")).to_be_visible()
    phone.get_by_role("button", name="I do not agree any more").click()
    expect(phone.get_by_text("You have not agreed.")).to_be_visible()
    with phone.expect_download() as download:
        phone.get_by_role("button", name="For programs (JSON)").click()
    held = json.loads(download.value.path().read_text())
    assert (held["card"]["first_name"], held["card"]["phones"]) == ("Eva", [EVA])
    assert [one["state"] for one in held["consents"]] == ["withdrawn"]
    with phone.expect_download() as download:
        phone.get_by_role("button", name="To read (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")

    for language, theme, size in (("ru", "dark", PHONE), ("ru", "light", DESKTOP)):
        in_language(phone, language, theme)
        phone.set_viewport_size(size)
        for address in ("/my", "/my/benefits", "/my/invitation", "/my/data"):
            phone.goto(address)
            fine(phone)
            tops = phone.locator(".menu a").evaluate_all(
                "links => links.map((link) => link.getBoundingClientRect().top)"
            )
            assert len(set(tops)) == 1  # a row of the screen is all that the menu takes
            name = address.removeprefix("/my").strip("/") or "visits"
            if name != "data":  # where script stands in for what people type
                picture(phone, f"own-{name}-ru" + ("-phone" if size is PHONE else ""))
    phone.goto("/")  # what a client may not ask is not shown, and nobody is sent to a desk
    expect(phone.get_by_role("heading", name="Мои визиты")).to_be_visible()
    assert phone.request.get("/codes").status == 403
    assert phone.request.post("/my/erase", form={"sure": "yes", "version": "1"}).status == 403


def test_a_family_says_who_it_is_and_whoever_has_no_card_is_asked_to_book(api, phone):
    enter(phone, api, FAMILY)
    expect(phone.get_by_role("heading", name="Who are you?")).to_be_visible()
    fine(phone)
    phone.get_by_role("button", name="Bela").click()
    expect(phone.locator("#who")).to_have_text("Bela")
    expect(phone.get_by_text("No visit ahead")).to_be_visible()
    fine(phone)
    phone.context.clear_cookies()
    enter(phone, api, NOBODY)
    expect(phone.get_by_role("heading", name="Nice to meet you")).to_be_visible()
    fine(phone)
    ask_again = phone.request.post("/my/sign-in/code", form={"phone": EVA})
    assert ask_again.status == 403  # a form of another site


def test_a_client_erases_themselves_and_nobody_is_signed_in_afterwards(api, phone):
    enter(phone, api, LEAVING)
    phone.get_by_role("link", name="My data").click()
    phone.get_by_role("button", name="Erase everything about me").click()
    phone.get_by_role("button", name="Erase me for good").click()
    expect(phone.get_by_role("alert").get_by_text("Tick the box")).to_be_visible()
    phone.get_by_label("I know that this is for good.").check()
    phone.get_by_role("button", name="Erase me for good").dblclick()
    expect(phone.get_by_text("Everything about you has been erased.")).to_be_visible()
    phone.goto("/my")
    expect(phone.get_by_role("button", name="Get a code")).to_be_visible()
    assert api.get("/clients", params={"q": LEAVING}).json()["items"] == []
