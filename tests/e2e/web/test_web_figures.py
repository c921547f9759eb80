"""Figures in a real browser: pictures and their tables, who brought whom, a dashboard that somebody arranges."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.web.journeys import complaints_of, end, findings, sign_in
from tests.e2e.web.pictures import DESKTOP, PHONE, picture

PATIENCE_MS = 20_000
SECRET = "correct horse battery staple"


@pytest.fixture(scope="module")
def signed_in(site, browser: Browser) -> dict[str, object]:
    """The cookies of the owner, so that not every test goes through the door."""
    context = browser.new_context(base_url=site.url, locale="en-GB")
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Login").fill("owner")
    page.get_by_label("Password").fill(site.password)
    page.get_by_label("Password").press("Enter")
    expect(page).to_have_url(re.compile("/dashboards/"), timeout=PATIENCE_MS)  # where an owner's day begins
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(site, browser: Browser, signed_in) -> Iterator[Page]:
    """What the console complains about fails the test."""
    context = browser.new_context(base_url=site.url, locale="en-GB", storage_state=signed_in)
    context.set_default_timeout(PATIENCE_MS)
    complaints = complaints_of(context)
    yield context.new_page()
    end(context, complaints)


def drawn(page: Page, count: int = 1) -> None:
    """That many pictures, each with colours on it."""
    expect(page.locator(".plot canvas")).to_have_count(count, timeout=PATIENCE_MS)
    coloured = (
        """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"""
    )
    for at in range(count):
        assert page.locator(".plot canvas").nth(at).evaluate(coloured)


def look(page: Page, site, language: str, theme: str) -> None:
    cookies = {"lokon_language": language, "lokon_theme": theme}
    page.context.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in cookies.items()])


# --- pages ----------------------------------------------------------------------------------------------------------


def test_months_are_bars_and_a_table_and_go_by_what_is_chosen(page):
    page.goto("/figures")
    drawn(page, 2)
    rows = page.locator(".figures-table tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("RUB\u00a05,000")
    expect(page.locator(".totals")).to_contain_text("RUB\u00a07,500")
    page.get_by_label("Group by").select_option("service")
    expect(page).to_have_url(re.compile("group_by=service"))
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Haircut")
    with page.expect_download() as taken:
        page.get_by_role("link", name="XLSX").click()
    assert taken.value.path().read_bytes().startswith(b"PK")


def test_the_sources_unfold_to_who_brought_whom_with_money(page):
    page.goto("/figures/sources")
    drawn(page)
    instagram = page.locator(".sources-tree summary", has_text="instagram")
    expect(instagram).to_contain_text("Clients: 2 Visits: 3 Revenue: RUB\u00a07,500")
    instagram.press("Enter")  # by keyboard; what is below is asked for now
    clara = page.locator(".sources-tree summary", has_text="Clara")
    expect(clara).to_contain_text("<b>Novak</b>")  # a name is a text
    clara.press("Enter")
    expect(page.locator(".sources-tree .leaf", has_text="Dina")).to_contain_text("Revenue: RUB\u00a02,500")
    page.locator(".sources-tree details", has_text="instagram").get_by_role(
        "link", name="Look at this part"
    ).first.click()
    expect(page.get_by_role("navigation", name="Where you are")).to_contain_text("instagram")
    page.go_back()
    expect(page.get_by_role("navigation", name="Where you are")).to_have_count(0)


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ru", "dark")])
def test_nothing_of_figures_stands_in_anybodys_way(site, page, language, theme):
    look(page, site, language, theme)
    for address in ("/figures", "/figures/sources", "/figures/heat-map", "/figures/standings", "/dashboard"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert (address, findings(page)) == (address, [])


def test_a_phone_shows_figures_without_scrolling_sideways(page):
    page.set_viewport_size(PHONE)
    for address in ("/figures", "/figures/sources", "/figures/retention", "/figures/standings", "/dashboard"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert (address, page.evaluate("document.documentElement.scrollWidth")) == (address, PHONE["width"])


def test_every_figure_says_something_in_russian(site, page):
    """With so few visits most have nothing to show; then they say why, and what to do."""
    look(page, site, "ru", "light")
    page.goto("/figures")
    addresses = page.locator(".figures-menu a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert len(addresses) == 20
    for address in addresses:
        page.goto(address)
        expect(page.locator(".figures-body h1")).to_contain_text(re.compile("[а-я]"))
        expect(page.locator(".figures-body").locator(".plot canvas, .empty, table, .totals").first).to_be_visible()
        for empty in page.locator(".figures-body .empty").all():
            expect(empty).to_contain_text(re.compile("[а-я]"))


# --- a dashboard ----------------------------------------------------------------------------------------------------


def titles(page: Page) -> list[str]:
    return page.locator(".widget h2").all_inner_texts()


def saving(page: Page) -> object:
    return page.expect_response(lambda answer: answer.url.endswith("/layout") and answer.status == 204)


def test_an_owner_arranges_a_dashboard_by_keyboard_and_by_hand_and_it_stays(page):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/dashboard")
    expect(page.get_by_role("heading", name="For the owner")).to_be_visible()
    expect(page.locator(".widget .plot canvas").first).to_be_visible()
    page.get_by_role("button", name="Arrange as my own").dblclick()
    expect(page).to_have_url(re.compile(r"arrange=1"))
    expect(page.get_by_role("heading", name="My dashboard", exact=True)).to_be_visible()
    before = titles(page)
    assert before[:2] == ["Visits and revenue: month", "Visits and revenue: branch"]
    picture(page, "dashboard-arranging-en", size=DESKTOP)
    with saving(page):
        page.get_by_role("group", name="Arrange “Visits and revenue: branch”").get_by_label("Earlier").press("Enter")
    with saving(page):
        page.get_by_role("group", name="Arrange “Visits and revenue: branch”").get_by_label("Wider").press("Enter")
    assert page.locator(".widget").first.get_attribute("data-width") == "8"
    edge, row = page.locator(".widget").first.locator(".widget-edge"), page.locator("#widgets").bounding_box()
    edge.hover()  # at rest, whatever its picture grew to
    page.mouse.down()
    page.mouse.move(row["x"] + row["width"] / 3, edge.bounding_box()["y"] + 40, steps=5)
    with saving(page):
        page.mouse.up()
    with saving(page):
        page.get_by_label("Remove “Occupancy”").click()
    with saving(page):
        page.locator(".widget", has_text="Who stays away").locator(".card-header").drag_to(
            page.locator(".widget", has_text="Where clients come from").locator(".card-header")
        )
    after = titles(page)
    assert after[:2] == ["Visits and revenue: branch", "Visits and revenue: month"]
    assert "Occupancy" not in after
    assert after.index("Who stays away") < after.index("Where clients come from")
    page.get_by_role("button", name="Add a widget").click()
    dialog = page.get_by_role("dialog")
    expect(page.locator(".htmx-added")).to_have_count(0)  # it listens from now on
    dialog.get_by_label("Figure").select_option("retention")
    expect(dialog.get_by_label("Within")).to_be_visible()
    dialog.get_by_label("Title").fill("<i>Again</i>")
    dialog.get_by_role("button", name="Add", exact=True).dblclick()
    expect(page.get_by_role("heading", name="<i>Again</i>")).to_be_visible()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    assert titles(page) == [*after, "<i>Again</i>"]
    assert page.locator(".widget").first.get_attribute("data-width") == "4"
    page.goto("/dashboard")  # the own one is where the day begins from now on
    expect(page.get_by_role("heading", name="My dashboard", exact=True)).to_be_visible()
    page.get_by_text("Other dashboards").click()
    assert page.locator(".dashboard-others a", has_text="My dashboard").count() == 1  # a double click made one


# --- saved segments -------------------------------------------------------------------------------------------------


def test_a_segment_is_put_together_counted_and_saved_once(page):
    page.goto("/segments/new")
    page.get_by_label("What it is called").fill("<b>Came lately</b>")
    first, second = (page.locator(".condition").nth(at) for at in range(2))
    first.get_by_label("Value").fill("1")
    second.get_by_label("How").select_option("below")
    second.get_by_label("Value").fill("many")
    page.get_by_role("button", name="Count them").click()
    expect(page.get_by_text("Condition 2: this must be a number.").first).to_be_visible()
    expect(second.get_by_label("Value")).to_have_value("many")  # what was typed stays
    second.get_by_label("Value").fill("2")
    page.get_by_role("button", name="Count them").click()
    expect(page.get_by_text("1 of 2 clients")).to_be_visible()
    page.get_by_role("button", name="Add a group").press("Enter")  # by keyboard
    inner = page.locator(".condition-group .condition-group")
    inner.get_by_label("What", exact=True).select_option(label="Was brought by a client")
    expect(inner.get_by_label("How")).to_have_count(0)
    inner.get_by_label("Value").select_option("yes")
    inner.get_by_label("Which of these must hold").select_option("none")
    assert findings(page) == []
    page.get_by_role("button", name="Save", exact=True).dblclick()
    expect(page.get_by_role("heading", name="<b>Came lately</b>")).to_be_visible()
    expect(page.locator(".said-group .said-group")).to_have_text(
        re.compile("None of these holds:.*brought by a client is yes", re.DOTALL)
    )
    page.goto("/segments")
    expect(page.get_by_role("link", name="<b>Came lately</b>")).to_have_count(1)
    assert findings(page) == []


# --- of one branch --------------------------------------------------------------------------------------------------


@pytest.fixture
def of_harbour(site, browser: Browser) -> Iterator[Page]:
    """The phone of somebody who manages another branch, where nobody has been yet."""
    with httpx.Client(base_url=f"{site.url}/api/v1", timeout=20) as api:

        def made(path: str, **said: object) -> dict[str, Any]:
            answer: dict[str, Any] = api.post(path, json=said).raise_for_status().json()
            return answer

        owner = made("/auth/login", login="owner", password=site.password)
        api.headers["Authorization"] = f"Bearer {owner['access_token']}"
        branch = made("/branches", name="Harbour", time_zone="Europe/Moscow", address="2 Quay", opening_hours=[])
        made("/users", login="mira", name="Mira", role="manager", branch_ids=[branch["id"]], password=SECRET)
    context = browser.new_context(base_url=site.url, locale="ru-RU", viewport=PHONE)
    context.set_default_timeout(PATIENCE_MS)
    complaints = complaints_of(context)
    page = context.new_page()
    sign_in(page, SECRET, login="mira")
    yield page
    end(context, complaints)


def test_a_manager_sees_the_figures_of_their_branch_alone(of_harbour):
    page = of_harbour
    expect(page.get_by_role("heading", name="Для управляющего")).to_be_visible()
    for address in ("/figures", "/figures/sources", "/figures/standings", "/figures/retention", "/loyalty", "/shifts"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        main = page.get_by_role("main")
        expect(main.get_by_role("heading").first).to_be_visible()
        for of_others in ("7\u00a0500", "5\u00a0000", "Centre", "Clara"):
            expect(main).not_to_contain_text(of_others)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert (address, findings(page)) == (address, [])
    page.goto("/figures/sources")
    expect(page.get_by_role("main")).to_contain_text("Пока")  # why there is nothing
