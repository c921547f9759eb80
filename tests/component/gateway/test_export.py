"""Everything held about a person as a PDF and as an archive, at the edge."""

import io
import json
import logging
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pypdf
import pytest

from contracts.booking import (
    Appointment,
    HeldAppointment,
    HeldByBooking,
    HistoryEntry,
    NamedId,
    Segment,
)
from contracts.clients import (
    Client,
    ClientExport,
    ClientFile,
    ExportClient,
    FilePart,
    Note,
    Photo,
    PhotoFile,
    Preferences,
    ReadFile,
    ReadPhoto,
    ShowClient,
    Source,
)
from kernel.errors import Conflict, Gone, Unavailable
from kernel.money import Money
from tests.builders import CLARA, HERE, a_user
from tests.component.gateway.conftest import Web

PATH = f"/api/v1/clients/{CLARA}/export"
NOW = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
CUT, MILA, USER = UUID(int=1), UUID(int=2), UUID(int=3)

CARD = Client(
    id=CLARA,
    first_name="Клара",
    last_name="Цеткина",
    patronymic=None,
    preferred_name="Clärchen",
    sex="female",
    source=Source("instagram"),
    referrer_id=None,
    home_branch_id=HERE,
    preferences=Preferences(wishes="у окна"),
    comment=None,
    registered_at=NOW,
    version=1,
    phones=("+79161234567",),
    birth_date=date(1990, 2, 17),
    contraindications=("аммиак",),
)
VISIT = Appointment(
    id=UUID(int=10),
    branch_id=HERE,
    client_id=CLARA,
    status="cancelled",
    starts=NOW,
    ends=NOW,
    segments=(Segment(UUID(int=11), CUT, MILA, NOW, NOW, Money(250_000, "RUB")),),
    lines=(),
    payments=(),
    total=Money(250_000, "RUB"),
    discount=Money(0, "RUB"),
    due=Money(250_000, "RUB"),
    paid=Money(0, "RUB"),
    refunded=Money(0, "RUB"),
    channel=None,
    version=2,
    comment="likes tea",
)
HISTORY = (HistoryEntry(2, NOW, str(USER), "cancelled", "кот съел расписание"),)
BOOKING = HeldByBooking(
    appointments=(HeldAppointment(VISIT, HISTORY),),
    series=(),
    waiting_list=(),
    holds=(),
    discount=None,
    names=(NamedId(HERE, "Арбат"), NamedId(CUT, "Стрижка"), NamedId(MILA, "Mila")),
    unreadable=(),
)


def a_file(number: int, name: str, size: int = 9) -> ClientFile:
    id_ = UUID(f"0190a000-0000-7000-8000-00000000000{number}")
    return ClientFile(id_, CLARA, name, "form", "application/pdf", size, None, USER, NOW, 1)


EXPORT = ClientExport(
    id=CLARA,
    exported_at=NOW,
    card=CARD,
    changes=(),
    consents=(),
    notes=(Note(UUID(int=4), CLARA, USER, NOW, "говорит о кошках 🐈", True, None, None, None, 1),),
    perks=(),
    files=(a_file(1, "Анкета.pdf"), a_file(2, "../../etc/passwd"), a_file(3, "Анкета.pdf")),
    visits=(),
    photo=Photo(CLARA, 2, "image/webp", 10, 10),
    booking=BOOKING,
    not_installed=("loyalty",),
)


@pytest.fixture
def held(web: Web) -> Web:
    web.bus.answers |= {
        ShowClient: CARD,
        ExportClient: EXPORT,
        ReadPhoto: PhotoFile("image/webp", b"RIFF", 2),
        ReadFile: lambda asked: FilePart("a.pdf", "application/pdf", f"part {asked.number}".encode(), asked.number, 2),
    }
    return web


def taken(web: Web, form: str, **headers: str) -> Any:
    return web.http.get(f"{PATH}?format={form}", headers=web.as_() | headers)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).replace("\u00a0", " ")


def test_without_a_format_it_is_the_json_of_the_service(held: Web) -> None:
    answer = held.http.get(PATH, headers=held.as_())
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json["booking"]["appointments"][0]["appointment"]["comment"] == "likes tea"
    assert held.bus.asked_of(ExportClient) == [ExportClient(CLARA, "json")]
    wrong = taken(held, "docx")
    assert (wrong.status_code, set(wrong.json["errors"])) == (422, {"format"})


def test_a_pdf_is_read_by_a_person(held: Web) -> None:
    """Russian and English letters, names instead of ids, money and instants as people write them; ids of no use not."""
    answer = taken(held, "pdf")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="client.pdf"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    text = text_of(answer.data)
    for said in (
        "Everything held about you", "Клара", "Clärchen", "+79161234567", "1990-02-17", "аммиак", "у окна", "likes tea",
        "кот съел расписание", "говорит о кошках", "Стрижка", "Mila", "Арбат", "2 500.00 RUB", "2026-03-02 12:05",
        "Анкета.pdf", "loyalty",
    ):  # fmt: skip
        assert said in text, said
    assert str(CUT) not in text


def test_a_pdf_speaks_russian_to_a_browser_that_does(held: Web) -> None:
    text = text_of(taken(held, "pdf", **{"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}).data)
    assert "Всё, что о вас хранится" in text
    assert "телефоны: +79161234567" in text


def test_making_a_pdf_logs_nothing(held: Web, caplog: pytest.LogCaptureFixture) -> None:
    """The library would tell which letters a font lacks."""
    with caplog.at_level(logging.DEBUG):
        taken(held, "pdf")
    assert "🐈" not in caplog.text
    assert "Клара" not in caplog.text


def test_an_archive_holds_the_json_the_pdf_the_photo_and_every_file(held: Web) -> None:
    answer = taken(held, "zip")
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as whole:
        assert whole.testzip() is None
        names = whole.namelist()
        assert json.loads(whole.read("client.json"))["card"]["first_name"] == "Клара"
        assert "Клара" in text_of(whole.read("client.pdf"))
        assert whole.read("photo.webp") == b"RIFF"
        files = [name for name in names if name.startswith("files/")]
        assert len(set(files)) == 3
        assert {whole.read(name) for name in files} == {b"part 0part 1"}
        assert not [name for name in names if ".." in name.split("/")]


def test_what_is_damaged_is_left_out_of_the_archive(held: Web) -> None:
    """The JSON in it names what that is."""

    def damaged(_: Any) -> Any:
        raise Conflict("file_damaged", "this file is damaged")

    held.bus.answers[ReadFile] = damaged
    with zipfile.ZipFile(io.BytesIO(taken(held, "zip").data)) as whole:
        assert set(whole.namelist()) == {"client.json", "client.pdf", "photo.webp"}


def test_an_archive_that_was_cut_off_is_none(held: Web) -> None:
    """Half of what is held, that looks like all of it, would be worse than nothing."""

    def away(_: Any) -> Any:
        raise Unavailable("service_unavailable", "clients is away")

    held.bus.answers[ReadFile] = away
    received = bytearray()
    with pytest.raises(Unavailable):
        for piece in held.http.get(f"{PATH}?format=zip", headers=held.as_(), buffered=False).response:
            received += piece
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(bytes(received)))


@pytest.mark.parametrize("form", ["json", "pdf", "zip"])
def test_a_refusal_is_a_refusal_in_every_format(held: Web, form: str) -> None:
    held.bus.answers[ExportClient] = Unavailable("service_unavailable", "booking is away")
    assert taken(held, form).status_code == 503
    held.bus.answers[ExportClient] = Gone("client_erased", "this client was erased")
    assert taken(held, form).status_code == 410
    assert held.http.get(f"{PATH}?format={form}").status_code == 401


def test_an_archive_takes_the_right_to_read_files_before_anybody_is_asked(held: Web) -> None:
    """Or an export would be noted in the journal that nobody got."""
    without = replace(a_user("clients.export", "clients.read"), branch_ids=frozenset({HERE}))
    assert held.http.get(f"{PATH}?format=pdf", headers=held.as_(without)).status_code == 200
    held.bus.asked.clear()
    assert held.http.get(f"{PATH}?format=zip", headers=held.as_(without)).status_code == 403
    assert held.bus.asked_of(ExportClient) == []


@pytest.mark.parametrize("form", ["json", "zip"])
def test_nobody_looks_at_an_export_without_taking_it(held: Web, form: str) -> None:
    """It would stand in the journal as taken out."""
    assert held.http.head(f"{PATH}?format={form}", headers=held.as_()).status_code == 405
    assert held.bus.asked_of(ExportClient) == []


def test_the_description_names_every_format(web: Web) -> None:
    paths = web.http.get("/api/v1/openapi.json").json["paths"]
    answer = paths["/api/v1/clients/{id}/export"]["get"]["responses"]["200"]
    assert set(answer["content"]) == {"application/json", "application/pdf", "application/zip"}


def test_a_long_life_fits_into_a_moment(held: Web) -> None:
    """All of three hundred visits are there."""
    many = tuple(replace(BOOKING.appointments[0], appointment=replace(VISIT, comment=f"n{n}.")) for n in range(300))
    held.bus.answers[ExportClient] = replace(EXPORT, booking=replace(BOOKING, appointments=many))
    text = text_of(taken(held, "pdf").data)
    assert all(f"n{n}." in text for n in (0, 150, 299))
