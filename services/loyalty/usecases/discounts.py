"""Discounts as they follow from the facts, who is told, and what each visit is given."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from chassis.outbox import announce
from chassis.wire import encode
from contracts.loyalty import BranchPercent, DiscountChanged
from services.loyalty.domain.explaining import told
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.timeline import Timeline
from services.loyalty.domain.turning import turns_at
from services.loyalty.queries.dossier import Dossier, look_up, without_collecting
from services.loyalty.queries.judged import Judged, judged_by, refused
from services.loyalty.queries.programmes import timeline
from services.loyalty.usecases.grants import grant
from services.loyalty.usecases.rewards import mark_people
from services.loyalty.usecases.sorting import sort_again
from services.loyalty.usecases.touched import with_those_above

# Of whom nothing bears on a discount there is no row.
KEEP = text(
    """
    WITH judged AS (
        SELECT * FROM json_to_recordset(CAST(:rows AS JSON)) AS each (client_id UUID, percent NUMERIC, parts JSONB,
            direct INTEGER, qualified INTEGER, as_of TIMESTAMPTZ, by_branch JSONB, programme_version INTEGER)
    ), nothing AS (
        DELETE FROM discounts USING judged
        WHERE discounts.client_id = judged.client_id AND judged.direct = 0 AND judged.percent = 0
            AND judged.by_branch = '[]'
    )
    INSERT INTO discounts (client_id, percent, parts, direct, qualified, as_of, by_branch, programme_version)
    SELECT * FROM judged WHERE direct > 0 OR percent > 0 OR by_branch <> '[]'
    ON CONFLICT (client_id) DO UPDATE SET percent = excluded.percent, parts = excluded.parts,
        direct = excluded.direct, qualified = excluded.qualified, as_of = excluded.as_of,
        by_branch = excluded.by_branch, programme_version = excluded.programme_version
    """
)

# Edges as they stand now, for whoever looks at many.
KEEP_EDGES = text(
    """
    UPDATE clients SET since = edge.since, refused = edge.refused, counts_since = edge.counts_since,
        flagged = edge.flagged
    FROM unnest(CAST(:clients AS UUID[]), CAST(:referrers AS UUID[]), CAST(:since AS TIMESTAMPTZ[]),
        CAST(:refused AS TEXT[]), CAST(:counting AS TIMESTAMPTZ[]), CAST(:flagged AS BOOLEAN[]))
        AS edge (client_id, referrer_id, since, refused, counts_since, flagged)
    WHERE clients.client_id = edge.client_id AND clients.referrer_id = edge.referrer_id
        AND (clients.since, clients.refused, clients.counts_since, clients.flagged)
            IS DISTINCT FROM (edge.since, edge.refused, edge.counts_since, edge.flagged)
    RETURNING clients.client_id
    """
)

TELL = text(
    """
    WITH judged AS (
        SELECT * FROM unnest(CAST(:clients AS UUID[]), CAST(:percents AS NUMERIC[]), CAST(:branches AS JSONB[]))
            AS each (client_id, percent, by_branch)
    ), news AS (
        SELECT judged.* FROM judged LEFT JOIN announcements AS old ON old.client_id = judged.client_id
        WHERE judged.percent <> coalesce(old.percent, 0) OR judged.by_branch <> coalesce(old.by_branch, '[]')
    )
    INSERT INTO announcements AS told (client_id, version, percent, by_branch, announced_at)
    SELECT client_id, 1, percent, by_branch, :now FROM news
    ON CONFLICT (client_id) DO UPDATE SET version = told.version + 1, percent = excluded.percent,
        by_branch = excluded.by_branch, announced_at = excluded.announced_at
    RETURNING client_id, version, percent, by_branch
    """
)

KEEP_TURNS = text(
    """
    WITH judged AS (
        SELECT * FROM unnest(CAST(:clients AS UUID[]), CAST(:instants AS TIMESTAMPTZ[])) AS each (client_id, at)
    ), never AS (
        DELETE FROM rejudgements USING judged WHERE rejudgements.client_id = judged.client_id AND judged.at IS NULL
    )
    INSERT INTO rejudgements (client_id, at) SELECT client_id, at FROM judged WHERE at IS NOT NULL
    ON CONFLICT (client_id) DO UPDATE SET at = excluded.at
    """
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a client has by the chain's programme, where a branch's own gives something else, and until when."""

    chain: Judged
    by_branch: tuple[tuple[UUID, Decimal], ...]
    as_of: datetime
    turns_at: datetime | None

    @property
    def client_id(self) -> UUID:
        return self.chain.standing.client_id

    @property
    def percent(self) -> Decimal:
        return self.chain.verdict.percent


def regrant(session: Session, clients: Iterable[UUID], now: datetime) -> None:
    """Judge `clients` anew by what is in force now; nothing is said of visits that are over."""
    recalculate(session, dict.fromkeys(clients), now)


def recalculate_above(session: Session, since: Mapping[UUID, datetime], now: datetime, *, loops: bool = False) -> None:
    """After facts about clients that count from an instant on: judge them, and everybody above on whom they bear.

    `loops`: whom they name is among it.
    """
    programmes = timeline(session)
    _recalculate(session, with_those_above(session, since, programmes.depth, loops=loops), now, programmes)


def recalculate(session: Session, since: Mapping[UUID, datetime | None], now: datetime) -> None:
    """Judge clients anew, announce where the percentage is another one, and give anew what visits since then get."""
    _recalculate(session, since, now, timeline(session))


def _recalculate(session: Session, since: Mapping[UUID, datetime | None], now: datetime, programmes: Timeline) -> None:
    merged = kept_ids(session, since)
    touched = {client_id: at for client_id, at in since.items() if client_id not in merged}
    if not touched:
        return
    with without_collecting():
        dossier = look_up(session, touched, programmes)
        grant(session, dossier, touched)
        judged = [_outcome(dossier, client_id, now) for client_id in sorted(touched)]
    turned = _keep(session, judged)
    tell(session, judged, now)
    mark_people(session, {*since, *turned}, programmes)
    sort_again(session, programmes.at(None, now), [each.chain.standing for each in judged], now)


def _outcome(dossier: Dossier, client_id: UUID, now: datetime) -> Outcome:
    """What one client has at `now` by what is in force."""
    at = dossier.present(now)
    in_force = dossier.programmes.all_at(at)
    chain, *own = (judged_by(each, dossier, client_id, at, each.branch_id) for each in in_force)
    by_branch = tuple(
        (there.programme.branch_id, there.verdict.percent)
        for there in own
        if there.programme.branch_id is not None and there.verdict.percent != chain.verdict.percent
    )
    as_of = chain.newest or max((fact.at for fact in dossier.of(client_id)), default=at)
    return Outcome(chain, by_branch, as_of, turns_at(chain.standing, in_force))


def _keep(session: Session, judged: Sequence[Outcome]) -> set[UUID]:
    """Whose edges are others by it."""
    session.execute(KEEP, {"rows": encode([_row(each) for each in judged]).decode()})
    edges = [(each.client_id, below) for each in judged for below in each.chain.standing.brought if below.level == 1]
    turned: set[UUID] = set()
    if edges:
        rows = session.scalars(
            KEEP_EDGES,
            {
                "clients": [below.client_id for _, below in edges],
                "referrers": [referrer_id for referrer_id, _ in edges],
                "since": [below.since for _, below in edges],
                "refused": [refused(below) for _, below in edges],
                "counting": [below.counts_since for _, below in edges],
                "flagged": [bool(below.flags) for _, below in edges],
            },
        )
        turned.update(rows)
    session.execute(
        KEEP_TURNS,
        {
            "clients": [each.client_id for each in judged],
            "instants": [each.turns_at for each in judged],
        },
    )
    return turned


def _row(judged: Outcome) -> dict[str, Any]:
    verdict = judged.chain.verdict
    direct, qualified = judged.chain.counts
    parts = [{"rule": part.rule, "text": told(part), "percent": str(part.percent)} for part in verdict.parts]
    return {
        "client_id": judged.client_id,
        "percent": verdict.percent,
        "parts": parts,
        "direct": direct,
        "qualified": qualified,
        "as_of": judged.as_of,
        "by_branch": _by_branch(judged),
        "programme_version": verdict.programme_version,
    }


def _by_branch(judged: Outcome) -> list[tuple[UUID, str]]:
    return [(branch_id, str(plain(percent))) for branch_id, percent in judged.by_branch]


def tell(session: Session, judged: Sequence[Outcome], now: datetime) -> None:
    """Announce what is in force for those of whom something else was told last."""
    news = session.execute(
        TELL,
        {
            "clients": [each.client_id for each in judged],
            "percents": [each.percent for each in judged],
            "branches": [encode(_by_branch(each)).decode() for each in judged],
            "now": now,
        },
    ).all()
    for row in sorted(news, key=lambda each: each.client_id):
        branches = tuple(BranchPercent(UUID(branch_id), Decimal(percent)) for branch_id, percent in row.by_branch)
        announce(session, DiscountChanged(row.client_id, row.version, plain(row.percent), now, branches))
