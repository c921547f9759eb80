"""Tables as files, written while they are read: CSV, and workbooks of one sheet.

A workbook is written here and not by a library, because the libraries that can write one in little memory put the rows
into a temporary file first, readable for whoever has the disk.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

Cell = str | int | Decimal | date | datetime | None
Rows = Iterable[Sequence[Cell]]

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

BOM = b"\xef\xbb\xbf"  # or Excel takes UTF-8 for the code page of the machine
LONGEST_TEXT = 32_767  # characters in a cell of a workbook; Excel repairs a file with more

_STARTS_A_FORMULA = frozenset("=+-@\u2212")
_STARTS_A_CELL_ANEW = frozenset("\t\r\n")
_CUTS = re.compile("([,;\t\r\n])")
_BEFORE_A_FORMULA = '\ufeff\u200b \u00a0\t\r\n\v\f"'  # blanks and quotes, which a reader may take away


# --- CSV ------------------------------------------------------------------------------------------------------------


def csv_chunks(header: Sequence[str], parts: Iterable[Rows], separator: str = ";") -> Iterator[bytes]:
    """A file after RFC 4180 in UTF-8, a piece for each of `parts`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(_in_csv(header))
    yield BOM + text.getvalue().encode()
    for rows in parts:
        text.seek(0)
        text.truncate()
        writer.writerows(_in_csv(row) for row in rows)
        yield text.getvalue().encode()


def is_formula(text: str) -> bool:
    """Whether some spreadsheet would run `text`: by its beginning, in full width, behind blanks or quotes, too.

    That holds for a phone in E.164, too: by its plus it would be computed, and shown as 7.9E+10.
    """
    if text[:1] in _STARTS_A_CELL_ANEW and text:
        return True
    begins = unicodedata.normalize("NFKC", text.lstrip(_BEFORE_A_FORMULA)[:1])
    return begins[:1] in _STARTS_A_FORMULA and begins != ""


def _in_csv(row: Sequence[Cell]) -> list[str]:
    return [_cell_in_csv(cell, row[place + 1 :]) for place, cell in enumerate(row)]


def _cell_in_csv(cell: Cell, following: Sequence[Cell]) -> str:
    if isinstance(cell, str):
        text = _safe_cut_anywhere(cell, following)
        return f"'{text}" if is_formula(text) or text[:1] == "'" else text
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _safe_cut_anywhere(text: str, following: Sequence[Cell]) -> str:
    """A spreadsheet that takes another separator for this file's makes cells of what follows it in a text.

    Where it ends them nobody knows: any of them may go on to the end of the row.
    """
    pieces = _CUTS.split(text)
    for place in range(2, len(pieces), 2):
        if is_formula(pieces[place]) and _runs("".join(map(str, (*pieces[place:], *following)))):
            pieces[place] = f"'{pieces[place]}"
    return "".join(pieces)


def _runs(said: str) -> bool:
    """Whether what begins like a formula does something: dashes of a list, further phones, names with an @ do not."""
    begins = unicodedata.normalize("NFKC", said.lstrip(_BEFORE_A_FORMULA)[:1])
    return begins == "=" or any(sign in unicodedata.normalize("NFKC", said) for sign in "(!|")


# --- workbooks ------------------------------------------------------------------------------------------------------

_EPOCH = date(1899, 12, 30)  # day 0, so that days from 1 March 1900 on have Excel's numbers
_FIRST_DAY = date(1900, 3, 1)  # before that Excel counts a 29 February that never was
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_DATE, _INSTANT, _TEXT, _BOLD = range(1, 5)  # places in the styles below

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_CORE = "application/vnd.openxmlformats-package.core-properties+xml"

_FRAME = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/docProps/core.xml" ContentType="{_CORE}"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
        "</Relationships>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>"
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}">'
        '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}


def xlsx_chunks(title: str, header: Sequence[str], parts: Iterable[Rows], mark: str = "") -> Iterator[bytes]:
    """A workbook with one sheet, a piece for each of `parts`. `mark` stands in its properties and below every page.

    Texts are texts and never formulas; instants are in UTC, because a workbook knows no zones.
    """
    leaving = _Leaving()
    with zipfile.ZipFile(leaving, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        for name, content in (_FRAME | _named(title, mark)).items():
            package.writestr(name, _XML + content)
        with package.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write((_XML + f'<worksheet xmlns="{_MAIN}"><sheetData>').encode())
            sheet.write(_row([(_text(name, _BOLD)) for name in header]))
            yield leaving.taken()
            for rows in parts:
                for row in rows:
                    sheet.write(_row([_in_sheet(cell) for cell in row]))
                if piece := leaving.taken():  # what is packed comes in larger pieces than parts may be
                    yield piece
            footer = f"<headerFooter><oddFooter>&amp;L{_xml(mark.replace('&', '&&'))}</oddFooter></headerFooter>"
            sheet.write(f"</sheetData>{footer if mark else ''}</worksheet>".encode())
    yield leaving.taken()


def _named(title: str, mark: str) -> dict[str, str]:
    sheets = f'<sheet name={quoteattr(_xml_safe(title)[:31])} sheetId="1" r:id="rId1"/>'
    core = (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{_xml(title)}</dc:title><dc:description>{_xml(mark)}</dc:description></cp:coreProperties>"
    )
    return {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "docProps/core.xml": core,
    }


def _row(cells: Sequence[str]) -> bytes:
    return f"<row>{''.join(cells)}</row>".encode()


def _in_sheet(cell: Cell) -> str:
    if isinstance(cell, datetime):
        cell = cell.astimezone(UTC)
        if cell.date() >= _FIRST_DAY:
            seconds = cell.hour * 3600 + cell.minute * 60 + cell.second
            return f'<c s="{_INSTANT}"><v>{(cell.date() - _EPOCH).days + seconds / 86_400:.10f}</v></c>'
    elif isinstance(cell, date):
        if cell >= _FIRST_DAY:
            return f'<c s="{_DATE}"><v>{(cell - _EPOCH).days}</v></c>'
    elif isinstance(cell, int | Decimal):
        return f"<c><v>{cell}</v></c>"
    if cell is None or cell == "":
        return "<c/>"
    return _text(cell if isinstance(cell, str) else cell.isoformat(), _TEXT)


def _text(text: str, style: int) -> str:
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{_xml(text[:LONGEST_TEXT])}</t></is></c>'


def _xml(text: str) -> str:
    """A line break of Windows is written as what it is, or every reader makes another one of it."""
    return escape(_LOOKS_ESCAPED.sub("_x005F_", _xml_safe(text)), {"\r": "&#13;"})


def _xml_safe(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


class _Leaving(io.RawIOBase):
    """What a package writes, to be taken away piece by piece; nobody goes back in it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, piece: object) -> int:
        content = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(content)
        return len(content)

    def taken(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content
