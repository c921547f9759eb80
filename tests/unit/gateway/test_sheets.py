"""Any text comes out of a CSV or a workbook as it went in, and none of it is run by a spreadsheet."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from gateway.sheets import BOM, LONGEST_TEXT, Cell, csv_chunks, is_formula, xlsx_chunks

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
DANGEROUS = st.sampled_from(
    ["=1+1", "+7916", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠a", " =1", "'=1"]
)
FORMULA = set("=+-@")


def in_csv(*rows: Sequence[Cell], separator: str = ";") -> list[list[str]]:
    content = b"".join(csv_chunks(("a", "b"), [rows], separator))
    assert content.startswith(BOM)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))[1:]


def in_workbook(*rows: Sequence[Cell], mark: str = "") -> list[list[object]]:
    content = b"".join(xlsx_chunks("Clients", ("a", "b"), [rows], mark))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


@given(st.lists(st.tuples(TEXTS | DANGEROUS, TEXTS | DANGEROUS), max_size=5), st.sampled_from(",;"))
@example([("a;b,c", 'say "no"\r\n=1')], ";")
def test_any_text_round_trips_through_csv(rows: list[tuple[str, str]], separator: str) -> None:
    """But for the apostrophes that keep it from being run."""
    read = in_csv(*rows, separator=separator)
    assert [[text.replace("'", "") for text in row] for row in read] == [
        [text.replace("'", "") for text in row] for row in rows
    ]


PIECES = st.lists(st.sampled_from([",", ";", "\t", "\r\n", "\n", '"', " ", "a", "1", "'"]) | DANGEROUS, max_size=6)


@given(st.lists(PIECES.map("".join), min_size=1, max_size=4), st.sampled_from(",;"), st.sampled_from(",;\t"))
@example(["x", 'a;"=HYPERLINK(1)"'], ",", ";")
@example(["x", "a\n=1+1"], ";", ",")
@example(['"=1+1', '"@SUM(A1)'], ";", ",")
@example([";+7916", "SUM(A1)"], ",", ";")
@example(["", ";+7916,@SUM(A1)"], ",", ";")
def test_no_formula_starts_where_another_separator_would_cut(texts: list[str], separator: str, taken: str) -> None:
    """A file with commas that is opened where semicolons are usual, and the other way round."""
    content = b"".join(csv_chunks(texts, [], separator)).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(content, newline=""), delimiter=taken):
        for cell in row:
            begins = unicodedata.normalize("NFKC", cell.strip(' "\t\r\n')[:1])
            assert begins != "="
            assert begins not in FORMULA or "(" not in cell


def test_ordinary_texts_stay_as_they_are() -> None:
    for text in ("- early\n- by the window", "Anna, @anna_k", "a; -5", "one, +79161234567", "2+2, a=b"):
        assert in_csv((text, "")) == [[text if text[0] != "-" else f"'{text}", ""]]


@given(TEXTS | DANGEROUS, TEXTS)
def test_no_cell_of_a_csv_starts_a_formula(text: str, more: str) -> None:
    """Not with a blank before it, nor in a form that is only wider or smaller."""
    ((cell, _),) = in_csv((text + more, ""))
    assert cell[:1] not in FORMULA | set("\t\r\n")
    assert unicodedata.normalize("NFKC", cell.strip()[:1]) not in FORMULA


def test_a_phone_stays_readable_and_a_number_stays_one() -> None:
    """A text is made safe; what is a number by its type needs no apostrophe."""
    assert in_csv(("+79161234567", Decimal("-12.5")), (-3, None)) == [["'+79161234567", "-12.5"], ["-3", ""]]
    assert in_workbook(("+79161234567", Decimal("-12.5")), (-3, None)) == [["+79161234567", -12.5], [-3, None]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS | DANGEROUS, TEXTS | DANGEROUS), min_size=1, max_size=20))
@example([("\r\n", "\x01\x1f\ufffe"), ("_x000D_", "<&>\"'"), (" a ", "\n")])
def test_any_text_round_trips_through_a_workbook(rows: list[tuple[str, str]]) -> None:
    """But for what XML has no letters for. Nothing of it is a formula."""
    content = b"".join(xlsx_chunks("Clients", ("a", "b"), [rows]))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    for row, cells in zip(rows, sheet.iter_rows(min_row=2), strict=True):
        for text, cell in zip(row, cells, strict=True):
            said = "" if cell.value is None else str(cell.value).replace("_x005F_", "_")
            assert said == "".join(letter if is_xml(letter) else "\ufffd" for letter in text)
            assert cell.data_type != "f"


def is_xml(letter: str) -> bool:
    return letter in "\t\n\r" or (letter >= " " and letter not in "\ufffe\uffff")


def test_dates_are_dates() -> None:
    """Which one can sort and count by; instants in UTC; what Excel cannot count stays a text."""
    moscow = datetime(2026, 3, 1, 2, 30, tzinfo=timezone(timedelta(hours=3)))
    assert in_workbook((date(1988, 2, 29), moscow), (date(1899, 5, 6), date(1900, 3, 1))) == [
        [datetime(1988, 2, 29), datetime(2026, 2, 28, 23, 30)],  # noqa: DTZ001  a workbook knows no zones
        ["1899-05-06", datetime(1900, 3, 1)],  # noqa: DTZ001
    ]
    assert in_csv((date(1988, 2, 29), moscow)) == [["1988-02-29", "2026-02-28T23:30:00Z"]]
    assert in_csv((datetime(1850, 1, 1, tzinfo=UTC), "")) == [["1850-01-01T00:00:00Z", ""]]


def test_a_workbook_says_where_it_comes_from() -> None:
    """In its properties and below every printed page."""
    content = b"".join(xlsx_chunks("Clients", ("a",), [], "export 5 & anna <x>"))
    book = load_workbook(io.BytesIO(content))
    assert book.properties.description == "export 5 & anna <x>"
    assert book.active is not None
    assert book.active.oddFooter.left.text == "export 5 && anna <x>"


def test_a_text_that_no_cell_can_hold_is_cut() -> None:
    assert in_workbook(("x" * (LONGEST_TEXT + 1), "")) == [["x" * LONGEST_TEXT, None]]


@pytest.mark.parametrize("write", [csv_chunks, lambda header, parts: xlsx_chunks("Clients", header, parts)])
def test_what_is_written_leaves_with_its_part(write: object) -> None:
    """Nothing is held back: memory is that of a part, however long the list is."""
    seen = []

    def parts():
        for number in range(50):
            seen.append(number)
            yield [(f"{number} {n}", "b") for n in range(500)]

    chunks = write(("a", "b"), parts())
    next(chunks)
    assert seen == []
    sizes = [len(chunk) for chunk in chunks]
    assert len(seen) == 50
    assert max(sizes) < 50_000


@pytest.mark.parametrize("text", ["", "Anna", "1+1", "a=b", "Цеткина", "'", "#", "—"])
def test_what_no_spreadsheet_runs_is_left_alone(text: str) -> None:
    assert not is_formula(text)
