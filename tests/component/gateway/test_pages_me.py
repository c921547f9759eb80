"""How pages look to each employee, without services: on this device, in their account, and on the next device."""

import re

import pytest

from contracts.auth import ChangeLook, ChangePassword, Look, Me, Session, ShowMe, SignIn
from contracts.clients import ListClients
from contracts.message import Page
from tests.builders import OWNER, anna

HTMX = {"HX-Request": "true"}
ME = Me(OWNER.id, "anna", "Anna", (), (), ())


@pytest.fixture
def desk(web):
    web.bus.answers |= {ShowMe: ME, ListClients: Page(()), ChangeLook: ME, ChangePassword: ME}
    web.http.set_cookie("lokon_access", web.as_(anna("clients.read"))["Authorization"].removeprefix("Bearer "))
    return web


def test_what_is_chosen_is_kept_by_the_device_and_by_the_account(desk):
    answer = desk.http.post("/look", data={"theme": "dark", "clock": "12", "names": "", "to": "/me"})
    assert answer.headers["Location"] == "/me"
    (envelope,) = [one for one in desk.bus.envelopes if one.name == "ChangeLook"]
    assert bytes(envelope.request) == b'{"theme":"dark","clock":"12","names":null}'
    assert 'data-bs-theme="dark"' in desk.http.get("/clients").text


def test_roles_are_told_in_words(desk):
    desk.bus.answers[ShowMe] = Me(OWNER.id, "anna", "Anna", ("marketer", "Own role"), (), ())
    desk.http.set_cookie("lokon_language", "ru")
    text = desk.http.get("/me").text
    assert "Маркетолог, Own role" in text


def test_what_is_not_offered_is_not_kept(desk):
    desk.http.post("/look", data={"theme": "pink", "language": "../ru", "clock": "25"})
    (envelope,) = [one for one in desk.bus.envelopes if one.name == "ChangeLook"]
    assert bytes(envelope.request) == b"{}"
    assert desk.http.get_cookie("lokon_theme") is None


def test_another_device_learns_it_when_one_signs_in(web):
    look = Look("ru", "dark", "12", "last_first")
    token = web.as_(anna("clients.read"))["Authorization"].removeprefix("Bearer ")
    me = Me(OWNER.id, "anna", "Anna", (), (), (), look=look)
    web.bus.answers |= {SignIn: Session(token, "Bearer", 600, "refresh-1", me), ShowMe: me, ListClients: Page(())}
    csrf = re.search(r'name="csrf" content="(\w+)"', web.http.get("/sign-in").text)[1]
    web.http.post("/sign-in", data={"login": "anna", "password": "x", "csrf": csrf})
    shown = web.http.get("/clients").text
    assert '<html lang="ru" data-theme="dark"' in shown
    assert web.http.get_cookie("lokon_clock").value == "12"
    assert web.http.get_cookie("lokon_names").value == "last_first"


def test_who_chose_nothing_leaves_the_device_as_it_is(web):
    token = web.as_(anna("clients.read"))["Authorization"].removeprefix("Bearer ")
    web.bus.answers |= {SignIn: Session(token, "Bearer", 600, "refresh-1", ME), ShowMe: ME, ListClients: Page(())}
    web.http.set_cookie("lokon_language", "ru")
    csrf = re.search(r'name="csrf" content="(\w+)"', web.http.get("/sign-in").text)[1]
    web.http.post("/sign-in", data={"login": "anna", "password": "x", "csrf": csrf})
    assert '<html lang="ru"' in web.http.get("/clients").text


def test_a_password_is_changed_only_if_it_was_typed_alike_twice(desk):
    csrf = re.search(r'name="csrf" content="(\w+)"', desk.http.get("/me").text)[1]
    form = {"csrf": csrf, "key": "a" * 32, "current": "old one", "new": " new password ", "again": "new password"}
    answer = desk.http.post("/me/password", data=form, headers=HTMX)
    assert answer.status_code == 422
    assert desk.bus.asked_of(ChangePassword) == []
    answer = desk.http.post("/me/password", data=form | {"again": " new password "}, headers=HTMX)
    assert answer.status_code == 204
    assert desk.bus.asked_of(ChangePassword) == [ChangePassword("old one", " new password ")]
