"""The six CSV files as they stand: rows with file and line, and the rows that cannot be read."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from deploy.importer.currency import minor_units, number

MINUTES_OF_A_DAY = 24 * 60


class CannotImport(Exception):  # noqa: N818 - named like the refusals of the kernel
    """The whole import is impossible; the text is one sentence."""


@dataclass(frozen=True, order=True)
class Place:
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Note:
    """Something to be told about a row: why it is refused, or how it was understood."""

    place: Place
    text: str


@dataclass(frozen=True)
class ServiceRow:
    place: Place
    active: bool
    code: str
    name: str
    category: str
    price: int  # minor units
    cost: int  # minor units


@dataclass(frozen=True)
class BookingRow:
    place: Place
    client: str
    staff: str
    service: str  # its code
    starts: datetime  # wall clock


@dataclass(frozen=True)
class CancellationRow:
    place: Place
    client: str
    staff: str
    service: str
    day: date
    cancelled_on: date


@dataclass(frozen=True)
class NoShowRow:
    place: Place
    client: str
    staff: str
    service: str
    day: date


@dataclass(frozen=True)
class ReceiptRow:
    place: Place
    receipt: str
    day: date
    text: str
    client: str
    staff: str
    quantity: Decimal
    amount: int  # minor units before tax, for the whole quantity


@dataclass(frozen=True)
class ProductRow:
    place: Place
    code: str
    name: str


@dataclass(frozen=True)
class Export:
    services: tuple[ServiceRow, ...]
    bookings: tuple[BookingRow, ...]
    cancellations: tuple[CancellationRow, ...]
    no_shows: tuple[NoShowRow, ...]
    receipts: tuple[ReceiptRow, ...]
    products: tuple[ProductRow, ...]
    refused: tuple[Note, ...]


Cells = dict[str, str]
Row = TypeVar("Row")


def read_export(folder: Path, decimals: int) -> Export:
    """Read the files of `folder`; `decimals` is how many the currency has."""
    if not folder.is_dir():
        raise CannotImport(f"There is no folder {folder}.")
    refused: list[Note] = []

    def rows(file: str, columns: str, make: Callable[[Place, Cells], Row]) -> tuple[Row, ...]:
        return tuple(_rows(folder / file, columns.split(","), make, refused))

    return Export(
        services=rows(
            "services.csv",
            "IsActive,Code,Desc,Cate,Price,Cost",
            lambda place, cells: ServiceRow(
                place,
                active=_truth(cells["IsActive"]),
                code=_present(cells, "Code").upper(),
                name=cells["Desc"],
                category=cells["Cate"],
                price=_not_negative(cells, "Price", decimals),
                cost=_not_negative(cells, "Cost", decimals),
            ),
        ),
        bookings=rows(
            "bookings.csv",
            "Code,Staff,Service,Date,Time,TimeInt",
            lambda place, cells: BookingRow(
                place,
                cells["Code"].upper(),
                _present(cells, "Staff"),
                _present(cells, "Service").upper(),
                _start(cells),
            ),
        ),
        cancellations=rows(
            "cancellations.csv",
            "Cancel Date,Code,Service,Staff,Booking Date,Canceled By,Days",
            lambda place, cells: CancellationRow(
                place,
                cells["Code"].upper(),
                _present(cells, "Staff"),
                _present(cells, "Service").upper(),
                _day(cells["Booking Date"]),
                _day(cells["Cancel Date"]),
            ),
        ),
        no_shows=rows(
            "no_shows.csv",
            "Date,Code,Service,Staff",
            lambda place, cells: NoShowRow(
                place,
                cells["Code"].upper(),
                _present(cells, "Staff"),
                _present(cells, "Service").upper(),
                _day(cells["Date"]),
            ),
        ),
        receipts=rows(
            "receipts.csv",
            "Receipt,Date,Description,Client,Staff,Quantity,Amount,GST,PST",
            lambda place, cells: ReceiptRow(
                place,
                _present(cells, "Receipt"),
                _day(cells["Date"]),
                cells["Description"],
                cells["Client"].upper(),
                _present(cells, "Staff"),
                number(cells["Quantity"]),
                minor_units(cells["Amount"], decimals),
            ),
        ),
        products=rows(
            "products.csv",
            "IsActive,Code,Description,Supplier,Brand,Category,Price,On Hand,Minimum,Maximum,Cost,COG,YTD,Package",
            lambda place, cells: ProductRow(place, cells["Code"], cells["Description"]),
        ),
        refused=tuple(refused),
    )


def _rows(path: Path, columns: list[str], make: Callable[[Place, Cells], Row], refused: list[Note]) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(_text(path), newline=""))
    try:
        header = [name.strip() for name in next(lines, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            raise CannotImport(f"{path.name} has no column {', '.join(missing)}.")
        for values in lines:
            if not any(value.strip() for value in values):
                continue
            place = Place(path.name, lines.line_num)
            try:
                if len(values) != len(header):
                    raise ValueError(f"{len(values)} values, but there are {len(header)} columns")
                yield make(place, dict(zip(header, map(_tidy, values), strict=True)))
            except ValueError as wrong:
                refused.append(Note(place, str(wrong)))
    except csv.Error as broken:
        raise CannotImport(f"{path.name}, line {lines.line_num}, is not CSV: {broken}.") from None


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CannotImport(f"{path.name} is missing in {path.parent}.") from None
    except OSError as failure:
        raise CannotImport(f"{path} cannot be read: {failure.strerror}.") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # what such a desktop system writes on an old Windows


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _present(cells: Cells, column: str) -> str:
    if not cells[column]:
        raise ValueError(f"{column} is empty")
    return cells[column]


def _truth(text: str) -> bool:
    words = {"TRUE": True, "FALSE": False}
    if text.upper() not in words:
        raise ValueError(f"IsActive is {text!r}, not TRUE or FALSE")
    return words[text.upper()]


def _not_negative(cells: Cells, column: str, decimals: int) -> int:
    amount = minor_units(cells[column], decimals)
    if amount < 0:
        raise ValueError(f"{column} is below zero")
    return amount


def _day(text: str) -> date:
    """A date as it is written in the United States: 03/14/2018."""
    try:
        return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        raise ValueError(f"{text!r} is not a date like 03/14/2018") from None


def _start(cells: Cells) -> datetime:
    """The day and minute of a booking; `Time` and `TimeInt` say the same twice."""
    text = cells["TimeInt"]
    if not text.isdecimal() or int(text) >= MINUTES_OF_A_DAY:
        raise ValueError(f"TimeInt is {text!r}, not a minute of the day")
    hours, minutes = divmod(int(text), 60)
    start = time(hours, minutes)
    try:
        said = datetime.strptime(cells["Time"].upper(), "%I:%M:%S %p").time()  # noqa: DTZ007 - wall clock
    except ValueError:
        raise ValueError(f"Time is {cells['Time']!r}, not a time like 3:50:00 PM") from None
    if said != start:
        raise ValueError(f"Time says {cells['Time']}, TimeInt {text} minutes after midnight")
    return datetime.combine(_day(cells["Date"]), start)
