"""Perks: so many of something, never more of it than was given."""

import threading

from contracts.clients import ChangePerk, EraseClient, GivePerk, ListPerks, Perk, RedeemPerk, RemovePerk, ShowPerk
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Stale
from services.clients.tables import perks, redemptions
from tests.builders import HERE, OWNER, a_user, anna
from tests.component.clients.conftest import BORIS, clara, refused
from tests.harness import Harness

DESK = anna("clients.read", "client_perks.redeem")


def coffees(salon: Harness, quantity: int = 2, **card: object) -> Perk:
    return salon.ask(GivePerk(salon.ask(clara(**card)).id, " a free coffee ", quantity))


def test_a_perk_is_redeemed_until_none_is_left(salon: Harness) -> None:
    """Each time is noted: by whom, and when."""
    perk = coffees(salon)
    assert (perk.text, perk.quantity, perk.left, perk.given_by) == ("a free coffee", 2, 2, OWNER.id)
    once = salon.ask(RedeemPerk(perk.client_id, perk.id), DESK)
    assert (once.left, once.version, [one.redeemed_by for one in once.redemptions]) == (1, 2, [DESK.id])
    twice = salon.ask(RedeemPerk(perk.client_id, perk.id))
    assert (twice.left, [one.redeemed_by for one in twice.redemptions]) == (0, [DESK.id, OWNER.id])
    refused(Conflict, "perk_used_up", lambda: salon.ask(RedeemPerk(perk.client_id, perk.id)))
    assert salon.ask(ShowPerk(perk.client_id, perk.id), DESK) == twice


def test_of_many_who_redeem_at_once_only_so_many_get_one(salon: Harness) -> None:
    perk = coffees(salon, 3)
    outcomes: list[str] = []

    def redeem() -> None:
        answer = salon.answer(RedeemPerk(perk.client_id, perk.id))
        outcomes.append(answer.error.code if answer.error else "ok")

    threads = [threading.Thread(target=redeem) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ok"] * 3 + ["perk_used_up"] * 5
    shown = salon.ask(ShowPerk(perk.client_id, perk.id))
    assert (shown.left, len(shown.redemptions)) == (0, 3)


def test_a_repeated_request_redeems_once(salon: Harness) -> None:
    perk = coffees(salon)
    for _ in range(3):
        assert salon.ask(RedeemPerk(perk.client_id, perk.id), key="cup").left == 1


def test_the_list_shows_what_can_still_be_redeemed(salon: Harness) -> None:
    perk = coffees(salon, 1)
    other = salon.ask(GivePerk(perk.client_id, "a hand cream", 5))
    spent = salon.ask(RedeemPerk(perk.client_id, perk.id))
    assert salon.ask(ListPerks(perk.client_id)).items == (spent, other)
    assert salon.ask(ListPerks(perk.client_id, open=True)).items == (other,)
    page = salon.ask(ListPerks(perk.client_id, limit=1))
    assert salon.ask(ListPerks(perk.client_id, limit=1, cursor=page.next)).items == (other,)


def test_a_perk_is_changed_but_not_below_what_was_redeemed(salon: Harness) -> None:
    perk = coffees(salon, 3)
    for _ in range(2):
        salon.ask(RedeemPerk(perk.client_id, perk.id))
    refused(Stale, "version_stale", lambda: salon.ask(ChangePerk(perk.client_id, perk.id, 1, quantity=9)))
    refused(Conflict, "perk_redeemed", lambda: salon.ask(ChangePerk(perk.client_id, perk.id, 3, quantity=1)))
    refused(Invalid, "text_blank", lambda: salon.ask(ChangePerk(perk.client_id, perk.id, 3, text=" ")))
    changed = salon.ask(ChangePerk(perk.client_id, perk.id, 3, text="a free tea", quantity=2))
    assert (changed.text, changed.left, changed.version) == ("a free tea", 0, 4)
    assert salon.ask(RemovePerk(perk.client_id, perk.id, 4)).id == perk.id
    refused(NotFound, "perk_not_found", lambda: salon.ask(ShowPerk(perk.client_id, perk.id)))


def test_boris_may_not_touch_perks_of_clients_of_another_branch(salon: Harness) -> None:
    """Clara sees her own and redeems none by herself."""
    perk = coffees(salon, home_branch_id=HERE)
    for request in (
        GivePerk(perk.client_id, "x"),
        ListPerks(perk.client_id),
        ShowPerk(perk.client_id, perk.id),
        ChangePerk(perk.client_id, perk.id, 1, quantity=9),
        RemovePerk(perk.client_id, perk.id, 1),
    ):
        refused(NotFound, "client_not_found", lambda r=request: salon.ask(r, BORIS))
    refused(Forbidden, "permission_missing", lambda: salon.ask(RedeemPerk(perk.client_id, perk.id), BORIS))
    herself = a_user("clients.read.own", client_id=perk.client_id)
    assert salon.ask(ListPerks(perk.client_id), herself).items == (perk,)
    refused(Forbidden, "permission_missing", lambda: salon.ask(RedeemPerk(perk.client_id, perk.id), herself))
    other = salon.ask(clara(phones=()))
    refused(NotFound, "perk_not_found", lambda: salon.ask(RedeemPerk(other.id, perk.id)))


def test_perks_go_with_the_person(salon: Harness) -> None:
    perk = coffees(salon)
    salon.ask(RedeemPerk(perk.client_id, perk.id))
    salon.ask(EraseClient(perk.client_id, 1))
    refused(Gone, "client_erased", lambda: salon.ask(RedeemPerk(perk.client_id, perk.id)))
    with salon.session() as session:
        assert session.execute(perks.select()).all() == session.execute(redemptions.select()).all() == []
