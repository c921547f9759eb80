"""How a table that somebody uploads is read: CSV in any usual spelling, or the cells of an XLSX workbook."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from kernel.errors import Invalid

MOST_ROWS = 100_000
MOST_COLUMNS = 100
MOST_UNPACKED = 128 * 1024 * 1024  # bytes of a workbook
MOST_PACKED_FILES = 1_000
LONGEST_CELL = 100_000  # characters; more than any field takes, and what a quote that never ends would swallow

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
LOOKED_AT = 20  # rows, to find the separator

# What no table begins with: PDF, PNG, JPEG, GIF, the old XLS, gzip, RAR, 7z.
_NO_TABLE = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_CONTROL = dict.fromkeys(code for code in (*range(32), 127) if chr(code) not in "\t\n")


@dataclass(frozen=True)
class Sheet:
    """A table of texts: the names of its columns, and its rows with their numbers, blank ones left out.

    Rows count from 1, the names being the first. A row may be shorter or longer than the names.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheet(
    content: bytes, encoding: str | None = None, separator: str | None = None, sheet: str | None = None
) -> Sheet:
    """The table in `content`; `Invalid` if it is none, empty or too large."""
    if content.startswith(b"PK\x03\x04"):
        rows = _workbook_rows(content, sheet)
    else:
        rows = _csv_rows(_text(content, encoding), SEPARATORS[separator] if separator else None)
    return _sheet(rows)


def _sheet(rows: Iterable[list[str]]) -> Sheet:
    names: tuple[str, ...] | None = None
    kept = []
    for number, cells in enumerate(rows, start=1):
        tidy = tuple(_tidy(cell) for cell in cells)
        while tidy and not tidy[-1]:
            tidy = tidy[:-1]
        if not tidy:
            continue
        if len(tidy) > MOST_COLUMNS:
            raise _refused("columns_too_many", f"a table has at most {MOST_COLUMNS} columns")
        if names is None:
            names = tidy
            continue
        kept.append((number, tidy))
        if len(kept) > MOST_ROWS:
            raise _refused("rows_too_many", f"a table has at most {MOST_ROWS} rows; send it in parts")
    if names is None or not kept:
        raise _refused("table_empty", "the table has no rows below the names of its columns")
    return Sheet(names, tuple(kept))


def _tidy(cell: str) -> str:
    """Without what no database stores: control characters and halves of pairs."""
    return cell.replace("\r\n", "\n").translate(_CONTROL).encode(errors="ignore").decode().strip()


# --- CSV ------------------------------------------------------------------------------------------------------------


def _text(content: bytes, encoding: str | None) -> str:
    if content.startswith(_NO_TABLE):
        raise _unreadable()
    if encoding is None and content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    for tried in [encoding] if encoding else ["utf-8", "cp1251"]:
        try:
            text = content.decode("utf-8-sig" if tried == "utf-8" else tried)
        except UnicodeError:
            continue
        if any(chr(code) in text for code in _CONTROL if chr(code) != "\r"):
            break
        return text
    raise _unreadable()


def _csv_rows(text: str, separator: str | None) -> Iterator[list[str]]:
    if text[:4].lower() == "sep=":  # what spreadsheets write for themselves
        said, _, text = text.partition("\n")
        separator = separator or said[4:5]
    separator = separator or _likely_separator(text)
    csv.field_size_limit(LONGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            raise _unreadable() from None
        yield cells


def _likely_separator(text: str) -> str:
    """The one that cuts the first rows into most cells, the name row above all."""
    found = {}
    for separator in SEPARATORS.values():
        some = csv.reader(io.StringIO(text[: LONGEST_CELL * 2], newline=""), delimiter=separator)
        try:
            widths = [len(cells) for cells, _ in zip(some, range(LOOKED_AT), strict=False) if any(cells)]
        except csv.Error:
            widths = []
        found[separator] = (widths[0] if widths else 0, widths.count(widths[0]) if widths else 0)
    return max(found, key=lambda each: found[each])


# --- XLSX -----------------------------------------------------------------------------------------------------------


def _workbook_rows(content: bytes, sheet: str | None) -> Iterator[list[str]]:
    """The cells of the sheet named, or of the first one. Formulas are texts: nothing is reckoned."""
    from openpyxl import load_workbook  # takes memory; few processes ever need it

    _refuse_bomb(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        if sheet is not None and sheet not in book.sheetnames:
            raise Invalid.field("sheet", "sheet_unknown", "the workbook has no sheet of this name")
        page: Any = book[sheet] if sheet is not None else book.worksheets[0]
        page.reset_dimensions()  # what the file says of them may be wrong
        # One column more than is allowed, to see that there are more; all rows, most of which may be of nothing.
        for cells in page.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True):
            yield [] if cells.count(None) == len(cells) else [_written(cell) for cell in cells]
    except Invalid:
        raise
    except Exception:  # a broken workbook fails in as many ways as it has parts
        raise _unreadable() from None


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            files = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise _unreadable() from None
    if len(files) > MOST_PACKED_FILES or sum(file.file_size for file in files) > MOST_UNPACKED:
        raise _refused("table_too_large", "this workbook is too large once it is unpacked")


def _written(cell: Any) -> str:
    """A cell as one would write it: 79161234567.0 is a phone number, a date a date."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell)
    if len(text) > LONGEST_CELL:
        raise _unreadable()
    return text


def _unreadable() -> Invalid:
    return _refused("file_unreadable", "this is neither a CSV nor an XLSX table that can be read")


def _refused(code: str, message: str) -> Invalid:
    return Invalid.field("content", code, message)
