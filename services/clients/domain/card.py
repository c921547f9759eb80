"""What a card may say."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import zip_longest
from uuid import UUID

from kernel.errors import Invalid
from services.clients.domain.labels import Labels

EARLIEST_BIRTH = date(1900, 1, 1)

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True)
class Person:
    """What a card says of a person; all of it is kept encrypted. Phones are E.164."""

    first_name: str
    last_name: str | None = None
    patronymic: str | None = None
    preferred_name: str | None = None
    phones: tuple[str, ...] = ()
    phone_labels: tuple[str, ...] = ()
    email: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    source_detail: str | None = None
    source_campaign: str | None = None
    wishes: str | None = None
    comment: str | None = None
    reference: str | None = None

    @property
    def called(self) -> str:
        """How to call them: the name they prefer before the one in the passport, and the family name."""
        return " ".join(name for name in (self.preferred_name or self.first_name, self.last_name) if name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(n for n in (self.first_name, self.last_name, self.patronymic, self.preferred_name) if n)


@dataclass(frozen=True)
class Times:
    """A weekday (0 is Monday) and wall-clock times `HH:MM` that suit a client."""

    weekday: int
    starts: str
    ends: str


@dataclass(frozen=True)
class Card:
    """A client. `channel` is as it was given; channels are compared by `channel_key`. `sorted_…`: what a rule gave."""

    id: UUID
    person: Person
    registered_at: datetime
    contraindications: tuple[str, ...] = ()
    channel: str | None = None
    referrer_id: UUID | None = None
    home_branch_id: UUID | None = None
    favourite_master_id: UUID | None = None
    favourite_service_ids: tuple[UUID, ...] = ()
    convenient_times: tuple[Times, ...] = ()
    importance: str = "none"
    category_ids: tuple[UUID, ...] = ()
    version: int = 1
    sorted_category_ids: tuple[UUID, ...] = ()
    sorted_importance: bool = False

    @property
    def known_to_others(self) -> tuple[object, ...]:
        """What an event tells; a change of anything else is nobody's business."""
        labels = (frozenset(self.category_ids), self.importance)
        measured = (self.person.sex, birth_band(self.person.birth_date))
        return channel_key(self.channel), self.referrer_id, self.home_branch_id, self.registered_at, labels, measured

    @property
    def labels(self) -> Labels:
        return Labels(self.category_ids, self.importance, self.sorted_category_ids, self.sorted_importance)

    def wearing(self, labels: Labels) -> "Card":
        return replace(
            self,
            category_ids=labels.category_ids,
            importance=labels.importance,
            sorted_category_ids=labels.by_rule,
            sorted_importance=labels.importance_by_rule,
        )

    @property
    def by_hand(self) -> "Card":
        """The card as people wrote it."""
        return self.wearing(self.labels.by_hand)


def channel_key(channel: str | None) -> str | None:
    """By which two spellings of a channel are the same one."""
    return None if channel is None else channel.strip().casefold()


def birth_band(birth_date: date | None) -> int | None:
    """The first of the five years in which somebody was born: all that others are told of when it was."""
    return None if birth_date is None else birth_date.year - birth_date.year % 5


# --- what a card may say --------------------------------------------------------------------------------------------


def checked(card: Card, today: date, place: str = "") -> Card:
    """`card` without outer spaces, or `Invalid` naming the field below `place` (`clients.3.`)."""
    person = _tidy(card.person)
    if not person.first_name:
        raise Invalid.field(f"{place}first_name", "name_blank", "a first name has at least one letter")
    if person.email is not None and not EMAIL.fullmatch(person.email):
        raise Invalid.field(f"{place}email", "email_invalid", "this is not an e-mail address")
    if person.birth_date is not None and not EARLIEST_BIRTH <= person.birth_date <= today:
        raise Invalid.field(f"{place}birth_date", "birth_date_impossible", "nobody who lives was born then")
    if card.channel is not None and not card.channel.strip():
        raise Invalid.field(f"{place}source.channel", "channel_blank", "a channel has a name")
    if len(person.phone_labels) > len(person.phones):
        raise Invalid.field(f"{place}phone_labels", "labels_too_many", "a label belongs to the phone at its place")
    for index, times in enumerate(card.convenient_times):
        if times.starts >= times.ends:
            field = f"{place}preferences.convenient_times.{index}"
            raise Invalid.field(field, "times_reversed", "convenient times end after they begin")
    for index, text in enumerate(card.contraindications):
        if not text.strip():
            raise Invalid.field(f"{place}contraindications.{index}", "text_blank", "a contraindication says something")
    return replace(
        card,
        person=person,
        channel=card.channel and card.channel.strip(),
        category_ids=tuple(dict.fromkeys(card.category_ids)),
        contraindications=tuple(text.strip() for text in card.contraindications),
    )


def refuse_impossible_registration(registered_at: datetime, now: datetime, place: str) -> None:
    """Whoever comes from another system was registered there at some time up to now."""
    field = f"{place}registered_at"
    if registered_at.tzinfo is None:
        raise Invalid.field(field, "offset_missing", "an instant has an offset")
    if registered_at > now:
        raise Invalid.field(field, "registered_in_future", "nobody was registered after now")
    if registered_at.year < EARLIEST_BIRTH.year:
        raise Invalid.field(field, "registered_too_early", "nobody who lives was registered then")


def _tidy(person: Person) -> Person:
    def tidy(text: str | None) -> str | None:
        return (text.strip() or None) if text is not None else None

    # The first label of a phone that comes twice stays; a list that is too long is left for the refusal.
    if len(person.phone_labels) > len(person.phones):
        return person
    labels: dict[str, str] = {}
    for phone, label in zip_longest(person.phones, person.phone_labels, fillvalue=""):
        labels.setdefault(phone, label.strip())
    return replace(
        person,
        first_name=person.first_name.strip(),
        last_name=tidy(person.last_name),
        patronymic=tidy(person.patronymic),
        preferred_name=tidy(person.preferred_name),
        email=tidy(person.email),
        phones=tuple(labels),
        phone_labels=tuple(labels.values()) if any(labels.values()) else (),
    )
