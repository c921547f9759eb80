"""Dashboards: the one somebody begins with, the others, and how they become one's own."""

from uuid import UUID

from flask import Response

from contracts.analytics import (
    ChangeDashboard,
    Dashboard,
    ListDashboards,
    RemoveDashboard,
    SaveDashboard,
    ShowDashboard,
)
from contracts.auth import ShowMe
from gateway.pages.clocks import today_of
from gateway.pages.dashboards.widgets import as_text, reports_of, title_of, wanted_of
from gateway.pages.figures.periods import PERIODS, branches_of, chosen
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.site import Area, seen_at, shown
from gateway.pages.visitor import Visitor

GIVEN = {
    "owner": noted("For the owner"),
    "manager": noted("For the manager"),
    "marketer": noted("For the marketer"),
    "accountant": noted("For the accountant"),
    "auditor": noted("For the auditor"),
}

area = Area("dashboards")


@area.page("/dashboard", ListDashboards)
def start(visitor: Visitor, _form: Form) -> Response:
    """The own one that was changed last, else that of one's role."""
    found = visitor.all(ListDashboards)
    own = sorted((each for each in found if each.own), key=lambda each: str(each.changed_at), reverse=True)
    me = visitor.ask_if(ShowMe())
    roles = me.roles if me else ()
    of_role = [each for each in found if each.role and each.role in roles]
    first = (own or of_role or found)[0]
    return seen_at(f"/dashboards/{first.id}")


@area.page("/dashboards/<uuid:id>", ShowDashboard)
def dashboard(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    found = visitor.ask(ShowDashboard(id))
    reports = reports_of(visitor) if any(widget.report_id for widget in found.widgets) else {}
    widgets = [
        {"title": title_of(widget, reports), "text": as_text(widget), "width": widget.width, "missing": widget.missing}
        for widget in found.widgets
    ]
    return shown(
        "dashboards/page.html",
        dashboard=found,
        name=name_of(found),
        widgets=widgets,
        others=[(each.id, name_of(each)) for each in visitor.all(ListDashboards)],
        period=chosen(form, found.period, today_of(visitor)),
        periods=[(name, _(text)) for name, text in PERIODS.items()],
        branches=branches_of(visitor),
        branch_id=form.maybe_id("branch_id"),
        may_edit=visitor.may(ChangeDashboard),
        arranging=found.own and visitor.may(ChangeDashboard) and form.ticked("arrange"),
    )


def name_of(found: Dashboard) -> str:
    return _(GIVEN[found.role]) if found.role in GIVEN else found.name


@area.form("/dashboards/<uuid:id>/copy", SaveDashboard)
def copy(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """The same as one's own, open for arranging."""
    found = visitor.ask(ShowDashboard(id))
    name = _("My dashboard") if found.role else _("%(name)s, my own", name=found.name)[:200]
    widgets = tuple(wanted_of(widget) for widget in found.widgets if not widget.missing)
    saved = visitor.ask(SaveDashboard(name, widgets, found.period), form.key)
    return seen_at(f"/dashboards/{saved.id}?arrange=1")


@area.form("/dashboards/<uuid:id>/remove", RemoveDashboard)
def remove(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemoveDashboard(id, form.whole("version")))
    return seen_at("/dashboard")
