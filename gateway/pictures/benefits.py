"""What the salon gains, as a picture: who booked through what, and what a master brings."""

from collections.abc import Mapping
from typing import Any

from gateway.pictures.definitions import said
from gateway.pictures.grouped import currency_of, value_of
from gateway.pictures.plots import Columns, Picture, Plot, Series, something
from gateway.pictures.saying import Saying

MOST_CHANNELS = 7

Reply = Mapping[str, Any]


def benefits(reply: Reply, asked: Any, say: Saying) -> Picture:
    rows = sorted(reply["rows"], key=lambda row: str(row["month"]))
    something(reply.get("reason") or "nothing_happened", rows)
    months = tuple(say.key("month", row["month"]) for row in rows)
    plots: list[Plot] = []
    if channels := _channels(rows, say):
        plots.append(Columns(say("appointments_by_channel"), "count", months, channels, "stacked"))
    values = tuple(value_of(row, "revenue_per_master") for row in rows)
    name = say("revenue_per_master")
    plots.append(Columns(name, "money", months, (Series(name, values),), currency=currency_of(rows)))
    return Picture(say("title_benefits"), say.scope(asked, bucket="month"), tuple(plots), measures(reply, say))


def _channels(rows: list[Reply], say: Saying) -> tuple[Series, ...]:
    """The largest of them, each along the months."""
    counts: dict[str | None, list[float]] = {}
    for at, row in enumerate(rows):
        for each in row["channels"]:
            counts.setdefault(each["channel"], [0.0] * len(rows))[at] += each["appointments"]
    order = sorted(counts, key=lambda channel: -sum(counts[channel]))[:MOST_CHANNELS]
    return tuple(Series(say.word(name) if name else say("unknown"), tuple(counts[name])) for name in order)


def measures(reply: Reply, say: Saying) -> tuple[str, ...]:
    """What each figure counts, and what is not measured."""
    return tuple(said(each["definition"], say.language) for each in reply.get("measures") or ())
