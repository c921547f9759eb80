"""What a service costs in single branches, and where it is not offered."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Forbidden, Invalid
from services.booking.domain.catalogue import check_once, check_range
from services.booking.queries import salon
from services.booking.tables import branch_prices
from services.booking.usecases.salon.money import amount_of, check_prices


def resolve_branch_prices(
    session: Session, wanted: Sequence[wire.BranchPrice], old: Sequence[wire.BranchPrice], caller: Caller
) -> None:
    """Refuse prices that cannot be, of branches that are not there, or of others than the caller's."""
    place_of = {each.branch_id: place for place, each in enumerate(wanted)}
    twice = "a branch has one price"
    check_once("branch_prices.{}.branch_id", [each.branch_id for each in wanted], "branch_twice", twice)
    for branch_id in salon.unknown_branches(session, list(place_of)).ids:
        field = f"branch_prices.{place_of[branch_id]}.branch_id"
        raise Invalid.field(field, "branch_unknown", "there is no such branch")
    _check_theirs(wanted, old, caller)
    check_prices(
        session,
        [
            (f"branch_prices.{place}.{field}", getattr(each, field))
            for place, each in enumerate(wanted)
            for field in ("price", "price_max")
        ],
    )


def check_ranges(price: int, entries: Sequence[wire.BranchPrice], *, said: bool) -> None:
    """Refuse a range that ends below where it begins: at the price in the branch, else at the service's own `price`.

    That one is to blame if it was not the `entries` that were said.
    """
    for place, each in enumerate(entries):
        from_ = price if each.price is None else each.price.amount
        check_range(f"branch_prices.{place}.price_max" if said else "price", from_, amount_of(each.price_max))


def set_branch_prices(session: Session, service_id: UUID, wanted: Sequence[wire.BranchPrice]) -> None:
    session.execute(delete(branch_prices).where(branch_prices.c.service_id == service_id))
    if wanted:
        session.execute(
            insert(branch_prices),
            [
                {
                    "service_id": service_id,
                    "branch_id": each.branch_id,
                    "price": amount_of(each.price),
                    "price_max": amount_of(each.price_max),
                    "offered": each.offered,
                }
                for each in wanted
            ],
        )


def _check_theirs(wanted: Sequence[wire.BranchPrice], old: Sequence[wire.BranchPrice], caller: Caller) -> None:
    """What stands for other branches stays; a branch that is not the caller's is not there for a new price."""
    before = {each.branch_id: each for each in old}
    after = {each.branch_id: each for each in wanted}
    for branch_id in after.keys() - before.keys():
        salon.must_be_theirs(branch_id, caller)
    for branch_id, entry in before.items():
        if after.get(branch_id) != entry and not caller.in_branch(branch_id):
            raise Forbidden("branch_not_yours", "the price of a branch that is not yours stays as it is")
