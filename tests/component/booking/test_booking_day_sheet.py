"""The day of a master, and what the schedule tells of health."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.database import new_id
from contracts.booking import (
    BookAppointment,
    CancelAppointment,
    ChangeMaster,
    ChangeService,
    Contraindication,
    DaySheet,
    ShowDaySheet,
    ShowMaster,
    ShowSchedule,
    WantedSegment,
)
from contracts.clients import CheckConditions, MatchedConditions
from kernel.caller import Caller
from kernel.errors import NotFound
from services.booking.domain.health import Health, Verdict
from services.booking.queries.health import sign_of
from tests.builders import CLARA, OWNER, a_user, boris
from tests.component.booking.salon import Salon

LATEX, NUTS = Contraindication("latex", "block"), Contraindication("nuts", "warn")


@pytest.fixture
def speaks_of(salon: Salon) -> set[str]:
    """What Clara's card speaks of; a haircut is blocked for latex and warns of nuts."""
    said: set[str] = set()
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, contraindications=(LATEX, NUTS)))
    salon.booking.others.answers[CheckConditions] = lambda request: MatchedConditions(
        tuple(condition in said for condition in request.conditions)
    )
    return said


def sheet(salon: Salon, caller: Caller = OWNER, days: int = 1, **asked: object) -> DaySheet:
    """That of tomorrow."""
    return salon.ask(ShowDaySheet(salon.branch.id, salon.today + timedelta(days=days), **asked), caller)


def ids(shown: DaySheet) -> list[object]:
    return [each.appointment_id for day in shown.masters for each in day.appointments]


def test_a_day_in_order_with_what_each_master_does(salon: Salon) -> None:
    """Of a visit to two masters each has their part; what was cancelled, and other days, are not there."""
    colour = salon.a_service("Colour", 30)
    salon.renders(salon.olga, salon.haircut, colour)
    late = salon.book(salon.at("15:00"), master=salon.anna, comment="tea with mint")
    both = salon.ask(
        BookAppointment(
            salon.branch.id,
            CLARA,
            salon.at("10:00"),
            (WantedSegment(salon.haircut.id, salon.anna.id), WantedSegment(colour.id, salon.olga.id)),
        )
    )
    gone = salon.book(salon.at("18:00"), master=salon.anna)
    salon.ask(CancelAppointment(gone.id, "ill"))
    salon.book(salon.at("10:00", 2), master=salon.anna)
    shown = sheet(salon)
    days = {day.master_id: day.appointments for day in shown.masters}
    assert (shown.time_zone, set(days)) == (salon.branch.time_zone, {salon.anna.id, salon.olga.id})
    assert [(one.appointment_id, one.starts, one.ends) for one in days[salon.anna.id]] == [
        (both.id, salon.at("10:00"), salon.at("11:00")),
        (late.id, salon.at("15:00"), salon.at("16:00")),
    ]
    assert [(one.starts, one.ends, one.service_ids) for one in days[salon.olga.id]] == [
        (salon.at("11:00"), salon.at("11:30"), (colour.id,))
    ]
    assert (days[salon.anna.id][1].comment, days[salon.anna.id][1].client_id) == ("tea with mint", CLARA)
    assert days[salon.anna.id][0].starts.utcoffset() == salon.at("10:00").utcoffset()


def test_a_master_sees_their_own_day(salon: Salon) -> None:
    """Nobody else's; who works in another branch sees none of this one."""
    her = a_user("appointments.read.own", id=new_id())
    salon.ask(ChangeMaster(salon.anna.id, salon.ask(ShowMaster(salon.anna.id)).version, user_id=her.id))
    mine = salon.book(salon.at("12:00"), master=salon.anna)
    salon.book(salon.at("12:00"), master=salon.olga, client=new_id())
    assert ids(sheet(salon, her)) == [mine.id]
    for hidden in (salon.olga.id, new_id()):
        with pytest.raises(NotFound):
            sheet(salon, her, master_id=(hidden,))
    assert len(ids(sheet(salon))) == 2
    assert ids(sheet(salon, master_id=(salon.anna.id,))) == [mine.id]
    with pytest.raises(NotFound):
        sheet(salon, boris("appointments.read"))


def test_the_day_and_the_schedule_show_that_something_speaks_against_a_visit(salon: Salon, speaks_of: set[str]) -> None:
    """Also to those who may not see health; not what it is, nor in the mode that shows busy time alone."""
    salon.book(salon.at("10:00"), master=salon.anna)
    speaks_of.add("nuts")
    salon.book(salon.at("12:00"), master=salon.anna)
    speaks_of.add("latex")
    salon.book(salon.at("14:00"), master=salon.anna, health_reason="with a note of the doctor")
    reader = a_user("appointments.read", branch_ids=frozenset({salon.branch.id}))
    shown = sheet(salon, reader)
    assert [one.health for one in shown.masters[0].appointments] == [None, "warned", "warned"]
    tomorrow = salon.today + timedelta(days=1)
    for mode, signs in (("full", [None, "warned", "warned"]), ("busy", [None] * 3)):
        asked = ShowSchedule(salon.branch.id, tomorrow, tomorrow, (salon.anna.id,), mode=mode)
        schedule = salon.ask(asked, reader)
        assert [span.health for span in schedule.masters[0].busy] == signs
        assert "nuts" not in str(schedule)
        assert "latex" not in str(schedule)
    assert "latex" not in str(shown)


@given(st.sampled_from(Verdict), st.booleans())
def test_a_block_that_nobody_passed_over_shows_as_such(verdict: Verdict, overridden: bool) -> None:
    """Whatever else speaks against a visit is a warning by now; what is fine or was never compared shows nothing."""
    sign = sign_of(Health(verdict, ("latex",), overridden=overridden))
    blocked = verdict is Verdict.BLOCK and not overridden
    assert sign == ("blocked" if blocked else "warned" if verdict in (Verdict.WARN, Verdict.BLOCK) else None)
    assert sign_of(None) is None
