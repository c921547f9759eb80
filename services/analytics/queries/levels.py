"""The figures of the hierarchy of sources: everybody, or one level of it with everything below added up."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.analytics.domain.forest import Figures, Link, Node, forest
from services.analytics.queries.client_years import SUMS, came
from services.analytics.queries.figures import period_sums
from services.analytics.queries.scope import Channels

WHOLE = 2_000  # people; up to here the whole tree is answered

CHAINS = text(
    """
    WITH RECURSIVE chain AS (
        SELECT client_id, referrer_id, channel_key FROM clients WHERE client_id = ANY(:clients)
        UNION
        SELECT clients.client_id, clients.referrer_id, clients.channel_key
        FROM clients JOIN chain ON clients.client_id = chain.referrer_id
    )
    SELECT client_id, referrer_id, channel_key FROM chain
    """
)

# What everybody came to; under NULL what those without a card did. None of the SQL below is anybody's words.
EVERYBODY = text(
    """
    SELECT client_id, count(*) AS visits, sum(revenue)::BIGINT AS revenue, sum(discount)::BIGINT AS discount,
        sum(cost)::BIGINT AS cost, (min(local_date) < max(local_date))::INTEGER AS returned
    FROM visits
    WHERE local_date BETWEEN :first AND :last AND (CAST(:branches AS UUID[]) IS NULL OR branch_id = ANY(:branches))
    GROUP BY client_id
    """
)
TOTAL = """count(*) AS clients, sum(own.visits)::BIGINT AS visits, sum(own.revenue)::BIGINT AS revenue,
    sum(own.discount)::BIGINT AS discount, sum(own.cost)::BIGINT AS cost, sum(own.returned)::BIGINT AS returned"""

BY_ROOT = f"SELECT own.root_key, {TOTAL} FROM ({{own}}) AS own GROUP BY 1"  # noqa: S608

# One row for each of `tops` below whom somebody came: the figures of everybody from it down. UNION ends a walk round a
# loop; whoever is asked for is not below themselves.
BELOW = f"""
    WITH RECURSIVE below AS (
        SELECT client_id AS top, client_id FROM clients WHERE {{tops}}
        UNION
        SELECT below.top, clients.client_id FROM clients JOIN below ON clients.referrer_id = below.client_id
        WHERE clients.client_id IS DISTINCT FROM CAST(:under AS UUID)
    ), own AS (
        SELECT below.top, {SUMS} FROM below JOIN ({{rows}}) AS came ON came.client_id = below.client_id
        GROUP BY below.top, came.client_id
    )
    SELECT own.top, {TOTAL} FROM own GROUP BY own.top
    ORDER BY sum(own.revenue) DESC, sum(own.visits) DESC, own.top
"""  # noqa: S608
OF_CHANNEL = "root_key = ANY(:keys) AND referrer_id IS NULL"
OF_CLIENT = "referrer_id = :under AND client_id <> :under"
OWN_OF = f"""
    SELECT came.client_id, {SUMS} FROM ({{rows}}) AS came
    WHERE came.client_id = ANY(:clients) GROUP BY came.client_id
"""  # noqa: S608


@dataclass(frozen=True)
class Asked:
    """Of which dates, both included, and of which branches; None is all of them."""

    first: date
    last: date
    branches: Collection[UUID] | None

    @property
    def words(self) -> dict[str, Any]:
        branches = None if self.branches is None else list(self.branches)
        return {"first": self.first, "last": self.last, "branches": branches}


class Level(NamedTuple):
    """The nodes of a level, each with its own figures and those with all below; `total` is of all `children`."""

    own: Figures
    total: Figures
    children: int
    tops: Sequence[tuple[UUID, Figures, Figures]]


def everybody(session: Session, asked: Asked, known_as: Channels) -> tuple[Figures, dict[str | None, list[Node]]]:
    """What those without a card came to, and all others as trees by their channels."""
    own = {
        row.client_id: _figures(row, int(row.client_id is not None)) for row in session.execute(EVERYBODY, asked.words)
    }
    nobody = own.pop(None, Figures())
    return nobody, forest(own, _links(session, own, known_as))


def by_channel(session: Session, asked: Asked, known_as: Channels) -> tuple[Figures, dict[str | None, Figures]]:
    """What those without a card came to, and what came through each channel."""
    theirs = came(session, asked.first, asked.last, asked.branches)
    figures = dict[str | None, Figures]()
    nobody = _figures(period_sums(session, asked.first, asked.last, asked.branches), 0)
    for row in session.execute(text(BY_ROOT.format(own=theirs.own)), theirs.words):
        through = _figures(row, row.clients)
        key = known_as.key_of.get(row.root_key, row.root_key)
        figures.setdefault(key, Figures()).add(through)
        nobody.take_off(through)
    return nobody, figures


def below(
    session: Session,
    asked: Asked,
    *,
    channels: Sequence[str | None] = (),
    client_id: UUID | None = None,
    most: int = 2_000,
) -> Level:
    """The first people of a channel, or those whom a client brought, each with everybody below; the most first."""
    theirs = came(session, asked.first, asked.last, asked.branches)
    words = theirs.words | {"under": client_id, "keys": list(channels)}
    query = BELOW.format(tops=OF_CLIENT if client_id else OF_CHANNEL, rows=theirs.rows)
    rows = session.execute(text(query), words).all()
    shown = rows[:most]
    wanted = [row.top for row in shown] + ([client_id] if client_id else [])
    each = session.execute(text(OWN_OF.format(rows=theirs.rows)), theirs.words | {"clients": wanted})
    own = {row.client_id: _figures(row, 1) for row in each}
    total = Figures()
    for row in rows:
        total.add(_figures(row, row.clients))
    tops = [(row.top, own.get(row.top, Figures()), _figures(row, row.clients)) for row in shown]
    mine = own.get(client_id, Figures()) if client_id else Figures()
    return Level(mine, total, len(rows), tops)


def _links(session: Session, ids: Iterable[UUID], known_as: Channels) -> dict[UUID, Link]:
    rows = session.execute(CHAINS, {"clients": list(ids)})
    return {row.client_id: Link(row.referrer_id, known_as.key_of.get(row.channel_key, row.channel_key)) for row in rows}


def _figures(row: Any, people: int) -> Figures:
    return Figures(people, row.visits, row.revenue, row.discount, row.cost, row.returned if people else 0)
