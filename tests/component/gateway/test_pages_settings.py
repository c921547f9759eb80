"""Settings and the planner without services: forms of others, rights, the brand, and plans with conflicts."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from contracts.auth import (
    JournalEntry,
    ListEndedSessions,
    ListJournal,
    ListRoles,
    ListUsers,
    Me,
    Role,
    ShowMe,
    ShowRole,
    User,
)
from contracts.booking import (
    Branch,
    BranchPolicy,
    Brand,
    ChangeBranch,
    ListBranches,
    ListHolidays,
    ListMasters,
    Master,
    OpeningHours,
    PlannedMaster,
    PlanProblem,
    PreviewShifts,
    PublishShifts,
    Shift,
    ShiftPlan,
    ShowBranch,
    ShowBrand,
    ShowSettings,
)
from contracts.message import Page
from gateway.pages.settings_areas import AREAS
from gateway.pages.users_roles import area as roles_area
from kernel.errors import Conflict
from tests.builders import OWNER, a_user

ME = Me(OWNER.id, "owner", "Olga Owner", (), (), ())
HTMX = {"HX-Request": "true"}
BRANCH = Branch(uuid4(), "Centre", "Europe/Moscow", None, (), 1)
MILA = Master(uuid4(), "<i>Mila</i>", None, (), active=True, version=1)
MONDAY = date(2026, 11, 23)
BESIDE = {ShowMe, ShowBrand, ListEndedSessions}  # what every page asks
FORMS = [entry for area in AREAS for entry in area.entries if entry.form]


def sign_in(web, caller=OWNER):
    web.bus.answers |= {ShowMe: ME, ListBranches: Page((BRANCH,)), ListMasters: Page((MILA,))}
    web.http.set_cookie("lokon_access", web.as_(caller)["Authorization"].removeprefix("Bearer "))
    return web


def path_of(rule):
    return rule.replace("<uuid:id>", str(uuid4()))


def csrf_of(web):
    return re.search(r'name="csrf" content="(\w+)"', web.http.get("/settings/journal").text)[
        1
    ]  # of whatever page that is


def form_of(web, **fields):
    return {"csrf": csrf_of(web), "key": uuid4().hex} | fields


# --- whose form it is -----------------------------------------------------------------------------------------------


def test_there_are_forms():
    assert len(FORMS) > 30


def test_a_form_of_the_settings_without_its_token_does_nothing(web):
    sign_in(web)
    for rule in sorted({entry.rule for entry in FORMS}):
        answer = web.http.post(path_of(rule), data={"key": uuid4().hex, "csrf": "0" * 64})
        assert answer.status_code == 403, rule
    assert {type(asked) for asked in web.bus.asked} <= BESIDE


def test_who_may_nothing_is_shown_nothing(web):
    sign_in(web, a_user())
    form = form_of(web)
    for entry in (entry for area in AREAS for entry in area.entries):
        answer = web.http.post(path_of(entry.rule), data=form) if entry.form else web.http.get(path_of(entry.rule))
        assert answer.status_code == 403, entry.rule
    assert {type(asked) for asked in web.bus.asked} <= BESIDE


def test_the_menu_leads_a_master_to_no_settings(web):
    sign_in(web, a_user("settings.read", "branches.read", "services.read", "masters.read"))
    assert 'href="/settings"' not in web.http.get("/settings/services").text


def test_the_settings_begin_with_the_first_section_that_is_the_visitors(web):
    sign_in(web, a_user("rooms.read", "sources.read"))
    answer = web.http.get("/settings")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/rooms")


# --- the brand ------------------------------------------------------------------------------------------------------


def test_the_brand_stands_on_pages_and_on_the_door_as_text(web):
    web.bus.answers[ShowBrand] = Brand("<script>alert(1)</script>", UUID(int=7), "#0b6e4f")
    page = web.http.get("/sign-in").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert f'src="/api/v1/pictures/{UUID(int=7)}"' in page
    assert 'href="/colours/0b6e4f.css"' in page
    assert page.index("lokon.css") < page.index("/colours/")  # so that it counts


def test_without_a_brand_or_without_an_answer_pages_are_lokons(web):
    assert "<title>Sign in · Lokon</title>" in web.http.get("/sign-in", headers={"Accept-Language": "en"}).text


def test_the_sheet_of_a_colour_may_be_kept_for_good_and_takes_colours_only(web):
    answer = web.http.get("/colours/0b6e4f.css")
    assert answer.mimetype == "text/css"
    assert "--tblr-primary: #0b6e4f" in answer.text
    assert "immutable" in answer.headers["Cache-Control"]
    for text in ("red", "0b6e4", "0b6e4f}body{", "0B6E4F"):
        assert web.http.get(f"/colours/{text}.css").status_code == 404


def test_a_logo_that_is_no_picture_is_refused_by_its_name(web):
    sign_in(web)
    svg = (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"), "logo.svg")
    fields = form_of(web, version="1", colour="#0b6e4f") | {"logo": svg}
    answer = web.http.post("/settings/salon", data=fields, headers=HTMX | {"HX-Trigger": "salon"})
    assert answer.status_code == 422
    assert "another kind" in answer.text
    assert web.bus.asked_of(ShowSettings) == []


# --- plans ----------------------------------------------------------------------------------------------------------


def painted(web, text="10-18", **more):
    fields = {"branch_id": str(BRANCH.id), "painted": f"{MILA.id}|{MONDAY}|{text}"} | more
    return web.http.post("/shifts", data=form_of(web, **fields), headers=HTMX | {"HX-Trigger": "planner"})


def test_what_is_painted_is_published_with_the_days_that_were_changed(web):
    sign_in(web)
    shift = Shift(MONDAY, "10:00", "18:00")
    web.bus.answers[PublishShifts] = ShiftPlan(BRANCH.id, (PlannedMaster(MILA.id, (shift,), 1, ()),), published=True)
    answer = painted(web)
    assert answer.status_code == 204
    assert "refresh-shifts" in answer.headers["HX-Trigger"]
    (asked,) = web.bus.asked_of(PublishShifts)
    assert (asked.from_, asked.to, asked.despite_conflicts) == (MONDAY, MONDAY, False)
    assert asked.assignments[0].shifts == (shift,)
    assert asked.assignments[0].dates == (MONDAY,)


def test_a_day_off_is_a_date_without_a_shift(web):
    sign_in(web)
    web.bus.answers[PublishShifts] = ShiftPlan(BRANCH.id, (), published=True)
    painted(web, "")
    (asked,) = web.bus.asked_of(PublishShifts)
    assert (asked.assignments[0].shifts, asked.assignments[0].dates) == ((), (MONDAY,))


def test_what_stands_against_a_plan_is_shown_before_it_is_saved_all_the_same(web):
    sign_in(web)
    problem = PlanProblem("outside_opening_hours", MONDAY)
    web.bus.answers[PublishShifts] = Conflict("plan_conflicts", "something stands against the plan")
    web.bus.answers[PreviewShifts] = ShiftPlan(BRANCH.id, (PlannedMaster(MILA.id, (), 0, (problem,)),), published=False)
    answer = painted(web)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#dialog")
    assert "outside of the opening hours" in answer.text
    assert "&lt;i&gt;Mila&lt;/i&gt;" in answer.text
    assert f'name="painted" value="{MILA.id}|{MONDAY}|10-18"' in answer.text
    assert 'name="despite"' in answer.text
    painted(web, despite="yes")
    assert web.bus.asked_of(PublishShifts)[-1].despite_conflicts


def test_two_branches_at_once_are_never_saved(web):
    sign_in(web)
    problem = PlanProblem("overlaps_elsewhere", MONDAY)
    web.bus.answers[PublishShifts] = Conflict("plan_conflicts", "a master would be in two places at once")
    web.bus.answers[PreviewShifts] = ShiftPlan(BRANCH.id, (PlannedMaster(MILA.id, (), 0, (problem,)),), published=False)
    assert 'name="despite"' not in painted(web).text


def test_what_is_no_time_or_no_field_of_ours_is_refused_and_nothing_is_saved(web):
    sign_in(web)
    for text in ("10", "off", "25-26"):
        answer = painted(web, text)
        assert answer.status_code == 422
        assert "Mila" in answer.text
    for field in ("x", f"{uuid4()}|2026-13-01|10-18", "||"):
        fields = form_of(web, branch_id=str(BRANCH.id), painted=field)
        assert web.http.post("/shifts", data=fields, headers=HTMX).status_code == 422
    assert web.bus.asked_of(PublishShifts) == []


# --- roles and the journal ------------------------------------------------------------------------------------------


def test_the_editor_of_roles_says_what_is_given_in_words_of_the_visitor(web):
    sign_in(web)
    role = Role(uuid4(), "junior", ("appointments.read.own", "clients.create"), ("contacts",), shipped=False, version=3)
    web.bus.answers |= {ShowRole: role, ListRoles: Page((role,))}
    page = web.http.get(f"/settings/roles/{role.id}", headers={"Accept-Language": "ru"}).text
    assert '<option value="appointments.read.own" selected>только своё</option>' in page
    assert re.search(r'value="clients.create" checked', page)
    assert re.search(r'name="mark" value="contacts" checked', page)
    assert len({entry.rule for entry in roles_area.entries}) == 3


def test_the_journal_says_in_words_who_did_what(web):
    sign_in(web)
    entry = JournalEntry(
        1, datetime(2026, 11, 23, 9, tzinfo=UTC), "user", OWNER.id, "clients", "client.revealed", "client", uuid4(),
        BRANCH.id, None, {"fields": ["phone"]}, "hash",
    )  # fmt: skip
    unknown = JournalEntry(
        2, datetime(2026, 11, 23, 9, tzinfo=UTC), "nobody", None, "auth", "thing.of_tomorrow", "thing", None,
        None, None, {}, "hash",
    )  # fmt: skip
    user = User(OWNER.id, "owner", "Olga <b>", ("owner",), (), None, active=True, version=1)
    web.bus.answers |= {ListJournal: Page((entry, unknown)), ListUsers: Page((user,))}
    page = web.http.get("/settings/journal", headers={"Accept-Language": "en"}).text
    assert "Olga &lt;b&gt;" in page
    assert "Opened contacts of a client" in page
    assert "12:00" in page  # by the clock of the branch
    assert "thing.of_tomorrow" in page


# --- branches -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("confirm_phone", [True, False])
def test_a_branch_that_is_saved_as_it_stands_stays_as_it_is(web, confirm_phone):
    sign_in(web)
    policy = BranchPolicy(90, 30, 120, 7, 45, confirm_phone)
    branch = replace(BRANCH, address="Main street", opening_hours=(OpeningHours(1, "10:00", "20:00"),), policy=policy)
    web.bus.answers |= {ShowBranch: branch, ChangeBranch: branch, ListHolidays: Page(())}
    address = f"/settings/branches/{branch.id}"
    form = re.search(rf'<form[^>]+hx-post="{address}".*?</form>', web.http.get(address).text, re.DOTALL)
    inputs = [
        dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) | {"tag": tag} for tag in re.findall(r"<input[^>]+>", form[0])
    ]
    sent = [each for each in inputs if " checked" in each["tag"] or each.get("type") != "checkbox"]
    shown = {each["name"]: each.get("value", "on") for each in sent}
    assert web.http.post(address, data=shown, headers=HTMX).status_code == 204
    (asked,) = web.bus.asked_of(ChangeBranch)
    assert asked == ChangeBranch(branch.id, 1, branch.name, branch.address, branch.opening_hours, policy)
