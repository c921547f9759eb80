"""The facts that bear on some clients, in one look: theirs, those of the people below them, and claims above."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from services.loyalty.domain.facts import (
    Bill,
    BillLine,
    Card,
    Erased,
    Exclusion,
    Fact,
    Occasion,
    PersonalDiscount,
    Review,
    Segmented,
    Staff,
)

# `near` are those who are asked about and everybody who ever named them, so many levels down. `above` are all whom any
# of these ever named, and so on up: whether claims close a loop is seen there. Each is looked up by itself (OFFSET 0):
# how many rows come of a recursion nobody can estimate, and a plan that reads whole tables grows with the forest.
# Of segments only those are read that a programme (`segments`) or a promotion has ever named; one that was removed has
# no members from then on.
FACTS = text(
    """
    WITH RECURSIVE below (client_id, level) AS (
        SELECT unnest(CAST(:clients AS UUID[])), 0
        UNION
        SELECT named.client_id, below.level + 1 FROM below CROSS JOIN LATERAL (
            SELECT client_id FROM claims WHERE referrer_id = below.client_id OFFSET 0) AS named
        WHERE below.level < :depth
    ), near AS (
        SELECT DISTINCT client_id FROM below
    ), above (client_id) AS (
        SELECT client_id FROM near
        UNION
        SELECT named.referrer_id FROM above CROSS JOIN LATERAL (
            SELECT referrer_id FROM claims WHERE client_id = above.client_id AND referrer_id IS NOT NULL OFFSET 0
        ) AS named
    )
    SELECT 'card' AS kind, fact.said FROM above CROSS JOIN LATERAL (
        SELECT CAST(json_build_array(client_id, version, claimed_at, referrer_id, source_id, channel, home_branch_id,
            shared_contact, to_json(category_ids), importance) AS TEXT) AS said
        FROM claims WHERE client_id = above.client_id OFFSET 0) AS fact
    UNION ALL
    SELECT 'bill', fact.said FROM near CROSS JOIN LATERAL (
        SELECT CAST(json_build_array(appointment_id, version, client_id, branch_id, at, completed_at, starts,
            local_date, currency, lines, paid, tendered) AS TEXT) AS said
        FROM bills WHERE client_id = near.client_id OFFSET 0) AS fact
    UNION ALL
    SELECT 'staff', fact.said FROM near CROSS JOIN LATERAL (
        SELECT CAST(json_build_array(client_id, at, staff) AS TEXT) AS said
        FROM staff WHERE client_id = near.client_id OFFSET 0) AS fact
    UNION ALL
    SELECT 'review', fact.said FROM near CROSS JOIN LATERAL (
        SELECT CAST(json_build_array(client_id, referrer_id, at, holds) AS TEXT) AS said
        FROM reviews WHERE client_id = near.client_id OFFSET 0) AS fact
    UNION ALL
    SELECT 'erased', fact.said FROM near CROSS JOIN LATERAL (
        SELECT CAST(json_build_array(client_id, erased_at) AS TEXT) AS said
        FROM clients WHERE client_id = near.client_id AND erased_at IS NOT NULL OFFSET 0) AS fact
    UNION ALL
    SELECT 'personal', CAST(json_build_array(client_id, version, stated_at, CAST(percent AS TEXT), valid_from,
        valid_until) AS TEXT)
    FROM personal_discounts WHERE client_id = ANY(:clients)
    UNION ALL
    SELECT 'occasion', CAST(json_build_array(client_id, kind, year, at, open) AS TEXT)
    FROM occasions WHERE client_id = ANY(:clients)
    UNION ALL
    SELECT 'given', CAST(json_build_array(client_id, completed_at, appointment_id, once, budget) AS TEXT)
    FROM grants WHERE client_id = ANY(:clients) AND (once <> '{}' OR budget <> 0)
    UNION ALL
    SELECT 'exclusion', CAST(json_build_array(client_id, at, excluded, rule) AS TEXT)
    FROM exclusions WHERE client_id = ANY(:clients)
    UNION ALL
    SELECT 'segment', fact.said
    FROM segment_changes AS change LEFT JOIN removed_segments AS gone ON gone.segment_id = change.segment_id
    CROSS JOIN LATERAL (
        SELECT CAST(json_build_array(client_id, change.segment_id, card_id, change.position, change.at, member) AS TEXT)
            AS said
        UNION
        SELECT CAST(json_build_array(client_id, change.segment_id, card_id, gone.position, gone.at, FALSE) AS TEXT)
        WHERE gone.position IS NOT NULL) AS fact
    WHERE change.client_id = ANY(:clients) AND change.segment_id IN (
        SELECT unnest(CAST(:segments AS UUID[]))
        UNION
        SELECT CAST(jsonb_array_elements_text(document -> 'segment_ids') AS UUID)
        FROM promotion_versions WHERE document -> 'segment_ids' <> '[]')
    """
)


class Given(NamedTuple):
    """What one visit was given of what bears on later ones."""

    client_id: UUID
    completed_at: datetime
    appointment_id: UUID
    once: tuple[str, ...]
    budget: int

    @property
    def order(self) -> tuple[datetime, UUID]:
        return self.completed_at, self.appointment_id


class _Card(NamedTuple):
    client_id: UUID
    version: int
    at: datetime
    referrer_id: UUID | None
    source_id: UUID | None
    channel: str | None
    home_branch_id: UUID | None
    shared_contact: bool
    category_ids: frozenset[UUID]
    importance: str


class _Line(NamedTuple):
    line_id: UUID
    kind: str
    price: int
    discount: int
    refunded: int
    service_id: UUID | None
    category: str | None
    cost: int | None


class _Bill(NamedTuple):
    appointment_id: UUID
    version: int
    client_id: UUID
    branch_id: UUID
    at: datetime
    completed_at: datetime | None
    starts: datetime
    local_date: date
    currency: str
    lines: tuple[_Line, ...]
    paid: int
    tendered: int


class _Personal(NamedTuple):
    client_id: UUID
    version: int
    at: datetime
    percent: Decimal | None
    valid_from: datetime | None
    valid_until: datetime | None


class _Occasion(NamedTuple):
    client_id: UUID
    kind: str
    year: int
    at: datetime
    open: bool


class _Staff(NamedTuple):
    client_id: UUID
    at: datetime
    staff: bool


class _Exclusion(NamedTuple):
    client_id: UUID
    at: datetime
    excluded: bool
    rule: str | None


class _Review(NamedTuple):
    client_id: UUID
    referrer_id: UUID
    at: datetime
    holds: bool


class _Segmented(NamedTuple):
    client_id: UUID
    segment_id: UUID
    card_id: UUID
    position: int
    at: datetime
    member: bool


class _Erased(NamedTuple):
    client_id: UUID
    at: datetime


_READ: dict[str, tuple[Callable[[str], Any], Callable[..., Fact]]] = {
    "card": (msgspec.json.Decoder(_Card).decode, Card),
    "personal": (msgspec.json.Decoder(_Personal).decode, PersonalDiscount),
    "occasion": (msgspec.json.Decoder(_Occasion).decode, Occasion),
    "staff": (msgspec.json.Decoder(_Staff).decode, Staff),
    "exclusion": (msgspec.json.Decoder(_Exclusion).decode, Exclusion),
    "review": (msgspec.json.Decoder(_Review).decode, Review),
    "segment": (msgspec.json.Decoder(_Segmented).decode, Segmented),
    "erased": (msgspec.json.Decoder(_Erased).decode, Erased),
}
_read_given = msgspec.json.Decoder(Given).decode
_read_bill = msgspec.json.Decoder(_Bill).decode


def facts_about(session: Session, clients: Collection[UUID], depth: int, segments: Collection[UUID] = ()) -> list[Fact]:
    """All facts that standings of `clients` rest on, in order of their instants: of rules that look `depth` levels down
    and, beside promotions, at `segments`.
    """
    return look(session, clients, depth, segments)[0]


def look(
    session: Session, clients: Collection[UUID], depth: int, segments: Collection[UUID]
) -> tuple[list[Fact], list[Given]]:
    """The same, and what visits of `clients` were given that bears on later ones, in order of their completion."""
    if not clients:
        return [], []
    found: list[Fact] = []
    given: list[Given] = []
    bills = []
    asked = {"clients": list(clients), "depth": depth, "segments": sorted(segments)}
    for kind, said in session.execute(FACTS, asked):
        if kind == "bill":
            bills.append(_read_bill(said))
        elif kind == "given":
            given.append(_read_given(said))
        else:
            decode, make = _READ[kind]
            found.append(make(*decode(said)))
    found += _bills(bills)
    found.sort(key=lambda fact: fact.at)
    return found, sorted(given, key=lambda each: each.order)


def _bills(rows: Iterable[_Bill]) -> Iterable[Bill]:
    """All versions of a visit's bill are told when it was completed, which the first of them says."""
    completed: dict[UUID, datetime] = {}
    ordered = sorted(rows, key=lambda row: (row.appointment_id, row.version))
    for row in ordered:
        if row.appointment_id not in completed and row.completed_at is not None:
            completed[row.appointment_id] = row.completed_at
    for row in ordered:
        yield Bill(
            row.appointment_id,
            row.version,
            row.client_id,
            row.branch_id,
            row.at,
            completed.get(row.appointment_id, row.at),
            row.starts,
            row.local_date,
            row.currency,
            tuple(BillLine(*line) for line in row.lines),  # type: ignore[arg-type]  # kinds are booking's
            row.paid,
            row.tendered,
        )
