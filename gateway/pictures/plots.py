"""What a picture shows, before anybody draws it: panels of values with their units, a title, what stands below."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kernel.errors import Conflict, Invalid

Unit = Literal["count", "decimal", "money", "percent", "index", "minutes"]
Values = tuple[float | None, ...]

MOST_COLUMNS = 1_100  # three years of days
MOST_ROWS = 40


@dataclass(frozen=True)
class Series:
    """Values in the order of the labels, None where nothing is known; `low` and `high` are their intervals.

    `role` says which colour and stroke it has where that means something: a forecast is dashed, a rest grey.
    """

    name: str
    values: Values
    low: Values = ()
    high: Values = ()
    role: Literal["plain", "forecast", "rest"] = "plain"


@dataclass(frozen=True)
class Columns:
    """Values along time or another axis: bars (beside each other or `stacked`) or `lines`."""

    axis: str
    unit: Unit
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    kind: Literal["bars", "stacked", "lines"] = "bars"
    reference: float | None = None  # a line across: 1 for an index
    below: str = ""  # what the labels are
    currency: str = ""


@dataclass(frozen=True)
class Ranked:
    """A bar beside each label, the first on top; `beside` is written after the bar."""

    axis: str
    unit: Unit
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    beside: tuple[str, ...] = ()
    stacked: bool = False
    centred: bool = False  # a funnel
    currency: str = ""


@dataclass(frozen=True)
class Grid:
    """A colour for each value; None is left blank. `written` are the texts in the cells, if they are to be read."""

    axis: str
    unit: Unit
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[Values, ...]
    written: tuple[tuple[str, ...], ...] = ()
    beside: str = ""  # what the rows are
    below: str = ""  # what the columns are
    top: float | None = None  # the value of the strongest colour, where it is not the largest


@dataclass(frozen=True)
class Box:
    """A part of the box to its left: `size` in proportion to the others, `texts` from the most important on."""

    size: float
    texts: tuple[str, ...]
    group: int  # which colour
    children: tuple["Box", ...] = ()


@dataclass(frozen=True)
class Icicle:
    """Boxes by level from left to right, each as high as it is large; children stand beside their parent."""

    root: Box
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Span:
    row: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Timetable:
    """Stretches of a day by row; `starts` and `ends` are on one clock, only the hours of which are looked at."""

    rows: tuple[str, ...]
    spans: tuple[Span, ...]
    below: str


Plot = Columns | Ranked | Grid | Icicle | Timetable


@dataclass(frozen=True)
class Picture:
    """`notes` stand below: what is counted, and how far to trust it."""

    title: str
    subtitle: str
    plots: tuple[Plot, ...]
    notes: tuple[str, ...] = ()


def nothing(reason: str) -> Conflict:
    """Why there is no picture: `reason` is what the JSON of the same answer says."""
    return Conflict("nothing_to_draw", f"there is nothing to draw here: {reason}", reason=reason)


def something(reason: str | None, rows: Iterable[object]) -> None:
    """Refuse a picture of nothing."""
    if not any(True for _ in rows):
        raise nothing(reason or "no_rows")


def few_enough(count: int, most: int, field: str, sentence: str) -> None:
    """Refuse a picture that nobody could read."""
    if count > most:
        raise Invalid.field(field, "too_much_to_draw", f"{sentence}: {count} of them, a picture has room for {most}")
