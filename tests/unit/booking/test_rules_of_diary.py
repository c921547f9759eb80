"""The diary's rules and the appointment's statuses, without a database."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Conflict, Invalid
from kernel.time import Interval
from services.booking.domain.appointment import COMES_FROM, Appointment, Status, become, must_be_open
from services.booking.domain.availability import Need
from services.booking.domain.bill import Bill
from services.booking.domain.diary import Diary, Wish, check_start, choose, lay_out, merged

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
ANNA, OLGA, CUT, COLOUR = (UUID(int=number) for number in (1, 2, 11, 12))


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def span(first: int, last: int) -> Interval:
    return Interval(at(first), at(last))


def a_wish(minutes: int = 60, before: int = 0, after: int = 0, service: UUID = CUT, master: UUID | None = None) -> Wish:
    return Wish(service, Need(minutes, before, after), 100, master)


wishes = st.lists(st.builds(a_wish, st.integers(5, 90), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=5)


@settings(deadline=None)
@given(wishes, st.data())
def test_segments_follow_each_other_and_a_master_is_never_busy_twice(wanted: list[Wish], data: st.DataObject) -> None:
    places = lay_out(NINE, wanted)
    assert places[0].work.starts == NINE
    assert all(earlier.work.ends == later.work.starts for earlier, later in pairwise(places))
    masters = [data.draw(st.sampled_from([ANNA, OLGA])) for _ in places]
    pieces = merged(places, masters)
    for place, master in zip(places, masters, strict=True):
        assert any(who == master and during.contains(place.busy) for who, during in pieces)
    for master in (ANNA, OLGA):
        own = sorted((during for who, during in pieces if who == master), key=lambda during: during.starts)
        assert all(earlier.ends < later.starts for earlier, later in pairwise(own))


def test_shifts_that_touch_are_one() -> None:
    diary = Diary({CUT}, [span(60, 120), span(0, 60), span(130, 200)])
    assert diary.works(span(0, 120))
    assert diary.works(span(30, 90))
    assert not diary.works(span(90, 140))
    assert not diary.works(span(-5, 30))


def test_who_has_less_to_do_is_chosen() -> None:
    day = [span(0, 600)]
    diaries = {ANNA: Diary({CUT}, day, [span(300, 400)]), OLGA: Diary({CUT}, day, [span(300, 360)])}
    assert choose(lay_out(NINE, [a_wish()]), diaries) == [OLGA]
    assert choose(lay_out(NINE, [a_wish(master=ANNA)]), diaries) == [ANNA]


def test_one_person_for_the_whole_visit_goes_first() -> None:
    day = [span(0, 600)]
    diaries = {ANNA: Diary({CUT}, day), OLGA: Diary({CUT, COLOUR}, day, [span(300, 400)])}
    assert choose(lay_out(NINE, [a_wish(), a_wish(service=COLOUR)]), diaries) == [OLGA, OLGA]


def test_why_nobody_can_be_chosen_is_said() -> None:
    places = lay_out(NINE, [a_wish()])
    with pytest.raises(Conflict, match="outside_shift"):
        choose(places, {ANNA: Diary({CUT}, [span(10, 600)]), OLGA: Diary({COLOUR}, [span(0, 600)])})
    with pytest.raises(Conflict, match="slot_taken"):
        choose(places, {ANNA: Diary({CUT}, [span(0, 600)], [span(59, 70)])})
    assert choose(places, {ANNA: Diary({CUT}, [span(0, 600)], [span(60, 70)])}) == [ANNA]


def test_an_appointment_starts_ahead_on_a_whole_minute() -> None:
    check_start(at(1), NINE)
    for starts, code in ((NINE, "slot_in_past"), (at(1) + timedelta(seconds=5), "start_not_whole_minute")):
        with pytest.raises(Invalid, match=code):
            check_start(starts, NINE)


# --- statuses -------------------------------------------------------------------------------------------------------

TOKYO = ZoneInfo("Asia/Tokyo")


def an_appointment(status: Status = Status.BOOKED) -> Appointment:
    """It starts at 18:00 in Tokyo, where the day began at 15:00 UTC of the day before."""
    return Appointment(UUID(int=1), UUID(int=2), None, status, NINE, at(60), date(2026, 6, 1), (), Bill("JPY"))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("to", COMES_FROM)
def test_only_the_steps_of_the_way_are_taken(status: Status, to: Status) -> None:
    if status in COMES_FROM[to]:
        after = become(an_appointment(status), to, at(120), TOKYO)
        assert (after.status, after.version) == (to, 2)
    else:
        with pytest.raises(Conflict, match="wrong_status"):
            become(an_appointment(status), to, at(120), TOKYO)


@pytest.mark.parametrize("to", [Status.ARRIVED, Status.COMPLETED])
def test_the_day_begins_in_the_zone_of_the_branch(to: Status) -> None:
    midnight = datetime(2026, 5, 31, 15, tzinfo=UTC)
    assert become(an_appointment(), to, midnight, TOKYO).status is to
    with pytest.raises(Conflict, match="too_early"):
        become(an_appointment(), to, midnight - timedelta(seconds=1), TOKYO)


def test_nobody_is_missed_before_the_start() -> None:
    assert become(an_appointment(), Status.NO_SHOW, NINE, TOKYO).status is Status.NO_SHOW
    with pytest.raises(Conflict, match="too_early"):
        become(an_appointment(), Status.NO_SHOW, NINE - timedelta(seconds=1), TOKYO)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW])
def test_what_is_over_does_not_move(status: Status) -> None:
    must_be_open(an_appointment(Status.CONFIRMED))
    with pytest.raises(Conflict, match="wrong_status"):
        must_be_open(an_appointment(status))
