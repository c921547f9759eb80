"""A reply full of figures as one table: a row for each of its rows, a column for each of their fields."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gateway.sheets import Cell

LISTS = ("rows", "items", "children", "months", "cells", "weeks", "states")  # where replies keep their rows
LEVEL = "level"
CUT_OFF = "more"  # there are rows that the reply has not
MINOR_UNITS = 2

_NAMED = {"branch_id": "branch", "service_id": "service", "master_id": "master", "unit_id": "unit"}


@dataclass(frozen=True)
class Table:
    """`notes` are what stands beside the rows: definitions, reasons, how far to trust them. Where there are no rows,
    and nothing says which there could be, the notes are the table: why there is nothing.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[tuple[str, Cell], ...]


def table_of(reply: Mapping[str, Any], names: Mapping[str, str]) -> Table:
    """The table in `reply`, as JSON has it; `names` are those of branches, services and masters by their ids."""
    rows = list(_rows(reply))
    flat = [dict(_flat(row, "", names)) for row in rows]
    header = tuple(dict.fromkeys([*_wanted(reply), *(name for row in flat for name in row)]))
    cells = tuple(tuple(row.get(name) for name in header) for row in flat)
    within = {name for name in LISTS if isinstance(reply.get(name), list)} | {"columns"}
    beside = {name: value for name, value in reply.items() if name not in within} if "children" not in reply else {}
    if beside.pop(CUT_OFF, False):
        beside = {"cut_off": f"only the first {len(rows)} rows: ask for fewer dates, or by other keys"} | beside
    notes = tuple((name, value) for name, value in _flat(beside, "", names) if value is not None)
    return Table(header, cells, notes) if header else Table(("note", "said"), notes, ())


def ids_in(reply: Any) -> set[str]:
    """The fields with ids of things of the salon that have names."""
    found: set[str] = set()
    waiting = [reply]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            found |= {name for name in _NAMED if node.get(name)}
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found


def _wanted(reply: Mapping[str, Any]) -> Iterator[str]:
    """The columns that the reply promises, rows or none."""
    columns = reply.get("columns")
    for name in columns if isinstance(columns, list) else ():
        if name in _NAMED:
            yield _NAMED[name]
        yield str(name)


def _rows(reply: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "children" in reply:
        yield from _tree(reply)
        return
    for name in LISTS:
        if isinstance(found := reply.get(name), list):
            yield from (each for each in found if isinstance(each, dict))
            return
    if not reply.get("reason"):
        yield reply


def _tree(root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every node, each below the one that it hangs on; without recursion, because chains of people may be long."""
    waiting = [(0, root)]
    while waiting:
        level, node = waiting.pop()
        yield {LEVEL: level} | {name: value for name, value in node.items() if name != "children"}
        waiting.extend((level + 1, child) for child in reversed(node.get("children") or ()))


def _flat(row: Mapping[str, Any], above: str, names: Mapping[str, str]) -> Iterator[tuple[str, Cell]]:
    """The cells of a row: fields of fields behind an underscore, names before their ids."""
    for field, value in row.items():
        name = f"{above}{field}"
        if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
            yield name, Decimal(value["amount"]).scaleb(-MINOR_UNITS)
        elif isinstance(value, dict):
            yield from _flat(value, f"{name}_", names)
        elif isinstance(value, list):
            yield name, ", ".join(_plain(value, names))
        else:
            if field in _NAMED:
                yield f"{above}{_NAMED[field]}", names.get(str(value))
            yield name, _cell(value)


def _plain(values: Iterable[Any], names: Mapping[str, str]) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            yield " ".join(f"{name}: {cell}" for name, cell in _flat(value, "", names) if cell is not None)
        else:
            yield names.get(str(value)) or str(value)


def _cell(value: Any) -> Cell:
    """Of the type that a workbook should know it by."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-" and value[7:8] == "-":
        try:
            return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return value
    return value if value is None or isinstance(value, str | int) else str(value)
