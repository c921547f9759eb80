"""Promotions that were promised to visits which are yet to come: each takes a use until it is had or let go."""

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from chassis.wire import encode
from contracts.booking import AppointmentBooked, AppointmentState
from services.loyalty.domain.promotion import code_key
from services.loyalty.queries.promotions import in_force
from services.loyalty.usecases.turns import take_turn

# A visit of which there is a bill has had what it had; one that was called off stays as a row that holds nothing, for
# its booking may be heard of later.
KEEP = text(
    """
    INSERT INTO promises (appointment_id, version, client_id, promotion_ids)
    SELECT DISTINCT ON (appointment_id) *
    FROM json_to_recordset(CAST(:rows AS JSON)) AS said (appointment_id UUID, version BIGINT, client_id UUID,
        promotion_ids UUID[])
    WHERE NOT EXISTS (SELECT FROM visits WHERE visits.appointment_id = said.appointment_id)
    ORDER BY appointment_id, version DESC
    ON CONFLICT (appointment_id) DO UPDATE SET version = excluded.version, client_id = excluded.client_id,
        promotion_ids = excluded.promotion_ids
    WHERE promises.version < excluded.version
    """
)

HAD = text("DELETE FROM promises WHERE appointment_id = ANY(:appointments)")


def keep_promises(session: Session, booked: Sequence[AppointmentBooked]) -> None:
    """Of those that were booked with a code: the promotions of these codes, as they were then."""
    _keep(session, [each for each in booked if each.promised_codes])


def let_go(session: Session, off: Sequence[AppointmentState]) -> None:
    """What visits were promised that do not take place is there for others."""
    _keep(session, off)


def _keep(session: Session, events: Iterable[AppointmentState]) -> None:
    events = [each for each in events if each.client_id is not None]
    if not events:
        return
    take_turn(session)
    into = kept_ids(session, [each.client_id for each in events])
    rows = [
        {
            "appointment_id": each.appointment_id,
            "version": each.version,
            "client_id": each.client_id and into.get(each.client_id, each.client_id),
            "promotion_ids": _promised(session, each) if isinstance(each, AppointmentBooked) else (),
        }
        for each in events
    ]
    session.execute(KEEP, {"rows": encode(rows).decode()})


def _promised(session: Session, booked: AppointmentBooked) -> list[str]:
    said = {code_key(code) for code in booked.promised_codes}
    offered = in_force(session, booked.occurred_at, booked.branch_id)
    return sorted(str(each.id) for each in offered if each.code is not None and code_key(each.code) in said)


def had(session: Session, visits: Iterable[AppointmentState]) -> None:
    """Visits with a bill: what they were given is known by their grants."""
    session.execute(HAD, {"appointments": [each.appointment_id for each in visits]})
