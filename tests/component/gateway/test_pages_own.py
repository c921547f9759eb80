"""A client's own pages without services: the door of codes, whose pages they are, and what is not theirs."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from contracts.auth import (
    CodeSignIn,
    ListOutgoingCodes,
    Me,
    OfferedCard,
    SendCode,
    SentCode,
    Session,
    ShowMe,
    SignInWithCode,
)
from contracts.booking import (
    CancelAppointment,
    ListOwnAppointments,
    MoveOwnAppointment,
    OnlineBranch,
    OwnAppointment,
)
from contracts.clients import (
    Account,
    Client,
    EraseClient,
    ExportClient,
    GiveConsent,
    ListConsentDocuments,
    ListConsents,
    Preferences,
    ShowAccount,
    ShowClient,
    WithdrawConsent,
)
from contracts.message import Page
from kernel.errors import Conflict, Gone, Invalid, NotFound, Throttled
from kernel.money import Money
from kernel.time import utc_now
from services.auth.domain import CLIENT
from tests.builders import CLARA, OWNER, a_user
from tests.component.gateway.conftest import Web

ME = a_user(*CLIENT, client_id=CLARA, session_id=uuid4(), reveals_per_shift=0, history_days=0)
WHO = Me(ME.id, "client-1", "Clara", ("client",), (), ())
SENT_ID = uuid4()
VISIT = UUID("0199c000-0000-7000-8000-000000000032")
_NAMES = ("Clara", None, None, None)
_NO_SOURCE = (None, None, None, None)
CARD = Client(CLARA, *_NAMES, *_NO_SOURCE, Preferences(), None, utc_now(), 1, phones=("+79161234567",))
HTMX = {"HX-Request": "true"}
PAGE = {"Accept": "text/html"}


def token_of(web, caller=ME):
    return web.as_(caller)["Authorization"].removeprefix("Bearer ")


def csrf_in(answer):
    return re.search(r'name="csrf" (?:content|value)="(\w+)"', answer.text)[1]


def session_of(web, caller=ME):
    return Session(token_of(web, caller), "Bearer", 600, "refresh-1", WHO)


@pytest.fixture
def door(web):
    """The door, with its token; codes are sent."""
    now = utc_now()
    web.bus.answers[SendCode] = SentCode(SENT_ID, now + timedelta(minutes=10), now + timedelta(minutes=1))
    web.csrf = csrf_in(web.http.get("/my/sign-in"))
    return web


@pytest.fixture
def client(web):
    web.bus.answers |= {ShowMe: WHO, ListOwnAppointments: Page(())}
    web.http.set_cookie("lokon_access", token_of(web))
    return web


def enter(door, **fields):
    return door.http.post("/my/sign-in", data={"csrf": door.csrf, "id": str(SENT_ID), "code": "123456"} | fields)


# --- the door -------------------------------------------------------------------------------------------------------


def test_who_is_signed_out_comes_to_the_door_of_clients(web):
    """Also from a part of a page: nothing typed there would be worth a dialog over it."""
    answer = web.http.get("/my/data", headers=PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/my/sign-in?to=%2Fmy%2Fdata")
    answer = web.http.get("/my/ahead", headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/my/sign-in")


def test_the_phone_is_kept_on_the_device_and_never_in_an_address(door):
    answer = door.http.post("/my/sign-in/code", data={"csrf": door.csrf, "phone": "8 903 123-45-67"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/my/sign-in/code?id={SENT_ID}")
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("lokon_phone=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/my/sign-in", "Max-Age=600"} <= set(cookie.split("; "))
    assert "8 903 123-45-67" in door.http.get(answer.headers["Location"]).text
    (asked,) = door.bus.asked_of(SendCode)
    assert (asked.phone, asked.for_what, asked.address) == ("8 903 123-45-67", "sign_in", "127.0.0.1")


@pytest.mark.parametrize(
    ("refusal", "status", "text"),
    [
        (Invalid.field("phone", "phone_invalid", "no"), 422, "This is not a phone number."),
        (Throttled("code_too_soon", "no", retry_after=60), 429, "A code has just been sent to this phone."),
        (Throttled("too_many_codes", "no", retry_after=60), 429, "Too many codes were asked for."),
    ],
)
def test_what_stands_against_a_code_is_told_and_the_phone_stays(door, refusal, status, text):
    door.bus.answers[SendCode] = refusal
    answer = door.http.post("/my/sign-in/code", data={"csrf": door.csrf, "phone": "<b>12"})
    assert answer.status_code == status
    assert text in answer.text
    assert 'value="&lt;b&gt;12"' in answer.text


def test_a_right_code_signs_in_and_leads_to_where_they_wanted_on_this_site_only(door):
    door.bus.answers[SignInWithCode] = CodeSignIn(session_of(door))
    for to, there in (("/my/data", "/my/data"), ("", "/my"), ("https://evil.example", "/my")):
        answer = enter(door, code="123 456", to=to)
        assert (answer.status_code, answer.headers["Location"]) == (303, there)
        assert any(each.startswith("lokon_access=") for each in answer.headers.getlist("Set-Cookie"))
    assert {asked.code for asked in door.bus.asked_of(SignInWithCode)} == {"123456"}


def test_where_they_wanted_goes_along_through_every_step(door):
    cards = tuple(OfferedCard(uuid4(), name) for name in ("Ada", "Bela"))
    door.bus.answers[SignInWithCode] = CodeSignIn(None, cards)
    goes_along = 'name="to" value="/my/data"'
    assert goes_along in door.http.get("/my/sign-in?to=/my/data").text
    answer = door.http.post("/my/sign-in/code", data={"csrf": door.csrf, "phone": "8 903 1234567", "to": "/my/data"})
    code = door.http.get(answer.headers["Location"]).text
    assert goes_along in code
    assert f"/my/sign-in/code?id={SENT_ID}&amp;to=%2Fmy%2Fdata" in code  # also for who wants another language
    assert goes_along in enter(door, to="/my/data").text


def test_a_client_who_signs_out_comes_to_the_door_of_clients(client):
    csrf = csrf_in(client.http.get("/my"))
    assert client.http.post("/sign-out", data={"csrf": csrf}).headers["Location"] == "/my/sign-in"


def test_a_form_of_a_page_whose_session_has_ended_leads_to_the_door(web):
    answer = web.http.post("/my/export", data={"csrf": "x", "format": "pdf"}, headers=PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/my/sign-in")


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (Invalid("code_wrong", "no", errors={"code": ["wrong"]}, tries_left=1), "1 try is left."),
        (Invalid("code_wrong", "no", errors={"code": ["wrong"]}, tries_left=0), "Ask for another code."),
        (Gone("code_expired", "no"), "This code is of no use any more."),
    ],
)
def test_a_wrong_code_is_told_with_what_to_do(door, refusal, text):
    door.bus.answers[SignInWithCode] = refusal
    assert text in enter(door).text
    assert str(SENT_ID) in enter(door).text


@pytest.mark.parametrize("code", ["12345", "abcdef", "１２３４５６", "1" * 40])
def test_what_is_no_code_is_not_asked_about(door, code):
    assert enter(door, code=code).status_code == 422
    assert door.bus.asked_of(SignInWithCode) == []


def test_of_a_family_each_is_offered_apart_and_nobody_without_a_card_is_let_in(door):
    cards = tuple(OfferedCard(uuid4(), name) for name in ("Ada", "Ada", "<b>Bela"))
    door.bus.answers[SignInWithCode] = CodeSignIn(None, cards)
    text = enter(door).text
    assert ("Ada (1)" in text, "Ada (2)" in text, "&lt;b&gt;Bela" in text) == (True, True, True)
    assert str(cards[2].client_id) in text
    door.bus.answers[SignInWithCode] = Conflict("card_missing", "no")
    answer = enter(door)
    assert "the salon does not know this phone yet" in answer.text
    assert not [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("lokon_access=")]


@pytest.mark.parametrize("path", ["/my/sign-in", "/my/sign-in/code"])
@pytest.mark.parametrize("token", [None, "0" * 64])
def test_the_door_takes_no_form_of_another_site(door, path, token):
    form = {"phone": "+79031234567", "id": str(SENT_ID), "code": "123456"} | ({"csrf": token} if token else {})
    assert door.http.post(path, data=form).status_code == 403
    assert door.bus.asked_of(SendCode) == door.bus.asked_of(SignInWithCode) == []


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "192.0.2.7"), (2, "198.51.100.9")])
def test_codes_are_counted_by_the_address_that_trusted_servers_in_front_tell(tmp_path, proxies, address):
    """What stands before theirs anybody may have written."""
    web = Web(tmp_path / "keys", proxies=proxies)
    web.bus.answers[SendCode] = SentCode(SENT_ID, utc_now(), utc_now())
    told = {"X-Forwarded-For": "203.0.113.1, 198.51.100.9, 192.0.2.7"}
    web.http.post("/api/v1/auth/codes", json={"phone": "+79031234567", "for_what": "sign_in"}, headers=told)
    assert [asked.address for asked in web.bus.asked_of(SendCode)] == [address]


# --- whose pages ----------------------------------------------------------------------------------------------------


def test_a_client_is_at_home_on_their_page_and_sees_no_menu_of_staff(client):
    assert client.http.get("/").headers["Location"] == "/my"
    text = client.http.get("/my").text
    menu = re.search(r'<nav aria-label="Main menu".*?</nav>', text, re.DOTALL)[0]
    assert re.findall(r'href="([^"]+)"', menu) == ["/my", "/my/benefits", "/my/invitation", "/my/data"]
    assert 'role="search"' not in text
    assert client.http.get("/codes").status_code == 403
    for page_of_staff in ("/settings", "/desk", "/mine", "/me"):
        answer = client.http.get(page_of_staff)
        assert (answer.status_code, answer.headers.get("Location")) in ((303, "/my"), (403, None))
    assert client.bus.asked_of(ListOutgoingCodes) == []


def test_whoever_works_here_has_no_page_of_a_client(web):
    web.bus.answers |= {ShowMe: WHO}
    web.http.set_cookie("lokon_access", token_of(web, OWNER))
    for path in ("/my/benefits", "/my/invitation", "/my/invitation.svg", "/my/data"):
        assert web.http.get(path).status_code == 403


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"/my/visits/{VISIT}/move", MoveOwnAppointment),
        (f"/my/visits/{VISIT}/cancel", CancelAppointment),
        ("/my/consents/give", GiveConsent),
        (f"/my/consents/{VISIT}/withdraw", WithdrawConsent),
        ("/my/export", ExportClient),
        ("/my/erase", EraseClient),
    ],
)
def test_nothing_is_done_for_a_form_of_another_site(client, path, kind):
    form = {"key": uuid4().hex, "sure": "yes", "version": "1", "purpose": "photos", "starts": "2026-12-01T10:00"}
    assert client.http.post(path, data=form).status_code == 403
    assert client.bus.asked_of(kind) == []


def test_nobody_is_erased_without_saying_that_they_are_sure(client):
    csrf = csrf_in(client.http.get("/my"))
    answer = client.http.post("/my/erase", data={"csrf": csrf, "key": uuid4().hex, "version": "1"}, headers=HTMX)
    assert (answer.status_code, "Tick the box" in answer.text) == (422, True)
    assert client.bus.asked_of(EraseClient) == []
    client.bus.answers[EraseClient] = Conflict("imports_running", "later")
    form = {"csrf": csrf, "key": uuid4().hex, "version": "1", "sure": "yes"}
    assert client.http.post("/my/erase", data=form, headers=HTMX).status_code == 409
    assert [asked.id for asked in client.bus.asked_of(EraseClient)] == [CLARA]


# --- what is lost, and what is not installed ------------------------------------------------------------------------


def money(amount):
    return Money(amount, "RUB")


def test_before_they_are_erased_they_are_told_what_is_ahead_and_what_they_owe(client):
    starts = utc_now() + timedelta(days=3)
    branch = OnlineBranch(uuid4(), "Centre", "UTC", None, ())
    visit = OwnAppointment(VISIT, "booked", branch, starts, starts, (), money(0), money(0), money(0), 1, starts)
    client.bus.answers |= {ShowClient: CARD, ListOwnAppointments: Page((visit,) * 7)}
    client.bus.answers[ShowAccount] = Account(CLARA, money(-50_000), money(0), money(50_000))
    text = client.http.get("/my/erasing", headers=HTMX | {"Accept-Language": "ru"}).text
    assert "7 предстоящих визитов будут отменены" in text
    assert text.count("<li>") == 6
    assert "Вы должны салону 500\xa0₽" in text
    client.bus.answers[ShowAccount] = Account(CLARA, money(90_000), money(90_000), money(0))
    assert "900" in client.http.get("/my/erasing", headers=HTMX).text
    client.bus.answers |= {ListOwnAppointments: Conflict("x", "away"), ShowAccount: NotFound("x", "none")}
    assert 'class="alert alert-warning"' not in client.http.get("/my/erasing", headers=HTMX).text


OWN_PAGES = ("/my", "/my/benefits", "/my/invitation", "/my/data", "/my/erasing")
MENU = {
    ("booking", "clients"): ["/my", "/my/benefits", "/my/invitation", "/my/data"],
    ("clients",): ["/my/benefits", "/my/data"],
}


@pytest.mark.parametrize("services", MENU)
def test_of_what_is_not_installed_nothing_is_shown_and_nothing_breaks(a_web, services):
    """A salon installs what it needs; what answers here is what it has."""
    web = a_web(services=("auth", *services))
    account = Account(CLARA, money(90_000), money(90_000), money(0))
    web.bus.answers |= {ShowMe: WHO, ListOwnAppointments: Page(()), ShowClient: CARD, ShowAccount: account}
    web.bus.answers |= {ListConsents: Page(()), ListConsentDocuments: Page(())}
    web.http.set_cookie("lokon_access", token_of(web))
    for path in OWN_PAGES:
        answer = web.http.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        assert 'role="alert">This part' not in answer.text
    text = web.http.get("/my/benefits").text
    assert "900" in text
    menu = re.search(r'<nav aria-label="Main menu".*?</nav>', text, re.DOTALL)[0]
    assert re.findall(r'href="([^"]+)"', menu) == MENU[services]
    missing = {kind.owner for kind in map(type, web.bus.asked)} - {"auth", *services}
    assert missing == set()


def test_an_invitation_is_a_link_with_a_picture_of_it(client):
    answer = client.http.get("/my/invitation.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.data.startswith(b"<?xml")
    assert b"<script" not in answer.data
