"""Judging clients anew: everybody once a day, and meanwhile those whose days have changed."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, text
from sqlalchemy.orm import Session

from chassis.aside import Lane
from chassis.database import PATIENT, ROOMY, new_id
from chassis.merged import kept_ids
from services.analytics.domain.rosters import Columns, Rows, judge_anew, judged, pass_day, rows_of
from services.analytics.domain.standings import Learnt, outgrown
from services.analytics.domain.trials import WINDOW, Fitted
from services.analytics.queries.learnt import Report, borders, document_of, newest_report
from services.analytics.tables import client_reports, client_standings
from services.analytics.usecases.standing_rows import days_and_work, kin, rows_of_others, write

AT_ONCE = 5_000  # clients who are judged in one transaction between two days
KEPT_DAYS = 400  # for how long it can be told what clients were judged by
ZERO = date(2000, 1, 1)

counting = Lane()

DUE = text("INSERT INTO standings_due SELECT * FROM unnest(CAST(:marks AS UUID[]), CAST(:clients AS UUID[]))")
MARKS = text("SELECT mark, client_id FROM standings_due ORDER BY mark LIMIT CAST(:most AS BIGINT)")
TAKEN = text("DELETE FROM standings_due WHERE mark = ANY(:marks)")
SEEN = text("SELECT coalesce(sum(days), 0) FROM client_standings WHERE branch_id IS NULL")
WHO_CAME = text("SELECT DISTINCT client_id FROM visits WHERE local_date >= :first AND local_date < :until")

NETWORKS = text(
    """
    SELECT client_id, branch_id, network_value FROM client_standings
    WHERE client_id = ANY(:clients) AND network_value IS NOT NULL
    """
)
KEEP_NETWORKS = text(
    """
    UPDATE client_standings SET network_value = kept.network_value
    FROM unnest(CAST(:clients AS UUID[]), CAST(:branches AS UUID[]), CAST(:values AS DOUBLE PRECISION[]))
        AS kept (client_id, branch_id, network_value)
    WHERE client_standings.client_id = kept.client_id
        AND client_standings.branch_id IS NOT DISTINCT FROM kept.branch_id
    """
)


def mark_due(session: Session, clients: Iterable[UUID | None]) -> None:
    """Remember whose days have changed, under the id of the card that is kept too."""
    ids = {each for each in clients if each is not None}
    if ids:
        into = kept_ids(session, list(ids))
        due = sorted(ids | {into.get(each) or each for each in ids})
        session.execute(DUE, {"marks": [new_id() for _ in due], "clients": due})


def judge(session: Session, now: datetime) -> bool:
    """Everybody, unless they were judged today by the borders of today; else those who are due.

    Everybody, too, where these brought so much more that what was learnt before says little. Whether more may be due.
    """
    last, today = newest_report(session), _number(now.date())
    if last is None or last.learnt.borders != borders(session):
        judge_everybody(session, now)
        return False
    if last.learnt.as_of == today and last.learnt.on is not None:
        count = _judge_due(session, last.learnt)
        if not count or not _outgrown(session, last.learnt):
            return count == AT_ONCE
    elif last.learnt.holds_on(today):
        judge_new_day(session, now, last)
        if not _outgrown(session, last.learnt):
            return False
    judge_everybody(session, now, last.learnt.fitted)
    return False


def _outgrown(session: Session, learnt: Learnt) -> bool:
    return outgrown(learnt.seen, session.scalar(SEEN) or 0)


def judge_everybody(session: Session, now: datetime, before: Fitted | None = None) -> None:
    """Learn from all visits, keep what was learnt, and judge everybody by it."""
    _prepare(session)
    _take_marks(session, None)
    days, work = days_and_work(session)
    learnt, parts = counting(judge_anew, days, work, kin(session), _number(now.date()), borders(session), before)
    _keep(session, now, learnt, parts)


def judge_new_day(session: Session, now: datetime, before: Report) -> None:
    """Judge everybody by what was learnt before: from the visits of those of whom it changes, else from their rows.

    Beside those who are due these are the ones of whom a visit falls out of the year that is looked at.
    """
    _prepare(session)
    today = now.date()
    window = timedelta(days=WINDOW - 1)
    left = session.scalars(WHO_CAME, {"first": before.as_of - window, "until": today - window}).all()
    changed = _take_marks(session, None) | {each for each in left if each is not None}
    learnt, parts = counting(
        _passed, rows_of_others(session, changed), *days_and_work(session, changed), kin(session), before.learnt, today
    )
    _keep(session, now, learnt, parts)


def judge_some(session: Session, clients: Collection[UUID], learnt: Learnt) -> None:
    """By what was learnt already; whoever has no day left has no row. What whom they brought is worth stays."""
    parts = counting(_judged, *days_and_work(session, clients), learnt)
    networks = session.execute(NETWORKS, {"clients": list(clients)}).all()
    session.execute(delete(client_standings).where(client_standings.c.client_id.in_(clients)))
    write(session, parts)
    if networks:
        ids, branches, values = map(list, zip(*networks, strict=True))
        session.execute(KEEP_NETWORKS, {"clients": ids, "branches": branches, "values": values})


def _judge_due(session: Session, learnt: Learnt) -> int:
    """How many were."""
    marked = _take_marks(session, AT_ONCE)
    if marked:
        judge_some(session, marked, learnt)
    return len(marked)


def _take_marks(session: Session, most: int | None) -> set[UUID]:
    marks = session.execute(MARKS, {"most": most}).all()
    if marks:
        session.execute(TAKEN, {"marks": [row.mark for row in marks]})
    return {row.client_id for row in marks}


def _passed(
    others: Rows, days: Rows, work: Rows, kin: Rows, before: Learnt, today: date
) -> tuple[Learnt, list[Columns]]:
    return pass_day([others, rows_of(days, work, _number(today))], kin, before, _number(today))


def _judged(days: Rows, work: Rows, learnt: Learnt) -> list[Columns]:
    return judged(rows_of(days, work, learnt.as_of), learnt, None)


def _prepare(session: Session) -> None:
    session.execute(PATIENT)
    session.execute(ROOMY)


def _keep(session: Session, now: datetime, learnt: Learnt, parts: list[Columns]) -> None:
    today = now.date()
    old = client_reports.c.as_of < today - timedelta(days=KEPT_DAYS)
    session.execute(delete(client_reports).where((client_reports.c.as_of >= today) | old))
    session.execute(insert(client_reports).values(as_of=today, made_at=now, learnt=document_of(learnt)))
    session.execute(delete(client_standings))
    write(session, parts)


def _number(day: date) -> int:
    return (day - ZERO).days
