"""How what a request says becomes a card."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from msgspec import UNSET

from chassis.database import new_id
from contracts.clients import ChangeClient, NewClient, Preferences
from kernel.caller import Caller
from kernel.errors import Invalid
from services.clients import domain
from services.clients.phones import read_phone
from services.clients.usecases.desk import Desk, Entered
from services.clients.usecases.refusing import refuse_foreign_branch


def enter(said: NewClient, desk: Desk, place: str = "", client_id: UUID | None = None) -> Entered:
    card = domain.Card(
        id=client_id or new_id(),
        person=domain.Person(
            first_name=said.first_name,
            last_name=said.last_name,
            patronymic=said.patronymic,
            preferred_name=said.preferred_name,
            phones=read_phones(said.phones, desk, place),
            phone_labels=said.phone_labels,
            email=said.email,
            sex=said.sex,
            birth_date=said.birth_date,
            source_detail=said.source.detail if said.source else None,
            source_campaign=said.source.campaign if said.source else None,
            comment=said.comment,
        ),
        registered_at=desk.now,
        contraindications=said.contraindications,
        channel=said.source.channel if said.source else None,
        referrer_id=said.referrer_id,
        home_branch_id=said.home_branch_id or _only_branch(desk.caller),
        importance=said.importance,
        category_ids=said.category_ids,
    )
    card = domain.checked(preferring(card, said.preferences), desk.now.date(), place)
    refuse_foreign_branch(card.home_branch_id, None, desk, place)
    return Entered(card, place, said.shared_phone)


def preferring(card: domain.Card, preferences: Preferences) -> domain.Card:
    return replace(
        card,
        person=replace(card.person, wishes=preferences.wishes),
        favourite_master_id=preferences.favourite_master_id,
        favourite_service_ids=preferences.favourite_service_ids,
        convenient_times=tuple(domain.Times(t.weekday, t.from_, t.to) for t in preferences.convenient_times),
    )


def read_phones(phones: Iterable[str], desk: Desk, place: str = "") -> tuple[str, ...]:
    read = []
    for index, text in enumerate(phones):
        phone = read_phone(text, desk.phone_region)
        if phone is None:
            raise Invalid.field(f"{place}phones.{index}", "phone_invalid", "there can be no such phone number")
        read.append(phone)
    return tuple(read)


PERSONAL = ("first_name", "last_name", "patronymic", "preferred_name", "email", "sex", "birth_date", "comment")


def changed(card: domain.Card, request: ChangeClient, desk: Desk) -> domain.Card:
    """`card` with what the request says; what it does not say stays."""
    said: dict[str, Any] = {name: getattr(request, name) for name in PERSONAL if getattr(request, name) is not UNSET}
    if request.phones is not UNSET:
        said["phones"] = read_phones(request.phones, desk)
        labels = dict(zip(card.person.phones, card.person.phone_labels, strict=False))  # the last ones may have none
        said["phone_labels"] = tuple(labels.get(phone, "") for phone in said["phones"])
    if request.phone_labels is not UNSET:
        said["phone_labels"] = request.phone_labels
    if request.source is not UNSET:
        said["source_detail"] = request.source.detail if request.source else None
        said["source_campaign"] = request.source.campaign if request.source else None
        card = replace(card, channel=request.source.channel if request.source else None)
    card = replace(card, person=replace(card.person, **said))
    if request.preferences is not UNSET:
        card = preferring(card, request.preferences)
    if request.contraindications is not UNSET:
        card = replace(card, contraindications=request.contraindications)
    if request.importance is not UNSET:
        card = replace(card, importance=request.importance)
    if request.category_ids is not UNSET:
        card = replace(card, category_ids=request.category_ids)
    if request.referrer_id is not UNSET:
        card = replace(card, referrer_id=request.referrer_id)
    if request.home_branch_id is not UNSET:
        card = replace(card, home_branch_id=request.home_branch_id)
    return card


def _only_branch(caller: Caller) -> UUID | None:
    return next(iter(caller.branch_ids)) if not caller.everywhere and len(caller.branch_ids) == 1 else None
