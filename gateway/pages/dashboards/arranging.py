"""Arranging one's own dashboard: widgets in another order or width, new ones, others away, its name."""

from typing import Any
from uuid import UUID

import msgspec
from flask import Response

from chassis.wire import decoder
from contracts.analytics import ChangeDashboard, ListDashboards, ListReports, ShowDashboard, WantedWidget
from contracts.analytics.dashboards import WantedWidgets
from gateway.pages.dashboards.widgets import wanted_of
from gateway.pages.figures.catalogue import BY_NAME, GROUPS, REPORT
from gateway.pages.figures.kinds import Figure
from gateway.pages.figures.periods import PERIODS
from gateway.pages.figures.reading import choices_for, chosen_in, of_choices
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

SHOWN_AS = {
    "bars": noted("Bars"),
    "lines": noted("Lines"),
    "heat_map": noted("Heat map"),
    "tree": noted("Tree"),
    "table": noted("Table"),
    "total": noted("Totals"),
}
WIDTHS = {
    3: noted("A quarter"),
    4: noted("A third"),
    6: noted("A half"),
    9: noted("Three quarters"),
    12: noted("Whole"),
}

area = Area("dashboard-arranging")


@area.form("/dashboards/<uuid:id>/layout", ChangeDashboard)
def layout(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """The widgets as they stand on the page now."""
    try:
        widgets = decoder(WantedWidgets)(form.text("widgets").encode())
    except msgspec.ValidationError:
        raise Invalid("widget_missing", _("A dashboard needs a widget."), errors={}) from None
    except msgspec.DecodeError:
        raise Invalid.field("widgets", "form_malformed", _("Load the page again: this form is not complete.")) from None
    changed = visitor.ask(ChangeDashboard(id, form.whole("version"), widgets=widgets))
    return done("", version=str(changed.version))


@area.form("/dashboards/<uuid:id>/settings", ChangeDashboard)
def settings(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    period: Any = form.one_of("period", PERIODS)
    change = ChangeDashboard(
        id, form.whole("version"), name=form.text("name"), period=period, shared=form.ticked("shared")
    )
    visitor.ask(change)
    return _again(done(_("Saved")))


@area.page("/dashboards/<uuid:id>/adding", ChangeDashboard)
def adding(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """A dialog for a new widget; what can be chosen depends on the figure."""
    return shown("dashboards/adding.html", id=id, **_choices(visitor, form))


@area.page("/dashboards/choices", ListDashboards)
def choices(visitor: Visitor, form: Form) -> Response:
    """Its lower part, when another figure was chosen."""
    return shown("dashboards/choices.html", **_choices(visitor, form))


@area.form("/dashboards/<uuid:id>/widgets", ChangeDashboard)
def add(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    found = visitor.ask(ShowDashboard(id))
    figure = _figure(form)
    width = form.whole("width")
    wanted = WantedWidget(
        figure.name,  # type: ignore[arg-type]
        form.text("shown_as"),  # type: ignore[arg-type]
        width if width in WIDTHS else 6,
        form.maybe("title"),
        form.id("report_id") if figure is REPORT else None,
        _parameters(figure, form),
    )
    widgets = (*(wanted_of(widget) for widget in found.widgets), wanted)
    visitor.ask(ChangeDashboard(id, found.version, widgets=widgets))
    return _again(done(_("The widget stands at the end.")))


def _parameters(figure: Figure, form: Form) -> dict[str, Any] | None:
    """As the API takes them: lists as lists, numbers as numbers, and nothing that was left out."""
    values = of_choices(chosen_in(figure, form))
    if "group_by" in values and figure.name != "clients":
        values["group_by"] = [key for key in values["group_by"].split(",") if key]
    for name in ("days", "weeks", "minutes"):
        if name in values:
            values[name] = int(values[name])
    kept = {name: value for name, value in values.items() if value != ""}
    return kept or None


def _figure(form: Form) -> Figure:
    offered = {**BY_NAME, REPORT.name: REPORT}
    return offered[form.maybe_one_of("figure", offered) or "visits"]


def _choices(visitor: Visitor, form: Form) -> dict[str, Any]:
    figure = _figure(form)
    reports = [(report.id, report.name) for report in visitor.all_if(ListReports)]
    groups = [(_(title), [(name, _(BY_NAME[name].title)) for name in names]) for title, names in GROUPS]
    if reports:
        groups.append((_("Reports"), [(REPORT.name, _("A saved report"))]))
    return {
        "figure": figure,
        "groups": groups,
        "shown_as": [(name, _(SHOWN_AS[name])) for name in figure.shown_as],
        "widths": [(width, _(name)) for width, name in WIDTHS.items()],
        "choices": choices_for(visitor, figure),
        "chosen": chosen_in(figure, form),
        "reports": reports if figure is REPORT else [],
    }


def _again(response: Response) -> Response:
    """The page shows it."""
    response.headers["HX-Refresh"] = "true"
    return response
