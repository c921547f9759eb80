"""The web application without services: sessions, tokens of forms, refusals beside forms, languages."""

import re
import time
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from contracts.auth import (
    EndedSessions,
    ListEndedSessions,
    Me,
    RefreshSession,
    Session,
    ShowMe,
    SignedOut,
    SignIn,
    SignOut,
)
from contracts.booking import ArriveAppointment, ListBranches, ShowAppointment, ShowBrand
from contracts.clients import ListClients
from contracts.message import Page
from gateway.pages.cookies import LARGEST
from kernel.errors import Conflict, Invalid, Unauthenticated
from tests.builders import OWNER, a_user

ME = Me(OWNER.id, "owner", "Olga Owner", (), (), ())
HTMX = {"HX-Request": "true"}
VISIT = UUID("0190a000-0000-7000-8000-0000000000aa")


def token_of(web, caller=OWNER, seconds=600):
    return web.as_(caller, seconds=seconds)["Authorization"].removeprefix("Bearer ")


def csrf_in(answer):
    return re.search(r'name="csrf" content="(\w+)"', answer.text)[1]


@pytest.fixture
def owner(web):
    """A browser in which the owner is signed in."""
    web.bus.answers |= {ShowMe: ME, ListBranches: Page(()), ListClients: Page(())}
    web.http.set_cookie("lokon_access", token_of(web))
    web.http.set_cookie("lokon_session", "refresh-1")
    return web


@pytest.fixture
def csrf(owner):
    return csrf_in(owner.http.get("/clients"))


def test_who_is_signed_out_is_shown_the_door_and_comes_back_to_where_they_wanted(web):
    answer = web.http.get("/desk?date=2026-11-23", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?to=%2Fdesk%3Fdate%3D2026-11-23"
    door = web.http.get(answer.headers["Location"])
    web.bus.answers[SignIn] = Session(token_of(web), "Bearer", 600, "refresh-1", ME)
    form = {"login": "owner", "password": "x", "csrf": csrf_in(door), "to": "/desk?date=2026-11-23"}
    answer = web.http.post("/sign-in", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk?date=2026-11-23")
    kept = {cookie.split("=")[0]: cookie for cookie in answer.headers.getlist("Set-Cookie")}
    assert set(kept) == {"lokon_access", "lokon_session"}
    for cookie in kept.values():
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", "evil"])
def test_the_door_leads_nowhere_else(web, to):
    door = web.http.get("/sign-in")
    web.bus.answers[SignIn] = Session(token_of(web), "Bearer", 600, "refresh-1", ME)
    form = {"login": "owner", "password": "x", "csrf": csrf_in(door), "to": to}
    assert web.http.post("/sign-in", data=form).headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", f"/desk/appointments/{VISIT}/arrive", "/desk/appointments"])
@pytest.mark.parametrize("token", [None, "0" * 64])
def test_a_form_without_its_token_does_nothing(owner, path, token):
    before = len(owner.bus.asked)
    form = {"login": "owner", "password": "x", "key": uuid4().hex} | ({"csrf": token} if token else {})
    answer = owner.http.post(path, data=form)
    assert answer.status_code == 403
    asked = {type(request) for request in owner.bus.asked[before:]}
    assert asked <= {ShowMe, ShowBrand, ListEndedSessions}


def test_a_token_is_of_one_session_only(owner, csrf):
    other = replace(OWNER, session_id=uuid4())
    owner.http.set_cookie("lokon_access", token_of(owner, other))
    answer = owner.http.post("/sign-out", data={"csrf": csrf})
    assert answer.status_code == 403


def test_an_expired_session_is_renewed_by_the_server_once_for_two_tabs(owner):
    owner.http.set_cookie("lokon_access", token_of(owner, seconds=-1))
    owner.bus.answers[RefreshSession] = Session(token_of(owner), "Bearer", 600, "refresh-2", ME)
    answer = owner.http.get("/clients")
    assert answer.status_code == 200
    (asked,) = owner.bus.asked_of(RefreshSession)
    assert asked.refresh_token == "refresh-1"
    assert asked.retry_key
    assert any(cookie.startswith("lokon_session=refresh-2;") for cookie in answer.headers.getlist("Set-Cookie"))


def test_a_session_that_has_ended_takes_its_cookies_along(owner):
    owner.http.set_cookie("lokon_access", token_of(owner, seconds=-1))
    owner.bus.answers[RefreshSession] = Unauthenticated("session_ended", "sign in again")
    answer = owner.http.get("/clients", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    gone = [cookie for cookie in answer.headers.getlist("Set-Cookie") if "=;" in cookie]
    assert {cookie.split("=")[0] for cookie in gone} == {"lokon_access", "lokon_session"}


def test_over_a_form_that_was_sent_without_a_session_one_signs_in_and_the_form_stays(owner, csrf):
    owner.http.delete_cookie("lokon_access")
    owner.http.delete_cookie("lokon_session")
    answer = owner.http.post(
        f"/desk/appointments/{VISIT}/arrive", data={"csrf": csrf, "key": uuid4().hex}, headers=HTMX
    )
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (401, "#over")
    token = re.search(r'"X-Csrf": "(\w+)"', answer.text)[1]
    owner.bus.answers[SignIn] = Session(token_of(owner), "Bearer", 600, "refresh-1", ME)
    answer = owner.http.post("/sign-in", data={"login": "o", "password": "x"}, headers=HTMX | {"X-Csrf": token})
    assert answer.status_code == 204
    assert csrf in answer.headers["HX-Trigger"]  # the same session, so the form's own token holds again


def test_a_long_token_is_kept_in_parts(web):
    caller = a_user("clients.read", branch_ids=frozenset(uuid4() for _ in range(200)))
    token = token_of(web, caller)
    assert len(token) > LARGEST
    door = web.http.get("/sign-in")
    web.bus.answers |= {SignIn: Session(token, "Bearer", 600, "refresh-1", ME), ListClients: Page(()), ShowMe: ME}
    answer = web.http.post("/sign-in", data={"login": "anna", "password": "x", "csrf": csrf_in(door)})
    assert all(len(cookie) < 4_096 for cookie in answer.headers.getlist("Set-Cookie"))
    assert web.http.get("/clients").status_code == 200


def test_signing_out_forgets_the_cookies_even_if_nobody_answers(owner, csrf):
    answer = owner.http.post("/sign-out", data={"csrf": csrf})
    assert answer.status_code == 303
    assert len([cookie for cookie in answer.headers.getlist("Set-Cookie") if "=;" in cookie]) == 2
    owner.bus.answers[SignOut] = SignedOut(OWNER.session_id)
    assert owner.bus.asked_of(SignOut)


def test_a_refusal_stands_beside_the_form_in_the_visitors_language(owner, csrf):
    owner.bus.answers[ArriveAppointment] = Conflict("wrong_status", "the appointment is completed")
    headers = HTMX | {"HX-Trigger": "arrive", "Accept-Language": "ru"}
    form = {"csrf": csrf, "key": uuid4().hex}
    answer = owner.http.post(f"/desk/appointments/{VISIT}/arrive", data=form, headers=headers)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#arrive .trouble-place")
    assert "Запись уже изменилась" in answer.text


def test_a_refusal_without_a_sentence_of_ours_is_told_in_the_apis_words_and_as_text(owner, csrf):
    owner.bus.answers[ArriveAppointment] = Invalid.field("id", "code_of_tomorrow", "this is <b>new</b>")
    answer = owner.http.post(
        f"/desk/appointments/{VISIT}/arrive", data={"csrf": csrf, "key": uuid4().hex}, headers=HTMX
    )
    assert "This is &lt;b&gt;new&lt;/b&gt;." in answer.text


def test_an_effect_carries_the_key_of_its_form(owner, csrf):
    owner.bus.answers[ArriveAppointment] = Conflict("wrong_status", "the appointment is completed")
    key = uuid4().hex
    owner.http.post(f"/desk/appointments/{VISIT}/arrive", data={"csrf": csrf, "key": key}, headers=HTMX)
    (envelope,) = [one for one in owner.bus.envelopes if one.name == "ArriveAppointment"]
    assert envelope.key == key


def test_a_form_without_a_key_is_refused(owner, csrf):
    answer = owner.http.post(f"/desk/appointments/{VISIT}/arrive", data={"csrf": csrf}, headers=HTMX)
    assert answer.status_code == 422
    assert owner.bus.asked_of(ArriveAppointment) == []


def test_a_page_asks_nobody_for_what_the_role_does_not_include(web):
    web.bus.answers[ShowMe] = ME
    web.http.set_cookie("lokon_access", token_of(web, a_user("services.read")))
    answer = web.http.get("/clients")
    assert answer.status_code == 403
    assert web.bus.asked_of(ListClients) == []
    assert 'href="/clients"' not in answer.text  # nor does the menu name it


def test_a_session_that_ended_elsewhere_opens_no_page(owner):
    owner.bus.answers[ListEndedSessions] = EndedSessions(())
    assert owner.http.get("/clients").status_code == 200
    on_event, _ = owner.bus.subscribed["auth"]
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 600))
    ended = f'{{"sessions": [{{"session_id": "{OWNER.session_id}", "until": "{until}"}}], "occurred_at": "{until}"}}'
    on_event(f'{{"name": "SessionsEnded", "event": {ended}}}'.encode())
    assert owner.http.get("/clients", headers={"Accept": "text/html"}).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/clients", "/figures", "/nowhere-of-ours"])
def test_pages_run_and_load_nothing_that_is_not_ours(owner, path):
    answer = owner.http.get(path)
    if answer.status_code == 404:
        assert answer.content_type == "application/problem+json"
        return
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert " style=" not in answer.text
    assert not re.search(r"\son\w+=", answer.text)
    assert not re.search(r'(src|href)="(https?:)?//', answer.text)


@pytest.mark.parametrize(
    ("cookie", "accepted", "text"),
    [
        (None, "ru-RU,ru;q=0.9", "Клиенты"),
        (None, "de", "Clients"),
        ("ru", "en", "Клиенты"),
        ("xx", "ru", "Клиенты"),
        ("../ru", "en", "Clients"),
    ],
)
def test_the_language_is_what_was_chosen_else_what_the_browser_prefers(owner, cookie, accepted, text):
    if cookie:
        owner.http.set_cookie("lokon_language", cookie)
    assert f"<h1>{text}</h1>" in owner.http.get("/clients", headers={"Accept-Language": accepted}).text


def test_a_chosen_look_stays_on_this_device(owner):
    answer = owner.http.post("/look", data={"language": "ru", "theme": "dark", "to": "/clients"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/clients")
    page = owner.http.get("/clients").text
    assert '<html lang="ru" data-theme="dark" data-bs-theme="dark">' in page
    answer = owner.http.post("/look", data={"language": "en"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_an_appointment_that_is_not_there_is_told_in_a_sentence(owner):
    answer = owner.http.get(f"/desk/appointments/{VISIT}", headers=HTMX | {"Accept-Language": "ru"})
    assert answer.status_code == 503
    assert "Lokon сейчас не может ответить" in answer.text
    assert owner.bus.asked_of(ShowAppointment) == []
