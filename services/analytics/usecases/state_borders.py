"""Changing from when on somebody is due, at risk, sleeping or lost."""

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.analytics import ChangeChurnSettings, ChurnSettings
from contracts.message import UNSET
from kernel.caller import Caller, Reach
from kernel.errors import Forbidden, Stale
from services.analytics.queries.learnt import kept_borders
from services.analytics.queries.standings import settings_kept
from services.analytics.tables import state_borders

# Who changes them at the same time waits; there may be no row yet to lock.
ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('state borders', 0))")


def change_borders(session: Session, request: ChangeChurnSettings, caller: Caller) -> ChurnSettings:
    """From the next judgement on, within a minute; they hold for the whole chain."""
    if caller.must("settings.edit") is not Reach.CHAIN:
        raise Forbidden("permission_missing", "borders are of the whole chain")
    session.execute(ALONE)
    version, before = kept_borders(session)
    if request.version != version:
        raise Stale("version_stale", "somebody has changed it since")
    said = {name: getattr(request, name) for name in ("due", "at_risk", "sleeping", "lost")}
    changed: dict[str, Any] = {name: float(value) for name, value in said.items() if value is not UNSET}
    if request.lost_days is not UNSET:
        changed["lost_days"] = request.lost_days
    after = replace(before, **changed)
    after.check()
    if after != before:
        put = insert(state_borders).values(single=True, version=version + 1, borders=msgspec.to_builtins(after))
        newer = {"version": put.excluded.version, "borders": put.excluded.borders}
        session.execute(put.on_conflict_do_update(index_elements=["single"], set_=newer))
    return settings_kept(session)
