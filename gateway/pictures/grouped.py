"""Rows with keys and figures as plots: along time, ranked, or both; what adds up may be stacked, nothing else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.pictures import numerals
from gateway.pictures.plots import MOST_COLUMNS, Columns, Plot, Ranked, Series, Unit, few_enough
from gateway.pictures.saying import TIMES, Saying, every

ADDITIVE = ("visits", "revenue", "margin", "discount", "cost", "appointments", "enquiries")
MOST_RANKED = 20
MOST_SERIES = 7
MOST_BARS = 40  # more along time become a line

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Grouped:
    """`keys` are fields that name a row, `figures` those that are drawn, the most important first."""

    rows: Sequence[Row]
    keys: tuple[str, ...]
    figures: tuple[str, ...]
    bucket: str = "month"  # what `period` is

    @property
    def time(self) -> str | None:
        return next((key for key in self.keys if key in TIMES), None)

    @property
    def others(self) -> tuple[str, ...]:
        return tuple(key for key in self.keys if key != self.time)


def plots(grouped: Grouped, say: Saying) -> tuple[Plot, ...]:
    """A plot for each unit or, where bars are stacked, for each figure that adds up."""
    figures = [figure for figure in grouped.figures if any(value_of(row, figure) is not None for row in grouped.rows)]
    if grouped.time and not grouped.others:
        return tuple(_along(grouped, list(each), say) for each in _by_unit(figures, grouped.rows))
    if grouped.time:
        return tuple(_along_and_by(grouped, figure, say) for figure in figures[:3])
    crossed = next((figure for figure in figures if figure in ADDITIVE), None) if len(grouped.others) > 1 else None
    return (_crossed(grouped, crossed, say),) if crossed else tuple(_ranked(grouped, figures, say))


def left_out(grouped: Grouped, say: Saying) -> tuple[str, ...]:
    """What `plots` does not show, if anything."""
    hidden = len(grouped.rows) - MOST_RANKED if not grouped.time and len(grouped.others) < 2 else 0
    return (say("left_out", count=hidden),) if hidden > 0 else ()


def value_of(row: Row, figure: str) -> float | None:
    """Money in minor units, everything else as it is."""
    value = row.get(figure)
    return numerals.drawn(value["amount"] if isinstance(value, Mapping) else value)


def unit_of(figure: str, rows: Iterable[Row]) -> Unit:
    if figure.endswith("_percent"):
        return "percent"
    value = next((row[figure] for row in rows if row.get(figure) is not None), None)
    return "money" if isinstance(value, Mapping) else "count" if isinstance(value, int) else "decimal"


def currency_of(rows: Iterable[Row]) -> str:
    """An installation has one."""
    for row in rows:
        for value in row.values():
            if isinstance(value, Mapping) and "currency" in value:
                return str(value["currency"])
    return ""


def _by_unit(figures: Iterable[str], rows: Sequence[Row]) -> Iterator[list[str]]:
    """Figures that share an axis; an average check would be a line on the floor beside revenue."""
    shared: dict[tuple[str, bool], list[str]] = {}
    for figure in figures:
        shared.setdefault((unit_of(figure, rows), figure.startswith("average")), []).append(figure)
    yield from shared.values()


def _along(grouped: Grouped, figures: list[str], say: Saying) -> Columns:
    time = grouped.time
    assert time is not None
    by_time = {str(row[time]): row for row in grouped.rows}
    labels = _times(by_time, time, grouped.bucket)
    adds = all(figure in ADDITIVE or unit_of(figure, grouped.rows) == "count" for figure in figures)
    series = tuple(
        Series(
            say(figure),
            tuple(value_of(by_time[at], figure) if at in by_time else 0.0 if adds else None for at in labels),
        )
        for figure in figures
    )
    unit = unit_of(figures[0], grouped.rows)
    return Columns(
        say(figures[0]) if len(figures) == 1 else "",
        unit,
        tuple(say.key(time, at) for at in labels),
        series,
        "bars" if len(labels) <= MOST_BARS and unit != "percent" else "lines",
        currency=currency_of(grouped.rows),
    )


def _along_and_by(grouped: Grouped, figure: str, say: Saying) -> Columns:
    """The largest of the other key apart; the rest together, where figures may be added."""
    time = grouped.time
    assert time is not None
    labels = _times({str(row[time]) for row in grouped.rows}, time, grouped.bucket)
    at = {label: place for place, label in enumerate(labels)}
    found: dict[str, list[float | None]] = {}
    adds = figure in ADDITIVE
    for row in grouped.rows:
        values = found.setdefault(_label(row, grouped.others, say), [0.0 if adds else None] * len(labels))
        place, value = at[str(row[time])], value_of(row, figure)
        values[place] = (values[place] or 0.0) + value if value is not None else values[place]
    series = _largest({name: tuple(values) for name, values in found.items()}, say, adds=adds)
    return Columns(
        say(figure),
        unit_of(figure, grouped.rows),
        tuple(say.key(time, label) for label in labels),
        series,
        "stacked" if adds and len(labels) <= MOST_BARS else "lines",
        currency=currency_of(grouped.rows),
    )


def _crossed(grouped: Grouped, figure: str, say: Saying) -> Ranked:
    """The first key beside the bars, the others as their parts."""
    first, *rest = grouped.others
    sums: dict[str, float] = {}
    cells: dict[tuple[str, str], float] = {}
    for row in grouped.rows:
        label, part, value = say.key(first, row.get(first)), _label(row, tuple(rest), say), value_of(row, figure) or 0.0
        sums[label] = sums.get(label, 0.0) + value
        cells[label, part] = cells.get((label, part), 0.0) + value
    labels = sorted(sums, key=lambda each: -sums[each])[:MOST_RANKED]
    parts = dict.fromkeys(part for _, part in cells)
    found = {part: tuple(cells.get((label, part), 0.0) for label in labels) for part in parts}
    series = _largest(found, say, adds=True)
    unit, currency = unit_of(figure, grouped.rows), currency_of(grouped.rows)
    beside = tuple(_written(sums[label], unit, currency, say) for label in labels)
    return Ranked(say(figure), unit, tuple(labels), series, beside, stacked=True, currency=currency)


def _ranked(grouped: Grouped, figures: list[str], say: Saying) -> Iterator[Ranked]:
    """By the first figure; the others are written beside its bars."""
    leading = next((each for each in figures if any(value_of(row, each) for row in grouped.rows)), None)
    if leading is None:
        return
    others = [figure for figure in figures if figure != leading]
    rows = sorted(grouped.rows, key=lambda row: -(value_of(row, leading) or 0.0))[:MOST_RANKED]
    currency = currency_of(grouped.rows)
    beside = tuple(
        " · ".join(
            [_said(row, leading, currency, say)]
            + [f"{say(figure)}: {_said(row, figure, currency, say)}" for figure in others[:2]]
        )
        for row in rows
    )
    labels = tuple(_label(row, grouped.others, say) for row in rows)
    values = tuple(value_of(row, leading) for row in rows)
    unit = unit_of(leading, grouped.rows)
    yield Ranked(say(leading), unit, labels, (Series(say(leading), values),), beside, currency=currency)


def _largest(found: Mapping[str, tuple[float | None, ...]], say: Saying, *, adds: bool) -> tuple[Series, ...]:
    order = sorted(found, key=lambda name: -sum(value or 0.0 for value in found[name]))
    room = MOST_SERIES if len(order) <= MOST_SERIES else MOST_SERIES - 1
    kept = [Series(name, found[name]) for name in order[:room]]
    rest = order[room:]
    if rest and adds:
        columns = zip(*(found[name] for name in rest), strict=True)
        together = tuple(float(sum(value or 0.0 for value in column)) for column in columns)
        kept.append(Series(say("other", count=len(rest)), together, role="rest"))
    return tuple(kept)


def _times(found: Iterable[str], time: str, bucket: str) -> list[str]:
    known = sorted(found)
    field = bucket if time == "period" else time
    labels = every(known[0], known[-1], field) or known
    few_enough(len(labels), MOST_COLUMNS, "group_by", "these are too many to tell apart")
    return labels


def _label(row: Row, keys: tuple[str, ...], say: Saying) -> str:
    return " · ".join(say.key(key, row.get(key)) for key in keys) or say("all")


def _said(row: Row, figure: str, currency: str, say: Saying) -> str:
    value = value_of(row, figure)
    return "–" if value is None else _written(value, unit_of(figure, [row]), currency, say)


def _written(value: float, unit: Unit, currency: str, say: Saying) -> str:
    if unit == "money":
        return numerals.money(value, currency, say.language, brief=True)
    return say.percent(value) if unit == "percent" else say.number(value, 0 if unit == "count" else 1)
