"""Which cards may be one person's: by a phone or an e-mail that both have, or by birth date and name.

Each request does a bounded part of the work: it walks a piece of the index of phones and e-mails, then opens the cards
of some birthdays. So a page may be short, and the next one goes on from where the work has stopped.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from msgspec import Meta
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import LikelyCard, LikelyDuplicates, ListLikelyDuplicates
from contracts.message import Page
from kernel.caller import Caller
from services.clients import domain
from services.clients.domain.merges import much_the_same_name
from services.clients.queries.sight import among, visible
from services.clients.tables import birthdays, card_rows, clients, not_duplicates
from services.clients.vault import Vault

PERMISSION = "clients.merge"
WALKED = 20_000  # entries of the index in one request
OPENED = 4_000  # cards in one request, and at most so many of one birthday
NEIGHBOURS = 20  # of one birth date, in the order of their names, are compared with each other
NOBODY, LAST = UUID(int=0), UUID(int=2**128 - 1)
BY_ENTRY, BY_BIRTHDAY = "entry", "birthday"


class Place(NamedTuple):
    """How far the work has come: a pair of cards, or one that is behind all pairs, below one blind value (hex)."""

    stage: str
    kind: str
    value: str
    first: UUID
    second: UUID


HEX = Annotated[str, Meta(pattern=r"^([0-9a-f]{2})*\Z", max_length=128)]
CURSOR = (Literal["entry", "birthday"], Literal["", "email", "phone"], HEX, UUID, UUID)
BEGINNING = Place(BY_ENTRY, "", "", NOBODY, NOBODY)


@dataclass
class Found:
    """A pair, and the place that it stands at."""

    place: Place
    reason: Any


PAIRS = text(
    """
    WITH walked AS MATERIALIZED (
        SELECT kind, value, client_id FROM search_index
        WHERE (kind, value, client_id) >= (:kind, :value, :first)
        ORDER BY kind, value, client_id LIMIT :walked
    )
    SELECT walked.kind, walked.value, walked.client_id AS first, other.client_id AS second
    FROM walked CROSS JOIN LATERAL (
        SELECT client_id FROM search_index AS entry
        WHERE entry.kind = walked.kind AND entry.value = walked.value AND entry.client_id > walked.client_id
        ORDER BY client_id LIMIT :neighbours
    ) AS other
    WHERE (walked.kind, walked.value, walked.client_id, other.client_id) > (:kind, :value, :first, :second)
    ORDER BY walked.kind, walked.value, walked.client_id, other.client_id
    """
)

WALKED_TO = text(
    """
    SELECT kind, value, client_id FROM search_index WHERE (kind, value, client_id) >= (:kind, :value, :first)
    ORDER BY kind, value, client_id OFFSET :walked - 1 LIMIT 1
    """
)


def likely_duplicates(
    session: Session, request: ListLikelyDuplicates, caller: Caller, vault: Vault
) -> Page[LikelyDuplicates]:
    place = Place(*decode_cursor(request.cursor, *CURSOR)) if request.cursor else BEGINNING
    if place.stage == BY_ENTRY:
        some, end = _by_entries(session, place)
    else:
        some, end = _by_birthdays(session, place, caller, vault)
    shown = list(islice(_shown(session, some, caller, vault), request.limit + 1))
    if len(shown) > request.limit:
        shown = shown[: request.limit]
        end = shown[-1][0]
    return Page(tuple(view for _, view in shown), encode_cursor(*end) if end else None)


# --- the same phone or e-mail ----------------------------------------------------------------------------------------


def _by_entries(session: Session, place: Place) -> tuple[list[Found], Place | None]:
    """Pairs in a piece of the index, and where it ends: behind the whole index birthdays begin."""
    asked = {
        "kind": place.kind,
        "value": bytes.fromhex(place.value),
        "first": place.first,
        "second": place.second,
        "walked": WALKED,
        "neighbours": NEIGHBOURS,
    }
    found = [
        Found(Place(BY_ENTRY, row.kind, row.value.hex(), row.first, row.second), row.kind)
        for row in session.execute(PAIRS, asked)
    ]
    end = session.execute(WALKED_TO, asked).one_or_none()
    if end is None:
        return found, Place(BY_BIRTHDAY, "", "", NOBODY, NOBODY)
    return found, Place(BY_ENTRY, end.kind, end.value.hex(), end.client_id, LAST)


# --- the same birth date and much the same name ----------------------------------------------------------------------


def _by_birthdays(session: Session, place: Place, caller: Caller, vault: Vault) -> tuple[list[Found], Place | None]:
    """Pairs of some birthdays, and where the next ones begin; None behind the last."""
    found: list[Found] = []
    opened, value = 0, bytes.fromhex(place.value)
    again = place.first != LAST and place.value != ""  # in the middle of this one
    while opened < OPENED:
        if not again:
            after = select(birthdays.c.month_day).where(birthdays.c.month_day > value)
            following = session.scalar(after.order_by(birthdays.c.month_day).limit(1))
            if following is None:
                return found, None
            value = following
        again = False
        cards = _born_on(session, value, caller, vault)
        opened += len(cards)
        pairs = sorted(_alike(cards, vault))
        places = (Place(BY_BIRTHDAY, "", value.hex(), *pair) for pair in pairs)
        found += (Found(each, "birth_date_and_name") for each in places if each > place)
    return found, Place(BY_BIRTHDAY, "", value.hex(), LAST, LAST)


def _born_on(session: Session, month_day: bytes, caller: Caller, vault: Vault) -> list[domain.Card]:
    those = select(birthdays.c.client_id).where(birthdays.c.month_day == month_day)
    wanted = card_rows.where(clients.c.id.in_(those), clients.c.erased_at.is_(None), visible(caller, PERMISSION))
    return list(vault.open(session.execute(wanted.order_by(clients.c.id).limit(OPENED)).all()).values())


def _alike(cards: Sequence[domain.Card], vault: Vault) -> Iterator[tuple[UUID, UUID]]:
    """Pairs of one birth date that may be called the same and have neither a phone nor an e-mail in common."""
    in_order = sorted(cards, key=lambda card: (str(card.person.birth_date), sorted(domain.words_of(card.person.names))))
    for at, card in enumerate(in_order):
        for other in in_order[at + 1 : at + 1 + NEIGHBOURS]:
            if other.person.birth_date != card.person.birth_date:
                break
            apart = not vault.entries(card.person) & vault.entries(other.person)
            if apart and much_the_same_name(card.person, other.person):
                yield (card.id, other.id) if card.id < other.id else (other.id, card.id)


# --- what is shown of it ---------------------------------------------------------------------------------------------


def _shown(
    session: Session, some: Sequence[Found], caller: Caller, vault: Vault
) -> Iterator[tuple[Place, LikelyDuplicates]]:
    """The pairs of which the caller sees both and nobody has said that they are two people."""
    dismissed = _dismissed(session, {each.place.first for each in some})
    cards = _likely_cards(session, {one for each in some for one in each.place[3:]}, caller, vault)
    for each in some:
        first, second = cards.get(each.place.first), cards.get(each.place.second)
        if first and second and (first.id, second.id) not in dismissed:
            yield each.place, LikelyDuplicates(first, second, each.reason)


def _dismissed(session: Session, first_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    pairs = select(not_duplicates.c.first_id, not_duplicates.c.second_id)
    rows = session.execute(pairs.where(among(not_duplicates.c.first_id, first_ids)))
    return {(row.first_id, row.second_id) for row in rows}


def _likely_cards(session: Session, ids: Iterable[UUID], caller: Caller, vault: Vault) -> Mapping[UUID, LikelyCard]:
    wanted = card_rows.where(among(clients.c.id, ids), clients.c.erased_at.is_(None), visible(caller, PERMISSION))
    cards = vault.open(session.execute(wanted).all()).values()
    return {card.id: LikelyCard(card.id, card.person.called, card.registered_at, card.version) for card in cards}
