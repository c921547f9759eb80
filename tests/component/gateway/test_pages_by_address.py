"""Addresses that somebody types or keeps: parts of pages, and pages that are not in their menu."""

from contracts.booking import ShowSchedule
from tests.builders import OWNER, a_user


def signed_in(web, caller):
    web.http.set_cookie("lokon_access", web.as_(caller)["Authorization"].removeprefix("Bearer "))
    return web.http


def test_a_master_finds_their_own_shifts_and_nobody_is_shown_as_if_they_did_not_work(web):
    mila = a_user("shifts.read.own", "appointments.read.own", "masters.read", "branches.read")
    answer = signed_in(web, mila).get("/shifts")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mine/shifts")
    assert web.bus.asked_of(ShowSchedule) == []


def test_the_address_of_a_dialog_leads_to_its_page(web):
    answer = signed_in(web, OWNER).get("/settings/users/new")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/users")
