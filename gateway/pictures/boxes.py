"""An icicle: a box for each node, as high as it is large, its children beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.pictures.plots import Box, Icicle

LETTER_HIGH = 0.024  # of the picture's height, a line of text
LETTERS_WIDE = 118  # letters across the whole picture
SHADE = 0.16  # lighter with each level


@dataclass(frozen=True)
class Placed:
    box: Box
    level: int
    top: float
    high: float


def placed(root: Box, levels: int) -> Iterator[Placed]:
    """Where boxes stand, from 0 at the top to 1 at the bottom; those below `levels` are not there."""
    waiting = [Placed(root, 0, 0.0, 1.0)]
    while waiting:
        one = waiting.pop()
        yield one
        top = one.top
        for child in one.box.children if one.level + 1 < levels else ():
            high = one.high * child.size / one.box.size if one.box.size else 0.0
            waiting.append(Placed(child, one.level + 1, top, high))
            top += high


def draw_icicle(axes: Any, plot: Icicle, colours: tuple[str, ...]) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Rectangle

    count = len(plot.levels)
    for one in placed(plot.root, count):
        colour = "#5a6170" if one.level == 0 else colours[one.box.group % len(colours)]
        paler = 1 - (1 - SHADE) ** max(one.level - 1, 0)
        shade = tuple(part + (1 - part) * paler for part in to_rgb(colour))
        axes.add_patch(Rectangle((one.level, one.top), 1, one.high, facecolor=shade, edgecolor="white", linewidth=0.7))
        dark = 0.299 * shade[0] + 0.587 * shade[1] + 0.114 * shade[2] < 0.6
        _write(axes, one, count, "white" if dark else "#1c212b")
    axes.set_xlim(0, count)
    axes.set_ylim(1, 0)
    axes.set_xticks([level + 0.5 for level in range(count)], plot.levels)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def _write(axes: Any, one: Placed, levels: int, colour: str) -> None:
    """As many of its texts as there is room for."""
    lines = min(len(one.box.texts), int(one.high / LETTER_HIGH))
    if lines == 0:
        return
    room = LETTERS_WIDE // levels - 2
    texts = one.box.texts[:lines]
    if lines < len(one.box.texts) and lines == 1:
        texts = (" · ".join(one.box.texts[:2]),)
    written = "\n".join(text if len(text) <= room else f"{text[: room - 1]}…" for text in texts)
    axes.text(
        one.level + 0.02, one.top + one.high / 2, written, va="center", fontsize=7.5, color=colour, linespacing=1.2
    )
