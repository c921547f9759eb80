"""Promotions: made, changed, ended and had; what each was at an instant can be told for ever."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from contracts.booking import CheckBranches, CheckFavourites, UnknownBranches, UnknownFavourites
from contracts.loyalty import (
    AskedLine,
    ChangePromotion,
    CreatePromotion,
    EndPromotion,
    ListPromotions,
    Promotion,
    QuoteVisit,
    ShowPromotion,
)
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Stale
from kernel.time import utc_now
from services.loyalty.queries.promotions import all_promotions, available, in_force
from services.loyalty.tables import grants
from tests.builders import CLARA, ELSEWHERE, HERE, OWNER, a_service, anna, boris
from tests.facts import COLOUR, HAIRCUT, NOON, completed, numbered, registered
from tests.harness import Harness

DAY = timedelta(days=1)
BOOKING = a_service("booking")
RIGHTS = ("promotions.edit", "promotions.read")


@pytest.fixture
def loyalty(start) -> Harness:
    harness = start("loyalty")
    harness.others.answers[CheckBranches] = lambda asked: UnknownBranches(tuple({*asked.ids} - {HERE, ELSEWHERE}))
    harness.others.answers[CheckFavourites] = lambda asked: UnknownFavourites(
        (), tuple({*asked.service_ids} - {HAIRCUT, COLOUR})
    )
    return harness


def in_days(days: int) -> datetime:
    return utc_now() + days * DAY


def made(loyalty: Harness, caller: Caller = OWNER, **said: Any) -> Promotion:
    reward = {} if said.keys() & {"gift", "offer"} else {"percent": Decimal(15)}
    words: dict[str, Any] = {"name": "Autumn", "ends": in_days(30)} | reward
    return loyalty.ask(CreatePromotion(**(words | said)), caller)


def change(loyalty: Harness, promotion: Promotion, caller: Caller = OWNER, **said: Any) -> Promotion:
    return loyalty.ask(ChangePromotion(id=promotion.id, version=promotion.version, **said), caller)


def holding(loyalty: Harness, at: datetime, branch_id: UUID | None = None) -> list[str]:
    """The names of those in force, as one looks them up and as one goes through history, which is the same."""
    with loyalty.session() as session:
        names = [each.name for each in in_force(session, at, branch_id)]
        assert [each.name for each in all_promotions(session).at(branch_id, at)] == names
    return names


def had(loyalty: Harness, promotion: Promotion, client_id: UUID, number: int, completed_at: datetime) -> None:
    """A completed visit that loyalty gave the promotion."""
    values = {
        "appointment_id": numbered(number),
        "client_id": client_id,
        "branch_id": HERE,
        "completed_at": completed_at,
        "currency": "EUR",
        "programme_version": 1,
        "discount": 100,
        "applied": 100,
        "verdict": {},
        "once": [f"promotion:{promotion.id}"],
        "budget": 0,
        "promotions": [promotion.id],
    }
    with loyalty.session() as session, session.begin():
        session.execute(insert(grants).values(values))


def quoted(loyalty: Harness, *codes: str, service: UUID = HAIRCUT, branch_id: UUID = HERE) -> Any:
    line = AskedLine(numbered(1), service, 10_000, "hair")
    return loyalty.ask(QuoteVisit(CLARA, branch_id, NOON.date(), "EUR", (line,), codes=codes), BOOKING)


def test_a_promotion_is_shown_as_it_was_made(loyalty: Harness) -> None:
    promotion = made(loyalty, branch_ids=(HERE,), service_ids=(HAIRCUT,), code="Leaf", limit=3, per_client=1)
    assert (promotion.version, promotion.percent, promotion.gift, promotion.used) == (1, 15, None, 0)
    assert (promotion.branch_ids, promotion.service_ids, promotion.code) == ((HERE,), (HAIRCUT,), "Leaf")
    assert (promotion.in_force, promotion.changed_by) == (True, OWNER.id)
    assert loyalty.ask(ShowPromotion(promotion.id)) == promotion
    assert loyalty.ask(ListPromotions()).items == (promotion,)


def test_it_is_given_while_it_holds(loyalty: Harness) -> None:
    loyalty.deliver(registered(CLARA))
    promotion = made(loyalty, branch_ids=(HERE,), service_ids=(HAIRCUT,))
    assert quoted(loyalty).discount == 1_500
    assert quoted(loyalty, service=COLOUR).discount == 0
    assert quoted(loyalty, branch_id=ELSEWHERE).discount == 0
    loyalty.ask(EndPromotion(promotion.id))
    assert quoted(loyalty).discount == 0


def test_a_code_is_said_in_any_case(loyalty: Harness) -> None:
    loyalty.deliver(registered(CLARA))
    made(loyalty, code="Leaf")
    assert [quoted(loyalty, *codes).discount for codes in ((), ("twig",), ("LEAF",), (" leaf ",))] == [
        0,
        0,
        1_500,
        1_500,
    ]


def test_a_code_is_said_as_keyboards_write_it(loyalty: Harness) -> None:
    """Blanks around it and letters in two halves are no other code, however it was made."""
    loyalty.deliver(registered(CLARA))
    assert made(loyalty, code=" März ").code == "März"
    said = quoted(loyalty, "MA\N{COMBINING DIAERESIS}RZ")
    assert (said.discount, said.refused_codes) == (1_500, ())


def test_what_was_had_often_enough_is_not_given_again(loyalty: Harness) -> None:
    loyalty.deliver(registered(CLARA))
    promotion = made(loyalty, code="leaf", limit=2)
    had(loyalty, promotion, CLARA, 1, NOON)
    assert quoted(loyalty, "leaf").discount == 1_500
    had(loyalty, promotion, numbered(9), 2, NOON + DAY)
    assert quoted(loyalty, "leaf").discount == 0
    assert loyalty.ask(ShowPromotion(promotion.id)).used == 2
    with loyalty.session() as session:
        assert [each.used for each in available(session, utc_now(), HERE)] == [2]
        assert available(session, NOON, HERE) == []


def test_a_client_has_it_as_often_as_it_says(loyalty: Harness) -> None:
    loyalty.deliver(registered(CLARA))
    promotion = made(loyalty, per_client=2)
    had(loyalty, promotion, CLARA, 1, NOON)
    had(loyalty, promotion, numbered(9), 2, NOON)
    assert quoted(loyalty).discount == 1_500
    had(loyalty, promotion, CLARA, 3, NOON + DAY)
    assert quoted(loyalty).discount == 0


def test_completed_visits_have_it_in_their_order_whatever_order_they_are_heard_in(loyalty: Harness) -> None:
    promotion = made(loyalty, per_client=1)
    now = utc_now()
    visits = [
        completed(numbered(number), CLARA, completed_at=at, occurred_at=at, starts=at - DAY, ends=at)
        for number, at in ((7, now + 2 * DAY), (8, now + DAY))
    ]
    loyalty.deliver(registered(CLARA), *visits)
    with loyalty.session() as session:
        rows = session.execute(
            select(grants.c.appointment_id, grants.c.promotions).order_by(grants.c.completed_at)
        ).all()
    assert [(row.appointment_id, row.promotions) for row in rows] == [(numbered(8), [promotion.id]), (numbered(7), [])]


def test_what_it_was_can_be_told_for_ever(loyalty: Harness) -> None:
    promotion = made(loyalty, name="First")
    before = utc_now()
    changed = change(loyalty, promotion, name="Second", branch_ids=(ELSEWHERE,), gift="a comb", percent=None)
    assert (changed.version, changed.gift, changed.percent, changed.starts) == (2, "a comb", None, promotion.starts)
    loyalty.ask(EndPromotion(promotion.id))
    assert holding(loyalty, promotion.starts - DAY) == []
    assert holding(loyalty, before) == ["First"]
    assert holding(loyalty, before, HERE) == ["First"]
    assert holding(loyalty, changed.changed_at) == ["Second"]
    assert holding(loyalty, changed.changed_at, HERE) == []
    assert holding(loyalty, utc_now()) == []


@pytest.mark.parametrize(
    ("said", "code", "place"),
    [
        ({"ends": NOON}, "period_empty", "ends"),
        ({"starts": NOON}, "promotion_in_past", "starts"),
        ({"percent": Decimal(101)}, "percent_out_of_range", "percent"),
        ({"percent": Decimal("0.001")}, "percent_out_of_range", "percent"),
        ({"percent": Decimal(-1)}, "percent_out_of_range", "percent"),
        ({"percent": None}, "reward_unclear", "percent"),
        ({"gift": "a comb", "percent": Decimal(5)}, "reward_unclear", "percent"),
        ({"limit": 5}, "limit_needs_code", "limit"),
        ({"name": " "}, "text_blank", "name"),
        ({"gift": " "}, "text_blank", "gift"),
        ({"offer": " "}, "text_blank", "offer"),
        ({"code": " "}, "text_blank", "code"),
        ({"branch_ids": (numbered(77),)}, "branch_unknown", "branch_ids"),
        ({"service_ids": (HAIRCUT, numbered(77))}, "service_unknown", "service_ids"),
    ],
)
def test_what_no_promotion_can_be_is_refused(loyalty: Harness, said: dict[str, Any], code: str, place: str) -> None:
    with pytest.raises(Invalid) as refused:
        made(loyalty, **said)
    assert (refused.value.code, list(refused.value.details["errors"])) == (code, [place])
    assert loyalty.ask(ListPromotions()).items == ()


def test_a_code_stands_for_one_promotion_at_a_time(loyalty: Harness) -> None:
    first = made(loyalty, code="Leaf")
    other = made(loyalty, code="twig")
    with pytest.raises(Conflict, match="code_taken"):
        made(loyalty, code=" LEAF")
    with pytest.raises(Conflict, match="code_taken"):
        change(loyalty, other, code="leaf")
    later = made(loyalty, code="leaf", starts=first.ends, ends=first.ends + DAY)
    loyalty.ask(EndPromotion(first.id))
    assert made(loyalty, code="LEAF", ends=later.starts).version == 1


def test_of_two_who_take_a_code_at_once_one_has_it(loyalty: Harness) -> None:
    def attempt(_: int) -> str:
        try:
            return f"version {made(loyalty, code='leaf').version}"
        except Refusal as refused:
            return refused.code

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(attempt, range(5))) == ["code_taken"] * 4 + ["version 1"]


def test_what_has_begun_has_begun(loyalty: Harness) -> None:
    promotion = made(loyalty)
    planned = made(loyalty, starts=in_days(2), ends=in_days(3))
    for moved, said in ((promotion, {"starts": in_days(1)}), (planned, {"starts": NOON}), (planned, {"ends": NOON})):
        with pytest.raises(Invalid, match=r"promotion_in_past|period_empty"):
            change(loyalty, moved, **said)
    assert change(loyalty, planned, starts=in_days(1)).version == 2
    ended = loyalty.ask(EndPromotion(planned.id))
    assert (ended.ends, ended.in_force) == (ended.starts, False)
    with pytest.raises(Conflict, match="promotion_ended"):
        loyalty.ask(EndPromotion(planned.id))


def test_of_two_editors_the_second_is_told(loyalty: Harness) -> None:
    promotion = made(loyalty)
    assert change(loyalty, promotion, name=UNSET, per_client=2).per_client == 2
    with pytest.raises(Stale, match="version_stale"):
        change(loyalty, promotion, name="Mine")


def test_bound_to_a_branch_one_stays_within_it(loyalty: Harness) -> None:
    everywhere, there = made(loyalty), made(loyalty, branch_ids=(ELSEWHERE,))
    here = made(loyalty, anna(*RIGHTS), branch_ids=(HERE,))
    for caller, said in ((anna(*RIGHTS), {}), (anna(*RIGHTS), {"branch_ids": (ELSEWHERE,)})):
        with pytest.raises(Forbidden):
            made(loyalty, caller, **said)
    for promotion in (everywhere, here):
        with pytest.raises((Forbidden, NotFound)):
            change(loyalty, promotion, boris(*RIGHTS), name="Mine")
        with pytest.raises((Forbidden, NotFound)):
            loyalty.ask(EndPromotion(promotion.id), boris(*RIGHTS))
    with pytest.raises(NotFound, match="promotion_not_found"):
        loyalty.ask(ShowPromotion(here.id), boris(*RIGHTS))
    assert {each.id for each in loyalty.ask(ListPromotions(), boris(*RIGHTS)).items} == {everywhere.id, there.id}
    with pytest.raises(Forbidden):
        change(loyalty, here, anna(*RIGHTS), branch_ids=())
    with pytest.raises(Forbidden):
        loyalty.ask(ListPromotions(), anna("loyalty.read"))


def test_they_are_listed_by_pages_place_and_time(loyalty: Harness) -> None:
    ids = [made(loyalty, branch_ids=branches).id for branches in ((HERE,), (), (ELSEWHERE,))]
    first = loyalty.ask(ListPromotions(limit=2))
    last = loyalty.ask(ListPromotions(limit=2, cursor=first.next))
    assert [each.id for each in (*first.items, *last.items)] == ids[::-1]
    assert [each.id for each in loyalty.ask(ListPromotions(branch_id=HERE)).items] == [ids[1], ids[0]]
    assert loyalty.ask(ListPromotions(at=in_days(40))).items == ()
