"""Figures as CSV, workbooks and PDFs: the same numbers, with types and names, and nothing that a spreadsheet runs."""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from contracts.analytics import (
    OwnFigures,
    ReportRow,
    ReportRows,
    RunReport,
    ShowReport,
    ShowVisits,
    SourceNode,
    VisitRows,
)
from contracts.booking import Branch, ListBranches
from contracts.clients import ClientName, ClientNames, NameClients
from contracts.message import Page
from gateway.figures.table import table_of
from kernel.errors import Invalid, NotFound
from kernel.money import Money
from tests.builders import CLARA, HERE, anna
from tests.component.gateway.conftest import Web

PATH = f"/api/v1/analytics/reports/{UUID(int=9)}/rows?from=2026-01-01&to=2026-12-31"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
COLUMNS = ("day", "branch_id", "category", "client_id", "visits", "revenue")
ROWS = ReportRows(
    COLUMNS,
    (
        ReportRow(
            day=date(2026, 3, 2),
            branch_id=HERE,
            category="=HYPERLINK(1)",
            client_id=CLARA,
            name=None,
            visits=3,
            revenue=Money(123_456, "RUB"),
        ),
    ),
    "revenue: what was due",
)


def ask(web: Web, form: str, rows: ReportRows = ROWS, **more: Any) -> Any:
    web.bus.answers[RunReport] = rows
    web.bus.answers[NameClients] = ClientNames((ClientName(CLARA, "Clara Schumann"),))
    for kind, reply in more.items():
        web.bus.answers[{"branches": ListBranches}[kind]] = reply
    answer = web.http.get(f"{PATH}&format={form}", headers=web.as_())
    assert answer.status_code == 200, answer.text
    return answer


def a_branch() -> Page[Any]:
    return Page((Branch(id=HERE, version=1, name="Tverskaya", time_zone="Europe/Moscow", hours=()),))


def lines(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_csv_has_whole_units_names_and_no_formulas(web: Web) -> None:
    answer = ask(web, "csv")
    assert answer.content_type == "text/csv; charset=utf-8; header=present"
    assert "attachment" in answer.headers["Content-Disposition"]
    header, row = lines(answer)
    found = dict(zip(header, row, strict=True))
    assert found["category"] == "'=HYPERLINK(1)"
    assert (found["day"], found["visits"], found["revenue"]) == ("2026-03-02", "3", "1234.56")
    assert (found["name"], found["branch_id"], found["branch"]) == ("Clara Schumann", str(HERE), "")


def test_a_workbook_has_real_types(web: Web) -> None:
    package = zipfile.ZipFile(io.BytesIO(ask(web, "xlsx").data))
    sheet = ET.fromstring(package.read("xl/worksheets/sheet1.xml"))
    header, row = (list(each) for each in sheet.iter(f"{SHEET}row"))
    names = ["".join(cell.itertext()) for cell in header]
    cells = dict(zip(names, row, strict=True))
    assert cells["day"].find(f"{SHEET}v").text == "46083"
    assert cells["revenue"].find(f"{SHEET}v").text == "1234.56"
    assert cells["category"].get("t") == "inlineStr"
    assert "what was due" in package.read("docProps/core.xml").decode()


def test_a_file_that_was_cut_off_says_so(web: Web) -> None:
    part = replace(ROWS, more=True)
    for form in ("csv", "xlsx", "pdf"):
        for rows, name in ((ROWS, f'"figures.{form}"'), (part, f'"figures-cut-off.{form}"')):
            answer = ask(web, form, rows)
            assert answer.data
            assert name in answer.headers["Content-Disposition"]
    package = zipfile.ZipFile(io.BytesIO(ask(web, "xlsx", part).data))
    assert "cut_off: only the first 1 rows" in package.read("docProps/core.xml").decode()


def test_a_pdf_is_one(web: Web) -> None:
    answer = ask(web, "pdf")
    assert (answer.content_type, answer.data[:5]) == ("application/pdf", b"%PDF-")


def test_a_report_without_rows_keeps_its_header(web: Web) -> None:
    empty = ReportRows(COLUMNS, (), "", reason="no_visits")
    (header,) = lines(ask(web, "csv", empty))
    assert header == ["day", "branch", "branch_id", "category", "client_id", "visits", "revenue"]
    assert ask(web, "pdf", empty).data[:5] == b"%PDF-"


def test_another_format_is_refused_and_json_stays_json(web: Web) -> None:
    web.bus.answers |= {RunReport: ROWS, ShowReport: NotFound("report_not_found", "no such report")}
    web.bus.answers[ShowVisits] = VisitRows((), "no_visits")
    visits = "/api/v1/analytics/visits?from=2026-01-01&to=2026-12-31"
    assert web.http.head(visits, headers=web.as_()).status_code == 200
    assert web.http.get(f"{visits}&format=json", headers=web.as_()).json == {"rows": [], "reason": "no_visits"}
    assert web.http.get(f"{visits}&format=csv", headers=web.as_()).data.startswith(b"\xef\xbb\xbfnote,said")
    assert {request.group_by for request in web.bus.asked_of(ShowVisits)} == {("month",)}
    assert web.http.get(f"{visits}&format=zip", headers=web.as_()).status_code == 422
    assert web.http.get(PATH, headers=web.as_()).json["rows"][0]["revenue"] == {"amount": 123_456, "currency": "RUB"}
    web.bus.answers[ShowReport] = Invalid("x", "y")
    assert web.http.get(f"{PATH}&format=ods", headers=web.as_()).status_code == 422


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "pdf"])
def test_who_may_not_read_figures_gets_no_file(web: Web, form: str) -> None:
    answer = web.http.get(f"{PATH}&format={form}", headers=web.as_(anna("clients.read")))
    assert (answer.status_code, answer.json["code"]) == (403, "permission_missing")


def test_a_tree_is_a_row_for_each_node_with_its_level() -> None:
    own = {"clients": 1, "visits": 1, "revenue": {"amount": 5, "currency": "RUB"}}
    below = {"name": "Clara", "kind": "client", "own": own, "children": []}
    root = {"name": None, "kind": "root", "own": own, "children": [{"name": "radio", "own": own, "children": [below]}]}
    table = table_of(root, {})
    assert table.header[:2] == ("level", "name")
    assert [row[:2] for row in table.rows] == [(0, None), (1, "radio"), (2, "Clara")]
    assert table.rows[0][table.header.index("own_revenue")] == Decimal("0.05")


def test_the_tree_of_the_contract_is_such_a_tree() -> None:
    own = OwnFigures(0, 0, Money(0, "RUB"))
    assert SourceNode(None, "root", 0, 0, Money(0, "RUB"), own).children == ()
