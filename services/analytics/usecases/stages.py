"""What became of those who enquired: kept beside each enquiry, and worked out again when anything of them changes."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.booking import AppointmentState
from contracts.clients import ClientsMerged, EnquiryAnswered, EnquiryReceived
from services.analytics.domain.funnel import REGULAR_DAYS, WINDOW_DAYS
from services.analytics.usecases.turns import take_turn

# Of the clients of these appointments, those of whose enquiries something may become by them: what comes long after the
# first visit changes nothing. A day more than that on either side, because days are those of branches.
WHOSE = text(
    """
    SELECT client_id FROM (
        SELECT client_id, starts FROM bookings WHERE appointment_id = ANY(:appointments)
        UNION ALL
        SELECT client_id, starts FROM visits WHERE appointment_id = ANY(:appointments)
    ) AS theirs
    WHERE EXISTS (
        SELECT FROM enquiries WHERE enquiries.client_id = theirs.client_id
            AND (came_at IS NULL OR theirs.starts < came_at + make_interval(days => :settled))
    )
    """
)
ENQUIRED = text("SELECT DISTINCT client_id FROM enquiries WHERE enquiry_id = ANY(:enquiries)")

# What clients came to is found by its date, with a day more on either side because days are those of branches: their
# whole history is not read.
KEEP = text(
    """
    WITH theirs AS (
        SELECT enquiry_id, client_id, received_at, CAST(received_at AT TIME ZONE 'UTC' AS DATE) AS received_on,
            lag(received_at) OVER own AS previous_at, lag(received_at) OVER here AS previous_here_at
        FROM enquiries WHERE client_id = ANY(:clients)
        WINDOW own AS (PARTITION BY client_id ORDER BY received_at, enquiry_id),
            here AS (PARTITION BY client_id, branch_id ORDER BY received_at, enquiry_id)
    ), stages AS (
        SELECT theirs.*, came.at AS came_at, NOT EXISTS (
                SELECT FROM visits WHERE visits.client_id = theirs.client_id AND starts < theirs.received_at
                    AND local_date <= received_on + 1) AS lead,
            came.at IS NOT NULL OR EXISTS (
                SELECT FROM bookings WHERE bookings.client_id = theirs.client_id
                    AND bookings.booked_at >= theirs.received_at) AS booked,
            came.days >= :regular AS regular
        FROM theirs
        LEFT JOIN LATERAL (
            SELECT min(starts) AS at, count(DISTINCT local_date) FILTER (
                WHERE local_date < first_day + CAST(:window AS INTEGER)) AS days
            FROM (
                SELECT starts, local_date, first_value(local_date) OVER (ORDER BY starts, local_date) AS first_day
                FROM visits WHERE visits.client_id = theirs.client_id AND starts >= theirs.received_at
                    AND local_date >= received_on - 1
            ) AS own
        ) AS came ON true
    )
    UPDATE enquiries SET previous_at = stages.previous_at, previous_here_at = stages.previous_here_at,
        lead = stages.lead, booked = stages.booked, came_at = stages.came_at, regular = stages.regular
    FROM stages WHERE enquiries.enquiry_id = stages.enquiry_id AND (
        enquiries.previous_at, enquiries.previous_here_at, enquiries.lead, enquiries.booked, enquiries.came_at,
        enquiries.regular
    ) IS DISTINCT FROM (
        stages.previous_at, stages.previous_here_at, stages.lead, stages.booked, stages.came_at, stages.regular
    )
    """
)


@contextmanager
def following_appointments(session: Session, events: Sequence[AppointmentState]) -> Iterator[None]:
    """Of those whose appointments these were before the block, or are after it."""
    take_turn(session)
    asked = {"appointments": list({each.appointment_id for each in events}), "settled": WINDOW_DAYS + 2}
    before = session.scalars(WHOSE, asked).all()
    yield
    keep_stages(session, {*before, *session.scalars(WHOSE, asked)})


@contextmanager
def following_enquiries(session: Session, events: Sequence[EnquiryReceived | EnquiryAnswered]) -> Iterator[None]:
    """Of those whose enquiries these were before the block, or are after it."""
    take_turn(session)
    asked = {"enquiries": list({each.enquiry_id for each in events})}
    before = session.scalars(ENQUIRED, asked).all()
    yield
    keep_stages(session, {*before, *session.scalars(ENQUIRED, asked)})


def follow_merge(session: Session, merge: ClientsMerged) -> None:
    """Of the card that is kept, once facts are under it."""
    into = kept_ids(session, [merge.client_id])
    keep_stages(session, [into.get(merge.client_id, merge.client_id)])


def keep_stages(session: Session, clients: Collection[UUID]) -> None:
    if clients:
        asked = {"clients": sorted(clients), "regular": REGULAR_DAYS, "window": WINDOW_DAYS}
        session.execute(KEEP, asked)
