"""What nobody can render: refused by the field that names the service, whichever way it is asked for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts.booking import (
    AddToWaitingList,
    BookAppointment,
    BookSeries,
    ChangeAppointment,
    ChangeMaster,
    ChangeSeries,
    HoldTime,
    PreviewSeries,
    Rule,
    Service,
    WantedSegment,
)
from kernel.errors import Conflict, Invalid
from tests.builders import CLARA, OWNER
from tests.component.booking.page import Page
from tests.component.booking.salon import Salon, field_of

Ask = Callable[[Salon, tuple[WantedSegment, ...]], object]
WEEKLY = Rule("WEEKLY", count=2)


def change(salon: Salon, wanted: tuple[WantedSegment, ...]) -> object:
    return salon.ask(ChangeAppointment(salon.book(salon.at("15:00")).id, 1, segments=wanted))


def change_series(salon: Salon, wanted: tuple[WantedSegment, ...]) -> object:
    haircut = (WantedSegment(salon.haircut.id),)
    made = salon.ask(BookSeries(salon.branch.id, CLARA, salon.at("15:00"), haircut, WEEKLY))
    return salon.ask(ChangeSeries(made.id, "all", segments=wanted))


WAYS: dict[str, Ask] = {
    "booked": lambda salon, wanted: salon.ask(BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), wanted)),
    "changed": change,
    "held": lambda salon, wanted: salon.ask(HoldTime(salon.branch.id, salon.at("12:00"), wanted), None),
    "in a series": lambda salon, wanted: salon.ask(
        BookSeries(salon.branch.id, CLARA, salon.at("12:00"), wanted, WEEKLY)
    ),
    "in a preview": lambda salon, wanted: salon.ask(
        PreviewSeries(salon.branch.id, CLARA, salon.at("12:00"), wanted, WEEKLY)
    ),
    "in a series that changes": change_series,
    "online": lambda salon, wanted: Page(salon).book(segments=wanted),
}


def waiting(salon: Salon, wanted: tuple[WantedSegment, ...]) -> object:
    week = salon.today + timedelta(days=7)
    return salon.ask(AddToWaitingList(salon.branch.id, CLARA, wanted, salon.today, week))


def refused(salon: Salon, ask: Ask, service: Service, kind: type[Any] = Invalid) -> Any:
    """How a haircut with `service` after it is refused."""
    with pytest.raises(kind) as refusal:
        ask(salon, (WantedSegment(salon.haircut.id), WantedSegment(service.id)))
    return refusal.value


# --- by nobody ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [*WAYS.values(), waiting], ids=[*WAYS, "waited for"])
def test_a_service_that_nobody_renders_is_named(salon: Salon, ask: Ask) -> None:
    laser = salon.a_service("Laser", 30)
    refusal = refused(salon, ask, laser)
    assert (refusal.code, field_of(refusal)) == ("service_without_master", "segments.1.service_id")


def test_who_has_left_renders_nothing(salon: Salon) -> None:
    laser = salon.a_service("Laser", 30)
    vera = salon.a_master("Vera", laser.id)
    salon.works(vera)
    assert salon.book(salon.at("12:00"), laser).segments[0].master_id == vera.id
    salon.ask(ChangeMaster(vera.id, vera.version, active=False))
    with pytest.raises(Invalid, match="service_without_master") as refusal:
        salon.book(salon.at("14:00"), laser, caller=OWNER)
    assert field_of(refusal.value) == "segments.0.service_id"


def test_who_renders_it_but_does_not_work_then_is_no_wrong_field(salon: Salon) -> None:
    laser = salon.a_service("Laser", 30)
    salon.a_master("Vera", laser.id)
    with pytest.raises(Conflict, match="outside_shift") as refusal:
        salon.book(salon.at("12:00"), laser)
    assert refusal.value.details["alternatives"] == []
