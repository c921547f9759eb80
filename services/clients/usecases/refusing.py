"""What stands against a card that is right in itself: other cards, and the branches of the caller."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.clients import ChangeClient
from contracts.message import HEALTH, UNSET
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from services.clients import domain, queries
from services.clients.usecases.desk import Desk, Entered

REFERRERS = 1_001  # advisory lock


def refuse_foreign_branch(branch_id: UUID | None, already: UUID | None, desk: Desk, place: str = "") -> None:
    """Refuse a home that is no branch, or none of the caller's."""
    if branch_id is None or branch_id == already:
        return
    if branch_id in desk.unknown_branches:
        raise Invalid.field(f"{place}home_branch_id", "branch_unknown", "there is no such branch")
    if not desk.caller.in_branch(branch_id):
        raise NotFound("branch_not_found", "there is no such branch")


def refuse_unknown_favourites(card: domain.Card, desk: Desk, before: domain.Card | None = None) -> None:
    """Refuse a favourite that the salon does not have, unless it stood on the card already."""
    unknown = desk.unknown_favourites
    if before is not None:
        unknown -= {before.favourite_master_id, *before.favourite_service_ids}
    if card.favourite_master_id in unknown:
        raise Invalid.field("preferences.favourite_master_id", "master_unknown", "there is no such master")
    for index, service_id in enumerate(card.favourite_service_ids):
        if service_id in unknown:
            field = f"preferences.favourite_service_ids.{index}"
            raise Invalid.field(field, "service_unknown", "there is no such service")


def refuse_unseen_health(request: ChangeClient, caller: Caller) -> None:
    """Contraindications are replaced as a whole: who does not see them would take away what guards the client."""
    if request.contraindications is not UNSET and not caller.sees(HEALTH):
        problem = {"contraindications": ["this needs the right to see health"]}
        raise Forbidden("mark_missing", "contraindications of clients are not yours to change", errors=problem)


def refuse_unknown_referrers(session: Session, entered: Sequence[Entered]) -> None:
    named = {one.card.referrer_id for one in entered if one.card.referrer_id}
    known = queries.living(session, named, held=True)
    for one in entered:
        if one.card.referrer_id is not None and one.card.referrer_id not in known:
            raise Invalid.field(f"{one.place}referrer_id", "referrer_unknown", "there is no such client")


def refuse_referrer(session: Session, client_id: UUID, referrer_id: UUID) -> None:
    """One change of a referrer at a time: two that are right alone could make a loop together."""
    known = queries.living(session, [referrer_id], held=True)  # rows before the lock, as who merges cards takes them
    session.execute(select(func.pg_advisory_xact_lock(REFERRERS)))
    domain.refuse_loop(client_id, referrer_id, queries.above(session, referrer_id))
    if not known:
        raise Invalid.field("referrer_id", "referrer_unknown", "there is no such client")


def refuse_taken_phones(
    session: Session, entered: Sequence[Entered], fresh: Mapping[UUID, set[str]], desk: Desk
) -> None:
    """Refuse a `fresh` phone of a card that somebody has, or that comes twice here, unless it is shared by right."""
    blind = {phone: desk.vault.blind_phone(phone) for phones in fresh.values() for phone in phones}
    holders = queries.who_has(session, blind.values()) if blind else {}
    here: set[str] = set()
    for one in entered:
        for index, phone in enumerate(one.card.person.phones):
            if phone not in fresh[one.card.id] or one.shared:
                continue
            holder = holders.get(blind[phone])
            if holder is not None or phone in here:
                raise client_exists(session, holder, f"{one.place}phones.{index}", desk.caller)
        here.update(one.card.person.phones)


def client_exists(session: Session, holder: UUID | None, field: str, caller: Caller) -> Refusal:
    """Whose phone it is, for those who may see that card."""
    details: dict[str, Any] = {"errors": {field: ["somebody is registered with this phone"]}}
    if holder is not None and queries.may_see(session, holder, caller):
        details["client_id"] = str(holder)
    return Conflict("client_exists", "somebody is registered with this phone", **details)
