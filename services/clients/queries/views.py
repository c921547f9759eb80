"""A card as it is shown."""

from dataclasses import replace

from contracts.clients import Client, Completeness, ConvenientTime, FieldValue, Preferences, Source
from services.clients import domain


def view(card: domain.Card) -> Client:
    person = card.person
    return Client(
        id=card.id,
        first_name=person.first_name,
        last_name=person.last_name,
        patronymic=person.patronymic,
        preferred_name=person.preferred_name,
        sex=person.sex,  # type: ignore[arg-type]  # it came in as one of the two words
        source=None if card.channel is None else Source(card.channel, person.source_detail, person.source_campaign),
        referrer_id=card.referrer_id,
        home_branch_id=card.home_branch_id,
        preferences=Preferences(
            favourite_master_id=card.favourite_master_id,
            favourite_service_ids=card.favourite_service_ids,
            convenient_times=tuple(ConvenientTime(t.weekday, t.starts, t.ends) for t in card.convenient_times),
            wishes=person.wishes,
        ),
        comment=person.comment,
        registered_at=card.registered_at,
        version=card.version,
        phones=person.phones,
        email=person.email,
        birth_date=person.birth_date,
        contraindications=card.contraindications,
        reference=person.reference,
        phone_labels=person.phone_labels,
        importance=card.importance,  # type: ignore[arg-type]  # the database keeps these words only
        category_ids=card.category_ids,
    )


def full_view(card: domain.Card, custom: tuple[FieldValue, ...]) -> Client:
    """A single card, with what is still to be asked of the person."""
    completeness = Completeness(domain.completeness(card), domain.missing(card))
    return replace(view(card), completeness=completeness, custom=custom)
