"""Dashboards: whose they are, what widgets may ask for, and those that come with the system."""

from typing import get_args

import pytest

from contracts.analytics import (
    ChangeDashboard,
    Figure,
    ListDashboards,
    RemoveDashboard,
    RemoveReport,
    SaveDashboard,
    SaveReport,
    ShowDashboard,
    ShownAs,
    WantedWidget,
)
from kernel.errors import Forbidden, Invalid, NotFound, Stale
from services.analytics.domain.dashboards import GIVEN, SHOWN_AS
from services.analytics.usecases.dashboards import ASKED
from tests.builders import anna, boris
from tests.facts import numbered

ANNA = anna("analytics.read", "dashboards.edit", "reports.edit")
BORIS = boris("analytics.read", "dashboards.edit")
VISITS = WantedWidget("visits", "lines", 12, "By month", parameters={"group_by": ["month", "branch"]})


@pytest.fixture
def analytics(start):
    return start("analytics")


def save(analytics, *widgets, caller=ANNA, **more):
    return analytics.ask(SaveDashboard("Mine", widgets or (VISITS,), **more), caller)


def places(analytics, *widgets):
    with pytest.raises(Invalid) as refused:
        save(analytics, *widgets)
    return refused.value.code, set(refused.value.details["errors"])


def saved_ones(analytics, caller, **more):
    return [each for each in analytics.ask(ListDashboards(**more), caller).items if each.role is None]


def test_a_layout_is_kept_as_it_was_laid_out(analytics):
    report = analytics.ask(SaveReport("Months", {"group_by": ["month"]}), ANNA)
    saved = save(analytics, VISITS, WantedWidget("report", "total", 3, report_id=report.id), period="this_year")
    shown = analytics.ask(ShowDashboard(saved.id), ANNA)
    assert shown == saved
    assert (shown.name, shown.version, shown.period, shown.own, shown.shared) == ("Mine", 1, "this_year", True, False)
    first, second = shown.widgets
    assert (first.figure, first.shown_as, first.width, first.title) == ("visits", "lines", 12, "By month")
    assert first.parameters == {"group_by": ["month", "branch"]}
    assert (second.report_id, second.parameters, second.missing) == (report.id, {}, False)
    analytics.ask(RemoveReport(report.id, 1), ANNA)
    assert [each.missing for each in analytics.ask(ShowDashboard(saved.id), ANNA).widgets] == [False, True]


def test_ones_own_are_seen_by_nobody_else_until_they_are_shared(analytics):
    mine, his = save(analytics), save(analytics, caller=BORIS)
    assert [each.id for each in saved_ones(analytics, ANNA)] == [mine.id]
    with pytest.raises(NotFound):
        analytics.ask(ShowDashboard(mine.id), BORIS)
    shared = analytics.ask(ChangeDashboard(mine.id, 1, shared=True), ANNA)
    assert (shared.version, shared.shared, shared.widgets) == (2, True, mine.widgets)
    assert [(each.id, each.own) for each in saved_ones(analytics, BORIS)] == [(mine.id, False), (his.id, True)]
    for ask in (ChangeDashboard(mine.id, 2, name="His"), RemoveDashboard(mine.id, 2)):
        with pytest.raises(Forbidden, match="dashboard_not_own"):
            analytics.ask(ask, BORIS)
    with pytest.raises(Stale):
        analytics.ask(ChangeDashboard(mine.id, 1, name="Late"), ANNA)
    renamed = analytics.ask(ChangeDashboard(mine.id, 2, name="Ours", widgets=(WantedWidget("churn", "bars"),)), ANNA)
    assert (renamed.name, [each.figure for each in renamed.widgets]) == ("Ours", ["churn"])
    analytics.ask(RemoveDashboard(mine.id, 3), ANNA)
    with pytest.raises(NotFound):
        analytics.ask(ShowDashboard(mine.id), ANNA)


def test_rights(analytics):
    reads = anna("analytics.read")
    with pytest.raises(Forbidden):
        save(analytics, caller=reads)
    with pytest.raises(Forbidden):
        analytics.ask(ListDashboards(), anna("clients.read"))
    assert {each.role for each in analytics.ask(ListDashboards(), reads).items} == {each.role for each in GIVEN}


@pytest.mark.parametrize(
    ("widget", "code", "place"),
    [
        (WantedWidget("sources", "lines"), "shown_as_unfit", "widgets.1.shown_as"),
        (WantedWidget("visits", "bars", report_id=numbered(1)), "report_unfit", "widgets.1.report_id"),
        (WantedWidget("report", "bars"), "report_missing", "widgets.1.report_id"),
        (WantedWidget("report", "bars", report_id=numbered(1)), "report_unknown", "widgets.1.report_id"),
        (
            WantedWidget("visits", "bars", parameters={"group_by": ["month", "weather"]}),
            "parameter_invalid",
            "widgets.1.parameters.group_by",
        ),
        (WantedWidget("idle_windows", "table", parameters={"minutes": 1}), "parameter_invalid", None),
        (WantedWidget("forecast", "lines", parameters={"service_id": "x"}), "parameter_invalid", None),
        (
            WantedWidget("visits", "bars", parameters={"weather": 1}),
            "parameter_unknown",
            "widgets.1.parameters.weather",
        ),
        (WantedWidget("visits", "bars", parameters={"from_": "2026-01-01"}), "parameter_unknown", None),
        (WantedWidget("churn", "bars", parameters={"branch_id": str(numbered(1))}), "parameter_unknown", None),
    ],
)
def test_what_a_widget_may_not_be_is_named_with_its_place(analytics, widget, code, place):
    found, where = places(analytics, VISITS, widget)
    assert found == code
    assert place is None or any(each.startswith(place) for each in where)
    assert all(each.startswith("widgets.1.") for each in where)


def test_everything_wrong_is_told_at_once_and_a_change_is_checked_as_well(analytics):
    wrong = (WantedWidget("report", "bars"), WantedWidget("sources", "heat_map", parameters={"x": 1}))
    assert places(analytics, *wrong)[1] == {"widgets.0.report_id", "widgets.1.shown_as", "widgets.1.parameters.x"}
    saved = save(analytics)
    with pytest.raises(Invalid):
        analytics.ask(ChangeDashboard(saved.id, 1, widgets=wrong), ANNA)
    assert analytics.ask(ShowDashboard(saved.id), ANNA) == saved


def test_a_report_that_lists_is_a_table(analytics):
    listed = analytics.ask(SaveReport("List", {"kind": "list"}), ANNA)
    assert places(analytics, WantedWidget("report", "total", report_id=listed.id))[0] == "shown_as_unfit"
    assert save(analytics, WantedWidget("report", "table", report_id=listed.id)).widgets[0].shown_as == "table"


def test_those_of_the_system_may_be_copied_and_not_changed(analytics):
    """Each is a layout that anybody could have saved, so that a copy is accepted as it is."""
    given = [each for each in analytics.ask(ListDashboards(), ANNA).items if each.role]
    assert len({each.role for each in given}) == len(given) == 5
    for each in given:
        assert analytics.ask(ShowDashboard(each.id), ANNA) == each
        widgets = tuple(
            WantedWidget(one.figure, one.shown_as, one.width, one.title, one.report_id, one.parameters)
            for one in each.widgets
        )
        copy = analytics.ask(SaveDashboard(each.name, widgets, each.period), ANNA)
        assert copy.widgets == each.widgets
    for ask in (ChangeDashboard(given[0].id, 1, name="Mine"), RemoveDashboard(given[0].id, 1)):
        with pytest.raises(Forbidden, match="dashboard_given"):
            analytics.ask(ask, ANNA)


def test_pages_hold_those_of_the_system_first(analytics):
    mine = [save(analytics).id for _ in range(3)]
    seen, cursor = [], None
    while True:
        page = analytics.ask(ListDashboards(limit=2, cursor=cursor), ANNA)
        assert len(page.items) <= 2
        seen += [each.id for each in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [*(each.id for each in GIVEN), *mine]


def test_every_figure_can_be_asked_for_and_shown():
    assert set(SHOWN_AS) == set(ASKED) == set(get_args(Figure))
    assert {way for ways in SHOWN_AS.values() for way in ways} == set(get_args(ShownAs))
