"""Programmes: published, ended, and everybody judged anew after that."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import loyalty as wire
from contracts.message import UNSET
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Forbidden, Invalid, Stale
from services.loyalty.domain.parsing import branches_named, programme_of, services_named
from services.loyalty.domain.programme import Programme
from services.loyalty.domain.writing import document_of
from services.loyalty.queries import programmes as queries
from services.loyalty.tables import programmes
from services.loyalty.usecases.asking import Asked, Call, unknown_branches, unknown_services
from services.loyalty.usecases.pinning import refuse_another

LOCK = 20_180_416  # any number that nothing else locks
SECTIONS = ("name", "rules", "tiers", "criterion", "checks", "sorting", "enrolment", "combination", "points")

_TAKE = text("SELECT pg_advisory_xact_lock(:lock)")


def document_in(request: Any) -> dict[str, Any]:
    """The document whose sections are fields of a request."""
    said = {name: getattr(request, name) for name in SECTIONS}
    return {name: list(part) if isinstance(part, tuple) else part for name, part in said.items() if part is not UNSET}


def ask_of_document(call: Call, request: wire.PublishProgramme | wire.SimulateProgramme, _caller: Caller) -> Asked:
    """Whether the branches and services are there that the document names."""
    document = document_in(request)
    branches = branches_named(document) | ({request.branch_id} if request.branch_id else frozenset())
    return Asked(None, unknown_branches(call, branches), unknown_services(call, services_named(document)))


def publish(
    session: Session, request: wire.PublishProgramme, asked: Asked, caller: Caller, now: datetime
) -> wire.Programme:
    """Put a programme into force from its beginning on; the one before it in its scope ends there."""
    _must_reach(caller, request.branch_id)
    session.execute(_TAKE, {"lock": LOCK})
    newest = queries.newest(session, request.branch_id, now)
    if request.version != newest:
        raise Stale("version_stale", f"version {newest} was published in the meantime, or none of that number was")
    programme = programme_of(
        document_in(request),
        id=new_id(),
        version=1 + (session.scalar(select(func.max(programmes.c.version))) or 0),
        now=now,
        starts=request.from_,
        ends=request.until,
        branch_id=request.branch_id,
        unknown_branches=asked.unknown_branches,
        unknown_services=asked.unknown_services,
    )
    if request.simulation_id is not None:
        refuse_another(session, request.simulation_id, programme)
    _make_room(session, programme, caller, now)
    session.execute(
        insert(programmes).values(
            version=programme.version,
            id=programme.id,
            branch_id=programme.branch_id,
            starts=programme.starts,
            ends=programme.ends,
            document=document_of(programme),
            published_at=now,
            published_by=caller.id,
            simulation_id=request.simulation_id,
        )
    )
    assert programme.id is not None
    return queries.version(session, programme.id, now)


def _must_reach(caller: Caller, branch_id: UUID | None) -> None:
    """A programme of the chain is for those whose right reaches over it, a branch's own for those of the branch."""
    if caller.must("programme.edit") is Reach.CHAIN:
        return
    if branch_id is None:
        raise Forbidden("permission_missing", "the programme of the chain is not that of a branch")
    if not caller.in_branch(branch_id):
        raise Invalid.field("branch_id", "branch_unknown", "there is no such branch")


def _make_room(session: Session, programme: Programme, caller: Caller, now: datetime) -> None:
    """End what is in force when `programme` begins; what begins while it holds was planned by somebody, and stays."""
    scope = programmes.c.branch_id.is_not_distinct_from(programme.branch_id)
    planned = select(programmes.c.version, programmes.c.starts).where(
        scope,
        programmes.c.starts >= programme.starts,
        or_(programmes.c.ends.is_(None), programmes.c.ends > programmes.c.starts),
    )
    if programme.ends is not None:
        planned = planned.where(programmes.c.starts < programme.ends)
    later = session.execute(planned.order_by(programmes.c.starts).limit(1)).one_or_none()
    if later is not None:
        sentence = (
            f"version {later.version} begins on {later.starts:%Y-%m-%d}: end it first, or say until when this holds"
        )
        raise Conflict("period_taken", sentence, errors={"until": [sentence]})
    session.execute(
        update(programmes)
        .where(
            scope,
            programmes.c.starts < programme.starts,
            or_(programmes.c.ends.is_(None), programmes.c.ends > programme.starts),
        )
        .values(ends=programme.starts, ended_at=now, ended_by=caller.id)
    )


def end(session: Session, request: wire.EndProgramme, caller: Caller, now: datetime) -> wire.Programme:
    session.execute(_TAKE, {"lock": LOCK})
    row = queries.row_of(session, request.id)
    if caller.must("programme.edit") is not Reach.CHAIN and row.branch_id not in caller.branch_ids:
        raise Forbidden("permission_missing", "this programme is not that of your branches")
    ends = max(request.until or now, row.starts)
    if request.until is not None and request.until < now:
        raise Invalid.field("until", "programme_in_past", "a programme cannot have ended in the past")
    if row.ends is not None and row.ends <= ends:
        raise Conflict("programme_ended", "it ends before that already")
    values = {"ends": ends, "ended_at": now, "ended_by": caller.id}
    session.execute(update(programmes).where(programmes.c.id == request.id).values(values))
    return queries.version(session, request.id, now)
