"""The clients behind figures: by segment and state, the least reliable, and whom to remind."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, get_args

import flask
from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from flask import Response

from contracts.analytics import (
    ChangeChurnSettings,
    ListLikelyNoShows,
    ListStandings,
    ShowChurnSettings,
    ShowNoShows,
    ShowSegments,
)
from contracts.analytics.people import SegmentName, StateName
from contracts.booking import ListAppointments
from contracts.clients import ShowClient
from gateway.figures import FORMATS
from gateway.pages.clocks import today_of
from gateway.pages.figures.catalogue import BY_NAME
from gateway.pages.figures.pages import file_of, formats_of, menu_of, periods_of
from gateway.pages.figures.periods import branches_of, chosen, named
from gateway.pages.figures.reading import read, reply_to, saying_of
from gateway.pages.figures.words import why
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import locale, noted
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from gateway.pictures.formats import MEDIA_TYPES
from kernel.errors import Invalid, NotFound

SEGMENTS: tuple[str, ...] = get_args(SegmentName)
STATES: tuple[str, ...] = get_args(StateName)
AT_ONCE = 50
WITHIN = (30, 60, 90, 180)
IN_FILES = 200  # asked for at once, until a file has all of them
RECENCIES = {"days": noted("Days since the last visit"), "interval": noted("Personal intervals")}
CHOSEN = ("segment", "state", "recency", "branch_id", "master_id", "service_id", "within_days")
USUAL = {"recency": "days", "within_days": 90}
AHEAD = (1, 2, 3, 7)
BORDERS = ("due", "at_risk", "sleeping", "lost")

# Why somebody is in their state, as the service writes it; the numbers stand where they stood.
CAUSES = (
    (
        re.compile(
            r"(?P<days>\d+) days since the last visit, (?P<times>[\d.]+) times the (?P<usual>\d+) days to expect"
        ),
        noted("%(days)s days since the last visit, %(times)s times the %(usual)s days to expect"),
    ),
    (
        re.compile("came only once, so the interval is the usual one"),
        noted("came only once, so the interval is the usual one"),
    ),
    (
        re.compile(r"gone for good with (?P<chance>\d+) %, by the model of buying"),
        noted("gone for good with %(chance)s %%, by the model of buying"),
    ),
    (re.compile(r"no visit within (?P<days>\d+) days"), noted("no visit within %(days)s days")),
)

area = Area("figures-people")


def cause(sentence: str) -> str:
    for pattern, message in CAUSES:
        if found := pattern.fullmatch(sentence):
            words = found.groupdict()
            if "times" in words:
                words["times"] = format_decimal(Decimal(words["times"]), locale=locale())
            return _(message, **words) if words else _(message)
    return sentence


@area.page("/figures/standings", ListStandings)
def standings(visitor: Visitor, form: Form) -> Response:
    """Who is in a segment or a state, who spent most first."""
    asked = _standings(form)
    found = reply_to(visitor, asked)
    reason = reply_to(visitor, ShowSegments()).get("reason") if not found["items"] else None
    return shown(
        "figures/standings.html",
        asked=asked,
        found=found,
        why=why(reason) if reason else None,
        say=saying_of(visitor, found, asked),
        cause=cause,
        segments=SEGMENTS,
        states=STATES,
        within=WITHIN,
        recencies=RECENCIES,
        chosen=_chosen(asked),
        formats=tuple(FORMATS),
        branches=branches_of(visitor),
        shows_cards=visitor.may(ShowClient),
        groups=menu_of(visitor),
    )


@area.page("/figures/standings/file", ListStandings)
def standings_file(visitor: Visitor, form: Form) -> Response:
    """All of them as a table, with their chances and why they are in that state."""
    kind = form.text("format")
    if kind not in FORMATS:
        raise NotFound("not_found", "there is no such format")
    return file_of(visitor, FORMATS[kind], replace(_standings(form), limit=IN_FILES, cursor=None))


def _standings(form: Form) -> ListStandings:
    segment, state, recency = form.maybe("segment"), form.maybe("state"), form.maybe("recency")
    return ListStandings(
        segment=segment if segment in SEGMENTS else None,  # type: ignore[arg-type]
        state=state if state in STATES else None,  # type: ignore[arg-type]
        recency=recency if recency in RECENCIES else "days",  # type: ignore[arg-type]
        branch_id=form.maybe_id("branch_id"),
        master_id=form.maybe_id("master_id"),
        service_id=form.maybe_id("service_id"),
        within_days=_one_of(WITHIN, form.maybe("within_days"), 90),
        limit=AT_ONCE,
        cursor=form.maybe("cursor"),
    )


def _chosen(asked: ListStandings) -> dict[str, Any]:
    """What was chosen, as fields of a query; what is as usual is left out."""
    fields = {name: getattr(asked, name) for name in CHOSEN}
    return {name: str(value) for name, value in fields.items() if value not in (None, USUAL.get(name))}


@area.page("/figures/no-shows", ShowNoShows)
def no_shows(visitor: Visitor, form: Form) -> Response:
    """How many do not come, and who is least likely to."""
    figure = BY_NAME["no_shows"]
    period = chosen(form, figure.period or "", today_of(visitor))
    result = read(visitor, figure, ShowNoShows(period.first, period.last, form.maybe_id("branch_id")))
    query = flask.request.query_string.decode()
    return shown(
        "figures/no_shows.html",
        figure=figure,
        result=result,
        found=result.reply,
        totals=result.totals if result.reply["appointments"] else (),
        why=why(result.reply["reason"]) if result.reply.get("reason") else None,
        formats=[kind for kind in formats_of(figure) if result.picture or kind not in MEDIA_TYPES],
        query=f"{query}&" if query else "",
        say=result.say,
        period=period,
        periods=periods_of(figure),
        branches=branches_of(visitor),
        branch_id=form.maybe_id("branch_id"),
        shows_cards=visitor.may(ShowClient),
        groups=menu_of(visitor),
    )


@area.page("/figures/churn/borders", ChangeChurnSettings)
def borders(visitor: Visitor, _form: Form) -> Response:
    """A dialog: from how many personal intervals on somebody is due, at risk, sleeping, lost."""
    found = visitor.ask(ShowChurnSettings())
    return shown("figures/borders.html", found=found, fields=BORDERS, say=saying_of(visitor, {}))


@area.form("/figures/churn/borders", ChangeChurnSettings)
def change_borders(visitor: Visitor, form: Form) -> Response:
    values: dict[str, Any] = {name: _decimal(form, name) for name in BORDERS}
    visitor.ask(ChangeChurnSettings(form.whole("version"), **values, lost_days=form.whole("lost_days")))
    response = done(_("Everybody is judged by that within a minute."))
    response.headers["HX-Refresh"] = "true"
    return response


def _decimal(form: Form, name: str) -> Decimal:
    try:
        return Decimal(parse_decimal(form.text(name).replace(" ", "\u00a0"), locale=locale()))
    except (NumberFormatError, ArithmeticError):
        raise Invalid.field(name, "not_a_number", _("This must be a number.")) from None


@area.page("/figures/reminders", ListLikelyNoShows)
def reminders(visitor: Visitor, form: Form) -> Response:
    """Whom to call before they forget: what is booked on the next days, the least likely to come first."""
    today = today_of(visitor)
    ahead = _one_of(AHEAD, form.maybe("days"), AHEAD[0])
    period = named("today", today)
    branch_id = form.maybe_id("branch_id")
    found = reply_to(visitor, ListLikelyNoShows(period.first, today + timedelta(days=ahead), branch_id, limit=100))
    return shown(
        "figures/reminders.html",
        found=found,
        why=why("no_chances" if found["reason"] == "no_appointments" else found["reason"])
        if found.get("reason")
        else None,
        say=saying_of(visitor, found),
        ahead=ahead,
        days=AHEAD,
        branches=branches_of(visitor),
        branch_id=branch_id,
        shows_cards=visitor.may(ShowClient),
        shows_desk=visitor.may(ListAppointments),
        groups=menu_of(visitor),
    )


def _one_of(options: tuple[int, ...], said: str | None, usual: int) -> int:
    return next((option for option in options if str(option) == said), usual)
