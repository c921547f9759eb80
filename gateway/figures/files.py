"""The files themselves, with the names of branches, services, masters and clients that who asks may know."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from chassis.aside import aside
from contracts.message import Request
from gateway.figures.names import name_clients, names_in
from gateway.figures.pdf import table_pages
from gateway.figures.table import CUT_OFF, Table, table_of
from gateway.route import Ask
from gateway.sheets import csv_chunks, xlsx_chunks

MOST_ITEMS = 10_000  # of a list
AT_ONCE = 200


def as_csv(reply: bytes, message: Request[Any], ask: Ask) -> Iterator[bytes]:
    """After RFC 4180 with commas; amounts are in whole units with a decimal point, and notes are left out."""
    table = _table(reply, message, ask)
    return csv_chunks(table.header, [table.rows], ",")


def as_xlsx(reply: bytes, message: Request[Any], ask: Ask) -> Iterator[bytes]:
    """One sheet; dates are dates, amounts numbers. What the figures mean stands in its properties and below pages."""
    table = _table(reply, message, ask)
    return xlsx_chunks(_titled(message), table.header, [table.rows], _said(table))


def as_pdf(reply: bytes, message: Request[Any], ask: Ask) -> Iterator[bytes]:
    table = _table(reply, message, ask)
    yield aside(table_pages, f"{_titled(message)} {_period(message)}".strip(), table)


def _table(reply: bytes, message: Request[Any], ask: Ask) -> Table:
    found = _whole(msgspec.json.decode(reply), message, ask)
    names = names_in(found, ask)
    name_clients(found, ask)
    return table_of(found, names)


def _whole(found: dict[str, Any], asked: Any, ask: Ask) -> dict[str, Any]:
    """A list with the pages that follow the first one, as far as a file has room for them."""
    if "next" not in found:
        return found
    items = list(found["items"])
    while found["next"] and len(items) < MOST_ITEMS:
        found = msgspec.json.decode(ask(replace(asked, cursor=found["next"], limit=AT_ONCE)))
        items += found["items"]
    return {"items": items, CUT_OFF: bool(found["next"])}


def _titled(message: Request[Any]) -> str:
    """`ShowVisits` is about visits."""
    name = type(message).__name__.removeprefix("Show").removeprefix("List").removeprefix("Run").removeprefix("Try")
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip().capitalize()


def _period(message: Request[Any]) -> str:
    first, last = getattr(message, "from_", None), getattr(message, "to", None)
    return f"{first} – {last}" if isinstance(first, date) and isinstance(last, date) else ""


def _said(table: Table) -> str:
    return " · ".join(f"{name}: {value}" for name, value in table.notes)[:200]
