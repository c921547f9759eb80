"""Visits and revenue beside those of a period before: in the picture and in what stands above it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contracts.analytics import ShowVisits
from gateway.pages.figures.periods import Period
from gateway.pages.languages import gettext as _
from gateway.pictures.grouped import value_of
from gateway.pictures.plots import Columns, Picture, Plot, Series
from gateway.pictures.saying import Saying, every

DRAWN = ("visits", "revenue")  # which of the panels that a picture has are compared


def asked_before(asked: ShowVisits, period: Period) -> ShowVisits:
    return replace(asked, from_=period.first, to=period.last)


def beside(picture: Picture, rows: list[Mapping[str, Any]], asked: ShowVisits, say: Saying) -> Picture:
    """With a grey series of the period before, the first month under the first, where rows go along time."""
    if asked.group_by not in (("month",), ("day",)) or not rows:
        return picture
    (time,) = asked.group_by
    by_time = {str(row[time]): row for row in rows}
    first, last = (str(asked.from_), str(asked.to)) if time == "day" else (str(asked.from_)[:7], str(asked.to)[:7])
    times = every(first, last, time)
    plots = tuple(_with(plot, figure, by_time, times, say) for plot, figure in zip(picture.plots, DRAWN, strict=False))
    return replace(picture, plots=plots + picture.plots[len(plots) :])


def _with(plot: Plot, figure: str, by_time: Mapping[str, Any], times: list[str], say: Saying) -> Plot:
    if not isinstance(plot, Columns):
        return plot
    values = [value_of(by_time[at], figure) if at in by_time else 0.0 for at in times][: len(plot.labels)]
    values += [None] * (len(plot.labels) - len(values))
    name = _("%(figure)s before", figure=say(figure))
    return replace(plot, series=(*plot.series, Series(name, tuple(values), role="rest")))
