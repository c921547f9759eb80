"""Clara as she is registered, and those who ask about her."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.database import new_id
from contracts.booking import AppointmentBooked, CheckMerge, MergeCheck
from contracts.clients import (
    RegisterClient,
)
from kernel.errors import Refusal
from tests.builders import anna, boris
from tests.harness import Harness

Start = Callable[..., Harness]
DESK = ("clients.create", "clients.read", "clients.edit", "clients.delete")
ANNA = anna(*DESK, marks=frozenset({"contacts", "health"}))
BORIS = boris(*DESK, marks=frozenset({"contacts", "health"}))
PHONE = "+79161234567"


@pytest.fixture
def salon(start: Start) -> Harness:
    harness = start("clients")
    harness.others.answers[CheckMerge] = lambda _: MergeCheck(())
    return harness


def clara(**said: object) -> RegisterClient:
    """Clara as she is registered, with whatever else is said."""
    return RegisterClient(**{"first_name": "Клара", "last_name": "Цеткина", "phones": (PHONE,)} | said)


def an_appointment(client_id: UUID, branch_id: UUID) -> AppointmentBooked:
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    return AppointmentBooked(
        appointment_id=new_id(),
        version=1,
        branch_id=branch_id,
        client_id=client_id,
        status="booked",
        starts=now,
        ends=now + timedelta(hours=1),
        local_date=now.date(),
        segments=(),
        channel=None,
        occurred_at=now,
    )


def refused(kind: type[Refusal], code: str, ask: Callable[[], object]) -> Refusal:
    with pytest.raises(kind) as caught:
        ask()
    assert caught.value.code == code
    return caught.value
