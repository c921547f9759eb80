"""How much of what a salon wants to know of a client a card says."""

from services.clients.domain.card import Card

# What each field is worth. A phone reminds, a source and a birthday pay back; the rest is comfort. They add up to 100.
PHONES = 25
SOURCE = 15
BIRTH_DATE = 15
LAST_NAME = 10
EMAIL = 10
SEX = 5
HOME_BRANCH = 5
FAVOURITE_MASTER = 5
CONVENIENT_TIMES = 5
PREFERRED_NAME = 5


def missing(card: Card) -> tuple[str, ...]:
    """The fields that say nothing, those that are worth most first."""
    return tuple(field for field, _, known in _weighed(card) if not known)


def completeness(card: Card) -> int:
    """0 to 100."""
    return sum(worth for _, worth, known in _weighed(card) if known)


def _weighed(card: Card) -> tuple[tuple[str, int, bool], ...]:
    person = card.person
    return (
        ("phones", PHONES, bool(person.phones)),
        ("source", SOURCE, card.channel is not None),
        ("birth_date", BIRTH_DATE, person.birth_date is not None),
        ("last_name", LAST_NAME, person.last_name is not None),
        ("email", EMAIL, person.email is not None),
        ("sex", SEX, person.sex is not None),
        ("home_branch_id", HOME_BRANCH, card.home_branch_id is not None),
        ("preferences.favourite_master_id", FAVOURITE_MASTER, card.favourite_master_id is not None),
        ("preferences.convenient_times", CONVENIENT_TIMES, bool(card.convenient_times)),
        ("preferred_name", PREFERRED_NAME, person.preferred_name is not None),
    )
