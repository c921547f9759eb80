"""Visits and revenue, channels, and reports of people's own, as they are grouped."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contracts.analytics import RunReport, ShowChannels, ShowVisits, TryReport
from gateway.pictures.grouped import Grouped, left_out, plots
from gateway.pictures.plots import Picture, Plot, Ranked, nothing, something
from gateway.pictures.saying import TIMES, Saying

IDS = {"branch": "branch_id", "service": "service_id", "master": "master_id"}
# Numbers that name a row all the same.
KEYS = {
    *TIMES,
    *IDS.values(),
    "client_id",
    "source",
    "category",
    "birth_band",
    "age",
    "hour",
    "weekday",
    "lead_days",
    "channel",
}


def visits(reply: Mapping[str, Any], asked: ShowVisits, say: Saying) -> Picture:
    something(reply.get("reason"), reply["rows"])
    keys = tuple(IDS.get(key, key) for key in asked.group_by)
    figures: tuple[str, ...] = ("visits", "clients", "new_clients", "revenue")
    if len(keys) > 1:
        figures = ("visits", "revenue")
    elif not set(keys) & set(TIMES):
        figures = ("revenue", "visits", "clients")
    grouped = Grouped(reply["rows"], keys, figures)
    subtitle = " · ".join(filter(None, (say.scope(asked), say.by(keys))))
    notes = (say("visits_definition"), *left_out(grouped, say))
    return Picture(say("title_visits"), subtitle, plots(grouped, say), notes)


def channels(reply: Mapping[str, Any], asked: ShowChannels, say: Saying) -> Picture:
    """The first touch above, the last one below."""
    something(reply.get("reason"), reply["rows"])
    both = {
        touch: Grouped(
            [{"channel": row["channel"]} | row[touch] for row in reply["rows"] if row[touch]["visits"]],
            ("channel",),
            ("revenue", "visits", "clients"),
        )
        for touch in ("first_touch", "last_touch")
    }
    found = tuple(_titled(plot, say(touch)) for touch, grouped in both.items() for plot in plots(grouped, say))
    hidden = tuple(note for grouped in both.values() for note in left_out(grouped, say))
    return Picture(say("title_channels"), say.scope(asked), found, (*say.definition(reply), *dict.fromkeys(hidden)))


def _titled(plot: Plot, of: str) -> Plot:
    assert isinstance(plot, Ranked)
    return replace(plot, axis=f"{of} · {plot.axis}")


def report(reply: Mapping[str, Any], asked: RunReport | TryReport, say: Saying) -> Picture:
    """A list of visits is no picture: it has no groups."""
    something(reply.get("reason"), reply["rows"])
    rows = reply["rows"]
    keys = tuple(name for name in reply["columns"] if _names_a_row(name, rows))
    figures = tuple(name for name in reply["columns"] if name not in keys and _counts(name, rows))
    if "appointment_id" in keys or "client_id" in keys or not figures or reply.get("total") is None:
        raise nothing("not_grouped")
    grouped = Grouped(rows, keys, figures)
    subtitle = " · ".join(filter(None, (say.scope(asked), say.by(keys))))
    cut = (say("cut_off"),) if reply.get("more") else ()
    return Picture(
        say("title_report"), subtitle, plots(grouped, say), (*say.definition(reply), *cut, *left_out(grouped, say))
    )


def _names_a_row(name: str, rows: list[Mapping[str, Any]]) -> bool:
    if name in KEYS or name.endswith("_id"):
        return True
    values = [row[name] for row in rows if row.get(name) is not None]
    return any(isinstance(value, str | bool) for value in values)


def _counts(name: str, rows: list[Mapping[str, Any]]) -> bool:
    return any(isinstance(row.get(name), int | float | Mapping) for row in rows)
