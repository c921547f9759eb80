"""The PDF of everything held about a person: for reading; what programs read is the JSON."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import flask
import msgspec

from chassis.aside import aside
from contracts.message import Request
from gateway.export.words import LANGUAGES, NOTHING, PREPARED, TITLE, YES_NO, called, headed
from gateway.route import Ask

LEFT_OUT = {"id", "client_id", "version", "names", "exported_at", "hash", "number"}  # of no use to a reader
SHORT = 150  # letters: a thing that fits is written in one line
INDENT = 5  # millimetres for each level
DEEPEST = 6  # levels that are still indented
FAMILY = "Noto"


def document(reply: bytes, _message: Request[Any], _ask: Ask) -> Iterator[bytes]:
    """The PDF in the language that the browser asks for."""
    language = flask.request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    yield aside(written, reply, language)


def written(reply: bytes, language: str) -> bytes:
    """The export in `reply` as a PDF."""
    from fpdf import FPDF  # takes memory; few processes ever need it

    held = msgspec.json.decode(reply)
    words = Words(language, _names(held))
    with tempfile.TemporaryDirectory(prefix="lokon-fonts-") as folder:
        pdf = FPDF()
        for style, content in fonts().items():
            file = Path(folder) / f"{style or 'R'}.ttf"
            file.write_bytes(content)
            pdf.add_font(FAMILY, style, file)
        pdf.set_title(TITLE[language])
        pdf.set_lang(language)
        pdf.set_auto_page_break(auto=True, margin=15)
        pdf.add_page()
        _print(pdf, "B", 16, TITLE[language])
        _print(pdf, "", 10, f"{PREPARED[language]}: {words.text(held['exported_at'])}")
        for field, value in held.items():
            if field not in LEFT_OUT:
                pdf.ln(3)
                _print(pdf, "B", 13, headed(field, language))
                for level, line in words.lines(value) or [(0, NOTHING[language])]:
                    _print(pdf, "", 9, line, level)
        return bytes(pdf.output())


def _print(pdf: Any, style: str, size: int, line: str, level: int = 0) -> None:
    """`line` in as many rows as it takes; fpdf's own wrapping measures each row again for every letter of it."""
    pdf.set_font(FAMILY, style, size)
    indent = INDENT * min(level, DEEPEST)
    room = pdf.epw - indent - 2 * pdf.c_margin

    def width(text: str) -> float:
        return float(pdf.current_font.get_text_width(text, size, None)[1] / pdf.k)

    for paragraph in line.expandtabs(4).splitlines() or [""]:
        for row in rows(paragraph, room, width):
            pdf.set_x(pdf.l_margin + indent)
            pdf.cell(0, size * 0.5, row, new_x="LMARGIN", new_y="NEXT")


def rows(text: str, room: float, width: Callable[[str], float]) -> Iterator[str]:
    """`text` in rows that are at most `room` wide, broken at spaces; a word that fits nowhere is broken anywhere.

    `width` of a text is the sum of those of its parts.
    """
    row, left, blank = "", room, width(" ")
    for word in text.split(" "):
        needs = width(word)
        if row and blank + needs <= left:
            row, left = f"{row} {word}", left - blank - needs
            continue
        if row:
            yield row
        row, left = word, room - needs
        if left < 0:
            *full, row = _broken(word, room, width)
            yield from full
            left = room - width(row)
    yield row


def _broken(word: str, room: float, width: Callable[[str], float]) -> Iterator[str]:
    piece, left = "", room
    for letter in word:
        needs = width(letter)
        if piece and needs > left:
            yield piece
            piece, left = "", room
        piece, left = piece + letter, left - needs
    yield piece


@cache
def fonts() -> dict[str, bytes]:
    """Noto Sans by style: Latin, Cyrillic, Greek."""
    from pymupdf_fonts import fontbuffers

    for name in ("fpdf", "fontTools"):  # they log letters that a font lacks: letters of somebody's name
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return {"": fontbuffers["notos"](), "B": fontbuffers["notosbo"]()}


def _names(held: dict[str, Any]) -> dict[str, str]:
    """What ids of branches, services and masters stand for, as booking says."""
    return {each["id"]: each["name"] for each in (held.get("booking") or {}).get("names", ())}


class Words:
    """Values as a person reads them."""

    def __init__(self, language: str, names: dict[str, str]) -> None:
        self.language = language
        self.names = names

    def lines(self, value: Any, level: int = 0) -> list[tuple[int, str]]:
        """`value` as lines, each with the level that it is on; nothing for what says nothing."""
        return list(self._lines(value, level))

    def _lines(self, value: Any, level: int) -> Iterator[tuple[int, str]]:
        if _is_plain(value):
            if text := self.text(value):
                yield level, text
        elif isinstance(value, list):
            for each in value:
                yield from self._item(each, level)
        else:
            yield from self._fields(value, level)

    def _item(self, value: Any, level: int) -> Iterator[tuple[int, str]]:
        """One of several: in one line if it fits, else with a mark before its first."""
        lines = self.lines(value, max(level, 1))
        if len(joined := " · ".join(text for _, text in lines)) <= SHORT:
            lines = [(level, joined)] if joined else []
        for place, (deep, text) in enumerate(lines):
            yield deep, f"• {text}" if place == 0 else f"  {text}"

    def _fields(self, value: dict[str, Any], level: int) -> Iterator[tuple[int, str]]:
        """Plain fields first, below the top as many in a line as fit; then what has parts of its own."""
        said = {name: part for name, part in value.items() if name not in LEFT_OUT and part not in (None, [], {})}
        plain = [f"{called(name, self.language)}: {self.text(part)}" for name, part in said.items() if _is_plain(part)]
        yield from ((level, line) for line in (_filled(plain) if level else plain))
        for name, part in said.items():
            if _is_plain(part):
                continue
            inner = self.lines(part, level + 1)
            joined = " · ".join(text for _, text in inner)
            if len(inner) > 1 and len(joined) > SHORT:
                yield level, f"{called(name, self.language)}:"
                yield from inner
            elif inner:
                yield level, f"{called(name, self.language)}: {joined.removeprefix('• ')}"

    def text(self, value: Any) -> str:
        """One value: a name instead of an id, an instant without seconds, money with its currency."""
        if isinstance(value, dict):
            return f"{Decimal(value['amount']).scaleb(-2):,.2f} {value['currency']}".replace(",", "\u00a0")
        if isinstance(value, list):
            return ", ".join(map(self.text, value))
        if isinstance(value, bool):
            return YES_NO[self.language][not value]
        if isinstance(value, str):
            return self.names.get(value) or _readable(value)
        return "" if value is None else str(value)


def _filled(pieces: list[str]) -> list[str]:
    """The pieces in their order, as many in a line as fit."""
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + len(piece) < SHORT:
            lines[-1] += f" · {piece}"
        else:
            lines.append(piece)
    return lines


def _is_plain(value: Any) -> bool:
    """Whether it is one thing to read: a scalar, money, or a few scalars."""
    if isinstance(value, dict):
        return value.keys() == {"amount", "currency"}
    if isinstance(value, list):
        return not any(isinstance(each, dict | list) for each in value)
    return True


def _readable(text: str) -> str:
    """An instant to the minute, an id by its end; any other text as it is."""
    if len(text) > 15 and text[4:5] == "-" and "T" in text:
        try:
            return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"
        except ValueError:
            return text
    if len(text) == 36 and text.count("-") == 4:
        try:
            return f"…{UUID(text).hex[-8:]}"
        except ValueError:
            return text
    return text
