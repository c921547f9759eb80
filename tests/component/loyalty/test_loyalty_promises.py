"""What was promised by a code is not promised to somebody else, until it was had or the visit was called off."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from contracts.booking import AppointmentBooked, AppointmentCancelled
from contracts.loyalty import AskedLine, CreatePromotion, Promotion, QuoteVisit, ShowPromotion
from kernel.time import utc_now
from tests.builders import CLARA, HERE, a_service
from tests.facts import HAIRCUT, booked, completed, merged, numbered, registered
from tests.harness import Harness

BOOKING = a_service("booking")
DORA, VISIT, ANOTHER = numbered(50), numbered(101), numbered(102)
SAID = ("LEAF",)


@pytest.fixture
def loyalty(start) -> Harness:
    harness: Harness = start("loyalty")
    harness.deliver(registered(CLARA), registered(DORA))
    return harness


def leaf(loyalty: Harness, **limits: int) -> Promotion:
    said = {"name": "Autumn", "ends": utc_now() + timedelta(days=30), "percent": Decimal(15), "code": "leaf"}
    return loyalty.ask(CreatePromotion(**said, **limits))


def discount(loyalty: Harness, client_id: UUID = CLARA, visit: UUID | None = None) -> int:
    line = AskedLine(numbered(1), HAIRCUT, 10_000, "hair")
    asked = QuoteVisit(client_id, HERE, utc_now().date(), "EUR", (line,), visit, SAID)
    return loyalty.ask(asked, BOOKING).discount


def made(visit: UUID = VISIT, client_id: UUID = CLARA, **changes: Any) -> AppointmentBooked:
    return booked(visit, client_id, **({"occurred_at": utc_now(), "promised_codes": SAID} | changes))


def called_off(visit: UUID = VISIT, client_id: UUID = CLARA) -> AppointmentCancelled:
    said = vars(booked(visit, client_id)) | {"status": "cancelled", "version": 2, "occurred_at": utc_now()}
    return AppointmentCancelled(**said)


def over(visit: UUID = VISIT, client_id: UUID = CLARA) -> Any:
    at = utc_now()
    return completed(visit, client_id, local_date=at.date(), starts=at, ends=at, occurred_at=at)


def shown(loyalty: Harness, promotion: Promotion) -> tuple[int, int]:
    found = loyalty.ask(ShowPromotion(promotion.id))
    return found.used, found.promised


def test_the_last_use_is_promised_once(loyalty: Harness) -> None:
    promotion = leaf(loyalty, limit=1)
    loyalty.deliver(made())
    assert (discount(loyalty, DORA), shown(loyalty, promotion)) == (0, (0, 1))
    assert discount(loyalty, CLARA, VISIT) == 1_500  # the visit to which it was promised


def test_of_one_client_too(loyalty: Harness) -> None:
    leaf(loyalty, per_client=1)
    loyalty.deliver(made())
    assert (discount(loyalty, CLARA, ANOTHER), discount(loyalty, DORA)) == (0, 1_500)
    loyalty.deliver(merged(DORA, CLARA))
    assert discount(loyalty, DORA) == 0


@pytest.mark.parametrize("end", [called_off, over])
def test_it_is_free_again_in_whatever_order_that_is_heard(loyalty: Harness, end: Any) -> None:
    """The visit that took place did without it: it was completed by somebody who asked no code."""
    promotion = leaf(loyalty, limit=1)
    first, second = made(), end()
    for number, order in enumerate(permutations((first, second, first))):
        visit = numbered(200 + number)
        loyalty.deliver(*(type(each)(**vars(each) | {"appointment_id": visit}) for each in order))
        assert (discount(loyalty, DORA), shown(loyalty, promotion)) == (1_500, (0, 0))


def test_a_code_that_is_none_holds_nothing(loyalty: Harness) -> None:
    promotion = leaf(loyalty, limit=1)
    loyalty.deliver(made(promised_codes=("twig",)), made(ANOTHER, promised_codes=()))
    assert (discount(loyalty), shown(loyalty, promotion)) == (1_500, (0, 0))
