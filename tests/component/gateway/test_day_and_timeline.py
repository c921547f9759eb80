"""The sheet of a master's day and the timeline of a client over HTTP."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from contracts.booking import DaySheet, MasterDay, SheetVisit, ShowDaySheet
from contracts.clients import ClientName, ClientNames, NameClients, ShowTimeline, TimelineEntry
from contracts.message import PastPage
from kernel.errors import NotFound
from tests.builders import CLARA, HERE, anna
from tests.component.gateway.conftest import Web

AT = datetime(2026, 12, 1, 10, tzinfo=UTC)


def a_sheet(*clients: UUID | None) -> DaySheet:
    visits = tuple(SheetVisit(uuid4(), who, "booked", AT, AT, (), health="warned") for who in clients)
    return DaySheet(HERE, "Europe/Moscow", date(2026, 12, 1), (MasterDay(uuid4(), visits),))


def test_names_and_wishes_stand_on_the_sheet_of_a_day(web: Web) -> None:
    """For who may read cards; those of whom clients says nothing stay without."""
    hidden = uuid4()
    web.bus.answers[ShowDaySheet] = a_sheet(CLARA, hidden, None)
    web.bus.answers[NameClients] = ClientNames((ClientName(CLARA, "Клара", "no talk"),))
    path = f"/api/v1/schedule/day-sheet?branch_id={HERE}&date=2026-12-01"
    (day,) = web.http.get(path, headers=web.as_()).json["masters"]
    told = [(one["name"], one["wishes"], one["health"]) for one in day["appointments"]]
    assert told == [("Клара", "no talk", "warned"), (None, None, "warned"), (None, None, "warned")]
    (asked,) = web.bus.asked_of(NameClients)
    assert set(asked.ids) == {CLARA, hidden}
    reader = web.as_(anna("appointments.read"))
    (day,) = web.http.get(path, headers=reader).json["masters"]
    assert {one["name"] for one in day["appointments"]} == {None}
    assert web.http.get(path.replace("12-01", "12-32"), headers=reader).status_code == 422


def test_an_entry_of_the_timeline_has_what_it_is_and_nothing_else(web: Web) -> None:
    """A client who is not there is 404."""
    web.bus.answers[ShowTimeline] = PastPage((TimelineEntry(AT, "registered"),), None, date(2026, 1, 1))
    path = f"/api/v1/clients/{CLARA}/timeline"
    answer = web.http.get(f"{path}?limit=1", headers=web.as_())
    assert answer.json == {
        "items": [{"at": "2026-12-01T10:00:00Z", "kind": "registered", "by": None}],
        "next": None,
        "history_from": "2026-01-01",
    }
    web.bus.answers[ShowTimeline] = NotFound("client_not_found", "there is no such client")
    assert web.http.get(path, headers=web.as_()).status_code == 404
    assert web.http.get(path).status_code == 401
    assert web.http.get(path, headers=web.as_(anna("appointments.read"))).status_code == 403
