"""A widget: one figure as one thing, of the viewer's period and branch, with the way to the whole page of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response

from chassis.wire import decoder, encode
from contracts.analytics import ListDashboards, ListReports, WantedWidget, Widget
from contracts.message import Request
from gateway.pages.clocks import today_of
from gateway.pages.figures.catalogue import BY_NAME, REPORT
from gateway.pages.figures.kinds import SUBJECT, Figure
from gateway.pages.figures.periods import Period, chosen, named
from gateway.pages.figures.reading import Shown, asked_of, read
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.sentences import sentence
from gateway.pages.site import Area, shown
from gateway.pages.visitor import Visitor
from gateway.pictures.plots import Columns, Plot
from kernel.errors import Invalid, Refusal

WIDE = 9  # columns of twelve, from which on a widget has room for a second picture
MOST_LINES = 8  # of a table in a widget; the page of the figure has all

area = Area("dashboard-widgets")


@area.page("/dashboards/widget", ListDashboards)
def widget(visitor: Visitor, form: Form) -> Response:
    """What stands in a widget: it says by itself what it is, and the query for which days and branch."""
    wanted = widget_in(form.text("widget"))
    figure = figure_of(wanted)
    period = chosen(form, "last_30_days", today_of(visitor))
    if figure.own_period and figure.period:
        period = named(figure.period, today_of(visitor))
    branch_id = form.maybe_id("branch_id")
    try:
        result = drawn_as(read(visitor, figure, asked(wanted, figure, period, branch_id)), wanted)
    except Refusal as refused:  # one that cannot be shown leaves the others as they are
        return shown("dashboards/refused.html", text=sentence(refused))
    return shown(
        "dashboards/figure.html",
        result=result,
        shown_as=wanted.shown_as,
        address=address_of(wanted, figure, period, branch_id),
        lines=MOST_LINES,
    )


def widget_in(text: str) -> WantedWidget:
    try:
        found: WantedWidget = decoder(WantedWidget)(text.encode())
    except (msgspec.ValidationError, msgspec.DecodeError):
        raise Invalid.field("widget", "form_malformed", _("Load the page again: this form is not complete.")) from None
    return found


def as_text(widget: Widget | WantedWidget) -> str:
    """As the page keeps it, so that what is arranged says all that there is to say."""
    return encode(wanted_of(widget)).decode()


def wanted_of(widget: Widget | WantedWidget) -> WantedWidget:
    parameters = dict(widget.parameters or {}) or None
    return WantedWidget(widget.figure, widget.shown_as, widget.width, widget.title, widget.report_id, parameters)


def figure_of(widget: Widget | WantedWidget) -> Figure:
    return REPORT if widget.figure == REPORT.name else BY_NAME[widget.figure]


def asked(wanted: WantedWidget, figure: Figure, period: Period, branch_id: UUID | None) -> Request[Any]:
    parameters: dict[str, Any] = dict(wanted.parameters or {})
    if wanted.report_id:
        parameters["id"] = wanted.report_id
    elif figure.name == "visits":
        parameters.setdefault("group_by", [] if wanted.shown_as == "total" else ["month"])
    return asked_of(figure, period, branch_id, parameters)


def drawn_as(result: Shown, wanted: WantedWidget) -> Shown:
    """Only what a widget has room for, and as it is to be shown."""
    if result.picture is None:
        return result
    plots = result.picture.plots[: 2 if wanted.width >= WIDE else 1]
    return replace(result, picture=replace(result.picture, plots=tuple(_as(plot, wanted.shown_as) for plot in plots)))


def _as(plot: Plot, shown_as: str) -> Plot:
    if not isinstance(plot, Columns) or any(each.role == "forecast" for each in plot.series):
        return plot
    if shown_as == "lines" and plot.kind == "bars":
        return replace(plot, kind="lines")
    return replace(plot, kind="bars") if shown_as == "bars" and plot.kind == "lines" else plot


def address_of(wanted: WantedWidget, figure: Figure, period: Period, branch_id: UUID | None) -> str:
    """The page with the whole of it, for the same days and branch."""
    query: dict[str, Any] = {name: _said(value) for name, value in (wanted.parameters or {}).items()}
    for field in ("service_id", "category"):
        if field in query and any(choice.name == SUBJECT for choice in figure.choices):
            query[SUBJECT] = f"{field}={query.pop(field)}"
    if figure.period:
        named_period = period.name and not wanted.report_id  # pages of reports know dates only
        query |= {"period": period.name} if named_period else {"from": period.first, "to": period.last}
    if branch_id:
        query["branch_id"] = branch_id
    page = f"/reports/{wanted.report_id}" if wanted.report_id else figure.address
    return f"{page}?{urlencode(query)}"


def _said(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def title_of(widget: Widget | WantedWidget, reports: Mapping[UUID, str]) -> str:
    """What somebody called it, else what it shows."""
    if widget.title:
        return widget.title
    figure = figure_of(widget)
    if widget.report_id:
        return reports.get(widget.report_id, _(figure.title))
    group_by = _said((widget.parameters or {}).get("group_by", ""))
    names = {value: _(name) for choice in figure.choices for value, name in choice.options if choice.name == "group_by"}
    return f"{_(figure.title)}: {names[group_by].lower()}" if names.get(group_by) and group_by else _(figure.title)


def reports_of(visitor: Visitor) -> dict[UUID, str]:
    return {report.id: report.name for report in visitor.all_if(ListReports)}
