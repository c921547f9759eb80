"""Replies as tables for people: keys first, then figures, each written as the language has it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from gateway.pages import formats
from gateway.pages.figures import words
from gateway.pages.figures.kinds import Figure, Listing
from gateway.pages.languages import gettext as _
from gateway.pictures.plots import Grid
from gateway.pictures.saying import Saying
from kernel.money import Money

MOST_ROWS = 500
TEXTS = ("starts", "ends", "method", "name")
KEYS = (
    *("period", "month", "day", "week", "branch_id", "category", "service_id", "master_id", "unit_id", "source"),
    *("channel", "segment", "state", "weekday", "hour"),
)
COUNTED_STATES = ("active", "due", "at_risk", "sleeping", "lost")
RENAMED = {"became_clients": "clients"}
PLAIN_NUMBERS = ("index", "low", "high", "open_hours", "per_open_hour", "error", "expected_visits", "auc", "brier")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """`address` is the page about it, if there is one."""

    text: str
    number: bool = False
    address: str | None = None


@dataclass(frozen=True)
class Table:
    """`left_out` rows are in the files only."""

    caption: str
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int = 0


def tables(figure: Figure, reply: Row, say: Saying, asked: Any = None) -> tuple[Table, ...]:
    """All that is listed; people who are counted have the way to them, within what was `asked`."""
    listings = figure.listings
    if "columns" in reply:  # a report says itself what stands in it
        listings = (Listing("rows", tuple(name for name in reply["columns"] if name not in KEYS)),)
    found = (_table(listing, of(reply, listing.rows) or (), say, asked) for listing in listings)
    return tuple(table for table in found if table.rows)


def of_grid(grid: Grid) -> Table:
    """A grid as it is drawn, with its texts."""
    header = (Cell(grid.beside), *(Cell(text, number=True) for text in grid.columns))
    rows = zip(grid.rows, grid.written, strict=True)
    return Table(
        grid.axis, header, tuple((Cell(row), *(Cell(text, number=True) for text in texts)) for row, texts in rows)
    )


def _table(listing: Listing, rows: Sequence[Row], say: Saying, asked: Any) -> Table:
    shown = _ordered(rows)[:MOST_ROWS]
    keys = [key for key in KEYS if shown and key in shown[0]] if listing.rows != "months" else ["month"]
    if listing.rows == "children":
        keys = ["channel"]
        shown = [row | {"channel": row.get("name")} for row in map(dict, shown)]
    columns = [name for name in listing.columns if any(of(row, name) is not None for row in shown)]
    header = [Cell(words.column(key)) for key in keys]
    body = [[_key(key, row[key], say, asked) for key in keys] for row in shown]
    for name in columns:
        if name == "active" and isinstance(of(shown[0], name), list):
            _add_months(header, body, [row["active"] for row in shown], say)
            continue
        header.append(Cell(words.column(name), number=name not in TEXTS))
        for cells, row in zip(body, shown, strict=True):
            people = of(row, name) if name in COUNTED_STATES and None not in _within(row).values() else None
            way = _way_to(asked, {"state": name} | _within(row)) if people else None
            cells.append(Cell(written(name, of(row, name), say), number=name not in TEXTS, address=way))
    return Table(
        _(listing.caption) if listing.caption else "", tuple(header), tuple(map(tuple, body)), len(rows) - len(shown)
    )


def _ordered(rows: Sequence[Row]) -> list[Row]:
    """By time where rows have one, as time goes; else as they come, the largest revenue first."""
    time = next((key for key in ("period", "month", "day", "week") if rows and key in rows[0]), None)
    if time:
        return sorted(rows, key=lambda row: (str(row[time]).zfill(2), str(row.get("branch_id"))))
    if rows and isinstance(rows[0].get("revenue"), Mapping) and not {"segment", "state"} & rows[0].keys():
        return sorted(rows, key=lambda row: -row["revenue"]["amount"])
    return list(rows)


def _add_months(header: list[Cell], body: list[list[Cell]], active: Sequence[Sequence[int]], say: Saying) -> None:
    """How many came in the first, second, … month after."""
    for at in range(max(map(len, active), default=0)):
        header.append(Cell(_("After %(months)s mo.", months=at + 1), number=True))
        for cells, counts in zip(body, active, strict=True):
            cells.append(Cell(say.number(counts[at]) if at < len(counts) else "", number=True))


def of(row: Row, name: str) -> Any:
    """`first_touch.visits` is a field of a field."""
    value: Any = row
    for part in RENAMED.get(name, name).split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _key(key: str, value: Any, say: Saying, asked: Any) -> Cell:
    if key == "month" and isinstance(value, int):
        return Cell(formats.month_name(value))
    if key == "hour":
        return Cell(f"{value:02d}:00")
    if key in ("segment", "state"):
        return Cell(say(str(value)), address=_way_to(asked, {key: str(value)}))
    if key in ("channel", "source") and not value:
        return Cell(say("unknown"))
    return Cell(say.key(key, value))


def _within(row: Row) -> dict[str, Any]:
    """Of which branch, master or service the people in a row are; None is none of them."""
    return {key: row[key] for key in ("branch_id", "master_id", "service_id") if key in row}


def _way_to(asked: Any, which: Mapping[str, Any]) -> str:
    """The list of those people: of the same branch, and judged in the same way."""
    same = {name: getattr(asked, name, None) for name in ("branch_id", "recency")}
    fields = {name: str(value) for name, value in same.items() if value} | dict(which)
    return f"/figures/standings?{urlencode(fields)}"


def written(name: str, value: Any, say: Saying) -> str:
    """A figure as people write it."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return formats.money(Money(value["amount"], value["currency"]))
    if name.endswith("_percent") or name == "return_rate":
        return say.percent(value)
    if name in ("starts", "ends"):
        return _moment(str(value), say)
    if name in ("method", "name"):
        return say(str(value))
    if name.endswith("_minutes"):
        return _hours(value, say) if name != "average_late_minutes" else _("%(minutes)s min", minutes=value)
    if name == "median_minutes_to_answer":
        return _hours(value, say)
    if isinstance(value, int | float | Decimal):
        return say.number(value, 2 if name in PLAIN_NUMBERS else 0)
    return str(value)


def _hours(minutes: float, say: Saying) -> str:
    if minutes < 60:
        return _("%(minutes)s min", minutes=say.number(minutes))
    return _("%(hours)s h", hours=say.number(minutes / 60, 1))


def _moment(value: str, say: Saying) -> str:
    moment = datetime.fromisoformat(value)
    return f"{say.day(date(moment.year, moment.month, moment.day))}, {moment:%H:%M}"


def totals(figure: Figure, reply: Row, say: Saying, before: Row | None = None) -> Iterator[dict[str, Any]]:
    """The figures that say it all, each with what it was before and by how much it has changed."""
    for name in figure.totals:
        value = of(reply, name)
        if value is None:
            continue
        yield {
            "name": words.column(name),
            "text": written(name, value, say),
            "change": _change(value, of(before, name), say) if before else None,
            "was": written(name, of(before, name), say) if before else None,
        }


def _change(now: Any, before: Any, say: Saying) -> dict[str, Any] | None:
    one, other = (value["amount"] if isinstance(value, Mapping) else value for value in (now, before))
    if one is None or not other:
        return None
    percent = 100 * (one - other) / abs(other)
    return {"text": ("+" if percent > 0 else "") + say.percent(percent), "up": percent > 0, "down": percent < 0}


def summed(rows: Iterable[Row], names: Iterable[str]) -> dict[str, Any]:
    """What rows add up to, by the figures that may be added."""
    found: dict[str, Any] = {}
    for row in rows:
        for name in names:
            value = row.get(name)
            if isinstance(value, Mapping):
                amount = found[name]["amount"] if name in found else 0
                found[name] = {"amount": amount + value["amount"], "currency": value["currency"]}
            elif value is not None:
                found[name] = found.get(name, 0) + value
    return found
