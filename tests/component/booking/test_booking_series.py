"""Series: every occurrence or none, changed and cancelled in part, and never more of them than the rule says."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from chassis.database import new_id
from contracts.booking import (
    Appointment,
    AppointmentBooked,
    BookSeries,
    BranchPolicy,
    CancelAppointment,
    CancelSeries,
    ChangeAppointment,
    ChangeBranch,
    ChangeSeries,
    ListAppointments,
    ListSeries,
    PreviewSeries,
    PreviewSeriesChange,
    Rule,
    Series,
    SeriesAppointment,
    ShowAppointment,
    ShowSeries,
    WantedSegment,
)
from contracts.clients import CheckClient, ClientErased, ClientStanding
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from kernel.time import at_wall_clock, utc_now
from services.booking.domain.series import instant_of, occurrences, wall_of
from services.booking.queries.series import rule_of
from tests.builders import CLARA, OWNER, boris
from tests.component.booking.salon import Salon, field_of, overlaps, together
from tests.harness import Harness

OTHER = UUID("0190a000-0000-7000-8000-00000000000d")
DAILY = Rule("DAILY", count=5)
FORTNIGHT = Rule("WEEKLY", count=2)


def wanted(salon: Salon, **more: Any) -> dict[str, Any]:
    """What the tests ask for unless they say otherwise: five haircuts by Anna, day after day at noon."""
    master = more.pop("master", salon.anna)
    return {
        "branch_id": salon.branch.id,
        "client_id": CLARA,
        "starts": salon.at("12:00"),
        "segments": (WantedSegment(salon.haircut.id, master.id if master else None),),
        "rule": DAILY,
    } | more


def a_series(salon: Salon, caller: Caller = OWNER, **more: Any) -> Series:
    return salon.ask(BookSeries(**wanted(salon, **more)), caller)


def starts_of(series: Series, *, still_open: bool = True) -> list[datetime]:
    kinds = ("booked", "confirmed") if still_open else ("cancelled",)
    return sorted(each.starts for each in series.appointments if each.status in kinds)


def noons(salon: Salon, *days: int) -> list[datetime]:
    return [salon.at("12:00", day) for day in days]


def appointment(salon: Salon, series: Series, place: int) -> Appointment:
    return salon.ask(ShowAppointment(series.appointments[place].appointment_id))


# --- booking ----------------------------------------------------------------------------------------------------------


def test_a_series_is_an_appointment_for_each_occurrence(salon: Salon) -> None:
    series = a_series(salon, channel="phone", comment="likes tea")
    assert starts_of(series) == noons(salon, 1, 2, 3, 4, 5)
    assert [each.occurrence for each in series.appointments] == noons(salon, 1, 2, 3, 4, 5)
    assert series.rrule == "FREQ=DAILY;COUNT=5"
    one = appointment(salon, series, 2)
    assert (one.series_id, one.occurrence, one.channel, one.comment) == (
        series.id, salon.at("12:00", 3), "phone", "likes tea",
    )  # fmt: skip
    events = salon.booking.announced(AppointmentBooked)
    assert [event.series_id for event in events] == [series.id] * 5
    assert salon.ask(ShowSeries(series.id)) == series


def test_the_discount_is_asked_once_and_holds_for_all(salon: Salon) -> None:
    salon.loyalty_says(10)
    salon.booking.others.asked.clear()
    series = a_series(salon)
    assert {appointment(salon, series, place).discount.amount for place in range(5)} == {25_000}
    assert [type(each).__name__ for each in salon.booking.others.asked].count("QuoteVisit") == 1


def test_a_conflict_refuses_the_whole_and_names_the_occurrence(salon: Salon) -> None:
    salon.book(salon.at("12:30", 3), client=OTHER, master=salon.anna)
    with pytest.raises(Conflict, match="series_conflicts") as refusal:
        a_series(salon)
    (conflict,) = refusal.value.details["conflicts"]
    assert datetime.fromisoformat(conflict["occurrence"]) == salon.at("12:00", 3)
    assert conflict["code"] == "slot_taken"
    assert conflict["alternatives"]
    assert salon.ask(ListSeries()).items == ()
    assert len(salon.booking.announced(AppointmentBooked)) == 1


def test_skip_leaves_out_what_is_not_free(salon: Salon) -> None:
    salon.book(salon.at("12:30", 3), client=OTHER, master=salon.anna)
    series = a_series(salon, policy="skip")
    assert starts_of(series) == noons(salon, 1, 2, 4, 5)
    assert list(series.left_out) == noons(salon, 3)


def test_next_free_goes_to_the_next_time_and_keeps_its_occurrence(salon: Salon) -> None:
    salon.book(salon.at("12:30", 3), client=OTHER, master=salon.anna)
    series = a_series(salon, policy="next_free")
    assert starts_of(series) == [*noons(salon, 1, 2), salon.at("13:30", 3), *noons(salon, 4, 5)]
    assert [each.occurrence for each in series.appointments] == noons(salon, 1, 2, 3, 4, 5)


def test_next_free_never_reaches_into_the_following_occurrence(salon: Salon) -> None:
    salon.works(salon.anna, "09:00", "13:00")
    salon.book(salon.at("12:00", 2), client=OTHER, master=salon.anna)
    series = a_series(salon, policy="next_free")
    assert starts_of(series)[1] == salon.at("09:00", 3)
    late = {"starts": salon.at("09:30", 8), "rule": Rule("DAILY", count=2)}
    salon.book(salon.at("09:00", 8), *[salon.haircut] * 4, client=OTHER, master=salon.anna)
    with pytest.raises(Conflict, match="series_conflicts"):
        a_series(salon, policy="next_free", **late)


def test_the_preview_says_what_booking_does(salon: Salon) -> None:
    salon.book(salon.at("12:30", 3), client=OTHER, master=salon.anna)
    for policy, outcome in (("fail", "conflict"), ("skip", "skipped"), ("next_free", "shifted")):
        preview = salon.ask(PreviewSeries(**wanted(salon, policy=policy)))
        assert [each.outcome for each in preview.occurrences] == ["free", "free", outcome, "free", "free"]
        assert preview.occurrences[2].code == "slot_taken"
        if policy == "fail":
            continue
        series = a_series(salon, policy=policy)
        assert starts_of(series) == [each.starts for each in preview.occurrences if each.starts]
        salon.ask(CancelSeries(series.id, "all", "a test"))
    assert salon.ask(PreviewSeries(**wanted(salon, rule=Rule("WEEKLY", count=20)))).occurrences[-1].code in (
        "outside_horizon", "outside_shift",
    )  # fmt: skip


def test_an_occurrence_beyond_the_horizon_is_a_conflict_of_its_own(salon: Salon) -> None:
    salon.works(salon.anna, days=range(0, 120, 30))
    rule = Rule("DAILY", 30, count=4)
    preview = salon.ask(PreviewSeries(**wanted(salon, starts=salon.at("12:00", 30), rule=rule)))
    assert [each.code for each in preview.occurrences] == [None, None, None, "outside_horizon"]
    with pytest.raises(Conflict, match="series_conflicts"):
        a_series(salon, starts=salon.at("12:00", 30), rule=rule, policy="next_free")


@pytest.mark.parametrize(
    ("rule", "field", "code"),
    [
        (Rule("DAILY"), "rule.count", "series_endless"),
        (Rule("DAILY", count=2, until=date(2100, 1, 1)), "rule.until", "series_ends_twice"),
        (Rule("DAILY", until=date(2001, 1, 1)), "rule.until", "until_before_start"),
        (Rule("DAILY", until=date(2100, 1, 1)), "rule.until", "series_too_long"),
        (Rule("DAILY", by_day=("1MO",), count=2), "rule.by_day.0", "by_day_numbered"),
    ],
)
def test_what_is_no_series_is_refused_by_its_field(salon: Salon, rule: Rule, field: str, code: str) -> None:
    for request in (PreviewSeries, BookSeries):
        with pytest.raises(Invalid, match=code) as refusal:
            salon.ask(request(**wanted(salon, rule=rule)))
        assert field_of(refusal.value) == field


def test_the_first_occurrence_is_the_start(salon: Salon) -> None:
    other_day = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[(salon.at("12:00").weekday() + 1) % 7]
    with pytest.raises(Invalid, match="start_not_by_rule"):
        a_series(salon, rule=Rule("WEEKLY", by_day=(other_day,), count=2))


def test_occurrences_count_what_those_before_them_take(salon: Salon) -> None:
    colouring = salon.a_service("Everything", 20 * 60)
    olga = salon.a_master("Night owl", colouring.id)
    salon.works(olga, "00:00", "24:00")
    segments = (WantedSegment(colouring.id, olga.id), WantedSegment(colouring.id, olga.id))
    preview = salon.ask(PreviewSeries(**wanted(salon, segments=segments)))
    assert [each.outcome for each in preview.occurrences] == ["free", "conflict", "free", "conflict", "free"]


def test_a_hundred_and_four_are_booked_at_once(salon: Salon) -> None:
    salon.ask(ChangeBranch(salon.branch.id, salon.branch.version, policy=BranchPolicy(horizon_days=120)))
    for master in (salon.anna, salon.olga):
        salon.works(master, days=range(1, 110))
    started = perf_counter()
    series = a_series(salon, master=None, rule=Rule("DAILY", count=104))
    assert perf_counter() - started < 5
    assert len(starts_of(series)) == 104


def test_on_the_day_when_the_clocks_jump_over_it_there_is_no_such_time(start: Callable[..., Harness]) -> None:
    salon = Salon(start("booking"), "Europe/Berlin")
    gap = next(day for day in (salon.today + timedelta(days=ahead) for ahead in range(2, 400))
               if at_wall_clock(day, time(2, 30), salon.tz) is None)  # fmt: skip
    days = (gap - salon.today).days
    salon.ask(ChangeBranch(salon.branch.id, salon.branch.version, policy=BranchPolicy(horizon_days=800)))
    salon.works(salon.anna, "00:00", "08:00", range(days - 1, days + 2))
    asked = {"starts": salon.at("02:30", days - 1), "rule": Rule("DAILY", count=3)}
    preview = salon.ask(PreviewSeries(**wanted(salon, **asked)))
    assert [each.code for each in preview.occurrences] == [None, "time_does_not_exist", None]
    series = a_series(salon, policy="next_free", **asked)
    assert [f"{each.starts.astimezone(salon.tz):%H:%M}" for each in series.appointments] == ["02:30", "03:15", "02:30"]
    moved = salon.ask(ChangeSeries(series.id, "all", starts=salon.at("02:30", days - 1) + timedelta(hours=2)))
    assert {f"{each.starts.astimezone(salon.tz):%H:%M}" for each in moved.appointments} == {"04:30", "05:15"}


def test_two_series_at_once_and_a_booking_never_meet(salon: Salon) -> None:
    clients = [UUID(int=CLARA.int + 100 + number) for number in range(6)]

    def attempt(number: int) -> object:
        if number % 3 == 2:
            return salon.book(salon.at("12:30", 2), client=clients[number], master=salon.anna)
        return a_series(salon, client_id=clients[number])

    results = together(6, attempt)
    assert sum(not isinstance(result, Refusal) for result in results) == 1
    assert {result.code for result in results if isinstance(result, Refusal)} <= {"series_conflicts", "slot_taken"}
    assert overlaps(salon) == 0


def test_groups_are_not_booked_in_series(salon: Salon) -> None:
    yoga = salon.a_service("Yoga", capacity=8)
    salon.renders(salon.anna, salon.haircut, yoga)
    with pytest.raises(Invalid, match="group_service_alone"):
        a_series(salon, segments=(WantedSegment(yoga.id),))


# --- changing ---------------------------------------------------------------------------------------------------------


def test_this_moves_alone_and_stays_its_occurrence(salon: Salon) -> None:
    series = a_series(salon)
    third = series.appointments[2]
    change = ChangeSeries(series.id, "this", third.appointment_id, salon.at("15:00", 3))
    changed = salon.ask(change)
    assert starts_of(changed) == [*noons(salon, 1, 2), salon.at("15:00", 3), *noons(salon, 4, 5)]
    assert changed.appointments[2].occurrence == third.occurrence
    assert changed.rule == series.rule


def test_following_become_a_series_of_their_own(salon: Salon) -> None:
    series = a_series(salon)
    third = series.appointments[2]
    later = salon.ask(ChangeSeries(series.id, "following", third.appointment_id, salon.at("15:00", 3)))
    assert (later.split_from, later.rule.count) == (series.id, 3)
    assert starts_of(later) == [salon.at("15:00", day) for day in (3, 4, 5)]
    assert [each.occurrence for each in later.appointments] == starts_of(later)
    earlier = salon.ask(ShowSeries(series.id))
    assert starts_of(earlier) == noons(salon, 1, 2)
    assert (earlier.rule.count, earlier.rule.until) == (None, salon.at("12:00", 2).date())
    ids = [each.appointment_id for each in (*earlier.appointments, *later.appointments)]
    assert ids == [each.appointment_id for each in series.appointments]


def test_all_move_along_on_the_wall_clock_even_into_each_others_places(salon: Salon) -> None:
    series = a_series(salon)
    changed = salon.ask(ChangeSeries(series.id, "all", starts=salon.at("12:30", 2)))
    assert changed.id == series.id
    assert starts_of(changed) == [salon.at("12:30", day) for day in (2, 3, 4, 5, 6)]
    assert [each.appointment_id for each in changed.appointments] == [
        each.appointment_id for each in series.appointments
    ]
    assert overlaps(salon) == 0


def test_one_that_was_moved_by_itself_moves_along(salon: Salon) -> None:
    series = a_series(salon)
    second = series.appointments[1].appointment_id
    salon.ask(ChangeSeries(series.id, "this", second, salon.at("15:00", 2)))
    changed = salon.ask(ChangeSeries(series.id, "all", starts=salon.at("13:00")))
    assert starts_of(changed)[1] == salon.at("16:00", 2)
    assert changed.appointments[1].occurrence == salon.at("13:00", 2)


def test_a_change_is_all_or_nothing(salon: Salon) -> None:
    series = a_series(salon)
    salon.book(salon.at("15:00", 4), client=OTHER, master=salon.anna)
    change = {"id": series.id, "scope": "all", "starts": salon.at("15:00")}
    preview = salon.ask(PreviewSeriesChange(**change))
    assert [each.outcome for each in preview.occurrences] == ["free", "free", "free", "conflict", "free"]
    with pytest.raises(Conflict, match="series_conflicts"):
        salon.ask(ChangeSeries(**change))
    assert salon.ask(ShowSeries(series.id)) == series
    skipping = salon.ask(ChangeSeries(**change, policy="skip"))
    assert starts_of(skipping) == [salon.at("15:00", day) for day in (1, 2, 3, 5)]
    assert list(skipping.left_out) == [salon.at("15:00", 4)]


def test_other_segments_are_priced_anew(salon: Salon) -> None:
    series = a_series(salon)
    brows = salon.a_service("Brows", 30, 90_000)
    eva = salon.a_master("Eva", brows.id)
    salon.works(eva)
    changed = salon.ask(ChangeSeries(series.id, "all", segments=(WantedSegment(brows.id),)))
    assert changed.segments == (WantedSegment(brows.id),)
    assert {appointment(salon, changed, place).total.amount for place in range(5)} == {90_000}
    assert starts_of(changed) == starts_of(series)


def test_a_shorter_rule_cancels_and_a_longer_one_books(salon: Salon) -> None:
    series = a_series(salon)
    ids = [each.appointment_id for each in series.appointments]
    shorter = salon.ask(ChangeSeries(series.id, "all", rule=Rule("DAILY", 2, count=3)))
    assert starts_of(shorter) == noons(salon, 1, 3, 5)
    assert [each.appointment_id for each in shorter.appointments] == [ids[0], ids[2], ids[4]]
    assert salon.ask(ShowAppointment(ids[1])).status == "cancelled"
    longer = salon.ask(ChangeSeries(series.id, "all", rule=Rule("DAILY", count=7)))
    assert starts_of(longer) == noons(salon, 1, 2, 3, 4, 5, 6, 7)
    kept = [each.appointment_id for each in longer.appointments if each.appointment_id in ids]
    assert kept == [ids[0], ids[2], ids[4]]


def test_what_is_over_stays_and_the_rest_becomes_a_series_of_its_own(salon: Salon) -> None:
    series = a_series(salon, starts=salon.at("12:00", 0), rule=Rule("DAILY", count=3))
    with salon.booking.session() as session:
        session.execute(text("UPDATE series SET starts = starts - interval '3 hours'"))
        session.execute(text("UPDATE appointments SET occurrence = occurrence - interval '3 hours'"))
        session.commit()
    for place in range(3):
        salon.put_back(appointment(salon, series, place), 3)
    changed = salon.ask(ChangeSeries(series.id, "all", starts=salon.at("10:00", 1)))
    assert changed.split_from == series.id
    assert starts_of(changed) == [salon.at("10:00", 1), salon.at("10:00", 2)]
    (first,) = salon.ask(ShowSeries(series.id)).appointments
    assert (first.starts, first.status) == (salon.at("09:00", 0), "booked")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scope": "this", "starts": True}, "appointment_missing"),
        ({"scope": "following", "rule": DAILY}, "appointment_missing"),
        ({"scope": "this", "appointment_id": OTHER, "starts": True}, "appointment_unknown"),
        ({"scope": "this", "appointment_id": True, "rule": DAILY}, "rule_of_one"),
        ({"scope": "all", "rule": Rule("DAILY")}, "series_endless"),
        ({"scope": "all", "rule": Rule("WEEKLY", by_day=("MO", "1TU"), count=2)}, "by_day_numbered"),
    ],
)
def test_a_change_that_is_none_is_refused(salon: Salon, change: dict[str, Any], code: str) -> None:
    series = a_series(salon)
    if change.get("starts"):
        change = change | {"starts": salon.at("15:00")}
    if change.get("appointment_id") is True:
        change = change | {"appointment_id": series.appointments[0].appointment_id}
    with pytest.raises(Invalid, match=code):
        salon.ask(ChangeSeries(id=series.id, **change))
    assert salon.ask(ShowSeries(series.id)) == series


def test_what_was_cancelled_stays_out_when_the_rule_names_it_again(salon: Salon) -> None:
    """Though another rule did not name it in between, and the series moved meanwhile."""
    series = a_series(salon, rule=Rule("DAILY", count=4))
    salon.ask(CancelSeries(series.id, "this", "ill", series.appointments[1].appointment_id))
    every_other = salon.ask(ChangeSeries(series.id, "all", rule=Rule("DAILY", 2, count=2)))
    assert (starts_of(every_other), every_other.left_out) == (noons(salon, 1, 3), ())
    moved = salon.ask(ChangeSeries(series.id, "all", starts=salon.at("15:00")))
    assert starts_of(moved) == [salon.at("15:00", day) for day in (1, 3)]
    daily = Rule("DAILY", count=5)
    preview = salon.ask(PreviewSeriesChange(series.id, "all", rule=daily))
    assert salon.at("15:00", 2) not in {each.occurrence for each in preview.occurrences}
    again = salon.ask(ChangeSeries(series.id, "all", rule=daily))
    assert starts_of(again) == [salon.at("15:00", day) for day in (1, 3, 4, 5)]
    assert again.left_out == (salon.at("15:00", 2),)


def test_a_series_of_which_nothing_is_open_is_over(salon: Salon) -> None:
    series = a_series(salon)
    over = salon.ask(CancelSeries(series.id, "all", "ill"))
    for change in ({"starts": salon.at("15:00")}, {"rule": Rule("DAILY", count=8)}):
        with pytest.raises(Conflict, match="series_over"):
            salon.ask(ChangeSeries(series.id, "all", **change))  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="series_over"):
            salon.ask(PreviewSeriesChange(series.id, "all", **change))  # type: ignore[arg-type]
    assert salon.ask(ShowSeries(series.id)) == over


def test_one_that_is_moved_or_cancelled_like_any_other_stays_an_occurrence(salon: Salon) -> None:
    series = a_series(salon)
    second, third = appointment(salon, series, 1), appointment(salon, series, 2)
    salon.ask(ChangeAppointment(second.id, second.version, starts=salon.at("17:00", 2)))
    salon.ask(CancelAppointment(third.id, "ill"))
    shown = salon.ask(ShowSeries(series.id))
    assert [each.occurrence for each in shown.appointments] == noons(salon, 1, 2, 3, 4, 5)
    assert starts_of(shown) == [salon.at("12:00", 1), salon.at("17:00", 2), *noons(salon, 4, 5)]
    later = salon.ask(ChangeSeries(series.id, "all", starts=salon.at("13:00")))
    assert starts_of(later) == [salon.at(clock, day) for clock, day in
                                (("13:00", 1), ("18:00", 2), ("13:00", 4), ("13:00", 5))]  # fmt: skip
    check_law(salon, CLARA)


def test_the_series_of_an_erased_client_end(salon: Salon) -> None:
    series = a_series(salon)
    salon.booking.deliver(ClientErased(CLARA, 2, utc_now()))
    ended = salon.ask(ShowSeries(series.id))
    assert {each.status for each in ended.appointments} == {"cancelled"}
    assert (ended.rule.count, ended.rule.until) == (None, salon.at("12:00").date())
    salon.booking.others.answers[CheckClient] = lambda request: ClientStanding(request.id, "erased")
    with pytest.raises(Invalid, match="client_unknown"):
        salon.ask(ChangeSeries(series.id, "all", rule=Rule("DAILY", count=9)))


# --- the law ----------------------------------------------------------------------------------------------------------


def check_law(salon: Salon, client: UUID) -> None:
    """An open or cancelled appointment, or a gap by policy, for each occurrence, and nothing else."""
    for series in salon.ask(ListSeries(client_id=client, limit=200)).items:
        rule, first = rule_of(series.rule), wall_of(series.starts, salon.tz)
        by_rule = {instant_of(wall, salon.tz) for wall in occurrences(rule, first)}
        booked = [each.occurrence for each in series.appointments if each.status in ("booked", "confirmed")]
        cancelled = {each.occurrence for each in series.appointments if each.status == "cancelled"}
        assert len(booked) == len(set(booked))
        assert set(booked) == by_rule - set(series.left_out) - cancelled
        assert cancelled <= by_rule
    assert overlaps(salon) == 0


RULES = [
    Rule("DAILY", 2, count=4),
    Rule("DAILY", count=8),
    Rule("WEEKLY", count=2),
    Rule("DAILY", count=6, exdates=(utc_now().date() + timedelta(days=3),)),
    Rule("DAILY", 3, until=utc_now().date() + timedelta(days=12)),
]
STEPS = st.one_of(
    st.tuples(
        st.sampled_from(["this", "following", "all"]),
        st.integers(0, 4),
        st.integers(-1, 2),
        st.sampled_from(["10:00", "12:00", "12:30", "15:30"]),
        st.sampled_from(["fail", "skip", "next_free"]),
    ),
    st.tuples(
        st.sampled_from(["following", "all"]),
        st.integers(0, 4),
        st.sampled_from(RULES),
        st.sampled_from(["fail", "skip", "next_free"]),
    ),
    st.tuples(st.just("cancel"), st.sampled_from(["this", "following"]), st.integers(0, 4)),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=2, max_size=5))
def test_after_any_changes_the_appointments_are_those_of_the_rule(salon: Salon, steps: list[tuple[Any, ...]]) -> None:
    """A master and a client of its own for each example, and somebody in the way."""
    master, client = salon.a_master("Eva", salon.haircut.id), new_id()
    salon.works(master, days=range(30))
    salon.book(salon.at("15:00", 3), client=OTHER, master=master)
    current = a_series(salon, client_id=client, master=master)
    for step in steps:
        still = {each.appointment_id: each for each in current.appointments if each.status == "booked"}
        if not still:
            break
        one = list(still.values())[min(int(step[2 if step[0] == "cancel" else 1]), len(still) - 1)]
        try:
            current = salon.ask(_request(salon, current, step, one))
        except (Conflict, Invalid) as refusal:
            assert refusal.code in ("series_conflicts", "slot_in_past", "start_not_by_rule", "until_before_start")
            assert salon.ask(ShowSeries(current.id)) == current
            continue
        check_law(salon, client)
        if step[0] == "this" and step[4] != "skip":
            assert {each.appointment_id for each in current.appointments if each.status == "booked"} == set(still)
        for each in current.appointments:  # whoever is still at the same occurrence is the same one
            was = [old.appointment_id for old in still.values() if old.occurrence == each.occurrence]
            if step[0] in ("this", "cancel") and was and each.status == "booked":
                assert was == [each.appointment_id]
    salon.ask(CancelAppointment(salon.ask(ListAppointments(client_id=OTHER, status="booked")).items[0].id, "over"))


def _request(salon: Salon, series: Series, step: tuple[Any, ...], one: SeriesAppointment) -> Any:
    if step[0] == "cancel":
        return CancelSeries(series.id, step[1], "a test", one.appointment_id)
    if isinstance(step[2], Rule):
        return ChangeSeries(series.id, step[0], one.appointment_id, rule=step[2], policy=step[3])
    day = (one.starts.astimezone(salon.tz).date() - salon.today).days + step[2]
    return ChangeSeries(series.id, step[0], one.appointment_id, salon.at(step[3], max(day, 0)), policy=step[4])


# --- cancelling -------------------------------------------------------------------------------------------------------


def test_cancelling_this_those_that_follow_and_all(salon: Salon) -> None:
    series = a_series(salon)
    ids = [each.appointment_id for each in series.appointments]
    one = salon.ask(CancelSeries(series.id, "this", "ill", ids[1]))
    assert starts_of(one, still_open=False) == noons(salon, 2)
    assert appointment(salon, one, 1).reason == "ill"
    rest = salon.ask(CancelSeries(series.id, "following", "away", ids[3]))
    assert starts_of(rest) == noons(salon, 1, 3)
    assert starts_of(salon.ask(CancelSeries(series.id, "all", "moved"))) == []
    with pytest.raises(Conflict, match="series_over"):
        salon.ask(CancelSeries(series.id, "all", "moved"))
    with pytest.raises(Conflict, match="wrong_status"):
        salon.ask(CancelSeries(series.id, "this", "again", ids[1]))


# --- who may ----------------------------------------------------------------------------------------------------------


def test_boris_may_not(salon: Salon) -> None:
    series = a_series(salon)
    other = salon.a_branch("Elsewhere")
    stranger = boris("appointments.create", "appointments.read", "appointments.edit", "appointments.cancel",
                     branch_ids=frozenset({other.id}))  # fmt: skip
    for request in (
        ShowSeries(series.id),
        ChangeSeries(series.id, "all", starts=salon.at("15:00")),
        PreviewSeriesChange(series.id, "all", starts=salon.at("15:00")),
        CancelSeries(series.id, "all", "no"),
        BookSeries(**wanted(salon, client_id=OTHER)),
        PreviewSeries(**wanted(salon, client_id=OTHER)),
    ):
        with pytest.raises(NotFound):
            salon.ask(request, stranger)
    assert salon.ask(ListSeries(), stranger).items == ()
    with pytest.raises(Forbidden):
        salon.ask(BookSeries(**wanted(salon)), salon.works_here("appointments.read"))


def test_a_client_books_and_sees_their_own(salon: Salon) -> None:
    clara = salon.works_here(
        "appointments.create.own", "appointments.read.own", "appointments.cancel.own",
        client_id=CLARA, branch_ids=frozenset(),
    )  # fmt: skip
    online = salon.a_service("Online", bookable_online=True)
    eva = salon.a_master("Eva", online.id)
    salon.works(eva)
    series = a_series(salon, clara, segments=(WantedSegment(online.id),))
    a_series(salon, client_id=OTHER)
    assert [each.id for each in salon.ask(ListSeries(), clara).items] == [series.id]
    with pytest.raises(Invalid, match="client_unknown"):
        a_series(salon, clara, client_id=OTHER)
    ended = salon.ask(CancelSeries(series.id, "all", "away"), clara)
    assert {appointment(salon, ended, place).cancelled_by for place in range(5)} == {"client"}
