"""What a card says that two cards of one person have become."""

from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import zip_longest
from typing import Any
from uuid import UUID

from kernel.errors import Invalid
from services.clients.domain.card import Card, Person
from services.clients.domain.finding import words_of
from services.clients.domain.labels import MOST_CATEGORIES

MOST_PHONES, MOST_CONTRAINDICATIONS = 10, 50

OF_THE_PERSON = (
    "first_name", "last_name", "patronymic", "preferred_name", "email", "sex", "birth_date", "wishes", "comment",
)  # fmt: skip
OF_THE_CARD = ("home_branch_id", "favourite_master_id", "favourite_service_ids", "convenient_times", "importance")
NOTHING: tuple[Any, ...] = (None, (), "none")


def united(
    kept: Card, duplicate: Card, take: Collection[str], may_have_brought: Callable[[UUID], bool]
) -> tuple[Card, tuple[str, ...]]:
    """`kept` with what it lacks, and with what `take` names, from `duplicate`; and the fields that came from there.

    `may_have_brought` says of a referrer whether they are somebody else, and were not brought by one of the two.
    """
    taken: list[str] = []

    def chosen(name: str, ours: Any, theirs: Any) -> bool:
        other = theirs not in NOTHING and theirs != ours and (name in take or ours in NOTHING)
        if other:
            taken.append(name)
        return other

    person, card = kept.person, kept
    for name in OF_THE_PERSON:
        if chosen(name, getattr(kept.person, name), getattr(duplicate.person, name)):
            person = replace(person, **{name: getattr(duplicate.person, name)})
    for name in OF_THE_CARD:
        if chosen(name, getattr(kept, name), getattr(duplicate, name)):
            card = replace(card, **{name: getattr(duplicate, name)})
    if chosen("source", kept.channel, duplicate.channel):
        theirs = duplicate.person
        card = replace(card, channel=duplicate.channel)
        person = replace(person, source_detail=theirs.source_detail, source_campaign=theirs.source_campaign)
    referrer_id = _referrer(kept, duplicate, take, may_have_brought)
    if referrer_id is not None and referrer_id != kept.referrer_id:
        taken.append("referrer_id")
    card = replace(
        card,
        person=_with_phones(person, kept.person, duplicate.person),
        referrer_id=referrer_id,
        registered_at=min(kept.registered_at, duplicate.registered_at),
        contraindications=_contraindications(kept, duplicate),
        category_ids=_bounded((*kept.category_ids, *duplicate.category_ids), MOST_CATEGORIES, "categories"),
        version=kept.version + 1,
    )
    return card, tuple(taken)


def _referrer(
    kept: Card, duplicate: Card, take: Collection[str], may_have_brought: Callable[[UUID], bool]
) -> UUID | None:
    """The one of the card that is kept, else of the other; nobody whom one of the two has brought."""
    claims = [kept.referrer_id, duplicate.referrer_id]
    if "referrer_id" in take:
        claims.reverse()
    return next((one for one in claims if one is not None and may_have_brought(one)), None)


def _with_phones(person: Person, kept: Person, duplicate: Person) -> Person:
    labels: dict[str, str] = {}
    for each in (kept, duplicate):
        for phone, label in zip_longest(each.phones, each.phone_labels, fillvalue=""):
            labels[phone] = labels.get(phone) or label
    phones = _bounded(labels, MOST_PHONES, "phones")
    return replace(person, phones=phones, phone_labels=tuple(labels.values()) if any(labels.values()) else ())


def _contraindications(kept: Card, duplicate: Card) -> tuple[str, ...]:
    """Those of both, each once, however it is written."""
    said = {text.casefold(): text for text in (*duplicate.contraindications, *kept.contraindications)}
    both = (*kept.contraindications, *duplicate.contraindications)
    return _bounded([said[text.casefold()] for text in both], MOST_CONTRAINDICATIONS, "contraindications")


def _bounded(values: Collection[Any], most: int, what: str) -> tuple[Any, ...]:
    """Each of `values` once, in order; a card that would have too many cannot be written."""
    found = tuple(dict.fromkeys(values))
    if len(found) > most:
        raise Invalid.field("duplicate_id", f"{what}_too_many", f"together the cards have more than {most} {what}")
    return found


# --- who may be one person -------------------------------------------------------------------------------------------


def much_the_same_name(one: Person, other: Person) -> bool:
    """Whether two people may be called the same: the words of one name are those of the other, but for a letter.

    Words are compared as in the search; one may be missing (a patronymic), one may be a short form that the other
    begins with, and in each one letter may be another, missing or too many.
    """
    ours, theirs = words_of(one.names), words_of(other.names)
    few, many = sorted((ours, theirs), key=len)
    if not few:
        return False
    met = sum(any(_nearly(word, each) for each in many) for word in few)
    return met == len(few) if len(few) <= 2 else met >= len(few) - 1


def _nearly(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if short == long or (len(short) >= 3 and long.startswith(short)):
        return True
    return len(long) >= 4 and len(long) - len(short) <= 1 and _one_letter_off(short, long)


def _one_letter_off(short: str, long: str) -> bool:
    same = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]
