"""Points for bringing somebody who comes to count, and for having been brought.

They are entered a moment after the graph has changed, when more of what belongs together has arrived: while a rebuild
reads all events once more, nobody shall lose for a while what they have.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from services.loyalty.domain.points import lapses_at
from services.loyalty.domain.programme import Programme
from services.loyalty.domain.timeline import Timeline
from services.loyalty.queries.points import left_out
from services.loyalty.queries.programmes import timeline
from services.loyalty.tables import clients, point_entries, rewards_due
from services.loyalty.usecases.enrolling import earn_enrolled, enrols
from services.loyalty.usecases.points import Posting, accounts_of
from services.loyalty.usecases.turns import take_turn

AT_ONCE = 200
REFERRAL, WELCOME = "referral", "welcome"
Reward = tuple[UUID, UUID, str]  # who gets it, for whom, as what
NOTHING: tuple[int, datetime | None] = (0, None)


def mark_people(session: Session, people: Collection[UUID], programmes: Timeline) -> None:
    """Of whom something else may be true by now."""
    if people and any(_rewards(each) or enrols(each) for each in programmes.all):
        marks = [{"person_id": person_id} for person_id in sorted(people)]
        session.execute(insert(rewards_due).on_conflict_do_nothing(), marks)


def _rewards(programme: Programme) -> bool:
    rules = programme.points
    return rules is not None and bool(rules.per_referral or rules.welcome)


def reward_due(session: Session, now: datetime) -> bool:
    """Settle what some of the marked give; whether there are more."""
    if session.scalar(select(rewards_due.c.person_id).limit(1)) is None:
        return False
    take_turn(session)
    some = select(rewards_due.c.person_id).order_by(rewards_due.c.person_id).limit(AT_ONCE)
    people = session.scalars(some).all()
    session.execute(delete(rewards_due).where(rewards_due.c.person_id.in_(people)))
    programmes = timeline(session)
    reward_people(session, people, programmes, now)
    earn_enrolled(session, people, programmes, now)
    return len(people) == AT_ONCE


def reward_people(session: Session, people: Collection[UUID], programmes: Timeline, now: datetime) -> None:
    """Bring what was given for `people` to what the graph says of them, by the programme of when they came to count.

    Whoever counts no more, or for somebody else, takes the points along.
    """
    if not people:
        return
    given, turns = _given(session, people)
    wanted = _wanted(session, people, programmes)
    changes = {key: wanted.get(key, NOTHING)[0] - given.get(key, 0) for key in sorted({*given, *wanted})}
    gone = _erased(session, {client_id for client_id, _, _ in changes})
    changes = {key: points for key, points in changes.items() if points and key[0] not in gone}
    with accounts_of(session, [client_id for client_id, _, _ in changes], now) as accounts:
        for (client_id, person_id, about), points in changes.items():
            key = (client_id, person_id, about)
            accounts[client_id].post(
                Posting(
                    "earn" if points > 0 else "reverse",
                    about,
                    points,
                    f"{about} {client_id} {person_id} {turns.get(key, 0) + 1}",
                    expires_at=wanted[key][1] if points > 0 else None,
                    person_id=person_id,
                )
            )


def _given(session: Session, people: Collection[UUID]) -> tuple[dict[Reward, int], dict[Reward, int]]:
    """The points given for each of `people` so far, and in how many entries; on cards that were merged, too."""
    entries = point_entries.c
    sums = (
        select(
            entries.client_id,
            entries.person_id,
            entries.about,
            func.sum(entries.points).label("points"),
            func.count().label("entries"),
        )
        .where(entries.person_id.in_(people), entries.about.in_((REFERRAL, WELCOME)))
        .group_by(entries.client_id, entries.person_id, entries.about)
    )
    rows = session.execute(sums).all()
    into = kept_ids(session, [row.client_id for row in rows]) if rows else {}
    given: dict[Reward, int] = {}
    turns: dict[Reward, int] = {}
    for row in rows:
        key = (into.get(row.client_id, row.client_id), row.person_id, row.about)
        given[key] = given.get(key, 0) + int(row.points)
        turns[key] = turns.get(key, 0) + row.entries
    return given, turns


def _wanted(
    session: Session, people: Collection[UUID], programmes: Timeline
) -> dict[Reward, tuple[int, datetime | None]]:
    """What is to be given for those of `people` who count, and when it lapses."""
    counting = select(clients.c.client_id, clients.c.referrer_id, clients.c.counts_since).where(
        clients.c.client_id.in_(people),
        clients.c.referrer_id.is_not(None),
        clients.c.refused.is_(None),
        clients.c.counts_since.is_not(None),
    )
    wanted: dict[Reward, tuple[int, datetime | None]] = {}
    found = [
        (row, rules) for row in session.execute(counting) if (rules := programmes.at(None, row.counts_since).points)
    ]
    since = [(who, row.counts_since) for row, _ in found for who in (row.referrer_id, row.client_id)]
    out = left_out(session, since) if since else set()
    for row, rules in found:
        until = lapses_at(rules, row.counts_since)
        rewards: dict[Any, int] = {
            (row.referrer_id, row.client_id, REFERRAL): rules.per_referral,
            (row.client_id, row.client_id, WELCOME): rules.welcome,
        }
        takes_part = [key for key in rewards if (key[0], row.counts_since) not in out]
        wanted |= {key: (rewards[key], until) for key in takes_part if rewards[key]}
    return wanted


def _erased(session: Session, ids: Collection[UUID]) -> set[UUID]:
    return set(session.scalars(select(clients.c.client_id).where(clients.c.client_id.in_(ids), clients.c.erased)))
