"""Simulations: asked for, and worked out at once where the history is short."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from chassis import wire as codec
from chassis.aside import Lane
from chassis.database import new_id
from contracts import loyalty as wire
from kernel.caller import Caller, Reach
from kernel.errors import Invalid
from services.loyalty.domain.parsing import programme_of
from services.loyalty.domain.simulation.plan import Plan
from services.loyalty.domain.simulation.run import simulated
from services.loyalty.domain.simulation.tally import Tally
from services.loyalty.domain.writing import document_of
from services.loyalty.queries import simulations as queries
from services.loyalty.queries.programmes import in_force
from services.loyalty.queries.simulated import result_of
from services.loyalty.tables import simulations
from services.loyalty.usecases.asking import Asked
from services.loyalty.usecases.programmes import document_in

AT_ONCE = 1_500  # versions of bills that are walked through while the caller waits, in less than a second
ATTEMPTS = 3
LOCK = 20_180_417  # whoever holds it works simulations off; any number that nothing else locks

SHORT = text("SELECT count(*) <= :most FROM (SELECT FROM bills LIMIT :most + 1) AS found")
ALONE = text("SELECT pg_try_advisory_xact_lock(:lock)")

_lane = Lane()


def simulate(
    session: Session, request: wire.SimulateProgramme, asked: Asked, caller: Caller, now: datetime
) -> wire.Simulation:
    """Keep what is asked; work it out if that does not take long, else somebody comes for it soon."""
    _refuse(request, asked.unknown_branches, caller)
    document = document_in(request)
    proposal = None
    if document:
        proposal = programme_of(
            document,
            id=None,
            version=0,
            now=now,
            branch_id=request.branch_id,
            unknown_branches=asked.unknown_branches,
            unknown_services=asked.unknown_services,
        )
    values: dict[str, Any] = {
        "id": new_id(),
        "state": "running",
        "branch_id": request.branch_id,
        "since": request.since,
        "until": request.until,
        "document": document_of(proposal) if proposal is not None else None,
        "programme_version": in_force(session, request.branch_id, now).version,
        "asked_at": now,
        "asked_by": caller.id,
    }
    session.execute(insert(simulations).values(values))
    row = queries.row_of(session, values["id"], caller)
    if session.scalar(SHORT, {"most": AT_ONCE}):
        plan, clients = queries.plan_of(session, row), queries.who_came(session)
        tally = _lane(simulated, plan, queries.material(session, plan, clients))
        finish(session, row.id, plan, tally, queries.facts_read(session))
    return queries.show(session, row.id, caller)


def _refuse(request: wire.SimulateProgramme, unknown_branches: frozenset[UUID], caller: Caller) -> None:
    if request.since is not None and request.until is not None and request.until < request.since:
        raise Invalid.field("until", "period_empty", "the last day is before the first")
    if caller.must("programme.simulate") is not Reach.CHAIN:
        if request.branch_id is None:
            raise Invalid.field("branch_id", "branch_missing", "name one of your branches: the chain is not yours")
        if not caller.in_branch(request.branch_id):
            raise Invalid.field("branch_id", "branch_unknown", "there is no such branch")
    if request.branch_id in unknown_branches:
        raise Invalid.field("branch_id", "branch_unknown", "there is no such branch")


def finish(session: Session, id: UUID, plan: Plan, tally: Tally, facts: list[tuple[str, int]]) -> None:  # noqa: A002
    """Keep what came of it."""
    result = msgspec.json.decode(codec.encode(result_of(tally, plan.proposal)))
    session.execute(
        update(simulations)
        .where(simulations.c.id == id, simulations.c.state == "running")
        .values(state="finished", result=result, facts=facts, done=simulations.c.whole, finished_at=func.now())
    )


def is_work_waiting(session: Session, now: datetime) -> bool:
    """Whether simulations wait and nobody is about them; what has been begun too often is given up."""
    waiting = select(simulations.c.id).where(simulations.c.state == "running").limit(1)
    if session.scalar(waiting) is None or not session.scalar(ALONE, {"lock": LOCK}):
        return False
    session.execute(
        update(simulations)
        .where(simulations.c.state == "running", simulations.c.attempts >= ATTEMPTS)
        .values(state="failed", finished_at=now)
    )
    return session.scalar(waiting) is not None
