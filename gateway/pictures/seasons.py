"""Seasons of demand, hours of the week, and the weeks to come."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from contracts.analytics import ShowForecast, ShowHeatMap, ShowSeasonality
from gateway.pictures.numerals import MONTHS, WEEKDAYS, drawn
from gateway.pictures.plots import Columns, Grid, Picture, Ranked, Series, nothing, something
from gateway.pictures.saying import Saying

Reply = Mapping[str, Any]
WHOLE = 0.999  # what shares add up to where nothing was taken for no season


def seasonality(reply: Reply, asked: ShowSeasonality, say: Saying) -> Picture:
    """The index with its intervals; one too weak to trust is not drawn."""
    if not reply["shown"]:
        raise nothing(reply.get("reason") or "weak")
    months = reply["months"]
    values, low, high = (tuple(drawn(each[name]) for each in months) for name in ("index", "low", "high"))
    index = Series(say("index"), values, low, high)
    labels = tuple(MONTHS[say.language][each["month"] - 1] for each in months)
    plot = Columns(say("index"), "index", labels, (index,), reference=1.0)
    return Picture(say("title_seasonality"), say.scope(asked), (plot,), (*_trust(reply, say), *say.definition(reply)))


def _trust(reply: Reply, say: Saying) -> Iterator[str]:
    if reply["strength"] is not None:
        yield say("strength", strength=say.number(reply["strength"], 2), years=reply["years"])
    yield say("interval_years" if reply["interval_by"] == "years" else "interval_counts", years=reply["years"])
    if reply["pooled"]:
        shares = [(say(f"of_{each['of']}"), each["weight"]) for each in reply["shares"]]
        left = 1 - sum(weight for _, weight in shares)
        shares += [(say("no_season"), left)] if left > 1 - WHOLE else []
        said = ", ".join(f"{name} {say.percent(100 * weight)}" for name, weight in shares)
        yield say("pooled", shares=said)


def heat_map(reply: Reply, asked: ShowHeatMap, say: Saying) -> Picture:
    """By open hour where it is known when masters are there, else by visits."""
    cells = {(each["weekday"], each["hour"]): each for each in reply["cells"]}
    if not any(each["visits"] for each in cells.values()):
        raise nothing(reply.get("reason") or "no_visits")
    by_hours = reply.get("reason") != "no_open_hours"
    field = "per_open_hour" if by_hours else "visits"
    hours = range(min(hour for _, hour in cells), max(hour for _, hour in cells) + 1)
    values = tuple(tuple(_cell(cells.get((day, hour)), field) for hour in hours) for day in range(7))
    written = tuple(
        tuple("" if value is None else say.number(value, 2 if by_hours else 0) for value in row) for row in values
    )
    plot = Grid(
        say(field),
        "decimal" if by_hours else "count",
        WEEKDAYS[say.language],
        tuple(f"{hour:02d}" for hour in hours),
        values,
        written,
        beside=say("weekday"),
        below=say("clock"),
    )
    notes = () if by_hours else (say("no_open_hours"),)
    return Picture(say("title_heat_map"), say.scope(asked), (plot,), (*notes, *say.definition(reply)))


def _cell(cell: Reply | None, field: str) -> float | None:
    return None if cell is None else drawn(cell[field])


def forecast(reply: Reply, asked: ShowForecast, say: Saying) -> Picture:
    """Known weeks, then those that are foreseen with their interval; below, how wrong each method was."""
    something(reply.get("reason"), reply["weeks"])
    known, ahead = reply["known"], reply["weeks"]
    before, after = len(known), len(ahead)
    last = float(known[-1]["visits"]) if known else None
    joined = (None,) * (before - 1) + ((last,) if known else ())  # so that the line goes on from what is known
    foreseen = Series(
        say("foreseen"),
        joined + tuple(drawn(each["visits"]) for each in ahead),
        joined + tuple(drawn(each["low"]) for each in ahead),
        joined + tuple(drawn(each["high"]) for each in ahead),
        role="forecast",
    )
    series = (Series(say("known"), tuple(float(each["visits"]) for each in known) + (None,) * after), foreseen)
    labels = tuple(say.day(date.fromisoformat(each["week"])) for each in (*known, *ahead))
    weeks = Columns(say("visits"), "count", labels, series, "lines", below=say("weeks_from"))
    tests = reply["back_tests"]
    errors = tuple(drawn(each["error"]) for each in tests)
    trial = Ranked(
        say("mistake"),
        "decimal",
        tuple(say(each["method"]) for each in tests),
        (Series(say("mistake"), errors),),
        tuple(say.number(each["error"], 1) for each in tests),
    )
    lost = (say("baseline_is_better"),) if reply.get("reason") == "baseline_is_better" else ()
    notes = (say("band", method=say(reply["method"])), *lost, *say.definition(reply))
    return Picture(say("title_forecast"), say.scope(asked), (weeks, trial) if tests else (weeks,), notes)
