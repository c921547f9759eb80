"""Personal discounts: rules with validity, author and reason, every one of them kept until the person goes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from chassis.wire import encode_cursor
from contracts.clients import (
    EraseClient,
    ListPersonalDiscounts,
    PersonalDiscount,
    PersonalDiscountChanged,
    RemovePersonalDiscount,
    SetPersonalDiscount,
    ShowPersonalDiscount,
)
from kernel.errors import Forbidden, Gone, Invalid, NotFound, Stale
from services.clients.queries.unreadable import unreadable
from services.clients.tables import personal_discounts
from tests.builders import HERE, OWNER, a_user, anna, boris
from tests.component.clients.conftest import clara, refused
from tests.harness import Harness

NOW = datetime.now(UTC)
READER = anna("clients.read")


def given(salon: Harness, **said: object) -> PersonalDiscount:
    return salon.ask(a_discount(salon.ask(clara()).id, **said))


def a_discount(
    client_id: object, version: int = 1, percent: object = Decimal("7.5"), **said: object
) -> SetPersonalDiscount:
    return SetPersonalDiscount(client_id, version, percent, **{"reason": "a neighbour"} | said)


def test_a_discount_is_given_and_taken_away(salon: Harness) -> None:
    card = salon.ask(clara())
    assert salon.ask(ShowPersonalDiscount(card.id), READER) == PersonalDiscount(card.id, 1)
    until = NOW + timedelta(days=30)
    first = salon.ask(a_discount(card.id, valid_until=until))
    assert (first.percent, first.valid_until, first.in_force, first.set_by, first.reason, first.version) == (
        Decimal("7.5"), until, True, OWNER.id, "a neighbour", 2,
    )  # fmt: skip
    second = salon.ask(a_discount(card.id, 2, Decimal(10), valid_from=NOW + timedelta(days=1)))
    assert (second.in_force, second.version) == (False, 3)
    gone = salon.ask(RemovePersonalDiscount(card.id, 3))
    assert (gone.percent, gone.in_force, gone.reason, gone.version) == (None, False, None, 4)
    refused(NotFound, "discount_not_found", lambda: salon.ask(RemovePersonalDiscount(card.id, 4)))
    whole = salon.ask(ListPersonalDiscounts(card.id)).items
    assert [(each.version, each.percent, each.in_force) for each in whole] == [
        (4, None, False), (3, 10, False), (2, Decimal("7.5"), False),
    ]  # fmt: skip
    page = salon.ask(ListPersonalDiscounts(card.id, limit=2))
    assert salon.ask(ListPersonalDiscounts(card.id, limit=2, cursor=page.next)).items == whole[2:]
    told = salon.announced(PersonalDiscountChanged)
    assert [(each.version, each.percent, each.valid_until) for each in told] == [
        (2, Decimal("7.5"), until), (3, 10, None), (4, None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"percent": Decimal(0)}, "percent", "percent_out_of_range"),
        ({"percent": Decimal(-1)}, "percent", "percent_out_of_range"),
        ({"percent": Decimal("100.01")}, "percent", "percent_out_of_range"),
        ({"percent": Decimal("1e400")}, "percent", "percent_out_of_range"),
        ({"percent": Decimal("1e-400")}, "percent", "percent_too_fine"),
        ({"percent": Decimal("7.555")}, "percent", "percent_too_fine"),
        ({"reason": "  "}, "reason", "text_blank"),
        ({"valid_until": NOW - timedelta(days=1)}, "valid_until", "validity_empty"),
        ({"valid_from": NOW - timedelta(9), "valid_until": NOW - timedelta(1)}, "valid_until", "validity_over"),
        ({"valid_from": NOW.replace(tzinfo=None)}, "valid_from", "offset_missing"),
    ],
)
def test_an_impossible_discount_is_refused_by_its_field(
    salon: Harness, said: dict[str, object], field: str, code: str
) -> None:
    card = salon.ask(clara())
    refusal = refused(Invalid, code, lambda: salon.ask(a_discount(card.id, **said)))
    assert list(refusal.details["errors"]) == [field]
    assert salon.announced(PersonalDiscountChanged) == []


def test_the_second_of_two_editors_is_told(salon: Harness) -> None:
    first = given(salon)
    refused(Stale, "version_stale", lambda: salon.ask(a_discount(first.client_id, 1)))
    refused(Stale, "version_stale", lambda: salon.ask(RemovePersonalDiscount(first.client_id, 1)))


def test_only_who_gives_discounts_reads_why(salon: Harness) -> None:
    """Clara sees what she has."""
    discount = given(salon)
    assert salon.ask(ShowPersonalDiscount(discount.client_id), anna("clients.read", "clients.discount")) == discount
    herself = a_user("clients.read.own", client_id=discount.client_id)
    for caller in (READER, herself):
        shown = salon.ask(ShowPersonalDiscount(discount.client_id), caller)
        assert (shown.percent, shown.reason) == (discount.percent, None)
        refused(Forbidden, "permission_missing", lambda c=caller: salon.ask(a_discount(discount.client_id, 2), c))


def test_boris_may_not_touch_discounts_of_clients_of_another_branch(salon: Harness) -> None:
    card = salon.ask(clara(home_branch_id=HERE))
    for request in (
        a_discount(card.id),
        RemovePersonalDiscount(card.id, 1),
        ShowPersonalDiscount(card.id),
        ListPersonalDiscounts(card.id),
    ):
        refused(
            NotFound,
            "client_not_found",
            lambda r=request: salon.ask(r, boris("clients.read", "clients.discount")),
        )


def test_discounts_go_with_the_person(salon: Harness) -> None:
    discount = given(salon)
    salon.ask(EraseClient(discount.client_id, 1))
    refused(Gone, "client_erased", lambda: salon.ask(ShowPersonalDiscount(discount.client_id)))
    refused(Gone, "client_erased", lambda: salon.ask(a_discount(discount.client_id, 2)))
    with salon.session() as session:
        assert session.execute(select(personal_discounts)).all() == []


@pytest.mark.parametrize("version", [2**70, 0, -1, "2"])
def test_a_cursor_of_somebodys_own_making_is_refused(salon: Harness, version: object) -> None:
    discount = given(salon)
    request = ListPersonalDiscounts(discount.client_id, cursor=encode_cursor(version))
    refused(Invalid, "cursor_invalid", lambda: salon.ask(request))


def test_a_damaged_reason_is_noticed_and_hides_no_rule(salon: Harness) -> None:
    discount = given(salon)
    with salon.session() as session:
        session.execute(text("UPDATE personal_discounts SET reason = reason || 'x'::bytea"))
        session.commit()
        assert list(unreadable(session, salon.dispatcher.instance.vault)) == [("discount", discount.client_id)]
    shown = salon.ask(ShowPersonalDiscount(discount.client_id))
    assert (shown.percent, shown.reason) == (discount.percent, None)
