"""What became of an appointment, as the desk tells it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.auth import ListUsers, Me, ShowMe, User
from contracts.booking import (
    Appointment,
    AppointmentHistory,
    HistoryEntry,
    ListMasters,
    ListServices,
    Master,
    Segment,
    ShowAppointment,
    ShowHistory,
)
from contracts.message import Page
from kernel.money import Money
from tests.builders import OWNER

CENTRE, CLARA, CUT, MILA, NORA, VISIT, ASYA, PIA = (UUID(int=number) for number in range(1, 9))
TEN = datetime(2026, 12, 1, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAID, PRICE, NOTHING = Money(225_000, "RUB"), Money(250_000, "RUB"), Money(0, "RUB")


def a_part(master: UUID, hour: int, minutes: int = 60) -> dict[str, object]:
    starts = datetime(2026, 12, 1, hour, tzinfo=UTC)
    ends = starts + timedelta(minutes=minutes)
    return {"service_id": str(CUT), "master_id": str(master), "starts": starts.isoformat(), "ends": ends.isoformat()}


MOVED = {
    "starts": {"old": "2026-12-01T09:00:00+00:00", "new": "2026-12-02T10:00:00+00:00"},
    "segments": {"old": [a_part(MILA, 9)], "new": [a_part(NORA, 10, 90)]},
    "due": {"old": 200_000, "new": 225_000},
}
ENTRIES = (
    HistoryEntry(1, TEN - 30 * HOUR, str(PIA), "booked"),
    HistoryEntry(2, TEN - 20 * HOUR, str(ASYA), "changed", reason="<b>asked</b> for Nora", details=MOVED),
    HistoryEntry(3, TEN, "booking", "merged", details={"client_id": {"old": str(CLARA), "new": str(CUT)}}),
    HistoryEntry(4, TEN + HOUR, str(OWNER.id), "completed", details={"paid": {"old": 0, "new": 225_000}}),
)


def a_visit() -> Appointment:
    segment = Segment(UUID(int=40), CUT, NORA, TEN, TEN + HOUR, PRICE)
    amounts = {"total": PRICE, "discount": NOTHING, "due": PAID, "paid": PAID, "refunded": NOTHING}
    return Appointment(VISIT, CENTRE, CLARA, "completed", TEN, TEN + HOUR, (segment,), (), (), **amounts,
                       channel="desk", version=4)  # fmt: skip


@pytest.fixture
def history(web):
    """`history(caller)` is what they read, tags and all; `language=` chooses the language."""
    masters = (Master(MILA, "Mila", None, (CUT,), True, 1), Master(NORA, "Nora", PIA, (CUT,), True, 1))
    asya = User(ASYA, "asya", "Asya Admin", ("administrator",), (CENTRE,), None, active=True, version=1)
    web.bus.answers |= {
        ShowMe: Me(OWNER.id, "owner", "Olga Owner", (), (), ()),
        ListMasters: Page(masters),
        ListServices: Page(()),
        ListUsers: Page((asya,)),
        ShowAppointment: a_visit(),
        ShowHistory: AppointmentHistory(VISIT, ENTRIES),
    }

    def read(caller=OWNER, language: str = "en"):
        web.http.set_cookie("lokon_access", web.as_(caller)["Authorization"].removeprefix("Bearer "))
        web.http.set_cookie("lokon_session", "refresh")
        web.http.set_cookie("lokon_language", language)
        return web.http.get(f"/desk/appointments/{VISIT}/history", headers={"HX-Request": "true"})

    return read


def test_each_change_is_told_with_who_when_and_what_was_before(history):
    told = history().text.replace("\xa0", " ")
    newest, merged, moved, booked = told.split("<li>")[1:]
    assert "Tue, 1 Dec 2026, 11:00 · Olga Owner" in newest
    assert "Completed" in newest
    assert "Paid: RUB 2,250" in newest
    assert "Lokon itself" in merged
    assert "<strong>Moved</strong>" in moved
    assert "Asya Admin" in moved
    assert "Tue, 1 Dec 2026, 09:00 → Wed, 2 Dec 2026, 10:00" in moved
    assert "Mila → Nora" in moved
    assert "60 → 90 min" in moved
    assert "Price: RUB 2,000 → RUB 2,250" in moved
    assert "&lt;b&gt;asked&lt;/b&gt; for Nora" in moved
    assert "Nora" in booked  # who booked is a master with a login
    assert "Price then: RUB 2,000" in booked


def test_the_history_speaks_russian(history):
    told = history(language="ru").text.replace("\xa0", " ").replace("\u202f", " ")
    assert "вт, 1 дек. 2026 г., 09:00 → ср, 2 дек. 2026 г., 10:00" in told
    assert "Цена: 2 000 ₽ → 2 250 ₽" in told


def test_names_of_users_are_for_whoever_may_know_them(history):
    few = frozenset({"appointments.read", "masters.read", "services.read"})
    told = history(replace(OWNER, permissions=few)).text
    assert "Asya Admin" not in told
    assert "somebody else" in told
    assert "Olga Owner" in told


def test_who_may_not_read_appointments_is_refused_their_history(history):
    answer = history(replace(OWNER, permissions=frozenset({"masters.read"})))
    assert answer.status_code == 403
    assert "Asya" not in answer.text
