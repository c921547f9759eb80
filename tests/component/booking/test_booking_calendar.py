"""Calendars over a real database, read by a parser that shares no code with what wrote them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from contracts.booking import (
    Appointment,
    BookAppointment,
    BookSeries,
    BranchPolicy,
    CalendarFeed,
    CancelAppointment,
    CancelGroupEvent,
    CancelSeries,
    ChangeAppointment,
    ChangeBranch,
    ChangeGroupEvent,
    ChangeMaster,
    ChangeSeries,
    ConfirmAppointment,
    CreateAbsence,
    CreateFeed,
    CreateGroupEvent,
    ListFeeds,
    ReadAppointmentCalendar,
    ReadFeed,
    ReadOnlineCalendar,
    ReplaceShifts,
    RevokeFeed,
    Rule,
    Series,
    Shift,
    ShowFeed,
    ShowGroupEvent,
    WantedSegment,
)
from kernel.caller import Caller
from kernel.errors import Forbidden, Gone, Invalid, NotFound
from services.booking.tables import feeds
from tests.builders import CLARA, HERE, a_user
from tests.calendars import Shown, events, shown, utc
from tests.component.booking.salon import Salon, field_of
from tests.harness import Harness

HOUR = timedelta(hours=1)
CLAIM = ("feeds.create", "feeds.read", "feeds.edit")


def a_feed(salon: Salon, caller: Caller | None = None, **said: object) -> CalendarFeed:
    request = CreateFeed(**({"master_id": salon.anna.id} | said))  # type: ignore[arg-type]
    return salon.ask(request, caller) if caller else salon.ask(request)


def content(salon: Salon, feed: CalendarFeed) -> str:
    assert feed.key
    return salon.ask(ReadFeed(feed.key), None).content


def seen(salon: Salon, feed: CalendarFeed) -> list[Shown]:
    return shown(content(salon, feed))


# --- what a feed shows -----------------------------------------------------------------------------------------------


def test_a_visit_is_followed_until_it_is_cancelled(salon: Salon) -> None:
    """One uid; the sequence grows with every change; the cancelled event stays to be seen."""
    feed = a_feed(salon)
    visit = salon.book(salon.at("12:00"), master=salon.anna)
    uid = f"{visit.id}@lokon"
    starts = utc(visit.starts)
    assert seen(salon, feed) == [Shown(starts, starts + HOUR, uid, "Haircut", "TENTATIVE", 0)]
    salon.ask(ConfirmAppointment(visit.id))
    assert seen(salon, feed) == [Shown(starts, starts + HOUR, uid, "Haircut", "CONFIRMED", 1)]
    salon.ask(ChangeAppointment(visit.id, 2, starts=visit.starts + HOUR))
    assert seen(salon, feed) == [Shown(starts + HOUR, starts + 2 * HOUR, uid, "Haircut", "CONFIRMED", 2)]
    salon.ask(CancelAppointment(visit.id, "ill"))
    assert seen(salon, feed) == [Shown(starts + HOUR, starts + 2 * HOUR, uid, "Haircut", "CANCELLED", 3)]


def test_nothing_of_a_client_is_in_it(salon: Salon) -> None:
    """Neither who comes nor what was said about it, in any calendar."""
    visit = salon.book(salon.at("12:00"), master=salon.anna, comment="Clara +79161234567 is afraid")
    texts = [content(salon, a_feed(salon, master_id=None, branch_id=salon.branch.id)), content(salon, a_feed(salon))]
    texts.append(salon.ask(ReadAppointmentCalendar(visit.id)).content)
    salon.ask(CancelAppointment(visit.id, "Clara is ill"))
    texts.append(content(salon, a_feed(salon)))
    for said in texts:
        assert "Haircut" in said
        unfolded = said.replace("\r\n ", "")
        for secret in ("Clara", "7916", "afraid", "ill", str(CLARA)):
            assert secret not in unfolded


def test_a_branch_sees_whole_visits_and_a_master_their_part(salon: Salon) -> None:
    """The branch's names who renders them; the master's is only what they do, in one piece where nothing is between."""
    colour = salon.a_service("Colour", 120)
    boris = salon.a_master("Boris", colour.id)
    salon.works(boris)
    wanted = (
        WantedSegment(salon.haircut.id, salon.anna.id),
        WantedSegment(colour.id, boris.id),
        WantedSegment(salon.haircut.id, salon.anna.id),
    )
    visit = book(salon, salon.at("12:00"), wanted)
    whole = seen(salon, a_feed(salon, master_id=None, branch_id=salon.branch.id))
    assert [(one.summary, one.starts, one.ends) for one in whole] == [
        ("Haircut, Colour — Anna, Boris", utc(visit.starts), utc(visit.ends))
    ]
    hers = seen(salon, a_feed(salon))
    assert [(one.uid, one.starts) for one in hers] == [
        (f"{visit.id}@lokon", utc(salon.at("12:00"))),
        (f"{visit.id}-2@lokon", utc(salon.at("15:00"))),
    ]
    his = seen(salon, a_feed(salon, master_id=boris.id))
    assert [(one.summary, one.starts, one.ends) for one in his] == [
        ("Colour", utc(salon.at("13:00")), utc(salon.at("15:00")))
    ]


def book(salon: Salon, starts: datetime, wanted: tuple[WantedSegment, ...]) -> Appointment:
    return salon.ask(BookAppointment(salon.branch.id, CLARA, starts, wanted))


def test_a_feed_says_where(salon: Salon) -> None:
    salon.book(master=salon.anna)
    (event,) = events(content(salon, a_feed(salon)))
    assert event.location.value == "Arbat"


def test_the_same_diary_gives_the_same_text(salon: Salon) -> None:
    """Whoever polls can tell by it that nothing happened."""
    salon.book(master=salon.anna)
    feed = a_feed(salon, content="both")
    assert content(salon, feed) == content(salon, feed)


def test_a_group_is_one_event_whoever_takes_part(salon: Salon) -> None:
    """Also while nobody does; each of them has it in a calendar of their own."""
    yoga = salon.a_service("Yoga", 60, 50_000, capacity=5)
    salon.ask(ChangeMaster(salon.anna.id, 1, service_ids=(salon.haircut.id, yoga.id)))
    group = salon.ask(CreateGroupEvent(salon.branch.id, yoga.id, salon.anna.id, salon.at("18:00")))
    feed = a_feed(salon)
    assert [(one.uid, one.status) for one in seen(salon, feed)] == [(f"{group.id}@lokon", "CONFIRMED")]
    joined = [salon.book(salon.at("18:00"), yoga, client=client) for client in (CLARA, HERE)]
    assert len(seen(salon, feed)) == 1
    (mine,) = shown(salon.ask(ReadAppointmentCalendar(joined[0].id)).content)
    assert (mine.uid, mine.starts) == (f"{joined[0].id}@lokon", utc(group.starts))
    now = salon.ask(ShowGroupEvent(group.id))
    salon.ask(CancelGroupEvent(group.id, "ill"))
    (whole,) = seen(salon, feed)
    assert whole.status == "CANCELLED"
    assert whole.sequence >= now.version - 1


def test_a_group_that_was_moved_says_when(salon: Salon) -> None:
    """Not when it was planned; that somebody joins changes nothing of it."""
    yoga = salon.a_service("Yoga", 60, 50_000, capacity=5)
    salon.renders(salon.anna, salon.haircut, yoga)
    group = salon.ask(CreateGroupEvent(salon.branch.id, yoga.id, salon.anna.id, salon.at("18:00")))
    feed = a_feed(salon)
    with salon.booking.session() as session:
        session.execute(text("UPDATE group_events SET changed_at = changed_at - interval '1 hour'"))
        session.commit()
    stamps = [stamp(salon, feed)]
    salon.book(salon.at("18:00"), yoga)
    stamps.append(stamp(salon, feed))
    moved = salon.ask(ChangeGroupEvent(group.id, 1, starts=salon.at("17:00")))
    stamps.append(stamp(salon, feed))
    with salon.booking.session() as session:
        session.execute(text("UPDATE group_events SET changed_at = changed_at - interval '30 minutes'"))
        session.commit()
    stamps.append(stamp(salon, feed))
    salon.ask(CancelGroupEvent(group.id, "ill"))
    stamps.append(stamp(salon, feed))
    assert moved.starts == salon.at("17:00")
    assert stamps[0] == stamps[1] < stamps[3] < stamps[2] <= stamps[4]


def stamp(salon: Salon, feed: CalendarFeed) -> str:
    """When the only event of the feed was changed, as it is written."""
    (event,) = events(content(salon, feed))
    assert event.last_modified.value == event.dtstamp.value
    return str(event.dtstamp.value)


def test_shifts_are_shown_as_free_time(salon: Salon) -> None:
    """Without what the master is away for; the visits are not in this feed."""
    salon.book(master=salon.anna)
    days = (Shift(salon.today + timedelta(days=1), "09:00", "21:00"),)
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, days))
    salon.ask(CreateAbsence(salon.anna.id, "training", salon.at("15:00"), salon.at("16:00")))
    feed = a_feed(salon, content="shifts")
    tomorrow = [one for one in events(content(salon, feed)) if utc(one.dtstart.value) < salon.at("00:00", 2)]
    times = [
        (utc(one.dtstart.value), utc(one.dtend.value)) for one in tomorrow if utc(one.dtend.value) > salon.at("00:00")
    ]
    assert times == [
        (utc(salon.at("09:00")), utc(salon.at("15:00"))),
        (utc(salon.at("16:00")), utc(salon.at("21:00"))),
    ]
    assert {one.transp.value for one in tomorrow} == {"TRANSPARENT"}
    named = seen(salon, a_feed(salon, master_id=None, branch_id=salon.branch.id, content="shifts"))
    assert {one.summary for one in named} == {"Anna", "Olga"}
    both = seen(salon, a_feed(salon, content="both"))
    assert {one.summary for one in both} == {"Arbat", "Haircut"}


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"])
def test_local_times_are_read_as_instants(start: Callable[..., Harness], name: str) -> None:
    """In zones that change their clocks, whenever the test runs."""
    salon = Salon(start("booking"), name)
    visits = [salon.book(salon.at("12:00", days), master=salon.anna) for days in range(1, 14)]
    assert [one.starts for one in seen(salon, a_feed(salon))] == [utc(visit.starts) for visit in visits]


# --- series ----------------------------------------------------------------------------------------------------------


def a_series(salon: Salon, count: int = 6) -> Series:
    request = BookSeries(
        salon.branch.id,
        CLARA,
        salon.at("12:00"),
        (WantedSegment(salon.haircut.id, salon.anna.id),),
        Rule("DAILY", count=count),
    )
    return salon.ask(request)


def living(salon: Salon) -> list[datetime]:
    query = text("SELECT starts FROM appointments WHERE status = 'booked' ORDER BY starts")
    with salon.booking.session() as session:
        return [row.starts.astimezone(UTC) for row in session.execute(query)]


def test_a_series_is_one_event_that_repeats(salon: Salon) -> None:
    """And is read as the appointments that it has, whatever became of single ones."""
    feed, whole = a_feed(salon), a_series(salon)
    (event,) = events(content(salon, feed))
    assert (event.uid.value, event.rrule.value) == (f"{whole.id}@lokon", "FREQ=DAILY;COUNT=6")
    second, fourth = whole.appointments[1], whole.appointments[3]
    salon.ask(CancelAppointment(second.appointment_id, "ill"))
    salon.ask(ChangeAppointment(fourth.appointment_id, 1, starts=fourth.starts + timedelta(hours=2)))
    read = seen(salon, feed)
    assert [one.starts for one in read] == living(salon)
    assert {one.uid for one in read} == {f"{whole.id}@lokon"}
    other = events(content(salon, feed))[1]
    assert utc(other.recurrence_id.value) == utc(fourth.starts)


def test_a_changed_series_is_read_as_it_is(salon: Salon) -> None:
    """Split, moved, ended: each part says its own rule."""
    feed, whole = a_feed(salon), a_series(salon)
    before = events(content(salon, feed))[0].sequence.value
    third, fifth = whole.appointments[2], whole.appointments[4]
    later = third.starts + timedelta(hours=1)
    new = salon.ask(ChangeSeries(whole.id, "following", third.appointment_id, starts=later))
    read = seen(salon, feed)
    assert [one.starts for one in read] == living(salon)
    assert {one.uid for one in read} == {f"{whole.id}@lokon", f"{new.id}@lokon"}
    assert all(int(event.sequence.value) >= int(before) for event in events(content(salon, feed)))
    salon.ask(CancelSeries(new.id, "following", "moved away", fifth.appointment_id))
    assert [one.starts for one in seen(salon, feed)] == living(salon)
    assert len(living(salon)) == 4


def test_a_series_keeps_its_hour_when_the_clocks_change(start: Callable[..., Harness]) -> None:
    """A year of weeks in Berlin, with a part by each master: every event lies where the appointment lies."""
    salon = Salon(start("booking"), "Europe/Berlin")
    weeks = range(1, 365, 7)
    for master in (salon.anna, salon.olga):
        salon.works(master, days=weeks)
    salon.ask(ChangeBranch(salon.branch.id, 1, policy=BranchPolicy(horizon_days=400)))
    wanted = (WantedSegment(salon.haircut.id, salon.olga.id), WantedSegment(salon.haircut.id, salon.anna.id))
    rule = Rule("WEEKLY", count=len(weeks))
    whole = salon.ask(BookSeries(salon.branch.id, CLARA, salon.at("12:00"), wanted, rule))
    assert [one.starts for one in seen(salon, a_feed(salon, master_id=salon.olga.id))] == living(salon)
    feed = a_feed(salon)
    assert [one.starts - HOUR for one in seen(salon, feed)] == living(salon)
    assert len(events(content(salon, feed))) == 1
    salon.ask(ChangeSeries(whole.id, "all", starts=whole.starts + HOUR / 2))
    assert [one.starts - HOUR for one in seen(salon, feed)] == living(salon)


def test_a_series_that_was_cancelled_stays_to_be_seen(salon: Salon) -> None:
    """As one appointment does: for calendars that keep what they are not told of."""
    feed, whole = a_feed(salon), a_series(salon)
    before = seen(salon, feed)
    salon.ask(CancelSeries(whole.id, "all", "moved away"))
    after = seen(salon, feed)
    assert [replace(one, status="TENTATIVE", sequence=0) for one in after] == before
    assert {one.status for one in after} == {"CANCELLED"}
    assert after[0].sequence > before[0].sequence


def test_every_change_of_a_series_is_told_as_one(salon: Salon) -> None:
    """Also one that only takes away, gives a part to another master, or to a series of its own, in both calendars."""
    feed = a_feed(salon)
    whole = a_series(salon)
    day = (salon.today + timedelta(days=2),)
    last = whole.appointments[4].appointment_id
    to_olga = (WantedSegment(salon.haircut.id, salon.olga.id),)
    steps = (
        ChangeSeries(whole.id, "all", rule=Rule("DAILY", count=5)),
        ChangeSeries(whole.id, "all", rule=Rule("DAILY", count=5, exdates=day)),
        ChangeSeries(whole.id, "all", rule=Rule("DAILY", count=5)),
        ChangeSeries(whole.id, "all", starts=salon.at("13:00")),
        ConfirmAppointment(whole.appointments[2].appointment_id),
        ChangeAppointment(whole.appointments[3].appointment_id, 2, segments=to_olga),
        ChangeSeries(whole.id, "following", last, starts=salon.at("15:00", 5)),
        CancelSeries(whole.id, "this", "ill", whole.appointments[2].appointment_id),
        CancelSeries(whole.id, "all", "moved away"),
    )
    told = [of_series(salon, feed, whole)]
    for step in steps:
        with salon.booking.session() as session:
            for statement in (
                "UPDATE series SET changed_at = changed_at - interval '1 hour'",
                "UPDATE history SET at = at - interval '1 hour'",
            ):
                session.execute(text(statement))
            session.commit()
        salon.ask(step)
        told.append(of_series(salon, feed, whole))
        assert told[-1][0] > told[-2][0]
        assert told[-1][1] >= told[0][1]  # all before lies an hour back, so this is when the step was done


def of_series(salon: Salon, feed: CalendarFeed, series: Series) -> tuple[int, datetime]:
    """The sequence and the stamp of the event that is the series."""
    event = next(event for event in events(content(salon, feed)) if event.uid.value == f"{series.id}@lokon")
    return int(event.sequence.value), utc(event.dtstamp.value)


def test_a_shift_that_was_changed_is_told_as_a_change(salon: Salon) -> None:
    feed = a_feed(salon, content="shifts")
    first = seen(salon, feed)[0]
    day = first.starts.astimezone(salon.tz).date()
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (Shift(day, "10:00", "18:00"),)))
    second = seen(salon, feed)[0]
    assert second.uid == first.uid
    assert second.starts > first.starts
    assert second.sequence > first.sequence


# --- one visit -------------------------------------------------------------------------------------------------------


def test_a_visit_can_be_put_into_ones_own_calendar(salon: Salon) -> None:
    """By staff, and by the client whose visit it is; nobody else's."""
    visit = salon.book(master=salon.anna)
    clara = a_user("appointments.read.own", client_id=CLARA)
    said = salon.ask(ReadAppointmentCalendar(visit.id), clara).content
    assert said == salon.ask(ReadAppointmentCalendar(visit.id)).content
    assert "METHOD:PUBLISH\r\n" in said
    (event,) = events(said)
    assert event.description.value == "12:00 Haircut — Anna"
    with pytest.raises(NotFound):
        salon.ask(ReadAppointmentCalendar(visit.id), replace(clara, client_id=HERE))
    with pytest.raises(NotFound):
        salon.ask(ReadAppointmentCalendar(visit.id), a_user("appointments.read", branch_ids=frozenset({HERE})))


def test_whoever_booked_without_an_account_has_its_key(salon: Salon) -> None:
    """Cancelled is shown as cancelled; a key opens its own visit, until it is over."""
    visit = salon.book(master=salon.anna)
    key = "a-key-of-at-least-twenty-letters"
    with salon.booking.session() as session:
        session.execute(
            text("UPDATE appointments SET key_hash = sha256(:key) WHERE id = :id"),
            {"key": key.encode(), "id": visit.id},
        )
        session.commit()
    assert [one.status for one in shown(salon.ask(ReadOnlineCalendar(key), None).content)] == ["TENTATIVE"]
    salon.ask(CancelAppointment(visit.id, "ill"))
    assert [one.status for one in shown(salon.ask(ReadOnlineCalendar(key), None).content)] == ["CANCELLED"]
    with pytest.raises(NotFound):
        salon.ask(ReadOnlineCalendar(key + "!"), None)
    salon.put_back(visit, 48)
    with pytest.raises(Gone):
        salon.ask(ReadOnlineCalendar(key), None)


# --- keys ------------------------------------------------------------------------------------------------------------


def test_the_key_is_told_once_and_only_its_print_is_kept(salon: Salon) -> None:
    feed = a_feed(salon)
    assert feed.key
    assert len(feed.key) >= 43
    assert feed.path == f"/api/v1/calendar-feeds/read.ics?key={feed.key}"
    again = salon.ask(ShowFeed(feed.id))
    assert (again.key, again.path) == (None, None)
    assert again == replace(feed, key=None, path=None)
    with salon.booking.session() as session:
        row = session.execute(select(feeds)).one()
    assert feed.key not in str(row)


def test_a_key_that_was_revoked_opens_nothing(salon: Salon) -> None:
    """Neither does one that never was; revoking again changes nothing."""
    feed, other = a_feed(salon), a_feed(salon)
    revoked = salon.ask(RevokeFeed(feed.id))
    assert revoked.revoked_at
    assert revoked.version == 2
    assert salon.ask(RevokeFeed(feed.id)) == revoked
    with pytest.raises(NotFound):
        content(salon, feed)
    with pytest.raises(NotFound):
        salon.ask(ReadFeed("x" * 43), None)
    assert content(salon, other)


def test_a_feed_is_of_a_master_or_of_a_branch(salon: Salon) -> None:
    """Of one that is there."""
    for said, field, code in (
        ({"master_id": None}, "master_id", "feed_of_one"),
        ({"branch_id": salon.branch.id}, "master_id", "feed_of_one"),
        ({"master_id": UUID(int=1)}, "master_id", "master_unknown"),
        ({"master_id": None, "branch_id": UUID(int=1)}, "branch_id", "branch_unknown"),
    ):
        with pytest.raises(Invalid) as caught:
            a_feed(salon, **said)
        assert (field_of(caught.value), caught.value.code) == (field, code)


def test_staff_have_the_feeds_of_their_branches(salon: Salon) -> None:
    """Boris, of another branch, neither makes nor sees nor revokes them."""
    here = salon.works_here(*CLAIM)
    boris = a_user(*CLAIM, id=UUID(int=77), branch_ids=frozenset({salon.a_branch("Tverskaya").id}))
    hers, whole = a_feed(salon, here), a_feed(salon, here, master_id=None, branch_id=salon.branch.id)
    assert {(feed.id, feed.created_by) for feed in salon.ask(ListFeeds()).items} == {
        (hers.id, str(here.id)),
        (whole.id, str(here.id)),
    }
    assert {feed.id for feed in salon.ask(ListFeeds(), here).items} == {hers.id, whole.id}
    assert salon.ask(ListFeeds(), boris).items == ()
    for feed in (hers, whole):
        for request in (ShowFeed(feed.id), RevokeFeed(feed.id)):
            with pytest.raises(NotFound):
                salon.ask(request, boris)
    for said in ({"master_id": salon.anna.id}, {"master_id": None, "branch_id": salon.branch.id}):
        with pytest.raises(NotFound):
            a_feed(salon, boris, **said)
    with pytest.raises(Forbidden):
        a_feed(salon, salon.works_here("feeds.read"))


def test_a_masters_feed_shows_the_branches_of_whoever_made_it(salon: Salon) -> None:
    """Boris of the other branch sees there nothing of this one: visits, groups, shifts; the master sees all of it."""
    other = salon.a_branch("Tverskaya", salon.branch.time_zone)
    yoga = salon.a_service("Yoga", 60, 50_000, capacity=5)
    anna = a_user("feeds.create", id=UUID(int=55), branch_ids=frozenset({other.id}))
    vera = salon.a_master("Vera", salon.haircut.id, yoga.id, user_id=anna.id)
    salon.works(vera, "09:00", "15:00")
    salon.works(vera, "15:00", "21:00", branch=other)
    salon.book(salon.at("12:00"), master=vera)
    salon.ask(CreateGroupEvent(salon.branch.id, yoga.id, vera.id, salon.at("10:00")))
    wanted = (WantedSegment(salon.haircut.id, vera.id),)
    there = salon.ask(BookAppointment(other.id, CLARA, salon.at("16:00"), wanted))
    boris = a_user(*CLAIM, id=UUID(int=77), branch_ids=frozenset({other.id}))
    theirs = seen(salon, a_feed(salon, boris, master_id=vera.id, content="both"))
    assert [one.uid for one in theirs if one.summary == "Haircut"] == [f"{there.id}@lokon"]
    assert {one.summary for one in theirs} == {"Haircut", "Tverskaya"}
    for caller in (anna, None):
        whole = seen(salon, a_feed(salon, caller, master_id=vera.id, content="both"))
        assert {one.summary for one in whole} == {"Haircut", "Yoga", "Arbat", "Tverskaya"}


def test_a_master_makes_feeds_of_their_own(salon: Salon) -> None:
    """Not of others, not of the branch."""
    anna = salon.works_here("feeds.create.own", "feeds.read.own", "feeds.edit.own", id=UUID(int=55))
    vera = salon.a_master("Vera", salon.haircut.id, user_id=anna.id)
    hers, other = a_feed(salon, anna, master_id=vera.id), a_feed(salon)
    assert [feed.id for feed in salon.ask(ListFeeds(), anna).items] == [hers.id]
    for said in ({"master_id": salon.anna.id}, {"master_id": None, "branch_id": salon.branch.id}):
        with pytest.raises(NotFound):
            a_feed(salon, anna, **said)
    with pytest.raises(NotFound):
        salon.ask(RevokeFeed(other.id), anna)
    assert salon.ask(RevokeFeed(hers.id), anna).revoked_at


def test_feeds_are_listed_in_pages(salon: Salon) -> None:
    made = [a_feed(salon).id for _ in range(3)]
    first = salon.ask(ListFeeds(limit=2))
    rest = salon.ask(ListFeeds(limit=2, cursor=first.next))
    assert [feed.id for feed in first.items + rest.items] == made
    assert rest.next is None
