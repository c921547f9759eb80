"""Loyalty cards: a number that tells the desk whose it is, until it is blocked."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from contracts.booking import CheckBranches, UnknownBranches
from contracts.loyalty import (
    BlockLoyaltyCard,
    ChangeLoyaltyCardType,
    CreateLoyaltyCardType,
    ExportFromLoyalty,
    IssueLoyaltyCard,
    ListLoyaltyCardEntries,
    ListLoyaltyCards,
    ListLoyaltyCardTypes,
    LookUpLoyaltyCard,
    LoyaltyCard,
    LoyaltyCardType,
    ShowLoyaltyCard,
    ShowLoyaltyCardType,
)
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Stale, Throttled
from services.loyalty.domain.certificates import FREE
from services.loyalty.domain.loyalty_cards import check_digit, new_number
from services.loyalty.tables import loyalty_card_entries, loyalty_cards
from tests.builders import CLARA, ELSEWHERE, HERE, a_service, a_user, anna, boris
from tests.facts import erased, merged, numbered, registered
from tests.harness import Harness

DESK = anna("loyalty_cards.read", "loyalty_cards.issue", "loyalty_cards.block")
MANAGER = anna("loyalty_cards.read", "loyalty_card_types.edit")
HERSELF = a_user("loyalty_cards.read.own", client_id=CLARA)


@pytest.fixture
def loyalty(start) -> Harness:
    service = start("loyalty")
    service.others.answers[CheckBranches] = lambda asked: UnknownBranches(tuple(set(asked.ids) - {HERE, ELSEWHERE}))
    service.deliver(registered(CLARA, home_branch_id=HERE))
    return service


def a_type(loyalty: Harness, name: str = "Gold") -> LoyaltyCardType:
    return loyalty.ask(CreateLoyaltyCardType(name, "#ffd700", "Level gold"), MANAGER)


def issued(loyalty: Harness, number: str | None = None, client_id: UUID = CLARA) -> LoyaltyCard:
    known = loyalty.ask(ListLoyaltyCardTypes()).items
    kind = known[0] if known else a_type(loyalty)
    return loyalty.ask(IssueLoyaltyCard(client_id, kind.id, HERE, number), DESK)


def history(loyalty: Harness, card: LoyaltyCard) -> list[str]:
    return [entry.kind for entry in loyalty.ask(ListLoyaltyCardEntries(CLARA, card.id)).items]


def test_types_have_names_of_their_own(loyalty: Harness) -> None:
    kind = a_type(loyalty)
    assert (kind.name, kind.colour, kind.stands_for, kind.version) == ("Gold", "#ffd700", "Level gold", 1)
    with pytest.raises(Conflict, match="card_type_exists"):
        a_type(loyalty, " gold ")
    changed = loyalty.ask(ChangeLoyaltyCardType(kind.id, 1, name="Platinum", stands_for=None), MANAGER)
    assert (changed.name, changed.stands_for, changed.version) == ("Platinum", None, 2)
    assert loyalty.ask(ChangeLoyaltyCardType(kind.id, 2), MANAGER) == changed
    assert loyalty.ask(ShowLoyaltyCardType(kind.id), HERSELF) == changed
    with pytest.raises(Stale):
        loyalty.ask(ChangeLoyaltyCardType(kind.id, 1, name="Tin"), MANAGER)
    for name in ("  ", ""):
        with pytest.raises(Invalid):
            a_type(loyalty, name)
    with pytest.raises(Forbidden):
        loyalty.ask(CreateLoyaltyCardType("Tin"), DESK)


def test_a_card_gets_a_number_that_tells_whose_it_is(loyalty: Harness) -> None:
    card = issued(loyalty)
    assert (card.client_id, card.type_name, card.state, card.issued_by) == (CLARA, "Gold", "active", DESK.id)
    assert len(card.number) == 13
    assert check_digit(card.number[:-1]) == card.number[-1]
    assert loyalty.ask(LookUpLoyaltyCard(f"{card.number[:4]} {card.number[4:]}"), DESK) == card
    assert loyalty.ask(ListLoyaltyCards(CLARA), DESK).items == (card,)
    assert history(loyalty, card) == ["issued"]


def test_a_number_that_is_printed_already_is_taken_once(loyalty: Harness) -> None:
    card = issued(loyalty, " vip-0017 ")
    assert card.number == "VIP0017"
    with pytest.raises(Conflict, match="card_number_taken") as refused:
        issued(loyalty, "VIP 0017")
    assert set(refused.value.details["errors"]) == {"number"}
    with pytest.raises(Invalid, match="card_number_malformed"):
        issued(loyalty, "№")


def test_what_cannot_be_issued(loyalty: Harness) -> None:
    kind = a_type(loyalty)
    with pytest.raises(Invalid, match="card_type_unknown"):
        loyalty.ask(IssueLoyaltyCard(CLARA, numbered(9), HERE), DESK)
    with pytest.raises(Invalid, match="branch_unknown"):
        loyalty.ask(IssueLoyaltyCard(CLARA, kind.id, numbered(9)), DESK)
    with pytest.raises(NotFound, match="branch_not_found"):
        loyalty.ask(IssueLoyaltyCard(CLARA, kind.id, ELSEWHERE), DESK)
    with pytest.raises(NotFound, match="client_not_found"):
        loyalty.ask(IssueLoyaltyCard(numbered(9), kind.id, HERE), DESK)


def test_a_lost_card_is_replaced_and_its_number_still_tells_that_it_is_blocked(loyalty: Harness) -> None:
    card = issued(loyalty)
    blocked = loyalty.ask(BlockLoyaltyCard(CLARA, card.id, "lost", replace=True), DESK)
    assert (blocked.state, blocked.block_reason) == ("blocked", "lost")
    new = loyalty.ask(ShowLoyaltyCard(CLARA, blocked.replaced_by_id), DESK)
    assert (new.state, new.type_id) == ("active", card.type_id)
    assert new.number != card.number
    assert loyalty.ask(LookUpLoyaltyCard(card.number), DESK).state == "blocked"
    assert (history(loyalty, card), history(loyalty, new)) == (["issued", "replaced"], ["issued"])
    with pytest.raises(Conflict, match="card_blocked"):
        loyalty.ask(BlockLoyaltyCard(CLARA, card.id, "lost"), DESK)
    page = loyalty.ask(ListLoyaltyCards(CLARA, limit=1))
    assert [each.id for each in page.items] == [new.id]
    assert [each.id for each in loyalty.ask(ListLoyaltyCards(CLARA, limit=1, cursor=page.next)).items] == [card.id]


def test_blocking_alone_takes_no_number(loyalty: Harness) -> None:
    card = issued(loyalty)
    with pytest.raises(Invalid, match="number_of_nothing"):
        loyalty.ask(BlockLoyaltyCard(CLARA, card.id, "stolen", number="1234"), DESK)
    blocked = loyalty.ask(BlockLoyaltyCard(CLARA, card.id, "stolen"), DESK)
    assert (blocked.state, blocked.replaced_by_id) == ("blocked", None)
    assert history(loyalty, card) == ["issued", "blocked"]


def test_a_taken_number_for_the_replacement_leaves_the_card_as_it_was(loyalty: Harness) -> None:
    card, other = issued(loyalty), issued(loyalty, "VIP-1")
    with pytest.raises(Conflict, match="card_number_taken"):
        loyalty.ask(BlockLoyaltyCard(CLARA, card.id, "lost", replace=True, number=other.number), DESK)
    assert loyalty.ask(ShowLoyaltyCard(CLARA, card.id)) == card


def test_boris_may_not_and_clara_sees_hers(loyalty: Harness) -> None:
    card = issued(loyalty)
    his = boris("loyalty_cards.read", "loyalty_cards.block")
    for request in (
        ShowLoyaltyCard(CLARA, card.id),
        ListLoyaltyCards(CLARA),
        ListLoyaltyCardEntries(CLARA, card.id),
        BlockLoyaltyCard(CLARA, card.id, "lost"),
    ):
        with pytest.raises(NotFound, match="client_not_found"):
            loyalty.ask(request, his)
    with pytest.raises(NotFound, match="card_not_found"):
        loyalty.ask(LookUpLoyaltyCard(card.number), his)
    assert loyalty.ask(ListLoyaltyCards(CLARA), HERSELF).items == (replace(card, issued_by=None),)
    assert loyalty.ask(LookUpLoyaltyCard(card.number), HERSELF).id == card.id
    with pytest.raises(NotFound):
        loyalty.ask(LookUpLoyaltyCard(card.number), replace(HERSELF, client_id=numbered(9)))


def test_who_guesses_numbers_has_to_wait(loyalty: Harness) -> None:
    card = issued(loyalty)
    for number in range(FREE):
        with pytest.raises(NotFound, match="card_not_found"):
            loyalty.ask(LookUpLoyaltyCard(new_number(number)), DESK)
    with pytest.raises(Throttled, match="too_many_look_ups"):
        loyalty.ask(LookUpLoyaltyCard(card.number), DESK)


def test_a_merge_moves_cards(loyalty: Harness) -> None:
    other = numbered(7)
    loyalty.deliver(registered(other))
    card = issued(loyalty, client_id=other)
    loyalty.deliver(merged(CLARA, other))
    assert loyalty.ask(LookUpLoyaltyCard(card.number), DESK).client_id == CLARA
    assert history(loyalty, card) == ["issued", "moved"]


def test_an_erasure_closes_cards_and_leaves_no_number(loyalty: Harness) -> None:
    card = issued(loyalty)
    (held,) = loyalty.ask(ExportFromLoyalty(CLARA), a_service("clients")).passes.loyalty_cards
    assert held.number == card.number
    loyalty.deliver(erased(CLARA))
    with pytest.raises(NotFound, match="card_not_found"):
        loyalty.ask(LookUpLoyaltyCard(card.number), DESK)
    with pytest.raises(Gone):
        loyalty.ask(ListLoyaltyCards(CLARA))
    with loyalty.session() as session:
        row = session.execute(select(loyalty_cards)).one()
    assert (row.state, row.number, row.client_id) == ("closed", None, None)


def test_the_history_of_a_card_stays(loyalty: Harness) -> None:
    issued(loyalty)
    for statement in (update(loyalty_card_entries).values(kind="moved"), loyalty_card_entries.delete()):
        with loyalty.session() as session, pytest.raises(DBAPIError):
            session.execute(statement)
            session.commit()
