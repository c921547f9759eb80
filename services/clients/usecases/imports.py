"""Take over the cards of another system, all of a batch or none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.outbox import announce
from contracts.clients import (
    SHARE_PHONE,
    ImportClients,
    Imported,
    ImportedClient,
    ImportedClients,
    PersonalDataHandled,
)
from kernel.errors import Invalid
from services.clients import domain, queries
from services.clients.usecases.categories import refuse_unknown_categories
from services.clients.usecases.desk import Desk, Entered
from services.clients.usecases.entering import enter
from services.clients.usecases.keeping import keep_new
from services.clients.usecases.refusing import refuse_unknown_referrers
from services.clients.vault import Vault

IMPORTS = 1_002  # advisory lock


def take_over(session: Session, request: ImportClients, desk: Desk) -> ImportedClients:
    """Make the cards whose references are new, all or none of them."""
    if any(said.shared_phone for said in request.clients):
        desk.caller.must(SHARE_PHONE)
    indexes = _reference_indexes(request.clients, desk.vault)
    # One import at a time: two of the same export would else both find nothing.
    session.execute(select(func.pg_advisory_xact_lock(IMPORTS)))
    stored = queries.by_reference(session, {*indexes, *_referrer_indexes(request.clients, desk.vault)})
    fresh = {
        said.reference: new_id() for said, index in zip(request.clients, indexes, strict=True) if index not in stored
    }
    entered = []
    for place, said in enumerate(request.clients):
        if said.reference in fresh:
            referrer = _referrer(said, place, fresh, stored, desk.vault)
            entered.append(_enter_imported(said, place, fresh[said.reference], referrer, desk))
    here = set(fresh.values())
    refuse_unknown_referrers(session, [one for one in entered if one.card.referrer_id not in here])
    for one in entered:
        refuse_unknown_categories(session, one.card.category_ids, one.place)
    ordered = domain.referrers_first(
        [one.card.person.reference or "" for one in entered],
        {
            said.reference: said.referrer_reference
            for said in request.clients
            if said.reference in fresh and said.referrer_reference in fresh
        },
    )
    keep_new(session, [entered[place] for place in ordered], desk)
    if entered:
        counted = {"cards": (str(len(entered)),)}
        announce(
            session,
            PersonalDataHandled("clients.imported", "client", desk.now, actor_id=desk.caller.id, details=counted),
        )
    return ImportedClients(
        tuple(
            Imported(said.reference, fresh.get(said.reference) or stored[index], said.reference in fresh)
            for said, index in zip(request.clients, indexes, strict=True)
        )
    )


def _reference_indexes(said: Sequence[ImportedClient], vault: Vault) -> list[bytes]:
    seen: set[str] = set()
    for place, one in enumerate(said):
        field = f"clients.{place}.reference"
        if not one.reference.strip():
            raise Invalid.field(field, "reference_missing", "every card of an import has a reference")
        if one.reference in seen:
            raise Invalid.field(field, "reference_repeated", "this reference comes twice")
        seen.add(one.reference)
    return [vault.blind_reference(one.reference) for one in said]


def _referrer_indexes(said: Sequence[ImportedClient], vault: Vault) -> list[bytes]:
    return [vault.blind_reference(one.referrer_reference) for one in said if one.referrer_reference]


def _referrer(
    said: ImportedClient, place: int, fresh: Mapping[str, UUID], stored: Mapping[bytes, UUID], vault: Vault
) -> UUID | None:
    if not said.referrer_reference:
        return said.referrer_id
    field = f"clients.{place}.referrer_reference"
    if said.referrer_id is not None:
        raise Invalid.field(field, "referrer_twice", "name the referrer by id or by reference, not both")
    referrer = fresh.get(said.referrer_reference) or stored.get(vault.blind_reference(said.referrer_reference))
    if referrer is None:
        raise Invalid.field(field, "referrer_unknown", "nobody came with this reference")
    return referrer


def _enter_imported(said: ImportedClient, place: int, client_id: UUID, referrer: UUID | None, desk: Desk) -> Entered:
    entered = enter(said, desk, f"clients.{place}.", client_id)
    card = entered.card
    if said.registered_at is not None:
        domain.refuse_impossible_registration(said.registered_at, desk.now, f"clients.{place}.")
        card = replace(card, registered_at=said.registered_at.astimezone(UTC))
    card = replace(card, person=replace(card.person, reference=said.reference), referrer_id=referrer)
    return replace(entered, card=card)
