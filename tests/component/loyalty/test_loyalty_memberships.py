"""Memberships: visits or money sold ahead, used line by line, frozen within bounds, given back exactly once."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from chassis.database import new_id
from contracts.booking import (
    CheckBranches,
    CheckFavourites,
    CurrencyInUse,
    PaidPart,
    ShowCurrency,
    UnknownBranches,
    UnknownFavourites,
    VisitLine,
)
from contracts.loyalty import (
    ChangeMembershipType,
    CreateMembershipType,
    ExportFromLoyalty,
    FreezeMembership,
    ListMembershipEntries,
    ListMemberships,
    ListMembershipTypes,
    Membership,
    MembershipSold,
    MembershipType,
    ReserveTenders,
    SellMembership,
    ShowMembership,
    ShowMembershipType,
    Tender,
    UnfreezeMembership,
    VisitCounter,
)
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Stale
from kernel.money import Money
from kernel.time import utc_now
from services.loyalty.tables import membership_counters, membership_entries, memberships
from tests.builders import CLARA, ELSEWHERE, HERE, a_service, a_user, anna, boris
from tests.facts import COLOUR, HAIRCUT, completed, erased, line, merged, numbered, refunded, registered
from tests.harness import Harness

BOOKING = a_service("booking")
DESK = anna("memberships.read", "memberships.sell", "memberships.freeze")
MANAGER = anna("memberships.read", "membership_types.edit")
HERSELF = a_user("memberships.read.own", client_id=CLARA)
DAY = timedelta(days=1)
FIRST, SECOND = UUID(int=1), UUID(int=2)


def rub(amount: int) -> Money:
    return Money(amount, "RUB")


@pytest.fixture
def loyalty(start) -> Harness:
    service = start("loyalty")
    service.others.answers[ShowCurrency] = lambda _: CurrencyInUse("RUB")
    service.others.answers[CheckBranches] = lambda asked: UnknownBranches(tuple(set(asked.ids) - {HERE, ELSEWHERE}))
    service.others.answers[CheckFavourites] = lambda asked: UnknownFavourites(
        (), tuple(set(asked.service_ids) - {HAIRCUT, COLOUR})
    )
    service.deliver(registered(CLARA))
    return service


def a_type(loyalty: Harness, name: str = "Ten haircuts", **said: object) -> MembershipType:
    words: dict[str, object] = {
        "price": rub(9_000),
        "valid_days": 90,
        "counters": (VisitCounter(2, (HAIRCUT,)),),
        "freeze_days": 14,
    }
    return loyalty.ask(CreateMembershipType(name, **(words | said)), MANAGER)


def sold(loyalty: Harness, kind: MembershipType | None = None, client_id: UUID = CLARA) -> Membership:
    kind = kind or a_type(loyalty)
    return loyalty.ask(SellMembership(client_id, kind.id, HERE, "card"), DESK)


def shown(loyalty: Harness, membership: Membership) -> Membership:
    return loyalty.ask(ShowMembership(CLARA, membership.id))


def left(loyalty: Harness, membership: Membership) -> list[tuple[int, int]]:
    """What is left on each counter, and what is set aside of it."""
    return [(counter.left, counter.reserved) for counter in shown(loyalty, membership).remaining]


def entries(loyalty: Harness, membership: Membership) -> list[tuple[str, int]]:
    """What became of it, the oldest first."""
    told = loyalty.ask(ListMembershipEntries(CLARA, membership.id, limit=200)).items
    return [(entry.kind, entry.units) for entry in reversed(told)]


def tender(membership: Membership, line_id: UUID = FIRST, amount: int = 100_000, **said: object) -> Tender:
    words: dict[str, object] = {"service_id": HAIRCUT, "category": "hair"}
    return Tender("membership", amount, membership_id=membership.id, line_id=line_id, **(words | said))


def reserve(loyalty: Harness, visit: UUID, *tenders: Tender, **said: object) -> UUID:
    words: dict[str, object] = {"client_id": CLARA, "branch_id": HERE, "currency": "RUB"}
    wanted = ReserveTenders(new_id(), visit, due=1_000_000, tenders=tenders, **(words | said))
    return loyalty.ask(wanted, BOOKING).reservation_id


def paid(loyalty: Harness, visit: UUID, reservation: UUID, amount: int, *lines: VisitLine, version: int = 2) -> None:
    build = completed if version == 2 else refunded
    part = PaidPart("membership", amount, reservation)
    loyalty.deliver(build(visit, CLARA, *(lines or (line(),)), payments=(part,), version=version))


def date_back(loyalty: Harness, membership: Membership, **changes: object) -> None:
    with loyalty.session() as session:
        session.execute(update(memberships).where(memberships.c.id == membership.id).values(**changes))
        session.commit()


# --- types -----------------------------------------------------------------------------------------------------------


def test_a_type_says_what_is_sold_and_later_terms_do_not_touch_what_was_sold(loyalty: Harness) -> None:
    kind = a_type(loyalty, "  Ten   haircuts ", branch_ids=(HERE, HERE))
    assert (kind.name, kind.branch_ids, kind.on_sale, kind.version) == ("Ten haircuts", (HERE,), True, 1)
    membership = sold(loyalty, kind)
    dearer = loyalty.ask(
        ChangeMembershipType(kind.id, 1, price=rub(12_000), valid_days=30, counters=(VisitCounter(1),)), MANAGER
    )
    assert (dearer.price, dearer.valid_days, dearer.version) == (rub(12_000), 30, 2)
    assert shown(loyalty, membership) == membership
    assert loyalty.ask(ShowMembershipType(kind.id), HERSELF) == dearer
    with pytest.raises(Stale):
        loyalty.ask(ChangeMembershipType(kind.id, 1, name="Other"), MANAGER)
    assert loyalty.ask(ChangeMembershipType(kind.id, 2, name="Ten haircuts"), MANAGER) == dearer


def test_what_is_not_on_sale_any_more_is_not_sold(loyalty: Harness) -> None:
    kind = a_type(loyalty)
    loyalty.ask(ChangeMembershipType(kind.id, 1, on_sale=False), MANAGER)
    with pytest.raises(Conflict, match="membership_type_not_on_sale"):
        sold(loyalty, kind)
    assert loyalty.ask(ListMembershipTypes(on_sale=True)).items == ()
    assert [each.id for each in loyalty.ask(ListMembershipTypes()).items] == [kind.id]


def test_what_cannot_be_a_type(loyalty: Harness) -> None:
    a_type(loyalty)
    for said, code in (
        ({"name": "  "}, "name_blank"),
        ({"counters": ()}, "counters_or_amount"),
        ({"amount": rub(5)}, "counters_or_amount"),
        ({"counters": (), "amount": rub(0)}, "amount_not_positive"),
        ({"price": Money(1, "EUR")}, "currency_differs"),
        ({"branch_ids": (HERE, numbered(9))}, "branch_unknown"),
        ({"counters": (VisitCounter(1), VisitCounter(1, (HAIRCUT, numbered(9))))}, "service_unknown"),
    ):
        with pytest.raises(Invalid, match=code):
            a_type(loyalty, **({"name": "Other"} | said))
    with pytest.raises(Conflict, match="membership_type_exists"):
        a_type(loyalty, "TEN HAIRCUTS")
    with pytest.raises(Forbidden):
        loyalty.ask(CreateMembershipType("Other", rub(1), 1, amount=rub(1)), DESK)
    with pytest.raises(NotFound, match="membership_type_not_found"):
        loyalty.ask(ShowMembershipType(numbered(9)))


# --- selling and seeing ----------------------------------------------------------------------------------------------


def test_a_membership_has_the_terms_of_its_type_from_now_on(loyalty: Harness) -> None:
    kind = a_type(loyalty, counters=(VisitCounter(10, (HAIRCUT,)), VisitCounter(1, (), ("body",))))
    membership = sold(loyalty, kind)
    assert (membership.name, membership.price, membership.state) == ("Ten haircuts", rub(9_000), "active")
    assert membership.expires_at - membership.sold_at == 90 * DAY
    assert [(each.unit, each.granted, each.left) for each in membership.remaining] == [
        ("visits", 10, 10),
        ("visits", 1, 1),
    ]
    (fact,) = loyalty.announced(MembershipSold)
    assert (fact.membership_id, fact.client_id, fact.price, fact.paid_by) == (membership.id, CLARA, 9_000, "card")
    assert entries(loyalty, membership) == [("sold", 10), ("sold", 1)]


def test_what_cannot_be_sold_to_whom(loyalty: Harness) -> None:
    kind = a_type(loyalty, branch_ids=(ELSEWHERE,))
    with pytest.raises(Invalid, match="membership_other_branch"):
        sold(loyalty, kind)
    with pytest.raises(Invalid, match="membership_type_unknown"):
        loyalty.ask(SellMembership(CLARA, numbered(9), HERE, "cash"), DESK)
    with pytest.raises(Invalid, match="branch_unknown"):
        loyalty.ask(SellMembership(CLARA, kind.id, numbered(9), "cash"), DESK)
    with pytest.raises(NotFound, match="branch_not_found"):
        loyalty.ask(SellMembership(CLARA, kind.id, ELSEWHERE, "cash"), DESK)
    with pytest.raises(NotFound, match="client_not_found"):
        loyalty.ask(SellMembership(numbered(9), kind.id, HERE, "cash"), DESK)


def test_clara_sees_hers_and_boris_nobodys(loyalty: Harness) -> None:
    other = numbered(7)
    loyalty.deliver(registered(other, home_branch_id=HERE))
    membership = sold(loyalty)
    foreign = sold(loyalty, a_type(loyalty, "Other"), other)
    (hers,) = loyalty.ask(ListMemberships(CLARA), HERSELF).items
    assert (hers.id, hers.sold_by) == (membership.id, None)
    assert {each.author_id for each in loyalty.ask(ListMembershipEntries(CLARA, membership.id), HERSELF).items} == {
        None
    }
    his = boris("memberships.read", "memberships.freeze")
    for caller in (HERSELF, his):
        for request in (
            ListMemberships(other),
            ShowMembership(other, foreign.id),
            ListMembershipEntries(other, foreign.id),
        ):
            with pytest.raises(NotFound, match="client_not_found"):
                loyalty.ask(request, caller)
    with pytest.raises(NotFound, match="client_not_found"):
        loyalty.ask(FreezeMembership(other, foreign.id, 1), his)
    with pytest.raises(NotFound, match="membership_not_found"):
        loyalty.ask(ShowMembership(CLARA, foreign.id), DESK)


def test_lists_of_a_client_in_pages_and_of_what_is_usable(loyalty: Harness) -> None:
    kind = a_type(loyalty)
    first, second, third = (sold(loyalty, kind) for _ in range(3))
    page = loyalty.ask(ListMemberships(CLARA, limit=2))
    assert [each.id for each in page.items] == [third.id, second.id]
    assert [each.id for each in loyalty.ask(ListMemberships(CLARA, limit=2, cursor=page.next)).items] == [first.id]
    date_back(loyalty, first, expires_at=utc_now())
    loyalty.ask(FreezeMembership(CLARA, second.id, 3), DESK)
    assert [each.id for each in loyalty.ask(ListMemberships(CLARA, usable=True)).items] == [third.id]


# --- using -----------------------------------------------------------------------------------------------------------


def test_a_visit_on_a_line_takes_one_from_its_counter(loyalty: Harness) -> None:
    membership, visit = sold(loyalty), new_id()
    reservation = reserve(loyalty, visit, tender(membership))
    assert left(loyalty, membership) == [(2, 1)]
    paid(loyalty, visit, reservation, 100_000)
    paid(loyalty, visit, reservation, 100_000)
    assert left(loyalty, membership) == [(1, 0)]
    assert entries(loyalty, membership) == [("sold", 2), ("used", -1)]


def test_money_is_used_by_amounts(loyalty: Harness) -> None:
    membership, visit = sold(loyalty, a_type(loyalty, counters=(), amount=rub(150_000))), new_id()
    reservation = reserve(loyalty, visit, tender(membership, service_id=COLOUR))
    paid(loyalty, visit, reservation, 100_000)
    assert left(loyalty, membership) == [(50_000, 0)]
    paid(loyalty, visit, reservation, 40_000, line(refunded=60_000), version=3)
    assert left(loyalty, membership) == [(110_000, 0)]
    assert entries(loyalty, membership) == [("sold", 150_000), ("used", -100_000), ("given_back", 60_000)]
    with pytest.raises(Invalid, match="membership_balance_too_small"):
        reserve(loyalty, new_id(), tender(membership, amount=110_001))


def test_the_refund_of_a_line_gives_its_visit_back_once(loyalty: Harness) -> None:
    hair, visit = sold(loyalty), new_id()
    colour = sold(loyalty, a_type(loyalty, "Colours", counters=(VisitCounter(1, (COLOUR,)),)))
    lines = (line(line_id=FIRST), line(50_000, line_id=SECOND, service_id=COLOUR))
    reservation = reserve(
        loyalty, visit, tender(hair), tender(colour, SECOND, 50_000, service_id=COLOUR, category="colour")
    )
    paid(loyalty, visit, reservation, 150_000, *lines)
    assert (left(loyalty, hair), left(loyalty, colour)) == ([(1, 0)], [(0, 0)])
    back = (lines[0], line(50_000, line_id=SECOND, service_id=COLOUR, refunded=50_000))
    for _ in range(2):
        paid(loyalty, visit, reservation, 100_000, *back, version=3)
    assert (left(loyalty, hair), left(loyalty, colour)) == ([(1, 0)], [(1, 0)])
    assert entries(loyalty, colour) == [("sold", 1), ("used", -1), ("given_back", 1)]
    assert entries(loyalty, hair) == [("sold", 2), ("used", -1)]


def test_a_part_of_a_visit_is_not_given_back(loyalty: Harness) -> None:
    membership, visit = sold(loyalty), new_id()
    reservation = reserve(loyalty, visit, tender(membership))
    paid(loyalty, visit, reservation, 100_000)
    paid(loyalty, visit, reservation, 40_000, line(refunded=60_000), version=3)
    assert left(loyalty, membership) == [(1, 0)]
    paid(loyalty, visit, reservation, 0, line(refunded=100_000), version=4)
    assert left(loyalty, membership) == [(2, 0)]


def test_what_comes_back_to_an_expired_one_can_be_used_for_a_month(loyalty: Harness) -> None:
    membership, visit = sold(loyalty), new_id()
    reservation = reserve(loyalty, visit, tender(membership))
    paid(loyalty, visit, reservation, 100_000)
    date_back(loyalty, membership, expires_at=utc_now())
    loyalty.tick()
    assert (shown(loyalty, membership).state, left(loyalty, membership)) == ("expired", [(0, 0)])
    paid(loyalty, visit, reservation, 0, line(refunded=100_000), version=3)
    assert (shown(loyalty, membership).state, left(loyalty, membership)) == ("active", [(1, 0)])
    assert entries(loyalty, membership) == [("sold", 2), ("used", -1), ("expired", -1), ("given_back", 1)]


def test_what_is_set_aside_outlives_the_expiry(loyalty: Harness) -> None:
    membership, visit = sold(loyalty), new_id()
    reservation = reserve(loyalty, visit, tender(membership))
    date_back(loyalty, membership, expires_at=utc_now())
    loyalty.tick()
    paid(loyalty, visit, reservation, 100_000)
    loyalty.tick()
    assert entries(loyalty, membership) == [("sold", 2), ("used", -1), ("expired", -1)]


def test_every_refusal_says_why_and_where(loyalty: Harness) -> None:
    other = numbered(7)
    loyalty.deliver(registered(other))
    kind = a_type(loyalty, branch_ids=(HERE,))
    good, used, over, frozen = (sold(loyalty, kind) for _ in range(4))
    theirs = sold(loyalty, kind, other)
    for _ in range(2):
        visit = new_id()
        paid(loyalty, visit, reserve(loyalty, visit, tender(used)), 100_000)
    date_back(loyalty, over, expires_at=utc_now())
    loyalty.ask(FreezeMembership(CLARA, frozen.id, 3), DESK)
    for wanted, said, code in (
        (tender(used), {}, "membership_used_up"),
        (tender(over), {}, "membership_expired"),
        (tender(frozen), {}, "membership_frozen"),
        (tender(theirs), {}, "membership_unknown"),
        (tender(good, service_id=COLOUR), {}, "membership_other_service"),
        (tender(good), {"branch_id": ELSEWHERE}, "membership_other_branch"),
        (tender(good), {"currency": "EUR"}, "membership_other_currency"),
        (Tender("membership", 1), {}, "membership_missing"),
        (Tender("membership", 1, membership_id=numbered(9)), {}, "membership_unknown"),
    ):
        with pytest.raises(Invalid) as refused:
            reserve(loyalty, new_id(), wanted, **said)
        assert (refused.value.code, set(refused.value.details["errors"])) == (code, {"tenders.0.membership_id"})
    assert left(loyalty, good) == [(2, 0)]


def test_of_two_at_once_one_gets_the_last_visit(loyalty: Harness) -> None:
    membership = sold(loyalty, a_type(loyalty, counters=(VisitCounter(1, (HAIRCUT,)),)))
    outcomes: list[str] = []
    together = threading.Barrier(6)

    def use() -> None:
        together.wait()
        try:
            reserve(loyalty, new_id(), tender(membership))
            outcomes.append("reserved")
        except Invalid as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["membership_used_up"] * 5 + ["reserved"]


# --- freezing --------------------------------------------------------------------------------------------------------


def test_a_freeze_moves_the_expiry_and_ending_it_gives_the_days_back(loyalty: Harness) -> None:
    membership = sold(loyalty)
    frozen = loyalty.ask(FreezeMembership(CLARA, membership.id, 10), DESK)
    assert (frozen.state, frozen.freeze_days_left) == ("frozen", 4)
    assert frozen.expires_at == membership.expires_at + 10 * DAY
    with pytest.raises(Invalid, match="freeze_too_long"):
        loyalty.ask(FreezeMembership(CLARA, membership.id, 5, utc_now() + 20 * DAY), DESK)
    again = loyalty.ask(UnfreezeMembership(CLARA, membership.id), DESK)
    assert (again.state, again.freeze_days_left) == ("active", 13)
    assert again.expires_at == membership.expires_at + DAY
    assert entries(loyalty, membership) == [("sold", 2), ("frozen", 10), ("unfrozen", -9)]
    with pytest.raises(Conflict, match="membership_not_frozen"):
        loyalty.ask(UnfreezeMembership(CLARA, membership.id), DESK)
    reserve(loyalty, new_id(), tender(membership))


def test_a_freeze_ahead_is_taken_back_without_a_trace_in_the_expiry(loyalty: Harness) -> None:
    membership = sold(loyalty)
    later = loyalty.ask(FreezeMembership(CLARA, membership.id, 7, utc_now() + 5 * DAY), DESK)
    assert (later.state, len(later.freezes)) == ("active", 1)
    with pytest.raises(Conflict, match="membership_frozen_then"):
        loyalty.ask(FreezeMembership(CLARA, membership.id, 6), DESK)
    with pytest.raises(Invalid, match="freeze_in_past"):
        loyalty.ask(FreezeMembership(CLARA, membership.id, 1, utc_now() - DAY), DESK)
    back = loyalty.ask(UnfreezeMembership(CLARA, membership.id), DESK)
    assert (back.expires_at, back.freeze_days_left, back.freezes) == (membership.expires_at, 14, ())


def test_ending_a_freeze_takes_back_a_later_one_that_would_begin_after_the_expiry(loyalty: Harness) -> None:
    membership = sold(loyalty, a_type(loyalty, valid_days=2))
    loyalty.ask(FreezeMembership(CLARA, membership.id, 10), DESK)
    loyalty.ask(FreezeMembership(CLARA, membership.id, 4, utc_now() + 11 * DAY), DESK)
    back = loyalty.ask(UnfreezeMembership(CLARA, membership.id), DESK)
    assert (back.expires_at, back.freeze_days_left) == (membership.expires_at + DAY, 13)
    assert [freeze.starts < utc_now() for freeze in back.freezes] == [True]
    assert entries(loyalty, membership)[-1] == ("unfrozen", -13)


def test_what_may_not_be_frozen_says_so(loyalty: Harness) -> None:
    membership = sold(loyalty, a_type(loyalty, freeze_days=0))
    with pytest.raises(Invalid, match="freeze_too_long"):
        loyalty.ask(FreezeMembership(CLARA, membership.id, 1), DESK)
    with pytest.raises(Forbidden):
        loyalty.ask(FreezeMembership(CLARA, membership.id, 1), anna("memberships.read"))


# --- people and the database -----------------------------------------------------------------------------------------


def test_a_merge_moves_memberships_and_they_pay_under_either_id(loyalty: Harness) -> None:
    other = numbered(7)
    loyalty.deliver(registered(other))
    membership = sold(loyalty, client_id=other)
    loyalty.deliver(merged(CLARA, other))
    assert shown(loyalty, membership).client_id == CLARA
    reserve(loyalty, new_id(), tender(membership), client_id=other)
    with pytest.raises(Gone, match="merged"):
        loyalty.ask(ListMemberships(other))


def test_the_export_has_them_and_after_the_erasure_nobody_is_shown_them(loyalty: Harness) -> None:
    membership = sold(loyalty)
    (held,) = loyalty.ask(ExportFromLoyalty(CLARA), a_service("clients")).passes.memberships
    assert held.id == membership.id
    loyalty.deliver(erased(CLARA))
    with pytest.raises(Gone):
        loyalty.ask(ListMemberships(CLARA))


def test_entries_of_memberships_stay_and_counters_are_what_they_say(loyalty: Harness) -> None:
    membership = sold(loyalty)
    loyalty.ask(FreezeMembership(CLARA, membership.id, 2), DESK)
    for statement in (
        update(membership_entries).values(units=5),
        membership_entries.delete(),
        update(membership_counters).values(remaining=1),
        update(membership_counters).values(remaining=-1),
        update(membership_counters).values(reserved=3),
        update(memberships).values(frozen_days=15),
        memberships.delete(),
    ):
        with loyalty.session() as session, pytest.raises(DBAPIError):
            session.execute(statement)
            session.commit()
    assert left(loyalty, membership) == [(2, 0)]
