"""The search without services: what is asked by whose right, and what was looked at last by whom."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.auth import ListUsers, Me, ShowMe
from contracts.booking import ListAppointments, ListMasters, ListServices, Master
from contracts.clients import Client, ClientName, ClientNames, NameClients, Preferences, SearchClients, ShowClient
from contracts.message import Page
from tests.builders import CLARA, HERE, OWNER, anna, boris

HTMX = {"HX-Request": "true"}
ME = Me(OWNER.id, "anna", "Anna", (), (), ())
CARD = Client(
    id=CLARA,
    first_name="Clara",
    last_name="Novak",
    patronymic="Ivanovna",
    preferred_name=None,
    sex=None,
    source=None,
    referrer_id=None,
    home_branch_id=None,
    preferences=Preferences(),
    comment=None,
    registered_at=datetime(2026, 1, 5, tzinfo=UTC),
    version=1,
    phones=("+79161234567",),
)


@pytest.fixture
def signed_in(web):
    web.bus.answers |= {
        ShowMe: ME,
        SearchClients: Page((CARD,)),
        ShowClient: CARD,
        NameClients: ClientNames((ClientName(CLARA, "Clara Novak"),)),
        ListMasters: Page((Master(HERE, "Clarissa", None, (), active=True, version=1),)),
        ListServices: Page(()),
    }

    def as_(caller):
        web.http.set_cookie("lokon_access", web.as_(caller)["Authorization"].removeprefix("Bearer "))
        return web

    return as_


def test_each_kind_is_asked_for_by_its_own_right(signed_in):
    web = signed_in(anna("masters.read"))
    shown = web.http.get("/search?q=cla", headers=HTMX).text
    assert "Clarissa" in shown
    assert "Novak" not in shown
    assert web.bus.asked_of(SearchClients) == web.bus.asked_of(ListUsers) == web.bus.asked_of(ListAppointments) == []


def test_phones_are_for_those_who_see_contacts(signed_in):
    assert "+7 916" not in signed_in(anna("clients.read")).http.get("/search?q=cla", headers=HTMX).text
    caller = anna("clients.read", marks=frozenset({"contacts"}))
    assert "+7 916" in signed_in(caller).http.get("/search?q=cla", headers=HTMX).text


def test_one_letter_asks_nothing(signed_in):
    web = signed_in(anna("clients.read", "masters.read"))
    web.http.get("/search?q=c", headers=HTMX)
    assert web.bus.asked_of(SearchClients) == web.bus.asked_of(ListMasters) == []


def test_a_service_that_is_away_leaves_the_others_found(signed_in):
    web = signed_in(anna("clients.read", "appointments.read"))
    assert "Clara Novak" in web.http.get("/search?q=cla", headers=HTMX).text


def test_several_people_at_one_browser_have_each_looked_at_their_own(signed_in):
    web = signed_in(anna("clients.read"))
    kept = web.http.get(f"/clients/{CLARA}").headers.getlist("Set-Cookie")
    (cookie,) = [one for one in kept if one.startswith("lokon_viewed")]
    assert "HttpOnly" in cookie
    assert "Clara" not in cookie
    assert "Clara Novak" in web.http.get("/search", headers=HTMX).text
    signed_in(boris("clients.read"))
    assert "Clara" not in web.http.get("/search", headers=HTMX).text


def test_a_cookie_that_somebody_wrote_by_hand_does_no_harm(signed_in):
    web = signed_in(anna("clients.read"))
    web.http.set_cookie(f"lokon_viewed_{anna().id.hex[-8:]}", "c<script>.x.c" + "0" * 31 + ".m" + CLARA.hex)
    assert web.http.get("/search", headers=HTMX).status_code == 200
    assert web.bus.asked_of(NameClients) == []


def test_what_was_looked_at_last_is_more_than_clients(signed_in):
    web = signed_in(anna("clients.read", "masters.read", "services.read"))
    looked_at = f"m{HERE.hex}.c{CLARA.hex}.v{uuid4().hex}"
    web.http.set_cookie(f"lokon_viewed_{anna().id.hex[-8:]}", looked_at)
    text = web.http.get("/search", headers=HTMX).text
    assert f'href="/settings/masters/{HERE}"' in text
    assert text.index("Clarissa") < text.index("Clara Novak")  # the last one first
    signed_in(anna("clients.read"))
    assert "Clarissa" not in web.http.get("/search", headers=HTMX).text  # nor whoever may not list masters
