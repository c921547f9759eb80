"""Make and change roles, and keep those that ship as this release knows them."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET
from sqlalchemy import insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from contracts.auth import ChangeRole, CreateRole, Role
from contracts.permissions import WORDS
from kernel.errors import Conflict, Invalid, Stale
from services.auth import domain, queries
from services.auth.chain import Entry
from services.auth.tables import roles, user_roles
from services.auth.usecases import journal, sessions
from services.auth.usecases.desk import Desk
from services.auth.usecases.rights import refuse_exceeding, refuse_unknown_words

BOUNDS = ("reveals_per_shift", "history_days")
KEPT = ("permissions", "marks", *BOUNDS)


def create(session: Session, request: CreateRole, desk: Desk) -> Role:
    refuse_unknown_words(request.permissions, request.marks)
    rights = domain.Rights(
        frozenset(request.permissions),
        frozenset(request.marks),
        reveals_per_shift=request.reveals_per_shift,
        history_days=request.history_days,
    )
    refuse_exceeding(desk.caller, rights)
    name = request.name.strip()
    if not name:
        raise Invalid.field("name", "name_blank", "a name has at least one letter")
    row = _row(name, rights, shipped=False)
    try:
        with session.begin_nested():
            session.execute(insert(roles), row)
    except IntegrityError as error:
        taken = Conflict("role_exists", "there is a role of this name", errors={"name": ["there is such a role"]})
        raise refusal_of(error, {"uq_roles_name_key": taken}) from None
    said = {"permissions": row["permissions"], "marks": row["marks"], **_bounds(rights)}
    journal.record(session, desk, journal.entry(desk, "role.created", "role", row["id"], said))
    return queries.role_view(queries.found_role(session, row["id"]))


def change(session: Session, request: ChangeRole, desk: Desk) -> Role:
    before = queries.found_role(session, request.id, locked=True)
    old = queries.role_rights(before)
    new = domain.Rights(
        old.permissions if request.permissions is UNSET else frozenset(request.permissions),
        old.marks if request.marks is UNSET else frozenset(request.marks),
        reveals_per_shift=old.reveals_per_shift if request.reveals_per_shift is UNSET else request.reveals_per_shift,
        history_days=old.history_days if request.history_days is UNSET else request.history_days,
    )
    refuse_exceeding(desk.caller, domain.added_up([old]))
    if request.version != before.version:
        raise Stale("version_stale", "somebody else changed this role in the meantime")
    refuse_unknown_words(
        () if request.permissions is UNSET else request.permissions, () if request.marks is UNSET else request.marks
    )
    refuse_exceeding(desk.caller, new)
    if before.shipped:
        raise Conflict("role_is_shipped", "roles that ship stay as they are; make one of your own")
    if new == old:
        return queries.role_view(before)
    session.execute(update(roles).where(roles.c.id == before.id).values(**_kept(new), version=before.version + 1))
    holders = session.scalars(select(user_roles.c.user_id).where(user_roles.c.role_id == before.id)).all()
    sessions.end_of_users(session, holders, desk)
    journal.record(session, desk, journal.entry(desk, "role.changed", "role", before.id, _difference(old, new)))
    return queries.role_view(queries.found_role(session, before.id))


def _difference(old: domain.Rights, new: domain.Rights) -> dict[str, frozenset[str]]:
    before, now = _bounds(old), _bounds(new)
    moved = [name for name in BOUNDS if before[name] != now[name]]
    return {
        **{f"{name}_before": before[name] for name in moved},
        **{name: now[name] for name in moved},
        "permissions_given": new.permissions - old.permissions,
        "permissions_taken": old.permissions - new.permissions,
        "marks_given": new.marks - old.marks,
        "marks_taken": old.marks - new.marks,
    }


def _bounds(rights: domain.Rights) -> dict[str, frozenset[str]]:
    """The bounds of `rights` as the journal tells them."""
    said = {name: getattr(rights, name) for name in BOUNDS}
    return {name: frozenset({"unbounded" if bound is None else str(bound)}) for name, bound in said.items()}


def keep_shipped(session: Session, desk: Desk) -> Iterator[Entry]:
    """The roles of this release, whatever an older one wrote; a sitting session has them after its next refresh."""
    shipped = domain.shipped_roles(WORDS)
    before = queries.roles_named(session, shipped)
    for name, rights in sorted(shipped.items()):
        statement = upsert(roles).values(_row(name, rights, shipped=True))
        said = statement.excluded
        role_id = session.scalar(
            statement.on_conflict_do_update(
                index_elements=["name_key"],
                set_={**{name: said[name] for name in KEPT}, "shipped": True, "version": roles.c.version + 1},
                where=or_(*(roles.c[name].is_distinct_from(said[name]) for name in KEPT)),
            ).returning(roles.c.id)
        )
        if role_id is not None:
            old = queries.role_rights(before[name]) if name in before else domain.Rights()
            yield journal.own_entry(desk, "role.shipped", "role", role_id, _difference(old, rights))


def _row(name: str, rights: domain.Rights, *, shipped: bool) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": name,
        "name_key": queries.role_key(name),
        **_kept(rights),
        "shipped": shipped,
        "version": 1,
    }


def _kept(rights: domain.Rights) -> dict[str, Any]:
    return {
        "permissions": sorted(rights.permissions),
        "marks": sorted(rights.marks),
        "reveals_per_shift": rights.reveals_per_shift,
        "history_days": rights.history_days,
    }
