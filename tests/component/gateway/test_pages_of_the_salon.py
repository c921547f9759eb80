"""What settings and memberships say back as it was: own breaks of masters, templates of shifts, pictures, counters."""

import io
import re
from dataclasses import replace
from uuid import uuid4

import pytest

from contracts.auth import ListUsers, Me, ShowMe
from contracts.booking import (
    AddPicture,
    Category,
    ChangeCategory,
    ChangeMaster,
    ChangeShiftTemplate,
    ListBranches,
    ListCategories,
    ListRooms,
    ListServices,
    Master,
    Picture,
    Rendering,
    Service,
    ShiftTemplate,
    ShowCategory,
    ShowMaster,
    ShowSettings,
    ShowShiftTemplate,
    TemplateShift,
)
from contracts.booking.salon import Settings
from contracts.clients import ListClientCategories
from contracts.loyalty import ChangeMembershipType, MembershipType, ShowMembershipType, VisitCounter
from contracts.message import UNSET, Page
from kernel.money import Money
from tests.builders import OWNER

HTMX = {"HX-Request": "true"}
PRICE = Money(250_000, "RUB")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
CUT = Service(uuid4(), "Cut", "Hair", 60, PRICE, 0, 10, bookable_online=True, active=True, version=1)
MILA = Master(uuid4(), "Mila", None, (CUT.id,), active=True, version=4, renderings=(Rendering(CUT.id, 45, None, 5, 0),))
TWO_TWO = ShiftTemplate(uuid4(), "2/2", 4, (TemplateShift(0, "10:00", "20:00"), TemplateShift(1, "09:30", "14:00")), 3)


@pytest.fixture
def owner(web):
    token = web.as_(OWNER)["Authorization"].removeprefix("Bearer ")
    web.http.set_cookie("lokon_access", token)
    web.http.set_cookie("lokon_session", "refresh-1")
    kinds = (ListBranches, ListCategories, ListRooms, ListUsers, ListClientCategories)
    web.bus.answers |= {kind: Page(()) for kind in kinds}
    web.bus.answers |= {
        ListServices: Page((CUT,)),
        ShowSettings: Settings("RUB", 1),
        ShowMe: Me(OWNER.id, "owner", "Olga Owner", ("owner",), (), ()),
    }
    return web


def fields_in(text):
    """What the form says if it is sent as it is."""
    found = {}
    for tag in re.findall(r"<input[^>]+>", text):
        words = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in words and (words.get("type") not in ("checkbox", "file", "search") or " checked" in tag):
            found.setdefault(words["name"], []).append(words.get("value", ""))
    return found


def test_own_breaks_of_a_master_are_shown_kept_and_changed(owner):
    owner.bus.answers |= {ShowMaster: MILA, ChangeMaster: MILA}
    form = fields_in(owner.http.get(f"/settings/masters/{MILA.id}").text)
    assert (form[f"before-{CUT.id}"], form[f"after-{CUT.id}"], form[f"minutes-{CUT.id}"]) == (["5"], ["0"], ["45"])
    address = f"/settings/masters/{MILA.id}"
    assert owner.http.post(address, data=form, headers=HTMX).status_code == 204
    assert owner.bus.asked_of(ChangeMaster)[-1].renderings == MILA.renderings  # as it was
    changed = form | {f"before-{CUT.id}": "", f"after-{CUT.id}": "15", "key": uuid4().hex}
    assert owner.http.post(address, data=changed, headers=HTMX).status_code == 204
    assert owner.bus.asked_of(ChangeMaster)[-1].renderings == (Rendering(CUT.id, 45, None, None, 15),)
    wrong = owner.http.post(address, data=form | {f"after-{CUT.id}": "soon"}, headers=HTMX)
    assert wrong.status_code == 422
    assert f'data-fields="after-{CUT.id}"' in wrong.text


def test_the_days_of_a_template_are_written_as_in_the_planner(owner):
    owner.bus.answers |= {ShowShiftTemplate: TWO_TWO, ChangeShiftTemplate: TWO_TWO}
    address = f"/shifts/templates/{TWO_TWO.id}"
    text = owner.http.get(address, headers=HTMX).text
    csrf = re.search(r'name="csrf" content="(\w+)"', owner.http.get("/settings/services").text)[1]
    form = fields_in(text) | {"csrf": csrf}
    assert [form[f"day-{day}"] for day in range(4)] == [["10–20"], ["9:30–14"], [""], [""]]
    assert owner.http.post(address, data=form, headers=HTMX).status_code == 204
    (asked,) = owner.bus.asked_of(ChangeShiftTemplate)
    assert (asked.version, asked.name, asked.shifts) == (3, "2/2", TWO_TWO.shifts)
    more = form | {"day-3": "10–14, 15–19", "key": uuid4().hex}
    assert owner.http.post(address, data=more, headers=HTMX).status_code == 204
    evening = (TemplateShift(3, "10:00", "14:00"), TemplateShift(3, "15:00", "19:00"))
    assert owner.bus.asked_of(ChangeShiftTemplate)[-1].shifts == (*TWO_TWO.shifts, *evening)
    for wrong in ({"day-2": "late"}, dict.fromkeys((f"day-{day}" for day in range(4)), "")):
        assert owner.http.post(address, data=form | wrong, headers=HTMX).status_code == 422
    assert len(owner.bus.asked_of(ChangeShiftTemplate)) == 2


def test_a_category_has_a_picture_until_somebody_takes_it_away(owner):
    hair = Category(uuid4(), "Hair", 2, 5)
    owner.bus.answers |= {ShowCategory: hair, ChangeCategory: hair, AddPicture: Picture(uuid4(), "image/png", 9, 9)}
    address = f"/settings/categories/{hair.id}"
    csrf = re.search(r'name="csrf" content="(\w+)"', owner.http.get("/settings/services").text)[1]

    def changed(**more):
        form = fields_in(owner.http.get(address, headers=HTMX).text) | {"csrf": csrf} | more
        assert owner.http.post(address, data=form, headers=HTMX).status_code == 204
        return owner.bus.asked_of(ChangeCategory)[-1]

    assert changed().picture_id is UNSET
    drawn = changed(picture=(io.BytesIO(PNG), "hair.png"))
    assert drawn.picture_id == owner.bus.answers[AddPicture].id
    owner.bus.answers[ShowCategory] = replace(hair, picture_id=drawn.picture_id)
    assert f"/api/v1/pictures/{drawn.picture_id}" in owner.http.get(address, headers=HTMX).text
    assert changed(no_picture="on").picture_id is None
    assert (drawn.name, drawn.position, drawn.version) == ("Hair", 2, 5)


def test_a_membership_with_more_counters_than_the_form_begins_with_keeps_them(owner):
    counters = tuple(VisitCounter(number, (CUT.id,)) for number in (5, 4, 3, 2, 1))
    kind = MembershipType(uuid4(), "Five", PRICE, counters, None, 365, 0, (), on_sale=True, version=2)
    owner.bus.answers |= {ShowMembershipType: kind, ChangeMembershipType: kind}
    csrf = re.search(r'name="csrf" content="(\w+)"', owner.http.get("/settings/services").text)[1]
    form = fields_in(owner.http.get(f"/loyalty/memberships/type?id={kind.id}", headers=HTMX).text) | {"csrf": csrf}
    assert form["visits-5"] == [""]  # one more may be added
    address = f"/loyalty/memberships/types/{kind.id}"
    assert owner.http.post(address, data=form, headers=HTMX).status_code == 204
    (asked,) = owner.bus.asked_of(ChangeMembershipType)
    assert (asked.counters, asked.on_sale) == (counters, True)
