"""What the desk asks for: moves, other lengths, taking back, waiting instead of booking, reasons in spite of which."""

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.auth import Me, ShowMe
from contracts.booking import (
    AddToWaitingList,
    Appointment,
    BookAppointment,
    Branch,
    BranchPrice,
    ChangeAppointment,
    LeaveWaitingList,
    ListAppointments,
    ListBranches,
    ListMasters,
    ListServices,
    Master,
    PreviewBooking,
    PreviewChange,
    Rendering,
    Schedule,
    Segment,
    Service,
    ShowAppointment,
    ShowSchedule,
    VerdictPart,
    VisitVerdict,
    WaitingEntry,
    WaitingTime,
    WantedSegment,
)
from contracts.clients import ClientName, ClientNames, ListClients, NameClients
from contracts.message import Page, PastPage
from kernel.errors import Conflict
from kernel.money import Money
from tests.builders import OWNER

ME = Me(OWNER.id, "owner", "Olga Owner", (), (), ())
CENTRE, CLARA, CUT, WASH, MILA, NORA = (UUID(int=number) for number in range(1, 7))
TEN = datetime(2026, 12, 1, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRICE, NOTHING = Money(250_000, "RUB"), Money(0, "RUB")
HTMX = {"HX-Request": "true"}


def a_segment(service: UUID = CUT, master: UUID = MILA, starts: datetime = TEN, length: timedelta = HOUR) -> Segment:
    return Segment(uuid4(), service, master, starts, starts + length, PRICE)


def a_visit(*segments: Segment, version: int = 1) -> Appointment:
    parts = segments or (a_segment(),)
    return Appointment(
        id=UUID(int=99),
        branch_id=CENTRE,
        client_id=CLARA,
        status="booked",
        starts=parts[0].starts,
        ends=parts[-1].ends,
        segments=parts,
        lines=(),
        payments=(),
        total=PRICE,
        discount=NOTHING,
        due=PRICE,
        paid=NOTHING,
        refunded=NOTHING,
        channel="desk",
        version=version,
    )


def a_wait() -> WaitingEntry:
    return WaitingEntry(uuid4(), CENTRE, CLARA, (), TEN.date(), TEN.date(), (), "waiting", TEN, 1)


@pytest.fixture
def desk(web):
    """A browser of the owner at the desk; `desk.send` posts a form of a page."""
    token = web.as_(OWNER)["Authorization"].removeprefix("Bearer ")
    web.http.set_cookie("lokon_access", token)
    web.http.set_cookie("lokon_session", "refresh")
    masters = [Master(MILA, "Mila", None, (CUT, WASH), True, 1), Master(NORA, "Nora", None, (CUT,), True, 1)]
    web.bus.answers |= {
        ShowMe: ME,
        ListClients: Page(()),
        ListBranches: Page((Branch(CENTRE, "Centre", "Europe/Moscow", None, (), 1),)),
        ListMasters: Page(tuple(masters)),
        BookAppointment: a_visit(),
        AddToWaitingList: a_wait(),
        LeaveWaitingList: a_wait(),
    }
    csrf = web.http.get("/clients").text.split('name="csrf" content="')[1].split('"')[0]

    def send(address: str, **fields: object):
        data = {"csrf": csrf, "key": uuid4().hex} | fields
        return web.http.post(address, data=data, headers=HTMX)

    web.send = send
    return web


def moved(desk, visit: Appointment, **fields: object):
    desk.bus.answers |= {ShowAppointment: visit, ChangeAppointment: a_visit(*visit.segments, version=2)}
    said = {"version": visit.version, "segment_id": visit.segments[0].id} | fields
    answer = desk.send(f"/desk/appointments/{visit.id}/move", **said)
    return answer, desk.bus.asked_of(ChangeAppointment)[-1] if desk.bus.asked_of(ChangeAppointment) else None


def test_a_move_in_time_takes_the_whole_visit_along_and_asks_for_nothing_else(desk):
    visit = a_visit(a_segment(), a_segment(WASH, starts=TEN + HOUR))
    answer, asked = moved(desk, visit, segment_id=visit.segments[1].id, starts="2026-12-01T15:00")
    assert answer.status_code == 204
    assert (asked.starts, asked.version) == (TEN + HOUR, 1)  # 15:00 in Moscow is two hours after ten in UTC
    assert asked.segments is not None and not isinstance(asked.segments, tuple)


def test_another_master_gets_only_the_segment_that_was_moved(desk):
    visit = a_visit(a_segment(), a_segment(WASH, starts=TEN + HOUR))
    _, asked = moved(desk, visit, master_id=NORA)
    assert asked.segments == (WantedSegment(CUT, NORA), WantedSegment(WASH, MILA))


@pytest.mark.parametrize("longer", [{"ends": "2026-12-01T14:30"}, {"minutes": "90"}])
def test_a_pulled_or_typed_length_is_asked_of_that_segment_alone(desk, longer):
    visit = a_visit(a_segment(), a_segment(WASH, starts=TEN + HOUR))
    _, asked = moved(desk, visit, starts="2026-12-01T13:00", **longer)
    assert asked.starts == TEN
    assert asked.segments == (WantedSegment(CUT, MILA, duration_minutes=90), WantedSegment(WASH, MILA))


def test_what_begins_together_stays_together(desk):
    visit = a_visit(a_segment(), a_segment(WASH, NORA))
    _, asked = moved(desk, visit, minutes="75")
    assert asked.segments[1] == WantedSegment(WASH, NORA, parallel=True)


def test_a_move_can_be_taken_back_to_what_was_before(desk):
    visit = a_visit()
    answer, _ = moved(desk, visit, starts="2026-12-01T15:00", master_id=NORA)
    undo = json.loads(answer.headers["HX-Trigger"])["done"]["undo"]
    assert undo["address"] == f"/desk/appointments/{visit.id}/move"
    fields = undo["fields"]
    assert (fields["version"], fields["master_id"], fields["starts"]) == ("2", str(MILA), TEN.isoformat())
    taken_back, _ = moved(desk, a_visit(a_segment(master=NORA, starts=TEN + 2 * HOUR), version=2))
    assert taken_back.status_code == 204
    again, _ = moved(desk, visit, **{**fields, "segment_id": visit.segments[0].id})
    assert "undo" not in json.loads(again.headers["HX-Trigger"])["done"]


def test_what_stands_against_a_move_is_told_with_free_times_to_choose(desk):
    visit = a_visit()
    free = [{"starts": "2026-12-01T16:00:00+03:00", "master_ids": []}]
    desk.bus.answers |= {
        ShowAppointment: visit,
        PreviewChange: Conflict("slot_taken", "taken", alternatives=free),
    }
    told = desk.http.get(f"/desk/appointments/{visit.id}/moved?starts=2026-12-01T15:00&minutes=60", headers=HTMX)
    assert "Somebody else has this time." in told.text
    assert 'data-value="2026-12-01T16:00"' in told.text


def test_somebody_is_put_on_the_waiting_list_for_the_hours_that_suit(desk):
    answer = desk.send(
        "/desk/appointments",
        branch_id=CENTRE,
        client_id=CLARA,
        service_id=CUT,
        waits="yes",
        earliest="2026-12-04",
        latest="2026-12-05",
        not_before="17:00",
    )
    assert answer.status_code == 204
    assert desk.bus.asked_of(BookAppointment) == []
    (asked,) = desk.bus.asked_of(AddToWaitingList)
    assert (asked.client_id, asked.segments) == (CLARA, (WantedSegment(CUT),))
    assert asked.times == (WaitingTime(4, "17:00", "23:59"), WaitingTime(5, "17:00", "23:59"))


def test_days_in_the_wrong_order_are_told_at_their_field(desk):
    said = {"branch_id": CENTRE, "client_id": CLARA, "service_id": CUT, "waits": "yes"}
    answer = desk.send("/desk/appointments", **said, earliest="2026-12-05", latest="2026-12-04")
    assert answer.status_code == 422
    assert 'data-fields="latest"' in answer.text
    assert desk.bus.asked_of(AddToWaitingList) == []


@pytest.mark.parametrize(
    ("typed", "first", "last", "phone"),
    [
        ("anna f", "Anna", "F", ""),
        ("Zoe", "Zoe", "", ""),
        ("McKay von Ost", "McKay", "von Ost", ""),
        ("8916", "", "", "8916"),
    ],
)
def test_what_was_looked_for_fills_the_card_of_somebody_new(desk, typed, first, last, phone):
    desk.bus.answers[ListServices] = Page(())
    shown = desk.http.get("/desk/chosen", query_string={"branch_id": CENTRE, "q": typed}, headers=HTMX).text
    for name, said in (("first_name", first), ("last_name", last), ("phone", phone)):
        field = shown.split(f'name="{name}"')[1].split(">")[0]
        assert f'value="{said}"' in field


def a_service(id_: UUID, name: str, *prices: BranchPrice) -> Service:
    return Service(
        id_, name, "Hair", 60, PRICE, 0, 0, bookable_online=True, active=True, version=1, branch_prices=prices
    )


def test_the_list_tells_what_a_service_takes_there_and_by_the_master_who_is_chosen(desk):
    cheaper, dearer = Money(200_000, "RUB"), Money(300_000, "RUB")
    mila = Master(MILA, "Mila", None, (CUT, WASH), True, 1, (Rendering(CUT, 45, dearer),))
    nora = Master(NORA, "Nora", None, (CUT,), True, 1)
    desk.bus.answers |= {
        ListServices: Page(
            (
                a_service(CUT, "Cut", BranchPrice(CENTRE, cheaper)),
                a_service(WASH, "Wash", BranchPrice(CENTRE, offered=False)),
            )
        ),
        ListMasters: Page((mila, nora)),
    }
    for master_id, told in ((None, "Cut · 60 min · RUB 2,000"), (NORA, "Cut · 60 min · RUB 2,000"),
                            (MILA, "Cut · 45 min · RUB 3,000")):  # fmt: skip
        asked = {"branch_id": CENTRE} | ({"master_id": master_id} if master_id else {})
        shown = html.unescape(desk.http.get("/desk/chosen", query_string=asked, headers=HTMX).text)
        assert told in shown.replace("\xa0", " ")
        assert "Wash" not in shown


def test_who_may_not_transfer_is_offered_no_other_master(desk, web):
    visit = a_visit()
    desk.bus.answers |= {ShowAppointment: visit, PreviewChange: visit}
    page = desk.http.get(f"/desk/appointments/{visit.id}/moving", headers=HTMX).text
    assert str(NORA) in page
    mover = replace(
        OWNER, permissions=frozenset({"appointments.read", "appointments.edit", "masters.read", "branches.read"})
    )
    desk.http.set_cookie("lokon_access", web.as_(mover)["Authorization"].removeprefix("Bearer "))
    page = desk.http.get(f"/desk/appointments/{visit.id}/moving", headers=HTMX).text
    assert str(MILA) in page
    assert str(NORA) not in page


@pytest.mark.parametrize(
    ("permission", "whose", "kept"),
    [("appointments.transfer", None, False), ("clients.read", None, True), ("appointments.transfer.own", None, True),
     ("appointments.transfer.own", OWNER.id, False)],
)  # fmt: skip
def test_the_calendar_knows_what_may_not_be_given_to_another_master(desk, web, permission, whose, kept):
    needed = {"appointments.read", "appointments.edit", "shifts.read", "masters.read", "branches.read", "services.read"}
    caller = replace(OWNER, permissions=frozenset(needed | {permission}))
    desk.http.set_cookie("lokon_access", web.as_(caller)["Authorization"].removeprefix("Bearer "))
    visit = a_visit()
    desk.bus.answers |= {
        ListServices: Page(()),
        ListMasters: Page((Master(MILA, "Mila", whose, (CUT,), True, 1), Master(NORA, "Nora", None, (CUT,), True, 1))),
        ListAppointments: PastPage((visit,)),
        ShowSchedule: Schedule(CENTRE, "Europe/Moscow", (), ()),
        ShowAppointment: visit,
        PreviewChange: visit,
    }
    shown = desk.http.get(f"/desk/days.json?branch_id={CENTRE}&from=2026-12-01&to=2026-12-01").json
    assert [one["keeps"] for one in shown["events"]] == [kept]
    dialog = desk.http.get(f"/desk/appointments/{visit.id}/moving", headers=HTMX).text
    assert (str(NORA) in dialog) is not kept


def test_names_and_clocks_of_the_calendar_are_as_the_visitor_chose(desk):
    visit = a_visit()
    said = ClientName(CLARA, "Clara Novak", first_name="Clara", last_name="Novak", patronymic="Ivanovna")
    desk.bus.answers |= {
        ListServices: Page(()),
        ListAppointments: PastPage((replace(visit, status="no_show"), visit)),
        ShowSchedule: Schedule(CENTRE, "Europe/Moscow", (), ()),
        NameClients: ClientNames((said,)),
    }
    days = f"/desk/days.json?branch_id={CENTRE}&from=2026-12-01&to=2026-12-01"
    assert desk.http.get(days).json["events"][0]["title"] == "Clara Novak"
    desk.http.set_cookie("lokon_names", "full")
    desk.http.set_cookie("lokon_clock", "12")
    told = desk.http.get(days).json
    assert told["events"][0]["title"] == "Novak Clara Ivanovna"
    assert told["missed"][0]["text"].replace("\u202f", " ") == "10:00 am Novak Clara Ivanovna"


def test_the_desk_opens_with_the_client_of_a_card(desk):
    desk.bus.answers[ListServices] = Page(())
    assert f'data-client="{CLARA}"' in desk.http.get(f"/desk?client_id={CLARA}").text
    assert "data-client" not in desk.http.get("/desk").text


def test_what_loyalty_gives_is_told_in_the_language_of_the_page(desk):
    parts = (VerdictPart("often", "visits", "2 visits: 10 %", Money(25_000, "RUB")),)
    verdict = VisitVerdict("discount", "loyalty", "2 visits: 10 %", parts, gifts=("<i>tea</i>",))
    desk.bus.answers[PreviewBooking] = replace(a_visit(), discount=Money(25_000, "RUB"), verdict=verdict)
    asked = f"/desk/price?branch_id={CENTRE}&client_id={CLARA}&service_id={CUT}&starts=2026-12-01T13:00"
    assert "2 visits: 10 %" in desk.http.get(asked, headers=HTMX).text
    desk.http.set_cookie("lokon_language", "ru")
    told = desk.http.get(asked, headers=HTMX).text.replace("\xa0", " ")
    assert "visits" not in told
    assert "Число визитов: −250 ₽" in told
    assert "подарок: &lt;i&gt;tea&lt;/i&gt;" in told


def test_without_scripts_the_desk_says_what_is_missing_and_where_the_day_can_be_read(desk):
    desk.bus.answers[ListServices] = Page(())
    said = re.findall(r"<noscript>(.*?)</noscript>", desk.http.get("/desk?date=2026-12-01").text, re.DOTALL)
    assert any("need JavaScript" in part for part in said)
    assert any(f"/desk/print?branch_id={CENTRE}&amp;date=2026-12-01" in part for part in said)


def test_who_was_on_the_list_and_is_booked_does_not_wait_any_longer(desk):
    waiting = uuid4()
    said = {"branch_id": CENTRE, "client_id": CLARA, "service_id": CUT, "starts": "2026-12-01T13:00"}
    desk.send("/desk/appointments", **said, waiting_id=waiting, overlap_reason="a regular", health_reason="asked her")
    (booked,) = desk.bus.asked_of(BookAppointment)
    assert (booked.overlap_reason, booked.health_reason) == ("a regular", "asked her")
    assert [asked.id for asked in desk.bus.asked_of(LeaveWaitingList)] == [waiting]


def test_a_double_click_books_with_one_key_and_so_once(desk):
    said = {"branch_id": CENTRE, "client_id": CLARA, "service_id": CUT, "starts": "2026-12-01T13:00"}
    key = uuid4().hex
    for _ in range(2):
        desk.send("/desk/appointments", **said, key=key)
    keys = {one.key for one in desk.bus.envelopes if one.name == "BookAppointment"}
    assert len(keys) == 1
