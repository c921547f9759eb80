"""What a report shows: a table in the visitor's language with names for ids, and what can be drawn of it."""

from datetime import date
from decimal import Decimal
from typing import Any

from chassis.wire import decoder, encode
from contracts.analytics import ReportRows
from contracts.booking import ListBranches, ListMasters, ListServices
from contracts.clients import NameClients
from gateway.names import with_names
from gateway.pages.figures.reading import language
from gateway.pages.formats import money, number, percent, short_day, weekday
from gateway.pages.languages import gettext as _
from gateway.pages.reports.words import NAMES, PERCENTS, REASONS, VALUES
from gateway.pages.visitor import Visitor
from gateway.pictures import definitions, numerals
from gateway.pictures.saying import Saying
from kernel.money import Money

MOST_BARS = 60
IDS = {"branch_id": ListBranches, "service_id": ListServices, "master_id": ListMasters}


def rows_of(visitor: Visitor, found: ReportRows, document: dict[str, Any]) -> dict[str, Any]:
    """What the template of a table needs."""
    reply = encode(found)
    if visitor.may(NameClients):
        reply = with_names(visitor.gateway.bus, reply, visitor.token)
    plain: dict[str, Any] = decoder(dict[str, Any])(reply)
    columns = [name for name in plain["columns"] if name not in ("name", "appointment_id")]
    names = {name: _names(visitor, kind) for name, kind in IDS.items() if name in columns}
    rows = [[_cell(name, row, names) for name in columns] for row in plain["rows"]]
    total = plain.get("total")
    return {
        "columns": [label(name) for name in columns],
        "numeric": [
            any(isinstance(row.get(name), int | float | dict) for row in plain["rows"][:20]) for name in columns
        ],
        "rows": rows,
        "total": [_cell(name, total, names) if name in total else "" for name in columns] if total else None,
        "found": found,
        "definition": definitions.said(found.definition, language()),
        "reason": _(REASONS[found.reason]) if found.reason else "",
        "picture": _picture(plain, columns, names, document),
    }


def label(name: str) -> str:
    text = _(NAMES.get(name.removesuffix("_id"), name))
    return text[:1].upper() + text[1:]


def _names(visitor: Visitor, kind: type[Any]) -> dict[str, str]:
    return {str(one.id): one.name for one in visitor.all_if(kind)}


def _cell(name: str, row: dict[str, Any], names: dict[str, dict[str, str]]) -> str:
    value = row.get(name)
    if name == "client_id":
        return row.get("name") or (_("a client") if value else _("without a card"))
    if value is None:
        return (
            _("unknown")
            if name in ("source", "booked_through", "sex", "state", "rfm", "service_id", "category")
            else "—"
        )
    if name in names:
        return names[name].get(value, "—")
    if name in VALUES:
        return _(VALUES[name].get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return money(Money(value["amount"], value["currency"]))
    if name == "weekday":
        return weekday(value)
    if name in PERCENTS:
        return percent(Decimal(str(value)))
    if name in ("day", "week", "first_day", "last_day"):
        return short_day(date.fromisoformat(value))
    if name in ("month", "quarter"):
        return numerals.period(value, language())
    if name == "booked_through":
        return Saying(language(), {}).word(value)
    if isinstance(value, int) and name not in ("year", "birth_band"):
        return number(value)
    return str(value)


def _picture(
    plain: dict[str, Any], columns: list[str], names: dict[str, dict[str, str]], document: dict[str, Any]
) -> dict[str, Any] | None:
    """Bars of the first measure by the first grouping, in colours of the second; nothing for lists and too many."""
    grouped = len(document.get("group_by") or ())
    rows = plain["rows"]
    if not rows or not grouped or len(columns) <= grouped:
        return None
    measure = columns[grouped]
    bars = list(dict.fromkeys(_cell(columns[0], row, names) for row in rows))
    colours = list(dict.fromkeys(_cell(columns[1], row, names) for row in rows)) if grouped == 2 else [label(measure)]
    if len(bars) > MOST_BARS or len(colours) > 12:
        return None
    series = {colour: [0.0] * len(bars) for colour in colours}
    for row in rows:
        colour = _cell(columns[1], row, names) if grouped == 2 else colours[0]
        series[colour][bars.index(_cell(columns[0], row, names))] = _height(row.get(measure))
    first = rows[0].get(measure)
    return {
        "bars": bars,
        "series": [{"name": name, "values": values} for name, values in series.items()],
        "measure": label(measure),
        "currency": first["currency"] if isinstance(first, dict) else None,
    }


def _height(value: Any) -> float:
    return float(value["amount"] if isinstance(value, dict) else value or 0)
