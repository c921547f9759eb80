"""Booking in public in a real browser: by phone and keyboard, over a slow line, in a frame of another site."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests.e2e.systems import PASSWORD, running
from tests.e2e.web.conftest import ZONE
from tests.e2e.web.journeys import complaints_of, end, findings
from tests.e2e.web.pictures import DESKTOP, PHONE, picture

PATIENCE_MS = 20_000
FIRST_VIEW_BYTES = 150_000
SCRIPT = "<script>alert(1)</script>"


@dataclass
class Shop:
    """A running Lokon with a branch that anybody books in, one that wants phones confirmed, and two other sites."""

    url: str
    api: httpx.Client
    friend: str  # a site that may show the page in a frame
    stranger: str  # and one that may not
    branch: str = ""
    strict: str = ""
    service: str = ""
    booked: list[str] = field(default_factory=list)

    def post(self, path: str, **body: object) -> dict:
        answer = self.api.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def appointments(self, day: date) -> list[dict]:
        return self.api.get("/appointments", params={"from": str(day), "to": str(day), "limit": 200}).json()["items"]


@contextmanager
def a_site(folder: Path) -> Iterator[str]:
    """Another origin that serves the files of `folder`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("sites")
    with a_site(folder) as friend, a_site(folder) as stranger, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOKON_WIDGET_HOSTS", friend)
        with running("embedded") as system, httpx.Client(base_url=f"{system.url}/api/v1", timeout=30) as api:
            shop = Shop(system.url, api, friend, stranger)
            fill(shop)
            script = f'<script src="{shop.url}/widget.js" data-branch="{shop.branch}" async></script>'
            (folder / "index.html").write_text(f"<!doctype html><title>Salon</title><h1>Salon</h1>{script}")
            button = script.replace(" async", ' data-button="Book here" async')
            (folder / "button.html").write_text(f"<!doctype html><title>Salon</title><h1>Salon</h1>{button}")
            yield shop


def fill(shop: Shop) -> None:
    session = shop.post("/auth/login", login="owner", password=PASSWORD)
    shop.api.headers["Authorization"] = f"Bearer {session['access_token']}"
    price = {"amount": 250_000, "currency": "RUB"}
    shop.branch = shop.post("/branches", name=f"Centre {SCRIPT}", time_zone=ZONE.key, address="Main street 1")["id"]
    shop.strict = shop.post("/branches", name="North", time_zone=ZONE.key, policy={"confirm_phone": True})["id"]
    words = {"category": "Hair", "duration_minutes": 60, "price": price}
    picture = shop.api.post("/pictures", content=noise(600), headers={"Content-Type": "image/png"}).json()["id"]
    shop.service = shop.post("/services", name=f"Cut {SCRIPT}", description=SCRIPT, picture_id=picture, **words)["id"]
    shop.post("/services", name="Colour", category="Hair", duration_minutes=90, price=price)
    today = datetime.now(ZONE).date()
    for name, branch in (("Mila <b>", shop.branch), ("Olga", shop.strict)):
        master = shop.post("/masters", name=name, service_ids=[shop.service])
        days = [{"date": str(today + timedelta(days=n)), "starts": "09:00", "ends": "21:00"} for n in range(4)]
        done = shop.api.put(f"/masters/{master['id']}/shifts", json={"branch_id": branch, "shifts": days})
        assert done.is_success, done.text


def noise(side: int) -> bytes:
    """A picture that nothing makes small but fewer pixels."""
    written = io.BytesIO()
    Image.frombytes("RGB", (side, side), Random(1).randbytes(side * side * 3)).save(written, "PNG")
    return written.getvalue()


def a_day(ahead: int) -> date:
    """A day of its own for each test, so that none takes another's time."""
    return datetime.now(ZONE).date() + timedelta(days=ahead)


@contextmanager
def visitor(browser: Browser, url: str, bears: str = "status of 4", **words: object) -> Iterator[BrowserContext]:
    """Somebody's browser; whatever its console complains about fails the test, a broken policy too."""
    context = browser.new_context(base_url=url, timezone_id="Pacific/Pago_Pago", **words)
    context.set_default_timeout(PATIENCE_MS)
    complaints = complaints_of(context)
    yield context
    end(context, complaints, bears)


@pytest.fixture
def page(shop: Shop, browser: Browser) -> Iterator[Page]:
    with visitor(browser, shop.url, locale="en-GB") as context:
        yield context.new_page()


@pytest.fixture
def phone(shop: Shop, browser: Browser) -> Iterator[Page]:
    """A small one, in Russian and at night."""
    with visitor(browser, shop.url, locale="ru-RU", viewport=PHONE, color_scheme="dark") as context:
        yield context.new_page()


def to_details(shop: Shop, page: Page, clock: str, day: date, branch: str = "") -> None:
    page.goto(f"/book/{branch or shop.branch}?service={shop.service}&day={day}")
    page.get_by_role("button", name=clock, exact=True).click()
    expect(page.locator("#field-phone")).to_be_visible()


def fill_in(page: Page | FrameLocator, name: str, phone: str) -> None:
    page.locator("#field-first_name").fill(name)
    page.locator("#field-phone").fill(phone)


def to_day(page: Page | FrameLocator, place: int) -> None:
    day = page.locator(".week .pill").nth(place)
    day.click()
    expect(day).to_have_attribute("aria-current", "date", timeout=PATIENCE_MS)


def sound(page: Page, width: int) -> None:
    """Nothing stands in anybody's way, and nothing has to be scrolled sideways."""
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_books_moves_and_cancels_with_what_was_typed_as_text(shop, phone):
    width, day = PHONE["width"], a_day(1)
    loaded: list[int] = []
    phone.on("response", lambda answer: loaded.append(len(answer.body()) if answer.status == 200 else 0))
    phone.goto("/book")
    phone.get_by_role("link", name="Centre").click()
    phone.wait_for_load_state("networkidle")
    assert 0 < sum(loaded) < FIRST_VIEW_BYTES  # both pages together, and not compressed
    sound(phone, width)
    picture(phone, "book-ru-phone")
    phone.get_by_role("button", name="Дальше: время").click()
    expect(phone.locator("#none-chosen")).to_be_in_viewport()
    phone.get_by_label("Cut").check()
    phone.get_by_role("button", name="Дальше: время").press("Enter")
    expect(phone.get_by_role("heading", name="Выберите время")).to_be_visible()
    to_day(phone, 1)
    sound(phone, width)
    picture(phone, "book-times-ru-phone")
    phone.get_by_role("button", name="12:00", exact=True).click()
    expect(phone.get_by_text("держится за вами")).to_be_visible()
    fill_in(phone, SCRIPT, "12")
    phone.get_by_role("button", name="Записаться").click()
    expect(phone.locator("#field-phone")).to_have_attribute("aria-invalid", "true")
    expect(phone.locator("#field-first_name")).to_have_value(SCRIPT)
    phone.locator("#field-phone").fill("8 916 100-00-01")
    sound(phone, width)
    phone.get_by_role("button", name="Записаться").dblclick()
    expect(phone.get_by_text("Вы записаны.")).to_be_visible()
    sound(phone, width)
    picture(phone, "book-done-ru-phone")
    (booked,) = shop.appointments(day)
    assert booked["channel"] == "online"
    link = phone.url
    assert re.fullmatch(rf"{re.escape(shop.url)}/visit\?done=1#[\w-]{{43}}", link)

    phone.go_back()  # to where the form was, which is done
    expect(phone.get_by_role("heading", name="Вы уже записаны")).to_be_visible()
    expect(phone.locator("#field-phone")).to_have_count(0)
    sound(phone, width)
    assert len(shop.appointments(day)) == 1
    phone.goto(link)

    with phone.expect_download() as download:
        phone.get_by_role("button", name="Добавить в календарь").click()
    assert "BEGIN:VEVENT" in Path(download.value.path()).read_text()
    phone.get_by_role("button", name="Перенести визит").click()
    phone.locator("#visit .times").get_by_role("button", name="15:00", exact=True).click()
    expect(phone.get_by_text("Перенесено.")).to_be_focused()
    expect(phone.locator("#visit .when")).to_contain_text("15:00–16:00")
    phone.get_by_text("Отменить визит", exact=True).click()
    phone.get_by_role("button", name="Да, отменить визит").click()
    expect(phone.get_by_text("Этот визит отменён.")).to_be_visible()
    assert [each["status"] for each in shop.appointments(day)] == ["cancelled"]


def test_names_of_services_stay_whole_beside_what_they_may_cost(shop, phone):
    least, most = {"amount": 1_350_000, "currency": "RUB"}, {"amount": 1_420_000, "currency": "RUB"}
    words = {"category": "Evenings", "duration_minutes": 75, "price": least, "price_max": most}
    service = shop.post("/services", name="Hairdressing", **words)["id"]
    master = shop.post("/masters", name="Rita", service_ids=[service])["id"]
    days = [{"date": str(a_day(1)), "starts": "09:00", "ends": "21:00"}]
    done = shop.api.put(f"/masters/{master}/shifts", json={"branch_id": shop.branch, "shifts": days})
    assert done.is_success, done.text
    phone.goto(f"/book/{shop.branch}?lang=en")
    name = phone.get_by_text("Hairdressing", exact=True)
    lines = name.evaluate("name => name.getClientRects().length")
    assert lines == 1
    expect(phone.get_by_text("from RUB 13,500 to RUB 14,200")).to_be_visible()
    sound(phone, PHONE["width"])


def test_who_loses_the_time_keeps_what_they_typed_and_takes_another(shop, page):
    day = a_day(2)
    to_details(shop, page, "12:00", day)
    fill_in(page, "Vera", "+7 916 100-00-02")
    page.locator("summary").click()
    page.get_by_label("What should the salon know?").fill("with a dog")
    page.get_by_role("button", name="Another time").click()  # and back: it is free for them, and nothing typed is lost
    page.get_by_role("button", name="12:00", exact=True).click()
    expect(page.locator("#field-phone")).to_have_value("+7 916 100-00-02")
    expect(page.get_by_label("What should the salon know?")).to_have_value("with a dog")
    hold = page.locator("input[name=hold]").input_value()
    shop.post(f"/holds/{hold}/release")
    client = shop.post("/clients", first_name="Faster")
    starts = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE).isoformat()
    segments = [{"service_id": shop.service}]
    shop.post("/appointments", branch_id=shop.branch, client_id=client["id"], starts=starts, segments=segments)
    page.get_by_role("button", name="Book the visit").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else has taken this time meanwhile")
    expect(page.get_by_label("What should the salon know?")).to_have_value("with a dog")
    sound(page, 1280)
    picture(page, "book-taken-en", size=DESKTOP)
    page.get_by_role("button", name="13:00").click()
    expect(page.get_by_text("You are booked.")).to_be_visible()
    expect(page.locator("#visit .when")).to_contain_text("13:00–14:00")
    comments = [each["comment"] for each in shop.appointments(day)]
    assert "with a dog" in comments


def test_without_scripts_a_visit_is_booked_all_the_same(shop, browser):
    day = a_day(3)
    with visitor(browser, shop.url, locale="en-GB", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"/book/{shop.branch}")
        page.get_by_label("Cut").check()
        page.get_by_role("button", name="Next: the time").click()
        to_day(page, 3)
        page.get_by_role("button", name="10:00", exact=True).click()
        fill_in(page, "Anna", "+7 916 100-00-03")
        page.get_by_role("button", name="Book the visit").click()
        expect(page.get_by_text("You are booked if you come from the booking page.")).to_be_visible()
    assert len(shop.appointments(day)) == 1


def test_a_site_that_is_named_shows_the_page_and_books_in_it(shop, browser):
    day = a_day(3)
    with visitor(browser, shop.friend, locale="en-GB", viewport=PHONE) as context:
        page = context.new_page()
        page.goto("/?utm_source=instagram")
        frame = page.frame_locator(".lokon-booking iframe")
        frame.get_by_label("Cut").check()
        low = page.locator(".lokon-booking iframe").bounding_box()
        frame.get_by_role("button", name="Next: the time").click()
        to_day(frame, 3)
        frame.get_by_role("button", name="18:00", exact=True).click()
        fill_in(frame, "Dina", "+7 916 100-00-04")
        picture(page, "book-widget-en-phone")
        high = page.locator(".lokon-booking iframe").bounding_box()
        assert low and high and low["height"] != high["height"]
        frame.get_by_role("button", name="Book the visit").dblclick()
        expect(frame.get_by_text("You are booked.")).to_be_visible()
        expect(frame.get_by_role("link", name="Link to this visit")).to_have_attribute("href", re.compile("^/visit.*#"))
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert [each["channel"] for each in shop.appointments(day)].count("instagram") == 1


def test_a_button_opens_the_page_and_escape_closes_it_with_what_was_typed(shop, browser):
    with visitor(browser, shop.friend, locale="en-GB", viewport=PHONE) as context:
        page = context.new_page()
        page.goto("/button.html")
        button, frame = page.get_by_role("button", name="Book here"), page.frame_locator(".lokon-booking iframe")
        expect(button).to_have_attribute("aria-expanded", "false")
        button.press("Enter")
        cut = frame.get_by_label("Cut")
        cut.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Escape")
        expect(page.locator(".lokon-booking iframe")).to_be_hidden()
        expect(button).to_be_focused()
        page.keyboard.press("Enter")
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(cut).to_be_checked()


def test_a_site_that_is_not_named_shows_nothing(shop, browser):
    context = browser.new_context(base_url=shop.stranger)
    page = context.new_page()
    with page.expect_console_message(lambda line: "frame-ancestors" in line.text, timeout=PATIENCE_MS):
        page.goto("/")
    expect(page.locator(".lokon-booking iframe")).to_be_visible(timeout=PATIENCE_MS)
    assert page.frame_locator(".lokon-booking iframe").get_by_label("Cut").count() == 0
    context.close()


def test_a_link_that_is_not_whole_says_so(shop, page):
    page.goto("/visit")
    expect(page.get_by_role("alert").filter(has_text="This link is not complete")).to_be_visible()
    page.goto("/visit#" + "x" * 43)
    page.reload()
    expect(page.get_by_role("alert").filter(has_text="There is no such visit")).to_be_visible()


def test_while_the_salon_is_away_the_form_stays_and_can_be_sent_again(shop, browser):
    away = "<p class='trouble' role='alert'>Not just now.</p>"
    with visitor(browser, shop.url, "status of 503", locale="en-GB") as context:
        page = context.new_page()
        to_details(shop, page, "20:00", a_day(2))
        fill_in(page, "Rita", "+7 916 100-00-07")
        page.route("**/details", lambda route: route.fulfill(status=503, content_type="text/html", body=away), times=1)
        page.get_by_role("button", name="Book the visit").click()
        expect(page.locator("#lost")).to_have_text("Not just now.")
        expect(page.locator("#field-first_name")).to_have_value("Rita")
        page.get_by_role("button", name="Book the visit").click()
        expect(page.get_by_text("You are booked.")).to_be_visible()


def test_no_key_stands_in_any_log(shop, page):
    to_details(shop, page, "19:00", a_day(1))
    fill_in(page, "Olga", "+7 916 100-00-05")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.get_by_role("button", name="Book the visit").click()
    expect(page.get_by_text("You are booked.")).to_be_visible()
    key = page.url.partition("#")[2]
    assert len(key) == 43
    assert not any(key in url.partition("#")[0] for url in sent)


def test_a_branch_that_wants_it_has_the_phone_confirmed_by_a_code(shop, page):
    to_details(shop, page, "12:00", a_day(1), shop.strict)
    fill_in(page, "Clara", "+7 916 100-00-06")
    page.get_by_role("button", name="Get a code").click()
    code = page.get_by_label("Code from the message")
    expect(code).to_be_visible()
    sound(page, 1280)
    outbox = shop.api.get("/auth/codes").json()["items"]
    (sent,) = [each for each in outbox if each["phone"].endswith("1000006")]
    code.fill("000000" if sent["code"] != "000000" else "111111")
    page.get_by_role("button", name="Book the visit").click()
    expect(page.get_by_role("alert").filter(has_text="This is not the code.")).to_contain_text("4 tries are left")
    expect(code).to_be_focused()

    page.reload()  # as phones do after their owner has looked at the message
    expect(code).to_be_focused()
    expect(page.locator("#field-first_name")).to_have_value("Clara")
    code.fill(sent["code"])
    code.press("Enter")
    expect(page.get_by_text("You are booked.")).to_be_visible()


def test_over_a_slow_line_the_first_view_is_light_and_of_use(shop, browser):
    """Every byte on the wire counts, headers and pictures too, with nothing in the browser's cache."""
    with visitor(browser, shop.url, locale="en-GB", viewport=PHONE) as context:
        page = context.new_page()
        line, arrived = context.new_cdp_session(page), []
        line.on("Network.loadingFinished", lambda told: arrived.append(told["encodedDataLength"]))
        line.send("Network.enable")
        line.send("Network.setCacheDisabled", {"cacheDisabled": True})
        slow = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}  # bytes each second
        line.send("Network.emulateNetworkConditions", {"offline": False, **slow})
        page.goto(f"/book/{shop.branch}", wait_until="networkidle")
        assert page.locator("img.picture").evaluate("each => each.naturalWidth") == 128
        assert len(arrived) >= 5  # the page, its sheet, two scripts, a picture
        assert 0 < sum(arrived) < FIRST_VIEW_BYTES
        page.get_by_label("Cut").check()
        page.get_by_role("button", name="Next: the time").click()
        expect(page.get_by_role("heading", name="Choose a time")).to_be_visible()


def test_what_the_salon_needs_is_agreed_to_before_a_visit_is_booked(shop, phone):
    """With the version that was read; what is ticked stays while another time is looked for."""
    text = f"We keep your name. {SCRIPT}"
    shop.post("/consent-documents", purpose="processing", title=f"Data {SCRIPT}", text=text, asked_online="required")
    shop.post("/consent-documents", purpose="photos", title="Photos", text="Of hair.", asked_online="optional")
    day = a_day(3)
    try:
        to_details(shop, phone, "12:00", day)
        fill_in(phone, "Nina", "8 916 100-00-08")
        needed = phone.get_by_role("checkbox", name="Data <script>")
        sound(phone, PHONE["width"])
        phone.get_by_role("button", name="Записаться").click()
        assert needed.evaluate("box => box.validity.valueMissing")  # and the browser says so, beside the box
        phone.get_by_text("Прочитать текст").first.click()
        expect(phone.get_by_text(text)).to_be_visible()
        needed.check()
        phone.get_by_role("button", name="Другое время").click()
        phone.get_by_role("button", name="13:00", exact=True).click()
        expect(needed).to_be_checked()
        expect(phone.get_by_role("checkbox", name="Photos")).not_to_be_checked()
        newer = {"title": "Data", "text": "We keep your phone, too.", "asked_online": "required"}
        shop.post("/consent-documents", purpose="processing", **newer)
        phone.get_by_role("button", name="Записаться").click()
        expect(phone.get_by_role("alert").filter(has_text="Текст согласия за это время изменился")).to_be_visible()
        phone.get_by_role("checkbox", name="Data").check()
        picture(phone, "book-consents-ru-phone")
        phone.get_by_role("button", name="Записаться").click()
        expect(phone.get_by_text("Вы записаны.")).to_be_visible()
    finally:
        for purpose in ("processing", "photos"):
            shop.post("/consent-documents", purpose=purpose, title="Not online", text="At the desk.")
    (booked,) = [each for each in shop.appointments(day) if each["starts"][11:16] == "13:00"]
    given = shop.api.get(f"/clients/{booked['client_id']}/consents").json()["items"]
    assert [(one["purpose"], one["document_version"], one["channel"]) for one in given] == [("processing", 2, "online")]
