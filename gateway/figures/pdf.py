"""A table as a PDF: landscape pages with its header on each, notes below."""

import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.export.pdf import FAMILY, fonts, rows
from gateway.figures.table import Table
from gateway.sheets import Cell

SIZE = 7  # points
HIGH = 4.5  # millimetres a row
LOOKED_AT = 200  # rows by which the widths of columns are decided
WIDEST = 60.0  # millimetres
LEFT_OUT = ("_id",)  # ids say nothing on paper; their names do


def table_pages(title: str, table: Table) -> bytes:
    from fpdf import FPDF  # takes memory; few processes ever need it

    table = _readable(table)
    with tempfile.TemporaryDirectory(prefix="lokon-fonts-") as folder:
        pdf = FPDF(orientation="landscape")
        for style, content in fonts().items():
            file = Path(folder) / f"{style or 'R'}.ttf"
            file.write_bytes(content)
            pdf.add_font(FAMILY, style, file)
        pdf.set_title(title)
        pdf.set_auto_page_break(auto=True, margin=12)
        pdf.add_page()
        pdf.set_font(FAMILY, "B", 14)
        pdf.cell(0, 9, title, new_x="LMARGIN", new_y="NEXT")
        _print_table(pdf, table)
        pdf.ln(3)
        pdf.set_font(FAMILY, "", SIZE)
        for name, value in table.notes:
            for line in rows(f"{name}: {_text(value)}", pdf.epw - 2 * pdf.c_margin, _width_in(pdf)):
                pdf.cell(0, HIGH, line, new_x="LMARGIN", new_y="NEXT")
        return bytes(pdf.output())


def _print_table(pdf: Any, table: Table) -> None:
    pdf.set_font(FAMILY, "B", SIZE)
    widths = _widths(pdf, table)

    def line(cells: list[str], numbers: list[bool], style: str) -> None:
        pdf.set_font(FAMILY, style, SIZE)
        width_in = _width_in(pdf)
        for text, width, is_number in zip(cells, widths, numbers, strict=True):
            pdf.cell(width, HIGH, _fitted(text, width - 2 * pdf.c_margin, width_in), align="R" if is_number else "L")
        pdf.ln(HIGH)

    numeric = [any(isinstance(row[at], int | Decimal) for row in table.rows) for at in range(len(table.header))]
    header = [name.replace("_", " ") for name in table.header]
    line(header, numeric, "B")
    for row in table.rows:
        if pdf.will_page_break(HIGH):
            pdf.add_page()
            line(header, numeric, "B")
        line([_text(cell) for cell in row], numeric, "")


def _readable(table: Table) -> Table:
    """Without the columns that nobody reads on paper: ids beside which a name stands."""
    kept = [
        at
        for at, name in enumerate(table.header)
        if not (name.endswith(LEFT_OUT) and {name.removesuffix("_id"), "name"} & set(table.header))
    ]
    return Table(
        tuple(table.header[at] for at in kept), tuple(tuple(row[at] for at in kept) for row in table.rows), table.notes
    )


def _widths(pdf: Any, table: Table) -> list[float]:
    """As wide as what stands there, and all together as wide as the page."""
    width_in = _width_in(pdf)
    columns = zip(table.header, *table.rows[:LOOKED_AT], strict=True)
    wanted = [min(max(map(width_in, map(_text, column))) + 2 * pdf.c_margin + 1, WIDEST) for column in columns]
    scale = min(1.0, pdf.epw / sum(wanted)) if wanted else 1.0
    return [width * scale for width in wanted]


def _width_in(pdf: Any) -> Callable[[str], float]:
    def width(text: str) -> float:
        return float(pdf.current_font.get_text_width(text, SIZE, None)[1] / pdf.k)

    return width


def _fitted(text: str, room: float, width_in: Callable[[str], float]) -> str:
    if width_in(text) <= room:
        return text
    while text and width_in(f"{text}…") > room:
        text = text[:-1]
    return f"{text}…"


def _text(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:,}".replace(",", "\u00a0")
    return "" if cell is None else str(cell)
