"""Rows of everybody's history, of the chain and of each branch, and where that puts them.

Ids and numbers are as PostgreSQL has them in binary, so that half a million rows come and go without being taken apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from services.analytics.domain import networks
from services.analytics.domain.histories import Days, Detailed, Histories, histories
from services.analytics.domain.intervals import Borders
from services.analytics.domain.rfm import Scores
from services.analytics.domain.standings import (
    Learnt,
    Standings,
    learn,
    learn_branch,
    pass_on,
    pass_on_branch,
    stand,
)
from services.analytics.domain.trials import WINDOW, Fitted

Rows = Any  # of one of the shapes below
Ints = npt.NDArray[np.int64]
Columns = dict[str, Any]  # by name, each with its binary kind

NOBODY = UUID(int=0)  # instead of a branch, master or service where there is none
ID, DATE, COUNT, SUM, NUMBER, PLACE = "S16", ">i4", ">i4", ">i8", ">f8", ">i2"

DAY_ROW = np.dtype([("client", ID), ("branch", ID), ("day", DATE), ("revenue", SUM), ("margin", SUM)])
WORK_ROW = np.dtype([(name, ID) for name in ("client", "branch", "master", "service")])
KIN_ROW = np.dtype([("client", ID), ("referrer", ID)])
HISTORY = {
    "first": DATE,
    "last": DATE,
    "days": COUNT,
    "medians": NUMBER,
    "logs": NUMBER,
    "visits": COUNT,
    "revenue": SUM,
    "spent": SUM,
    "earned": SUM,
}
ROW = np.dtype([("client", ID), ("branch", ID), ("master", ID), ("service", ID), *HISTORY.items()])


def judge_anew(
    days: Rows, work: Rows, kin: Rows, as_of: int, borders: Borders, before: Fitted | None
) -> tuple[Learnt, list[Columns]]:
    """What all days say, and where everybody stands by it."""
    clients, who = numbered(days["client"])
    branches, at = numbered(days["branch"])
    learnt = learn(_days(days, who), as_of, borders, before)
    local = histories(_days(days, at * len(clients) + who), as_of - WINDOW + 1)
    of_branches = {
        as_uuid(branch).int: learn_branch(_at(local, place, len(clients)), as_of, learnt.usual)
        for place, branch in enumerate(branches)
    }
    learnt = replace(learnt, branches=of_branches)
    return learnt, judged(rows_of(days, work, as_of), learnt, kin)


def pass_day(parts: Sequence[Rows], kin: Rows, before: Learnt, as_of: int) -> tuple[Learnt, list[Columns]]:
    """Where everybody stands on a new day by what was learnt before, with the borders of scores of that day."""
    blocks = _blocks(np.concatenate(parts))
    learnt = pass_on(before, blocks[NOBODY].history if blocks else _Block(np.zeros(0, ROW)).history, as_of)
    of_branches = {
        branch.int: pass_on_branch(before, branch.int, block.history, as_of)
        for branch, block in blocks.items()
        if branch != NOBODY
    }
    learnt = replace(learnt, branches=of_branches)
    return learnt, _judged(blocks, learnt, kin)


def rows_of(days: Rows, work: Rows, as_of: int) -> Rows:
    """Everybody of `days` in the chain and at each branch, with what their last visit there was."""
    clients, who = numbered(days["client"])
    branches, at = numbered(days["branch"])
    since = as_of - WINDOW + 1
    local = histories(_days(days, at * len(clients) + who), since)
    places = np.searchsorted(branches, work["branch"]) * len(clients) + np.searchsorted(clients, work["client"])
    there = _filled(local, clients, branches, work[np.argsort(places)], np.sort(places))
    everywhere = _filled(histories(_days(days, who), since), clients, None, None, None)
    _, client_of = numbered(there["client"])
    order = np.lexsort((-np.arange(len(there)), there["last"], client_of))  # of branches on one day, the first
    last = order[np.flatnonzero(np.r_[client_of[order][1:] != client_of[order][:-1], True])] if len(there) else order
    for name in ("master", "service"):
        everywhere[name] = there[name][last]
    return np.concatenate([everywhere, there])


def judged(rows: Rows, learnt: Learnt, kin: Rows | None) -> list[Columns]:
    """Columns of everybody, of the chain and of each branch; what their people are worth where `kin` are known."""
    return _judged(_blocks(rows), learnt, kin)


@dataclass(frozen=True)
class _Block:
    """Rows of the chain or of a branch."""

    rows: Rows

    @cached_property
    def history(self) -> Histories:
        columns = {
            name: self.rows[name].astype(np.float64 if kind == NUMBER else np.int64) for name, kind in HISTORY.items()
        }
        return Histories(who=np.arange(len(self.rows)), **columns)


def _judged(blocks: Mapping[UUID, _Block], learnt: Learnt, kin: Rows | None) -> list[Columns]:
    family = None if kin is None or not blocks else _Family(blocks[NOBODY].rows, kin)
    found = []
    for branch, block in blocks.items():
        of = stand(block.history, learnt, learnt.branches.get(branch.int))
        columns = _columns(of, None if family is None else family.network(block.rows, of.margin))
        kinds = (block.rows["master"] != b"") * 2 + (block.rows["service"] != b"")
        for kind in np.unique(kinds):
            some = kinds == kind
            theirs = {name: (form, values[some]) for name, (form, values) in columns.items()}
            found.append(_identified(block.rows[some], branch) | theirs)
    return found


class _Family:
    """Who brought whom, of `rows` of everybody and of all who are named."""

    def __init__(self, rows: Rows, kin: Rows) -> None:
        self.everybody, places = numbered(np.concatenate([rows["client"], kin["client"], kin["referrer"]]))
        count = len(rows)
        referrer = np.full(len(self.everybody), -1, np.int64)
        referrer[places[count : count + len(kin)]] = places[count + len(kin) :]
        self.above = networks.above(referrer)

    def network(self, block: Rows, values: Any) -> Any:
        if np.isnan(values).any():
            return values
        return networks.brought(values, np.searchsorted(self.everybody, block["client"]), self.above)


def numbered(ids: Any) -> tuple[Any, Ints]:
    """The distinct ids in ascending order, and the place of each: their halves are numbers, which sort faster."""
    halves = np.ascontiguousarray(ids).view(">u8").reshape(-1, 2).astype(np.uint64)
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    other = (halves[order][1:] != halves[order][:-1]).any(axis=1)
    place = np.empty(len(ids), np.int64)
    place[order] = np.cumsum(np.r_[False, other]) if len(ids) else 0
    return ids[order][np.r_[True, other]] if len(ids) else ids, place


def as_uuid(raw: bytes) -> UUID:
    """numpy leaves zeros at the end out."""
    return UUID(bytes=bytes(raw).ljust(16, b"\0"))


def _days(rows: Rows, who: Ints) -> Days:
    day, revenue, margin = (rows[name].astype(np.int64) for name in ("day", "revenue", "margin"))
    return Days(who, day, np.ones(len(rows), np.int64), revenue, margin)


def _at(local: Detailed, branch: int, clients: int) -> Detailed:
    return local.between(*np.searchsorted(local.who, (branch * clients, (branch + 1) * clients)))


def _filled(of: Histories, clients: Any, branches: Any, work: Rows, places: Any) -> Rows:
    rows = np.zeros(len(of.who), ROW)
    rows["client"] = clients[of.who % max(len(clients), 1)]
    for name in HISTORY:
        rows[name] = getattr(of, name)
    if branches is not None:
        rows["branch"] = branches[of.who // max(len(clients), 1)]
        if len(work):
            place = np.minimum(np.searchsorted(places, of.who), len(work) - 1)
            matched = places[place] == of.who
            for name in ("master", "service"):
                rows[name] = np.where(matched, work[name][place], b"")
    return rows


def _blocks(rows: Rows) -> Mapping[UUID, _Block]:
    """Those of the chain first, where everybody has a row, then branch by branch; in each block by client."""
    branches, at = numbered(rows["branch"])
    _, who = numbered(rows["client"])
    order = np.lexsort((who, at))
    ends = np.searchsorted(at[order], np.arange(len(branches) + 1))
    return {
        as_uuid(branch): _Block(rows[order[ends[place] : ends[place + 1]]]) for place, branch in enumerate(branches)
    }


def _identified(block: Rows, branch: UUID) -> Columns:
    """Whose rows they are and their histories; what none of these has is left out, so that it stays NULL."""
    names = {"first": "first_day", "last": "last_day", "medians": "middle_gap", "logs": "gap_logs"}
    columns: Columns = {names.get(name, name): (kind, block[name]) for name, kind in HISTORY.items()}
    columns |= {"client_id": (ID, block["client"])}
    if branch != NOBODY:
        columns |= {"branch_id": (ID, block["branch"])}
    for name in ("master", "service"):
        if block[name][0] != b"":
            columns[f"{name}_id"] = (ID, block[name])
    return columns


def _columns(of: Standings, network: Any) -> Columns:
    columns: Columns = {"scores": (PLACE, _code(of.classic)), "segment": (PLACE, of.classic.segment)}
    if of.relative is not None:
        columns |= {
            "interval": (NUMBER, of.interval),
            "ratio": (NUMBER, of.ratio),
            "state": (PLACE, of.state),
            "scores_by_interval": (PLACE, _code(of.relative)),
            "segment_by_interval": (PLACE, of.relative.segment),
        }
    chances = {"returns": of.returns, "alive": of.alive, "expected": of.expected}
    worth = {"value": of.value, "margin_value": of.margin, "network_value": network}
    for name, values in (chances | worth).items():
        if values is not None and not np.isnan(values).any():
            columns[name] = (NUMBER, values)
    return columns


def _code(scores: Scores) -> Ints:
    return scores.recency * 100 + scores.frequency * 10 + scores.money
