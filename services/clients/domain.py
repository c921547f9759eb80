"""The rules of client cards: what a card may say, how it is found, and who may have brought whom."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from kernel.errors import Invalid

EARLIEST_BIRTH = date(1900, 1, 1)
SHORTEST_PREFIX = 2
LONGEST_PREFIX = 12  # longer words are found by their first letters and told apart after decryption
LAST_DIGITS = 4

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Person:
    """What a card says of a person; all of it is kept encrypted. Phones are E.164."""

    first_name: str
    last_name: str | None = None
    patronymic: str | None = None
    preferred_name: str | None = None
    phones: tuple[str, ...] = ()
    email: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    source_detail: str | None = None
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
    """A client. `channel` is as it was given; channels are compared by `channel_key`."""

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
    version: int = 1

    @property
    def known_to_others(self) -> tuple[object, ...]:
        """What an event tells; a change of anything else is nobody's business."""
        return channel_key(self.channel), self.referrer_id, self.home_branch_id


def channel_key(channel: str | None) -> str | None:
    """By which two spellings of a channel are the same one."""
    return None if channel is None else channel.strip().casefold()


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

    return replace(
        person,
        first_name=person.first_name.strip(),
        last_name=tidy(person.last_name),
        patronymic=tidy(person.patronymic),
        preferred_name=tidy(person.preferred_name),
        email=tidy(person.email),
        phones=tuple(dict.fromkeys(person.phones)),
    )


# --- how a card is found --------------------------------------------------------------------------------------------


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of `texts` as they are compared: without case, accents and the dots of ё and й."""
    words: set[str] = set()
    for text in texts:
        # Twice, because a compatibility form may come apart into letters that have a case.
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        words.update(WORD.findall("".join(letter for letter in decomposed if not unicodedata.combining(letter))))
    return frozenset(words)


def prefixes_of(words: Iterable[str]) -> frozenset[str]:
    """Every beginning of every word that is worth an index entry."""
    return frozenset(
        word[:length] for word in words for length in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX) + 1)
    )


def comparable_email(email: str) -> str:
    return email.strip().casefold()


@dataclass(frozen=True)
class Wanted:
    """What somebody who searches means; a card that fits any of it is found, by name only if all words begin so."""

    words: frozenset[str] = frozenset()
    phone: str | None = None
    last_digits: str | None = None
    email: str | None = None

    @property
    def prefixes(self) -> frozenset[str]:
        """The index entries that a card found by name has, all of them."""
        return frozenset(word[:LONGEST_PREFIX] for word in self.words if len(word) >= SHORTEST_PREFIX)

    def fits(self, person: Person) -> bool:
        """Whether `person` is really meant: an index of prefixes finds more than that."""
        if self.phone is not None and self.phone in person.phones:
            return True
        if self.last_digits is not None and any(phone.endswith(self.last_digits) for phone in person.phones):
            return True
        if self.email is not None and person.email is not None and comparable_email(person.email) == self.email:
            return True
        names = words_of(person.names)
        return bool(self.words) and all(any(name.startswith(word) for name in names) for word in self.words)


def wanted(q: str, phone: str | None) -> Wanted:
    """Read `q`; `phone` is what it is as an E.164 number, if it is one."""
    text = q.strip()
    if "@" in text:
        return Wanted(email=comparable_email(text))
    is_last = len(text) == LAST_DIGITS and text.isdecimal()
    return Wanted(words=words_of([text]), phone=phone, last_digits=text if is_last else None)


# --- who brought whom -----------------------------------------------------------------------------------------------


def refuse_loop(client_id: UUID, referrer_id: UUID, above_referrer: Iterable[UUID], place: str = "") -> None:
    """Nobody brought themselves, and nobody was brought by somebody whom they brought.

    `above_referrer` are those who brought the referrer, and those who brought them, to the top.
    """
    field = f"{place}referrer_id"
    if referrer_id == client_id:
        raise Invalid.field(field, "referrer_is_self", "nobody brings themselves")
    if client_id in above_referrer:
        raise Invalid.field(field, "referrer_cycle", "the client brought this person, directly or through others")


def referrers_first(references: Sequence[str], referrers: Mapping[str, str]) -> list[int]:
    """The places of `references` in an order in which everybody comes after the one who brought them.

    `referrers` maps a reference to its referrer's within the same batch. `Invalid` for loops, naming a place.
    """
    places = {reference: place for place, reference in enumerate(references)}
    order: list[int] = []
    done: set[str] = set()
    for reference in references:
        chain: list[str] = []
        below: set[str] = set()
        current: str | None = reference
        while current is not None and current not in done:
            if current in below:
                code = "referrer_is_self" if referrers[current] == current else "referrer_cycle"
                field = f"clients.{places[current]}.referrer_reference"
                raise Invalid.field(field, code, "the referrers of this batch go round in a circle")
            chain.append(current)
            below.add(current)
            current = referrers.get(current)
        done.update(chain)
        order.extend(places[link] for link in reversed(chain))
    return order
