"""Simulations: what each needs to be worked out, and what people see of them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, and_, select, text
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts import loyalty as wire
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from services.loyalty.domain.granting import NOTHING, Had
from services.loyalty.domain.parsing import read
from services.loyalty.domain.simulation.plan import Plan, bounds
from services.loyalty.domain.simulation.run import Granted, Material
from services.loyalty.domain.simulation.trees import by_trees
from services.loyalty.domain.standing import NEVER
from services.loyalty.queries.differences import differing
from services.loyalty.queries.facts import facts_about
from services.loyalty.queries.programmes import timeline
from services.loyalty.queries.promotions import all_promotions
from services.loyalty.tables import grants, simulations

WHO_CAME = text("SELECT DISTINCT client_id FROM bills")
CLAIMS = text("SELECT DISTINCT client_id, referrer_id FROM claims WHERE referrer_id IS NOT NULL")
READ = text("SELECT producer, number FROM positions WHERE number > 0 ORDER BY producer")

GRANTED = text("SELECT appointment_id, discount FROM grants WHERE client_id = ANY(:clients)")
# As `usecases.grants` finds them: what the first version of a bill says.
CODES = text(
    """
    SELECT appointment_id, codes FROM (
        SELECT DISTINCT ON (appointment_id) appointment_id, applied -> 3 AS codes
        FROM bills WHERE client_id = ANY(:clients) ORDER BY appointment_id, version
    ) AS first
    WHERE jsonb_array_length(codes) > 0
    """
)
HAD = text(
    """
    SELECT client_id, appointment_id, once, budget FROM grants
    WHERE client_id = ANY(:clients) AND completed_at < :since AND (once <> '{}' OR budget <> 0)
    ORDER BY completed_at, appointment_id
    """
)


def plan_of(session: Session, row: Row[Any]) -> Plan:
    """What the simulation of a row walks through."""
    since, until = bounds(row.since, row.until)
    proposal = None
    if row.document is not None:
        proposal = read(row.document, id=None, version=0, starts=since, branch_id=row.branch_id)
    return Plan(timeline(session), all_promotions(session), proposal, since, until, row.branch_id)


def who_came(session: Session) -> list[UUID]:
    """Whoever had a visit."""
    return list(session.scalars(WHO_CAME))


def everybody(session: Session) -> list[UUID]:
    """The same, so that those stand together who bear on each other; it looks at every card."""
    claims = [(row.client_id, row.referrer_id) for row in session.execute(CLAIMS)]
    return by_trees(who_came(session), claims)


def facts_read(session: Session) -> list[tuple[str, int]]:
    """Up to which event of each service the facts are known."""
    return [(row.producer, row.number) for row in session.execute(READ)]


def material(session: Session, plan: Plan, clients: Collection[UUID]) -> Material:
    """Everything that bears on the visits of `clients`, and what those were granted."""
    asked = {"clients": list(clients)}
    codes = {row.appointment_id: tuple(row.codes) for row in session.execute(CODES, asked)}
    granted = {
        row.appointment_id: Granted(row.discount, codes.get(row.appointment_id, ()))
        for row in session.execute(GRANTED, asked)
    }
    had: dict[UUID, Had] = {}
    if plan.since != NEVER:
        for row in session.execute(HAD, asked | {"since": plan.since}):
            before = had.get(row.client_id, NOTHING)
            once = tuple((key, row.appointment_id) for key in row.once)
            had[row.client_id] = Had(before.once + once, before.budget + row.budget)
    facts = facts_about(session, clients, plan.depth, plan.segment_ids)
    return Material(frozenset(clients), facts, had, granted)


# --- what people see -------------------------------------------------------------------------------------------------


def row_of(session: Session, id: UUID, caller: Caller) -> Row[Any]:  # noqa: A002
    """The row of a simulation, if its scope is the caller's."""
    row = session.execute(select(simulations).where(simulations.c.id == id)).one_or_none()
    if row is None or not _is_theirs(row.branch_id, caller):
        raise NotFound("simulation_not_found", "no such simulation")
    return row


def show(session: Session, id: UUID, caller: Caller) -> wire.Simulation:  # noqa: A002
    return _view(row_of(session, id, caller), whole=True)


def simulations_seen(session: Session, request: wire.ListSimulations, caller: Caller) -> Page[wire.Simulation]:
    wanted = select(simulations).order_by(simulations.c.id.desc()).limit(request.limit + 1)
    if caller.must("programme.simulate") is not Reach.CHAIN:
        wanted = wanted.where(simulations.c.branch_id.in_(caller.branch_ids))
    if request.cursor is not None:
        wanted = wanted.where(simulations.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(wanted).all()
    shown = rows[: request.limit]
    more = encode_cursor(shown[-1].id) if len(rows) > request.limit else None
    return Page(tuple(_view(row, whole=False) for row in shown), more)


def differences_of(
    session: Session, request: wire.ListSimulationDifferences, caller: Caller
) -> Page[wire.VisitDifference]:
    row = row_of(session, request.id, caller)
    begins, ends = bounds(row.since, row.until)
    branches = [row.branch_id] if row.branch_id is not None else None
    in_it = and_(grants.c.completed_at >= begins, grants.c.completed_at < ends)
    return differing(session, in_it, branches, request.limit, request.cursor)


def progress(row: Row[Any]) -> int:
    """In per cent; what is not finished never says 100."""
    if row.state == "finished":
        return 100
    return min(99, row.done * 100 // row.whole) if row.whole else 0


def _is_theirs(branch_id: UUID | None, caller: Caller) -> bool:
    return caller.must("programme.simulate") is Reach.CHAIN or branch_id in caller.branch_ids


def _view(row: Row[Any], *, whole: bool) -> wire.Simulation:
    result = msgspec.convert(row.result, wire.SimulationResult) if whole and row.result is not None else None
    return wire.Simulation(
        id=row.id,
        state=row.state,
        progress=progress(row),
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        programme_version=row.programme_version,
        branch_id=row.branch_id,
        since=row.since,
        until=row.until,
        document=row.document,
        facts=tuple(wire.FactsRead(service, number) for service, number in row.facts or ()),
        finished_at=row.finished_at,
        result=result,
    )
