"""Create and change what memberships are sold."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from contracts.loyalty import ChangeMembershipType, CreateMembershipType, MembershipType, VisitCounter
from contracts.message import UNSET
from kernel.errors import Conflict, Invalid, Stale
from kernel.money import Money
from services.loyalty.domain.memberships import refuse_terms
from services.loyalty.domain.names import key_of, named
from services.loyalty.queries.memberships import row_of_type, type_view
from services.loyalty.tables.memberships import membership_types
from services.loyalty.usecases.asking import Asked

REFUSALS = {
    "uq_membership_types_name_key": Conflict("membership_type_exists", "there is a type of memberships of this name")
}


def create_type(session: Session, request: CreateMembershipType, asked: Asked) -> MembershipType:
    return _kept(session, _terms(request, asked) | {"id": new_id(), "on_sale": True, "version": 1}, None)


def change_type(session: Session, request: ChangeMembershipType, asked: Asked) -> MembershipType:
    """What was sold before keeps the terms that it was sold on."""
    row = row_of_type(session, request.id, locked=True)
    if row.version != request.version:
        raise Stale("version_stale", "somebody has changed it since")
    old = type_view(row)
    said = {name: _either(getattr(request, name), getattr(old, name)) for name in _TERMS}
    values = _terms(CreateMembershipType(**said), asked)
    values["on_sale"] = _either(request.on_sale, old.on_sale)
    if all(row._mapping[name] == value for name, value in values.items()):  # noqa: SLF001  public in SQLAlchemy
        return old
    return _kept(session, values | {"version": row.version + 1}, row.id)


_TERMS = ("name", "price", "valid_days", "counters", "amount", "freeze_days", "branch_ids")


def _either(said: Any, old: Any) -> Any:
    return old if said is UNSET else said


def _terms(request: CreateMembershipType, asked: Asked) -> dict[str, Any]:
    """The columns of a type; refused if they make no sense."""
    name = named(request.name)
    refuse_terms(
        request.price,
        request.amount,
        len(request.counters),
        valid_days=request.valid_days,
        freeze_days=request.freeze_days,
        currency=asked.currency,
    )
    _refuse_unknown(request.counters, request.branch_ids, asked)
    return {
        "name": name,
        "name_key": key_of(name),
        "price": request.price.amount,
        "currency": request.price.currency,
        "counters": [_stored(counter) for counter in request.counters],
        "amount": _minor(request.amount),
        "valid_days": request.valid_days,
        "freeze_days": request.freeze_days,
        "branch_ids": list(dict.fromkeys(request.branch_ids)),
    }


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.amount


def _stored(counter: VisitCounter) -> dict[str, Any]:
    return {
        "visits": counter.visits,
        "service_ids": [str(service) for service in dict.fromkeys(counter.service_ids)],
        "categories": list(dict.fromkeys(counter.categories)),
    }


def _refuse_unknown(counters: Sequence[VisitCounter], branch_ids: Sequence[UUID], asked: Asked) -> None:
    for index, branch_id in enumerate(branch_ids):
        if branch_id in asked.unknown_branches:
            raise Invalid.field(f"branch_ids.{index}", "branch_unknown", "there is no such branch")
    for place, counter in enumerate(counters):
        for index, service_id in enumerate(counter.service_ids):
            if service_id in asked.unknown_services:
                field = f"counters.{place}.service_ids.{index}"
                raise Invalid.field(field, "service_unknown", "there is no such service")


def _kept(session: Session, values: dict[str, Any], type_id: UUID | None) -> MembershipType:
    table = membership_types
    try:
        with session.begin_nested():
            if type_id is None:
                return type_view(session.execute(insert(table).values(values).returning(table)).one())
            statement = update(table).where(table.c.id == type_id).values(values).returning(table)
            return type_view(session.execute(statement).one())
    except IntegrityError as error:
        raise refusal_of(error, REFUSALS) from None
