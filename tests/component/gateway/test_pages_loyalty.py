"""Pages of loyalty and reports without services: forms need their token, and nobody is shown what they may not ask."""

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from contracts.analytics import ListReports, Report, SaveReport
from contracts.auth import ListEndedSessions, Me, ShowMe
from contracts.booking import (
    Branch,
    ListBranches,
    ListCategories,
    ListMasters,
    ListServices,
    Settings,
    ShowBrand,
    ShowSettings,
)
from contracts.clients import ListClientCategories
from contracts.loyalty import (
    CertificateLiability,
    ListDifferences,
    ListProgrammes,
    Programme,
    PublishProgramme,
    ShowCertificateLiability,
    ShowProgramme,
    ShowProgrammeVersion,
    ShowSimulation,
    SimulateProgramme,
    Simulation,
    VisitDifference,
)
from contracts.message import Page
from kernel.errors import Invalid, NotFound, Stale
from kernel.money import Money
from tests.builders import HERE, OWNER, a_user

HTMX = {"HX-Request": "true", "HX-Trigger": "programme"}
TRIAL = UUID("0190a000-0000-7000-8000-0000000000bb")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
A_BRANCH = Branch(HERE, "Centre", "Europe/Moscow", None, (), 1)
RULE = {"rules.x.kind": "visits", "rules.x.steps.one.start": "5", "rules.x.steps.one.percent": "3"}
DRAFT = RULE | {
    "combination.by": "best",
    "combination.max_percent_per_line": "100",
    "combination.max_percent_per_visit": "100",
    "criterion.visits": "1",
    "criterion.min_paid": "1",
    "checks.velocity": "10",
    "checks.velocity_days": "1",
}


def signed_in(web, caller):
    token = web.as_(caller)["Authorization"].removeprefix("Bearer ")
    web.http.set_cookie("lokon_access", token)
    web.http.set_cookie("lokon_session", "refresh-1")
    web.bus.answers |= {kind: Page(()) for kind in (ListBranches, ListServices, ListCategories, ListMasters)}
    web.bus.answers |= {
        ShowMe: Me(caller.id, "somebody", "Somebody", (), (), ()),
        ListClientCategories: Page(()),
        ListReports: Page(()),
        ListProgrammes: Page(()),
        ShowProgramme: NotFound("no_programme_in_force", "no programme is in force"),
        ShowSettings: Settings("RUB", 1),
    }
    return web


@pytest.fixture
def owner(web):
    return signed_in(web, OWNER)


@pytest.fixture
def csrf(owner):
    answer = owner.http.get("/loyalty")
    assert answer.status_code == 200, answer.text
    return re.search(r'name="csrf" content="(\w+)"', answer.text)[1]


def sent(web, path, csrf, **fields):
    return web.http.post(path, data=fields | {"csrf": csrf, "key": uuid4().hex}, headers=HTMX)


FORMS = [
    "/loyalty/programme/try",
    "/loyalty/programme/draft",
    "/loyalty/trials",
    f"/loyalty/trials/{TRIAL}/publish",
    f"/loyalty/programmes/{TRIAL}/end",
    "/loyalty/promotions",
    "/loyalty/certificates/sell",
    "/loyalty/certificates/look-up",
    "/loyalty/memberships/types",
    "/loyalty/cards/types",
    f"/loyalty/clients/{TRIAL}/adjust",
    f"/loyalty/clients/{TRIAL}/exclude",
    "/reports/save",
    "/reports/preview",
    f"/reports/{TRIAL}/remove",
]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_loyalty_without_its_token_does_nothing(owner, path):
    answer = owner.http.post(path, data={"key": uuid4().hex, "csrf": "0" * 64})
    assert answer.status_code == 403
    assert {type(request) for request in owner.bus.asked} <= {ShowMe, ListEndedSessions, ShowBrand}


@pytest.mark.parametrize("path", FORMS)
def test_who_has_no_right_to_it_is_refused_even_with_the_token(web, path):
    signed_in(web, a_user("analytics.read", "clients.read"))
    page = web.http.get("/reports")
    csrf = re.search(r'name="csrf" content="(\w+)"', page.text)[1]
    answer = sent(web, path, csrf)
    if path == "/reports/preview":  # which changes nothing, and is theirs
        assert answer.status_code != 403
    else:
        assert answer.status_code == 403


def test_a_mistake_of_the_service_is_told_at_the_field_of_the_form_in_the_visitors_language(owner, csrf):
    owner.http.set_cookie("lokon_language", "ru")
    owner.bus.answers[SimulateProgramme] = Invalid(
        "percent_out_of_range",
        "…",
        errors={"rules.0.steps.0.percent": ["this must be a percentage from 0 to 100 with at most two decimals"]},
    )
    answer = sent(owner, "/loyalty/programme/try", csrf, **DRAFT)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#programme .trouble-place"
    assert 'data-field="rules.x.steps.one.percent"' in answer.text
    assert "процент от 0 до 100" in answer.text


def test_what_was_filled_in_is_what_is_asked_once_by_the_key_of_the_form(owner, csrf):
    owner.bus.answers[SimulateProgramme] = Simulation(TRIAL, "running", 0, NOW, 1)
    answer = sent(owner, "/loyalty/programme/try", csrf, **DRAFT, since="2026-01-01")
    assert answer.headers["HX-Redirect"] == f"/loyalty/trials/{TRIAL}"
    (asked,) = owner.bus.asked_of(SimulateProgramme)
    (rule,) = asked.rules
    assert (rule["kind"], rule["steps"]) == ("visits", [{"start": 5, "percent": "3"}])
    assert asked.criterion == {"visits": 1, "min_paid": 100}
    assert (asked.points, str(asked.since)) == (None, "2026-01-01")


def test_what_is_published_is_what_was_tried(owner, csrf):
    document = {"name": "Spring", "rules": [{"kind": "personal"}]} | dict.fromkeys(
        ("criterion", "checks", "enrolment", "combination", "points")
    )
    tried = Simulation(TRIAL, "finished", 100, NOW, 1, document=document | {"sorting": []})
    owner.bus.answers |= {ShowSimulation: tried, PublishProgramme: Stale("version_stale", "…")}
    answer = sent(owner, f"/loyalty/trials/{TRIAL}/publish", csrf, version="4")
    assert answer.status_code == 412
    assert "Somebody has changed this since" in answer.text
    (asked,) = owner.bus.asked_of(PublishProgramme)
    assert (asked.version, asked.simulation_id, asked.name, asked.rules) == (
        4,
        TRIAL,
        "Spring",
        ({"kind": "personal"},),
    )


def test_an_unfinished_form_comes_back_with_every_text_in_it(owner, csrf):
    answer = sent(owner, "/loyalty/programme/draft", csrf, **(DRAFT | {"rules.x.steps.one.percent": "<b>much</b>"}))
    assert answer.status_code == 200
    assert "&lt;b&gt;much&lt;/b&gt;" in answer.text


def test_who_may_only_see_what_is_owed_sees_that_and_no_list(web):
    signed_in(web, a_user("certificates_liability.read", "branches.read"))
    web.bus.answers[ShowCertificateLiability] = CertificateLiability(NOW, ())
    answer = web.http.get("/loyalty")
    assert answer.headers["Location"] == "/loyalty/certificates"
    answer = web.http.get("/loyalty/certificates")
    assert answer.status_code == 200
    assert "Sell a gift certificate" not in answer.text
    assert "Nothing is owed to holders" in answer.text  # and is told where there is nothing


def test_nobody_is_led_to_a_page_that_is_not_theirs(web):
    """An accountant lists the differences; why a visit got what it got, and whose it was, is for others."""
    found = VisitDifference(TRIAL, TRIAL, TRIAL, NOW, Money(50_000, "RUB"), Money(0, "RUB"), 1, "recorded")
    for caller, led in (
        (a_user("loyalty_differences.read"), False),
        (a_user("loyalty_differences.read", "loyalty.read", "loyalty_audit.read"), True),
    ):
        signed_in(web, caller)
        web.bus.answers[ListDifferences] = Page((found,))
        text = web.http.get("/loyalty/differences").text
        assert (f'href="/loyalty/visits/{TRIAL}"' in text) == led
        assert (f'href="/loyalty/clients/{TRIAL}"' in text) == led


def test_a_programme_without_a_name_is_called_so_in_the_language_of_the_page(owner):
    document = {"rules": [{"kind": "personal", "name": "personal"}]}
    since = datetime(2026, 1, 31, 21, 30, tzinfo=UTC)
    found = Programme(1, since, (), TRIAL, "Programme", document=document)
    owner.bus.answers |= {ShowProgrammeVersion: found, ListBranches: Page((A_BRANCH,))}
    owner.http.set_cookie("lokon_language", "ru")
    text = owner.http.get(f"/loyalty/programmes/{TRIAL}").text
    assert "<h1>Программа" in text
    assert "01.02.2026" in text  # by the clock of the salon, three hours ahead of UTC
    assert "Действует как есть" in text  # a rule that has nothing more to say


def test_who_may_look_at_reports_and_not_keep_them_is_not_offered_to(web):
    signed_in(web, a_user("analytics.read"))
    assert "/reports/save" not in web.http.get("/reports/new").text
    signed_in(web, a_user("analytics.read", "reports.edit"))
    assert "/reports/save" in web.http.get("/reports/new").text


def test_a_report_is_saved_as_it_was_filled_in_and_its_mistakes_stand_at_their_fields(owner, csrf):
    owner.bus.answers[SaveReport] = Invalid(
        "operator_unknown", "…", errors={"document.filter.and.0.at_least": ["this must be a whole number"]}
    )
    fields = {"of": "visits", "kind": "grouped", "group_by": ["month", ""], "measures": ["visits"], "name": "Mine"}
    test = {"filter.parts.t.field": "revenue", "filter.parts.t.op": "at_least", "filter.parts.t.value": "1,500.50"}
    answer = sent(owner, "/reports/save", csrf, **fields, **test, **{"filter.join": "and"})
    assert 'data-field="filter.parts.t.value"' in answer.text
    (asked,) = owner.bus.asked_of(SaveReport)
    assert asked.document == {
        "of": "visits",
        "kind": "grouped",
        "group_by": ["month"],
        "measures": ["visits"],
        "filter": {"and": [{"field": "revenue", "at_least": 150_050}]},
    }


def test_a_trial_that_runs_asks_again_by_itself_and_one_that_is_over_does_not(owner):
    owner.bus.answers[ShowSimulation] = Simulation(TRIAL, "running", 40, NOW, 1)
    answer = owner.http.get(f"/loyalty/trials/{TRIAL}/result", headers=HTMX)
    assert f'hx-get="/loyalty/trials/{TRIAL}/result"' in answer.text
    assert "40 % done" in answer.text
    owner.bus.answers[ShowSimulation] = Simulation(TRIAL, "failed", 40, NOW, 1)
    answer = owner.http.get(f"/loyalty/trials/{TRIAL}/result", headers=HTMX)
    assert "hx-trigger" not in answer.text
    assert "Try it again over fewer days" in answer.text


def test_when_a_report_was_changed_is_told_by_the_clock_of_the_salon(owner):
    late = datetime(2026, 1, 31, 21, 30, tzinfo=UTC)  # half past midnight in Moscow
    owner.bus.answers |= {
        ListReports: Page((Report(TRIAL, 1, "Mine", {"of": "visits"}, late, late),)),
        ListBranches: Page((A_BRANCH,)),
    }
    text = owner.http.get("/reports").text
    assert "1 Feb 2026" in text
    assert "31 Jan 2026" not in text
