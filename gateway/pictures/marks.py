"""How each kind of plot is drawn onto axes, in colours that people tell apart who see fewer of them."""

from collections.abc import Callable
from typing import Any

from gateway.pictures import numerals
from gateway.pictures.boxes import draw_icicle
from gateway.pictures.plots import Columns, Grid, Icicle, Plot, Ranked, Series, Timetable, Unit

# Okabe & Ito 2008, without its black and with the yellow last, which is hard to see on white.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7A5195", "#F0E442")
REST = "#b4b9c2"
HEAT = "cividis"  # as bright to everybody
LINES = ("-", "--", ":", "-.")
LETTERS_ACROSS = 110  # of all labels below, beside long names of rows too; more are thinned out
FEW_POINTS = 42  # these have marks of their own
LONGEST, LONGEST_ROW = 36, 48  # letters of a label beside a bar, beside a timetable
BAND = 0.18
LOW_SHARE = 5.0  # per cent that an axis shows in any case
ROOM = 0.8  # of the distance of two labels, that bars fill


def draw(axes: Any, plot: Plot, language: str) -> None:
    match plot:
        case Columns():
            _columns(axes, plot, language)
        case Ranked():
            _ranked(axes, plot, language)
        case Grid():
            _grid(axes, plot, language)
        case Timetable():
            _timetable(axes, plot)
        case Icicle():
            draw_icicle(axes, plot, COLOURS)


def _columns(axes: Any, plot: Columns, language: str) -> None:
    _value_axis(axes.yaxis, plot.unit, plot.currency, language)
    axes.set_ylabel(plot.axis)
    axes.set_xlabel(plot.below)
    if plot.kind == "lines":
        _lines(axes, plot)
    else:
        _bars(axes, plot)
    if plot.reference is not None:
        axes.axhline(plot.reference, color="#3d4350", linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    longest = max(map(len, plot.labels)) + 2
    step = -(-len(plot.labels) * longest // LETTERS_ACROSS)
    axes.set_xticks(range(0, len(plot.labels), step), plot.labels[::step])
    axes.set_xlim(-0.6, len(plot.labels) - 0.4)
    _limits(axes, plot)
    _legend(axes, plot.series)


def _limits(axes: Any, plot: Columns) -> None:
    """From zero on, so that twice as high is twice as much; an index goes up and down from its reference."""
    bottom, top = axes.get_ylim()
    if (plot.reference is None and bottom > 0) or plot.kind == "lines":
        axes.set_ylim(bottom=min(0.0, bottom if _lowest(plot) < 0 else 0.0))
    if plot.unit == "percent":
        axes.set_ylim(top=min(max(top, LOW_SHARE), 100.0) if top <= 105 else top)


def _lowest(plot: Columns) -> float:
    return min((value for each in plot.series for value in each.values if value is not None), default=0.0)


def _lines(axes: Any, plot: Columns) -> None:
    marker = "o" if len(plot.labels) <= FEW_POINTS else None
    places = range(len(plot.labels))
    for number, each in enumerate(plot.series):
        colour = _colour(each, number)
        stroke = "--" if each.role == "forecast" else LINES[number // len(COLOURS) % len(LINES)]
        values = [float("nan") if value is None else value for value in each.values]
        axes.plot(places, values, stroke, color=colour, marker=marker, markersize=3, linewidth=1.6, label=each.name)
        if each.low:
            within = [value is not None for value in each.low]
            low, high = ([value or 0.0 for value in edge] for edge in (each.low, each.high))
            axes.fill_between(places, low, high, where=within, color=colour, alpha=BAND, linewidth=0)


def _bars(axes: Any, plot: Columns) -> None:
    stacked = plot.kind == "stacked"
    width = ROOM if stacked else ROOM / len(plot.series)
    foot = plot.reference or 0.0
    base = [0.0] * len(plot.labels)
    for number, each in enumerate(plot.series):
        values = [value or 0.0 for value in each.values]
        shift = 0.0 if stacked else (number - (len(plot.series) - 1) / 2) * width
        places = [place + shift for place in range(len(values))]
        heights = [value - foot for value in values]
        axes.bar(places, heights, width, bottom=base if stacked else foot, color=_colour(each, number), label=each.name)
        if each.low:
            known = [at for at, value in enumerate(each.values) if value is not None]
            errors = [
                [values[at] - (each.low[at] or 0.0) for at in known],
                [(each.high[at] or 0.0) - values[at] for at in known],
            ]
            axes.errorbar(
                [places[at] for at in known], [values[at] for at in known], errors, fmt="none", ecolor="#3d4350",
                elinewidth=1, capsize=3,
            )  # fmt: skip
        if stacked:
            base = [below + value for below, value in zip(base, values, strict=True)]


def _ranked(axes: Any, plot: Ranked, language: str) -> None:
    _value_axis(axes.xaxis, plot.unit, plot.currency, language)
    axes.set_xlabel(plot.axis)
    count = len(plot.series)
    height = ROOM if plot.stacked or count == 1 else ROOM / count
    base = [0.0] * len(plot.labels)
    for number, each in enumerate(plot.series):
        values = [value or 0.0 for value in each.values]
        shift = 0.0 if plot.stacked else (number - (count - 1) / 2) * height
        places = [place + shift for place in range(len(values))]
        left = [-value / 2 for value in values] if plot.centred else base
        axes.barh(places, values, height, left=left, color=_colour(each, number), label=each.name)
        if plot.stacked:
            base = [before + value for before, value in zip(base, values, strict=True)]
    axes.set_yticks(range(len(plot.labels)), [cut(label) for label in plot.labels])
    axes.set_ylim(len(plot.labels) - 0.4, -0.6)
    _beside(axes, plot, base)
    if plot.centred:
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)
        axes.spines["left"].set_visible(False)
    _legend(axes, plot.series)


def _beside(axes: Any, plot: Ranked, stacked_ends: list[float]) -> None:
    """Texts after the bars, with room made for the longest of them."""
    if not any(plot.beside):
        return
    ends = [max((each.values[row] or 0.0) for each in plot.series) for row in range(len(plot.labels))]
    ends = stacked_ends if plot.stacked else ends
    largest = max(*ends, 0.0, 0.0) or 1.0
    for row, (end, text) in enumerate(zip(ends, plot.beside, strict=True)):
        place = end / 2 if plot.centred else max(end, 0.0)
        axes.annotate(text, (place, row), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8)
    room = 1 + 0.012 * max(map(len, plot.beside))
    if plot.centred:
        axes.set_xlim(-largest / 2, largest / 2 * (2 * room - 1))
    else:
        axes.set_xlim(min(0.0, *ends, 0.0), largest * room)


def _grid(axes: Any, plot: Grid, language: str) -> None:
    import numpy as np

    values = np.array([[np.nan if value is None else value for value in row] for row in plot.values])
    top = plot.top if plot.top is not None else float(np.nanmax(values))
    image = axes.imshow(values, cmap=HEAT, vmin=0, vmax=top or 1, aspect="auto", interpolation="nearest")
    axes.set_xticks(range(len(plot.columns)), plot.columns)
    axes.set_yticks(range(len(plot.rows)), [cut(label) for label in plot.rows])
    axes.set_xlabel(plot.below)
    axes.set_ylabel(plot.beside)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    bar = axes.figure.colorbar(image, ax=axes, label=plot.axis, pad=0.015, fraction=0.03)
    bar.outline.set_visible(False)
    _value_axis(bar.ax.yaxis, plot.unit, "", language)
    for row, texts in enumerate(plot.written):
        for column, text in enumerate(texts):
            value = plot.values[row][column]
            if value is not None:
                colour = "white" if value < 0.55 * (top or 1) else "#1c212b"  # the strong end is the bright one
                axes.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)


def _timetable(axes: Any, plot: Timetable) -> None:
    for row in range(len(plot.rows)):
        spans = [each for each in plot.spans if each.row == row]
        stretches = [
            (each.starts.hour + each.starts.minute / 60, (each.ends - each.starts).total_seconds() / 3600)
            for each in spans
        ]
        axes.broken_barh(stretches, (row - ROOM / 2, ROOM), facecolors=COLOURS[0], edgecolor="white")
    first = min(each.starts.hour for each in plot.spans)
    last = max(each.starts.hour + -(-int((each.ends - each.starts).total_seconds()) // 3600) for each in plot.spans)
    axes.set_xticks(range(first, last + 2), [f"{hour % 24:02d}:00" for hour in range(first, last + 2)])
    axes.set_xlim(first, last + 1)
    axes.set_yticks(range(len(plot.rows)), [cut(label, LONGEST_ROW) for label in plot.rows])
    axes.set_ylim(len(plot.rows) - 0.4, -0.6)
    axes.grid(axis="x", color="#e3e6ea")
    axes.set_xlabel(plot.below)


def _value_axis(axis: Any, unit: Unit, currency: str, language: str) -> None:
    """Few lines with short numbers."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    write = _writer(unit, currency, language)
    axis.set_major_locator(MaxNLocator(nbins=5, integer=unit == "count"))
    axis.set_major_formatter(FuncFormatter(lambda value, _place: write(value)))
    axis.grid(visible=True, color="#e3e6ea")


def _writer(unit: Unit, currency: str, language: str) -> Callable[[float], str]:
    if unit == "money":
        return lambda value: numerals.money(value, currency, language, brief=True)
    if unit == "percent":
        return lambda value: numerals.percent(value, language)
    return lambda value: numerals.short(value, language)


def _legend(axes: Any, series: tuple[Series, ...]) -> None:
    """Only where there is something to tell apart."""
    if len(series) > 1:
        columns = min(len(series), 5)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, fontsize=8, borderaxespad=0.2)


def _colour(series: Series, number: int) -> str:
    return REST if series.role == "rest" else COLOURS[number % len(COLOURS)]


def cut(label: str, longest: int = LONGEST) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}…"
