"""Services. What is booked keeps the times and prices of when it was booked."""

from collections.abc import Sequence
from typing import Any

from msgspec import to_builtins
from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import booking as wire
from contracts.message import HEALTH
from kernel.caller import Caller
from kernel.errors import Forbidden
from services.booking.domain.catalogue import Terms, check_once, check_terms, name_of
from services.booking.domain.health import check_conditions
from services.booking.domain.wish import Phase
from services.booking.queries import salon
from services.booking.tables import services
from services.booking.usecases.salon.branch_prices import check_ranges, resolve_branch_prices, set_branch_prices
from services.booking.usecases.salon.categories import category_named
from services.booking.usecases.salon.changes import change_row, changes_of, check_picture, check_version
from services.booking.usecases.salon.money import amount_of, check_prices

MONEY = ("price", "price_max", "cost")
PLAIN = (
    "duration_minutes", "buffer_before_minutes", "buffer_after_minutes", "bookable_online", "active", "description",
    "picture_id", "capacity", "repeat_days",
)  # fmt: skip
TERMS = {
    "duration_minutes", "buffer_before_minutes", "buffer_after_minutes", "price", "price_max", "phases", "capacity",
}  # fmt: skip
SHAPED = ("name", "category", "phases", "room_kinds", "policy", "contraindications")


def create_service(session: Session, request: wire.CreateService, caller: Caller) -> wire.Service:
    said = changes_of(request, *MONEY, *PLAIN, *SHAPED)
    if request.contraindications:
        _must_see_health(caller)
    _check(session, said, said)
    check_ranges(request.price.amount, request.branch_prices, said=True)
    resolve_branch_prices(session, request.branch_prices, (), caller)
    values = _kept(session, said) | {"id": new_id(), "currency": request.price.currency}
    session.execute(insert(services).values(values))
    set_branch_prices(session, values["id"], request.branch_prices)
    return salon.show_service(session, values["id"])


def change_service(session: Session, request: wire.ChangeService, caller: Caller) -> wire.Service:
    service = salon.show_service(session, request.id)
    check_version(request.version, service.version)
    said = changes_of(request, *MONEY, *PLAIN, *SHAPED)
    by_branch = changes_of(request, "branch_prices")
    if not (said or by_branch):
        return service
    if "contraindications" in said:
        _must_see_health(caller)
    entries: Sequence[wire.BranchPrice] = by_branch.get("branch_prices", service.branch_prices)
    whole = {name: getattr(service, name) for name in (*MONEY, *PLAIN, *SHAPED)} | said
    _check(session, said, whole)
    check_ranges(whole["price"].amount, entries, said=bool(by_branch))
    if by_branch:
        resolve_branch_prices(session, entries, service.branch_prices, caller)
    change_row(session, services, service.id, service.version, _kept(session, said))
    if by_branch:
        set_branch_prices(session, service.id, entries)
    return salon.show_service(session, service.id)


def _must_see_health(caller: Caller) -> None:
    """Who may not see health marks no services: a mark and a booking are a question about anybody's health."""
    if not caller.sees(HEALTH):
        raise Forbidden("permission_missing", "this needs the right to see health")


def _check(session: Session, said: dict[str, Any], whole: dict[str, Any]) -> None:
    """Refuse what is `said` if the `whole` service could not be so."""
    check_prices(session, [(field, said.get(field)) for field in MONEY])
    if said.keys() & TERMS:
        check_terms(_terms(whole), said)
    kinds = [name_of(f"room_kinds.{place}", kind) for place, kind in enumerate(said.get("room_kinds", ()))]
    check_once("room_kinds.{}", kinds, "room_kind_twice", "one unit of a kind is taken")
    check_picture(session, said.get("picture_id"))


def _terms(whole: dict[str, Any]) -> Terms:
    return Terms(
        duration=whole["duration_minutes"],
        before=whole["buffer_before_minutes"],
        after=whole["buffer_after_minutes"],
        price=whole["price"].amount,
        price_max=amount_of(whole["price_max"]),
        phases=tuple(Phase(phase.minutes, phase.busy) for phase in whole["phases"]),
        capacity=whole["capacity"],
    )


def _kept(session: Session, said: dict[str, Any]) -> dict[str, Any]:
    """What is said, as it is kept."""
    values = dict(said)
    for field in MONEY:
        if field in said:
            values[field] = amount_of(said[field])
    if "name" in said:
        values["name"] = name_of("name", said["name"])
    if "room_kinds" in said:
        values["room_kinds"] = [kind.strip() for kind in said["room_kinds"]]
    if "category" in said:
        values["category"] = category_named(session, name_of("category", said["category"]))
    if "contraindications" in said:
        conditions = check_conditions([each.condition for each in said["contraindications"]])
        marks = zip(conditions, said["contraindications"], strict=True)
        values["contraindications"] = [{"condition": text, "severity": mark.severity} for text, mark in marks]
    for field in ("phases", "policy"):
        if field in said:
            values[field] = to_builtins(said[field])
    return values
