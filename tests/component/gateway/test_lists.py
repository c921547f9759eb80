"""Lists of persons as files: marked, written part by part, broken off rather than short."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from openpyxl import load_workbook

from chassis import wire
from contracts.auth import EndedSession, Me, SessionsEnded, ShowMe
from contracts.clients import (
    Download,
    EndDownload,
    EndedDownload,
    ExportPart,
    ListedClient,
    ReadExportPart,
    TakeBulkExport,
)
from kernel.errors import Conflict, Forbidden, Unauthenticated
from kernel.time import utc_now
from tests.builders import OWNER
from tests.component.gateway.conftest import Web

EXPORT = UUID("0190a000-0000-7000-8000-0000000000e1")
FILE = f"/api/v1/client-exports/{EXPORT}/file"
STARTED = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
COLUMNS = ("id", "first_name", "phones", "birth_date")
MARK = f"{EXPORT} owner 2026-03-01T12:30Z"


def card(number: int, name: str = "Клара") -> ListedClient:
    return ListedClient(
        id=UUID(int=number), first_name=name, phones=("+79161234567", "+79031234567"), birth_date=date(1988, 2, 29)
    )


@pytest.fixture
def offer(web: Web) -> Callable[..., None]:
    """Three cards in two parts, for whoever asks."""

    def make(kind: str = "csv") -> None:
        parts = {0: ExportPart((card(1), card(2, "=1+1"))), 1: ExportPart((card(3, "a;b"),))}
        web.bus.answers |= {
            TakeBulkExport: Download(EXPORT, kind, ";", COLUMNS, 2, STARTED),
            ReadExportPart: lambda asked: parts[asked.number],
            EndDownload: EndedDownload(EXPORT),
            ShowMe: Me(UUID(int=1), "owner", "Olga", (), (), ()),
        }

    return make


def test_a_csv_is_marked_in_every_row_and_runs_nothing(web: Web, offer: Callable[..., None]) -> None:
    offer()
    answer = web.http.get(FILE, headers=web.as_())
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="clients-2026-03-01-{EXPORT}.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0] == [*COLUMNS, "export"]
    assert rows[1] == [str(UUID(int=1)), "Клара", "'+79161234567, +79031234567", "1988-02-29", MARK]
    assert [row[1] for row in rows[2:]] == ["'=1+1", "a;b"]
    assert web.bus.asked_of(EndDownload) == [EndDownload(EXPORT)]


def test_a_workbook_has_real_dates_and_says_where_it_comes_from(web: Web, offer: Callable[..., None]) -> None:
    offer("xlsx")
    answer = web.http.get(FILE, headers=web.as_())
    book = load_workbook(io.BytesIO(answer.data))
    assert book.active is not None
    rows = list(book.active.values)
    assert rows[2] == (str(UUID(int=2)), "=1+1", "+79161234567, +79031234567", datetime(1988, 2, 29), MARK)  # noqa: DTZ001
    assert (len(rows), book.properties.description) == (4, MARK)
    assert {cell.data_type for cell in book.active["B"]} == {"s"}
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')


def test_without_the_name_of_who_takes_it_the_number_is_mark_enough(web: Web, offer: Callable[..., None]) -> None:
    offer()
    del web.bus.answers[ShowMe]
    assert f"{EXPORT} ? 2026-03-01T12:30Z" in web.http.get(FILE, headers=web.as_()).text


def test_it_is_read_as_fast_as_it_leaves(web: Web, offer: Callable[..., None]) -> None:
    """But for the first, no part is asked for before the one before it has gone; who hangs up has not read it."""
    offer()
    answer = web.http.get(FILE, headers=web.as_(), buffered=False)
    chunks = answer.iter_encoded()
    next(chunks), next(chunks)
    assert [asked.number for asked in web.bus.asked_of(ReadExportPart)] == [0]
    answer.close()
    assert web.bus.asked_of(EndDownload) == []


def test_what_fails_on_the_way_breaks_the_file_off(web: Web, offer: Callable[..., None]) -> None:
    """Somebody locked it, or took the right away: nobody takes what has left for the whole list."""
    offer()

    def part(asked: ReadExportPart) -> ExportPart:
        if asked.number:
            raise Conflict("exports_locked", "locked")
        return ExportPart((card(1),))

    web.bus.answers[ReadExportPart] = part
    with pytest.raises(Conflict):
        _ = web.http.get(FILE, headers=web.as_(), buffered=True)
    assert web.bus.asked_of(EndDownload) == []


def test_it_breaks_off_when_the_session_ends(web: Web, offer: Callable[..., None]) -> None:
    """Who signs somebody out, or takes their rights away, does so because of what is leaving."""
    offer()
    chunks = web.http.get(FILE, headers=web.as_(), buffered=False).iter_encoded()
    next(chunks), next(chunks)
    ended = SessionsEnded((EndedSession(OWNER.session_id, utc_now() + timedelta(minutes=10)),), utc_now())
    on_event, _ = web.bus.subscribed["auth"]
    on_event(wire.encode({"name": "SessionsEnded", "number": 1, "event": msgspec.Raw(wire.encode(ended))}))
    with pytest.raises(Unauthenticated):
        next(chunks)
    assert [asked.number for asked in web.bus.asked_of(ReadExportPart)] == [0]


def test_what_fails_before_anything_has_left_is_refused(web: Web, offer: Callable[..., None]) -> None:
    offer()
    web.bus.answers[ReadExportPart] = Conflict("exports_locked", "locked")
    answer = web.http.get(FILE, headers=web.as_())
    assert (answer.status_code, answer.json["code"]) == (409, "exports_locked")


def test_of_two_tries_both_files_are_whole(web: Web, offer: Callable[..., None]) -> None:
    """Who clicks twice ends the download while the other file is leaving; any other refusal breaks it off."""
    offer()
    web.bus.answers[EndDownload] = Conflict("download_ended", "this download is over")
    assert len(web.http.get(FILE, headers=web.as_()).text.splitlines()) == 4
    web.bus.answers[EndDownload] = Forbidden("permission_missing", "not any more")
    with pytest.raises(Forbidden):
        _ = web.http.get(FILE, headers=web.as_(), buffered=True)


def test_a_refusal_comes_before_the_file(web: Web) -> None:
    web.bus.answers[TakeBulkExport] = Forbidden("not_own_export", "only who asked for it")
    answer = web.http.get(FILE, headers=web.as_())
    assert (answer.status_code, answer.json["code"]) == (403, "not_own_export")


def test_to_look_whether_it_is_there_is_no_download(web: Web, offer: Callable[..., None]) -> None:
    offer()
    assert web.http.head(FILE, headers=web.as_()).status_code == 405
    assert web.bus.asked_of(TakeBulkExport) == []
