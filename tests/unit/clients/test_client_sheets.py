"""Tables that people upload: every usual spelling is read, and what is no table is refused."""

import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from kernel.errors import Invalid
from services.clients.sheets import LONGEST_CELL, MOST_COLUMNS, MOST_UNPACKED, Sheet, read_sheet

TEXT = "Имя;Телефон\nАнна;+79161234567\n"
READ = Sheet(("Имя", "Телефон"), ((2, ("Анна", "+79161234567")),))


def workbook(*rows: tuple[object, ...], title: str = "Клиенты") -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def refusal(content: bytes, **how: str) -> str:
    with pytest.raises(Invalid) as caught:
        read_sheet(content, **how)
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_csv_is_read_in_any_usual_spelling(encoding: str, separator: str, line: str) -> None:
    assert read_sheet(TEXT.replace(";", separator).replace("\n", line).encode(encoding)) == READ


def test_what_is_said_counts_more_than_what_is_found_out() -> None:
    assert read_sheet("a;b,c\n1;2,3".encode("cp1251"), "cp1251", "semicolon").names == ("a", "b,c")
    assert read_sheet(b"sep=,\na,b;c;d\n1,2") == Sheet(("a", "b;c;d"), ((2, ("1", "2")),))
    assert refusal(TEXT.encode("cp1251"), encoding="utf-8") == "file_unreadable"


def test_quotes_hold_separators_and_lines() -> None:
    assert read_sheet(b'a;b\n"1;""x""\ny";2').rows == ((2, ('1;"x"\ny', "2")),)


def test_blank_rows_are_left_out_and_numbers_stay() -> None:
    """Headings may repeat or be blank."""
    sheet = read_sheet(b"a;;a\n\n;;\n1; 2 ;3\n")
    assert sheet == Sheet(("a", "", "a"), ((4, ("1", "2", "3")),))


def test_a_workbook_is_read_as_one_would_write_it() -> None:
    """Dates are dates, numbers of phones numbers, and formulas texts."""
    row = (79161234567.0, datetime(1990, 2, 1), date(1990, 2, 1), True, 1.5, "=1+1", None, "end")  # noqa: DTZ001
    assert read_sheet(workbook(("a",) * 8, row)).rows == (
        (2, ("79161234567", "1990-02-01", "1990-02-01", "yes", "1.5", "=1+1", "", "end")),
    )


def test_a_sheet_is_chosen_by_its_name() -> None:
    assert read_sheet(workbook(("a",), ("b",)), sheet="Клиенты").names == ("a",)
    assert refusal(workbook(("a",), ("b",)), sheet="Others") == "sheet_unknown"


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n1;2\n3;4",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"\xd0\xcf\x11\xe0" + bytes(100),
        b"a;b\n1;\x00\n",
        b"a;b\n\x98;1\n",
        b"PK\x03\x04 and nothing else",
        b"a;b\n1;" + b"x" * (LONGEST_CELL + 1),
        b'a;b\n"1;' + b"2;3\n" * LONGEST_CELL,
    ],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    assert refusal(content) == "file_unreadable"


def test_rows_far_below_are_read_too() -> None:
    """However many of nothing stand before them: nobody waits for those, and nobody is left out."""
    book = Workbook()
    book.active["A1"], book.active["B1"] = "Имя", "Телефон"
    book.active["A1048576"] = "Анна"
    kept = io.BytesIO()
    book.save(kept)
    assert read_sheet(kept.getvalue()).rows == ((1_048_576, ("Анна",)),)


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("readme.txt", "hello")
    assert refusal(packed.getvalue()) == "file_unreadable"


def test_a_zip_bomb_is_not_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b" " * (MOST_UNPACKED + 1))
    assert len(packed.getvalue()) < MOST_UNPACKED / 100
    assert refusal(packed.getvalue()) == "table_too_large"


@pytest.mark.parametrize("content", [b"", b"a;b\n", b"\n\n;;\n", b"\xef\xbb\xbf"])
def test_a_table_has_rows(content: bytes) -> None:
    assert refusal(content) == "table_empty"


def test_sixty_columns_are_read_and_more_than_a_hundred_are_not() -> None:
    sixty = ";".join(f"c{n}" for n in range(60)).encode()
    assert len(read_sheet(sixty + b"\n1;2").names) == 60
    many = tuple(f"c{n}" for n in range(MOST_COLUMNS + 1))
    assert refusal(";".join(many).encode() + b"\n1") == "columns_too_many"
    assert refusal(workbook(many, ("1",))) == "columns_too_many"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    try:
        sheet = read_sheet(content)
    except Invalid as refusal:
        assert refusal.code in ("file_unreadable", "table_empty", "columns_too_many")
    else:
        assert all("\0" not in cell for _, cells in sheet.rows for cell in cells)
