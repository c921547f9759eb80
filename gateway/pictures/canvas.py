"""A picture as the bytes of an SVG or a PNG, the same bytes for the same picture."""

import io
import logging
import textwrap
from collections.abc import Iterable
from functools import cache
from typing import Any

from gateway.pictures.marks import draw
from gateway.pictures.plots import Columns, Grid, Icicle, Picture, Plot, Ranked, Timetable

WIDE = 10.0  # inches
DOTS = 144  # per inch, of a PNG
LETTERS = {"en": 158, "ru": 142}  # of a note in a line: Russian ones are wider
NOTE_SIZE = 7.5  # points
LEFT = 0.02  # of the width
NOTE_HIGH = 0.165  # inches a line
HEAD_HIGH = 0.85
FOOT_HIGH = 0.18
FONTS = ("DejaVu Sans", "Verdana", "sans-serif")  # the first comes with the library; Verdana is as wide
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8a8f98",
    "axes.labelcolor": "#3d4350",
    "axes.labelsize": 9,
    "axes.axisbelow": True,
    "xtick.color": "#3d4350",
    "ytick.color": "#3d4350",
    "text.color": "#1c212b",
    "text.parse_math": False,  # "$" in a name is a dollar
    "svg.fonttype": "none",  # texts stay texts: they can be searched, copied and read aloud
    "svg.hashsalt": "lokon",
    "figure.facecolor": "white",
    "legend.frameon": False,
}


def as_bytes(picture: Picture, kind: str, language: str) -> bytes:
    """`kind` is svg or png. Not for several threads at once: the library keeps what it knows of fonts in one place."""
    library = _library()
    picture = _printable(picture)
    notes = in_lines(picture.notes, language)
    heights = [_height(plot) for plot in picture.plots]
    foot = FOOT_HIGH + NOTE_HIGH * len(notes)
    high = HEAD_HIGH + sum(heights) + foot
    figure = library.Figure(figsize=(WIDE, high), dpi=DOTS)
    figure.set_layout_engine("constrained", rect=(0.01, foot / high, 0.98, sum(heights) / high), h_pad=0.08)
    places = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    figure.text(LEFT, 1 - 0.36 / high, picture.title, fontsize=15, fontweight="bold")
    figure.text(LEFT, 1 - 0.62 / high, picture.subtitle, fontsize=9.5, color="#5a6170")
    for axes, plot in zip(places, picture.plots, strict=True):
        draw(axes, plot, language)
    for place, line in enumerate(reversed(notes)):
        figure.text(LEFT, (FOOT_HIGH / 2 + NOTE_HIGH * place) / high, line, fontsize=NOTE_SIZE, color="#5a6170")
    metadata = {"Date": None, "Title": picture.title} if kind == "svg" else {"Software": None, "Title": picture.title}
    content = io.BytesIO()
    figure.savefig(content, format=kind, metadata=metadata)
    return content.getvalue()


def in_lines(notes: Iterable[str], language: str) -> list[str]:
    """Notes as lines that are no wider than the picture."""
    return [line for note in notes for line in textwrap.wrap(note, LETTERS[language])]


def _height(plot: Plot) -> float:
    """Inches; what has rows is as high as they need."""
    match plot:
        case Ranked():
            return 0.8 + (0.3 if len(plot.series) == 1 or plot.stacked else 0.22 * len(plot.series)) * len(plot.labels)
        case Grid():
            return 1.2 + 0.28 * len(plot.rows)
        case Timetable():
            return 0.8 + 0.24 * len(plot.rows)
        case Icicle():
            return 6.0
        case Columns():
            return 3.0


@cache
def _library() -> Any:
    """matplotlib, set up once: it takes memory and half a second, and few processes ever need it."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # says which fonts of the list are not here
    import matplotlib as mpl
    from matplotlib import figure

    mpl.rcParams.update(STYLE)
    mpl.rcParams["font.family"] = list(FONTS)
    return figure


@cache
def _letters() -> frozenset[int]:
    """What the font knows."""
    from matplotlib import font_manager

    return frozenset(font_manager.get_font(font_manager.findfont(FONTS[0])).get_charmap())


def readable(text: str) -> str:
    """In one line, without what XML does not allow and the font does not know."""
    known = _letters()
    return "".join(
        letter if (ord(letter) in known and letter.isprintable()) or letter == "\u00a0" else "□"
        for letter in " ".join(text.split(" "))
    )


def _printable(value: Any) -> Any:
    """The same with every text readable, however deep it stands."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, tuple):
        return tuple(map(_printable, value))
    if hasattr(value, "__dataclass_fields__"):
        parts = {name: _printable(getattr(value, name)) for name in value.__dataclass_fields__}
        return type(value)(**parts)
    return value
