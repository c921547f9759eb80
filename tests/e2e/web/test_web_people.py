"""Clients' cards, masters on their phones and the search, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.systems import PASSWORD
from tests.e2e.web.journeys import complaints_of, end, findings
from tests.e2e.web.pictures import picture

PATIENCE_MS = 20_000
PHONE = {"width": 360, "height": 740}
SCRIPT = "<script>alert(1)</script>"
PARTS = ("visits", "notes", "files", "timeline", "loyalty", "account", "revenue", "perks", "habits", "consents")


@pytest.fixture(scope="module")
def people(site) -> dict[str, str]:
    """Mila signs in as the master that she is, Anna at the desk; Clara's card says more."""
    with httpx.Client(base_url=f"{site.url}/api/v1", timeout=30) as api:
        session = api.post("/auth/login", json={"login": "owner", "password": PASSWORD}).json()
        api.headers["Authorization"] = f"Bearer {session['access_token']}"
        branch = api.get("/branches").json()["items"][0]
        master = api.get("/masters").json()["items"][0]
        for login, role in (("mila", "master"), ("anna", "administrator")):
            body = {"login": login, "name": login.title(), "role": role, "password": PASSWORD}
            user = api.post("/users", json=body | {"branch_ids": [branch["id"]]})
            assert user.is_success, user.text
            if role == "master":
                match = {"If-Match": f'"{master["version"]}"'}
                assert api.patch(
                    f"/masters/{master['id']}", json={"user_id": user.json()["id"]}, headers=match
                ).is_success
        clara = api.get("/clients", params={"q": "Clara"}).json()["items"][0]
        said = {
            "phones": ["+79161234567"],
            "contraindications": ["latex", SCRIPT],
            "preferences": {"wishes": SCRIPT},
            "home_branch_id": branch["id"],
        }
        match = {"If-Match": f'"{clara["version"]}"'}
        assert api.patch(f"/clients/{clara['id']}", json=said, headers=match).is_success
        document = {"purpose": "photos", "title": "Photos of the work", "text": SCRIPT, "language": "en"}
        assert api.post("/consent-documents", json=document).is_success
        return {"clara": clara["id"]}


@pytest.fixture
def page(site, people, browser: Browser) -> Iterator[Page]:
    """Whatever the console complains about fails the test."""
    context = browser.new_context(base_url=site.url, timezone_id="Europe/Moscow", locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    complaints = complaints_of(context)
    context.on("dialog", lambda dialog: complaints.append(f"a script ran: {dialog.message}"))
    yield context.new_page()
    end(context, complaints)


def sign_in(page: Page, login: str, to: str = "/") -> Page:
    page.goto(to)
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    expect(page.locator("#who")).to_have_text(login.title(), timeout=PATIENCE_MS)
    return page


def part(page: Page, name: str):
    found = page.locator(f"#part-{name}")
    found.scroll_into_view_if_needed()
    return found


def told(page: Page, text: str) -> None:
    expect(page.locator("#told").get_by_text(text)).to_be_visible(timeout=PATIENCE_MS)


# --- the card -------------------------------------------------------------------------------------------------------


def test_a_new_client_is_made_and_a_known_phone_leads_to_the_card_that_has_it(page, people):
    sign_in(page, "anna", "/clients/new")
    page.get_by_label("First name").fill(SCRIPT)
    page.get_by_label("Phone", exact=True).fill("+7 916 123-45-67")
    page.get_by_label("Contraindications").fill("henna\nlatex")
    page.get_by_label("Comment").fill("tea with mint")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Open the card of Clara")).to_have_attribute(
        "href", f"/clients/{people['clara']}", timeout=PATIENCE_MS
    )
    expect(page.get_by_label("Comment")).to_have_value("tea with mint")
    page.get_by_label("Phone", exact=True).fill("+7 916 000-00-01")
    page.get_by_label("Name or phone of who").or_(page.get_by_label("Find who brought them")).fill("Clara")
    expect(page.get_by_role("radio", name="Clara")).to_be_checked(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Save").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(SCRIPT, timeout=PATIENCE_MS)
    expect(page.locator(".health")).to_contain_text("henna, latex")
    expect(part(page, "person")).to_contain_text("Who brought them")
    page.goto("/clients?q=0001")
    expect(page.get_by_role("link", name=SCRIPT)).to_have_count(1)


def test_contacts_stay_masked_until_they_are_shown_on_the_record(page, people):
    sign_in(page, "anna", f"/clients/{people['clara']}")
    person = part(page, "person")
    expect(person).to_contain_text("•••-45-67")
    person.get_by_role("button", name="Show contacts").click()
    expect(person.get_by_role("link", name="+7 916 123-45-67")).to_be_visible(timeout=PATIENCE_MS)


def test_a_note_a_perk_a_consent_and_money_are_kept_on_the_card_as_text(page, people):
    sign_in(page, "owner", f"/clients/{people['clara']}")
    notes = part(page, "notes")
    notes.get_by_label("What should others know").fill(SCRIPT)
    notes.get_by_role("button", name="Add a note").dblclick()
    expect(notes.locator(".notes li", has_text=SCRIPT)).to_have_count(1, timeout=PATIENCE_MS)
    perks = part(page, "perks")
    perks.get_by_text("Promise a perk").click()
    perks.get_by_label("What", exact=True).fill("Free coffee")
    perks.get_by_label("How many").fill("2")
    perks.get_by_role("button", name="Add").click()
    expect(perks).to_contain_text("2 of 2 left", timeout=PATIENCE_MS)
    perks.get_by_role("button", name="Give one").click()
    expect(perks).to_contain_text("1 of 2 left", timeout=PATIENCE_MS)
    consents = part(page, "consents")
    consents.get_by_text("Note a consent: Photos of the work").click()
    expect(consents).to_contain_text(SCRIPT)
    consents.get_by_role("button", name="The client agrees").click()
    expect(consents.locator("li", has_text="Photos of the work")).to_contain_text("given", timeout=PATIENCE_MS)
    consents.get_by_text("Withdraw", exact=True).click()
    consents.get_by_role("button", name="The client withdraws it").click()
    expect(consents.locator("li", has_text="Photos of the work")).to_contain_text("withdrawn", timeout=PATIENCE_MS)
    account = part(page, "account")
    account.get_by_text("Take a deposit").first.click()
    account.get_by_label("Amount").first.fill("-5")
    account.get_by_role("button", name="Take a deposit").click()
    expect(account.locator(".trouble-place").first).to_contain_text("above zero", timeout=PATIENCE_MS)
    account.get_by_label("Amount").first.fill("1,500.50")
    account.get_by_role("button", name="Take a deposit").click()
    expect(account).to_contain_text("1,500.50", timeout=PATIENCE_MS)
    loyalty = part(page, "loyalty")
    loyalty.get_by_text("Personal discount").click()
    loyalty.get_by_label("Per cent").fill("12.5")
    loyalty.get_by_label("Reason").fill(SCRIPT)
    loyalty.get_by_role("button", name="Give it").dblclick()
    expect(loyalty).to_contain_text("Personal discount: 12.5%", timeout=PATIENCE_MS)
    expect(part(page, "revenue").get_by_role("row")).to_have_count(3)
    expect(part(page, "timeline")).to_contain_text("Withdrew a consent", timeout=PATIENCE_MS)
    page.evaluate("scrollTo(0, 0)")
    picture(page, "client-en")


def test_a_file_of_another_kind_is_refused_before_it_is_sent_and_a_picture_is_shown(page, people, tmp_path):
    from PIL import Image  # of the gateway's own needs

    sign_in(page, "anna", f"/clients/{people['clara']}")
    files = part(page, "files")
    files.get_by_text("Add a file").click()
    wrong, right = tmp_path / "run.exe", tmp_path / "before.png"
    wrong.write_bytes(b"MZ" * 20)
    Image.new("RGB", (40, 30), "teal").save(right)
    files.get_by_label("File", exact=True).set_input_files(wrong)
    expect(files.get_by_text("This file is of another kind").first).to_be_visible(timeout=PATIENCE_MS)
    files.get_by_label("File", exact=True).set_input_files(right)
    files.get_by_label("Kind").select_option("before")
    files.get_by_role("button", name="Add").click()
    shown = files.get_by_role("img")
    expect(shown).to_have_count(1, timeout=PATIENCE_MS)
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("naturalWidth", 40)


def test_two_cards_are_compared_and_made_one(page, people):
    sign_in(page, "owner", "/clients/new")
    page.get_by_label("First name").fill("Clarissa")
    page.get_by_label("Last name").fill("Nowak")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Clarissa", timeout=PATIENCE_MS)
    page.goto(f"/clients/{people['clara']}/merging")
    page.get_by_label("Name or phone").fill("Clarissa")
    page.get_by_role("radio", name="Clarissa").check()
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("row", name="Last name").get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Merge the cards").dblclick()
    expect(page).to_have_url(f"{page.url.split('/clients')[0]}/clients/{people['clara']}", timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nowak", timeout=PATIENCE_MS)


def test_somebody_is_exported_and_erased_only_when_one_is_sure(page):
    sign_in(page, "owner", "/clients/new")
    page.get_by_label("First name").fill("Ephemera")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ephemera", timeout=PATIENCE_MS)
    page.locator("#content").get_by_text("More", exact=True).first.click()
    page.get_by_role("button", name="Everything that is held").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="JSON for programs").click()
    assert "Ephemera" in Path(taken.value.path()).read_text()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Erase the client").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("I am sure").check()
    dialog.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("heading", name="Clients")).to_be_visible(timeout=PATIENCE_MS)
    page.goto("/clients?q=Ephemera")
    expect(page.get_by_text("Nobody fits that.")).to_be_visible()


# --- a master on a phone --------------------------------------------------------------------------------------------


def test_a_master_sees_the_own_day_without_contacts_and_notes_something(page):
    page.set_viewport_size(PHONE)
    sign_in(page, "mila")
    expect(page).to_have_url(f"{page.url.split('/mine')[0]}/mine")
    visit = page.get_by_role("link", name="12:00–13:00")
    expect(visit).to_contain_text("Clara")
    picture(page, "master-day-en-phone")
    visit.click()
    expect(page.locator("#content")).to_contain_text("The card warns of a contraindication")
    assert "latex" not in page.content()
    assert "4567" not in page.content()
    notes = page.get_by_label("What should others know")
    notes.fill("Cut shorter next time")
    page.get_by_role("button", name="Add a note").click()
    expect(page.locator(".notes")).to_contain_text("Cut shorter next time", timeout=PATIENCE_MS)
    page.get_by_role("link", name="My figures").click()
    expect(page.get_by_text("Revenue of my services")).to_be_visible()
    expect(page.locator(".totals")).to_contain_text("2,500")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="My shifts").click()
    expect(page.get_by_text("09:00–21:00")).to_have_count(3)
    page.goto("/desk/appointments/01a20897-e34d-7093-948f-3763fca92d76/completing")
    expect(page.get_by_text("Your role does not include this.")).to_be_visible()


# --- search ---------------------------------------------------------------------------------------------------------


def test_one_box_finds_clients_masters_and_services_and_remembers_for_each_person(page, people):
    sign_in(page, "anna", f"/clients/{people['clara']}")
    page.goto("/clients")
    page.keyboard.press("/")
    found = page.locator("#found")
    expect(found).to_contain_text("Looked at last", timeout=PATIENCE_MS)
    expect(found).to_contain_text("Clara")
    page.keyboard.type("hair")
    expect(found.get_by_text("Haircut")).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Services")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("#who").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "mila")
    with page.expect_response(lambda answer: "/search" in answer.url) as answered:
        page.keyboard.press("/")
    assert "Clara" not in answered.value.text()
    expect(page.locator("#found")).not_to_contain_text("Clara")


# --- for everybody --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "theme", "size"), [("en", "light", None), ("ru", "dark", PHONE)])
def test_nothing_serious_stands_in_anybodys_way_on_pages_of_people(site, page, people, language, theme, size):
    sign_in(page, "owner")
    if size:
        page.set_viewport_size(size)
    url = {"url": site.url}
    page.context.add_cookies(
        [{"name": "lokon_language", "value": language} | url, {"name": "lokon_theme", "value": theme} | url]
    )
    clara = people["clara"]
    for address in (
        "/clients",
        f"/clients/{clara}",
        f"/clients/{clara}/edit",
        "/clients/duplicates",
        "/search?q=cla",
        "/me",
        "/mine/figures",
    ):
        page.goto(address)
        for name in (
            "visits",
            "notes",
            "loyalty",
            "account",
            "revenue",
            "perks",
            "habits",
            "consents",
            "files",
            "timeline",
        ):
            if page.locator(f"#part-{name}").count():
                part(page, name)
        page.wait_for_load_state("networkidle")
        if address.endswith(clara) and language == "ru":
            page.evaluate("scrollTo(0, 0)")
            picture(page, "client-ru-phone")
        assert findings(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= (size or {"width": 1280})["width"], address


def test_forms_of_people_without_their_token_do_nothing(site, page, people):
    sign_in(page, "owner")
    for address in (f"/clients/{people['clara']}/notes", "/clients", f"/clients/{people['clara']}/erase"):
        answer = page.context.request.post(
            f"{site.url}{address}", form={"text": "x", "first_name": "x", "key": "a" * 32}
        )
        assert answer.status == 403, address


def test_how_pages_look_follows_to_another_device(site, page, people, browser):
    """Last, because Mila keeps it."""
    sign_in(page, "mila", "/me")
    for name, value in (("language", "ru"), ("theme", "dark"), ("clock", "12"), ("names", "last_first")):
        page.locator(f"#look-{name}").select_option(value)
    page.locator("#look button").click()
    expect(page.get_by_role("heading", name="Как выглядят страницы")).to_be_visible(timeout=PATIENCE_MS)
    context = browser.new_context(base_url=site.url, locale="en-GB")
    other = sign_in(context.new_page(), "mila")
    expect(other.locator("html")).to_have_attribute("lang", "ru")
    expect(other.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(other.get_by_role("link", name="12:00 pm–1:00 pm")).to_be_visible()
    other.goto("/clients")
    expect(other.get_by_role("link", name=re.compile(r"N.+ Clara$"))).to_be_visible()
    context.close()
