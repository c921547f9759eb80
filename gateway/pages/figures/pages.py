"""A page for each figure: choices above, totals, picture, tables, what it counts, and the same as files."""

from typing import Any

import flask
from flask import Response

from contracts.analytics import ChangeChurnSettings, ListLikelyNoShows, ListSavedSegments, ListStandings, ShowVisits
from contracts.message import Request
from gateway import files
from gateway.bus import reply_of
from gateway.pages.clocks import today_of
from gateway.pages.figures.catalogue import BY_ADDRESS, BY_NAME, GROUPS
from gateway.pages.figures.kinds import Figure
from gateway.pages.figures.periods import BEYOND, PERIODS, Period, branches_of, chosen
from gateway.pages.figures.reading import Shown, asked_of, choices_for, chosen_in, language, of_choices, read
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.sentences import sentence
from gateway.pages.site import Area, shown
from gateway.pages.visitor import Visitor
from gateway.pictures.canvas import as_bytes
from gateway.pictures.formats import MEDIA_TYPES, lane, queue
from gateway.problems import status_of
from gateway.route import Format, Route
from gateway.routes import analytics, analytics_benefits, analytics_people
from kernel.errors import Invalid, NotFound

COMPARED = "compared"
BEFORE, YEAR_BEFORE = "before", "year_before"

area = Area("figures")

_ROUTES: dict[str, Route] = {
    route.path.removeprefix("/analytics/"): route
    for each in (analytics.area, analytics_benefits.area, analytics_people.area)
    for route in each.routes
}


@area.page("/figures", ShowVisits)
def figures(visitor: Visitor, form: Form) -> Response:
    return _page(visitor, form, BY_NAME["visits"])


@area.page("/figures/<name>", ShowVisits)
def figure(visitor: Visitor, form: Form, name: str) -> Response:
    return _page(visitor, form, figure_at(name))


@area.page("/figures/<name>/file", ShowVisits)
def file(visitor: Visitor, form: Form, name: str) -> Response:
    """The same figures as a table for a spreadsheet, on paper, or as a picture in the language of the page."""
    found = figure_at(name)
    asked, _period, compared = _asked(visitor, form, found)
    kind = form.text("format")
    route = _ROUTES[name]
    if kind not in formats_of(found):
        raise NotFound("id_unknown", "there is no such format")
    if kind in MEDIA_TYPES:
        return _drawn(read(visitor, found, asked, compared), kind, route)
    return file_of(visitor, route.formats[kind], asked)


def file_of(visitor: Visitor, made: Format, asked: Request[Any]) -> Response:
    """What was asked for as a table."""

    def ask(beside: Request[Any]) -> bytes:
        return bytes(reply_of(visitor.gateway.bus.ask(beside, visitor.token)))

    return files.in_format(made, asked, ask(asked), ask)


def figure_at(name: str) -> Figure:
    if name not in BY_ADDRESS:
        raise NotFound("id_unknown", "there is no such figure")
    return BY_ADDRESS[name]


def formats_of(found: Figure) -> tuple[str, ...]:
    """As what a figure can be taken away."""
    return tuple(_ROUTES[found.name.replace("_", "-")].formats)


def menu_of(visitor: Visitor) -> list[tuple[str, list[tuple[str, str]]]]:
    """All figures by their groups, with their addresses."""
    groups = [
        (_(title), [(_(BY_NAME[name].title), BY_NAME[name].address) for name in names]) for title, names in GROUPS
    ]
    if visitor.may(ListStandings):
        groups[-1][1].append((_("Clients by state"), "/figures/standings"))
    if visitor.may(ListLikelyNoShows):
        groups[-1][1].append((_("Who to remind"), "/figures/reminders"))
    if visitor.may(ListSavedSegments):
        groups[-1][1].append((_("Saved segments"), "/segments"))
    return groups


def _page(visitor: Visitor, form: Form, found: Figure) -> Response:
    result, trouble, status = None, "", 200
    try:
        asked, period, compared = _asked(visitor, form, found)
        result = read(visitor, found, asked, compared)
    except Invalid as refused:
        if refused.code != "period_invalid" or not (form.maybe_day("from") and form.maybe_day("to")):
            raise
        period = Period(form.day("from"), form.day("to"))  # as it was typed, to be put right
        trouble, status = sentence(refused), status_of(refused)
    usual = chosen_in(found, form)
    query = flask.request.query_string.decode()
    return shown(
        "figures/page.html",
        status=status,
        figure=found,
        result=result,
        trouble=trouble,
        period=period,
        periods=periods_of(found),
        branches=branches_of(visitor),
        branch_id=form.maybe_id("branch_id"),
        choices=choices_for(visitor, found),
        chosen=usual,
        compared=form.maybe(COMPARED) or "",
        groups=menu_of(visitor),
        may_set_borders=found.name == "churn" and visitor.may(ChangeChurnSettings),
        formats=[kind for kind in formats_of(found) if (result and result.picture) or kind not in MEDIA_TYPES],
        query=f"{query}&" if query else "",
    )


def periods_of(found: Figure) -> list[tuple[str, str]]:
    names = [*(name for name in BEYOND if name == found.period), *PERIODS]
    return [(name, _((dict(PERIODS) | dict(BEYOND))[name])) for name in names]


def _asked(visitor: Visitor, form: Form, found: Figure) -> tuple[Request[Any], Period | None, Period | None]:
    """The Request, its period, and the one that it is compared with."""
    period = chosen(form, found.period, today_of(visitor)) if found.period else None
    fields = of_choices(chosen_in(found, form))
    if found.name == "sources":  # a part of the tree is taken away as that part
        fields |= {"channel": form.maybe("channel"), "under": form.maybe_id("under")}
    asked = asked_of(found, period, form.maybe_id("branch_id"), fields)
    with_what = form.maybe(COMPARED)
    before = None
    if period and with_what in (BEFORE, YEAR_BEFORE):
        before = period.before() if with_what == BEFORE else period.year_before()
    return asked, period, before


def _drawn(result: Shown, kind: str, route: Route) -> Response:
    if result.picture is None:
        raise NotFound("nothing_to_draw", result.why.text if result.why else "")
    with queue.place():
        content = lane(as_bytes, result.picture, kind, language())
    response = Response(content, content_type=MEDIA_TYPES[kind])
    response.headers["Content-Disposition"] = f"attachment; {files.called(route.formats[kind].name)}"
    return response
