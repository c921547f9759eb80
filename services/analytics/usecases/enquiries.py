"""Facts of enquiries: the newest of each, under the card that is kept."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.clients import EnquiryAnswered, EnquiryReceived
from services.analytics.tables import enquiries
from services.analytics.usecases.turns import take_turn

_put = insert(enquiries)
KEEP_NEWER = _put.on_conflict_do_update(
    index_elements=["enquiry_id"],
    set_={
        name: _put.excluded[name]
        for name in ("version", "client_id", "branch_id", "channel", "known", "received_at", "answered_at")
    },
    where=enquiries.c.version < _put.excluded.version,
)


def copy_enquiries(session: Session, events: Sequence[EnquiryReceived | EnquiryAnswered]) -> None:
    """Newer states instead of older ones."""
    take_turn(session)
    into = kept_ids(session, [event.client_id for event in events])
    newest = {event.enquiry_id: event for event in sorted(events, key=lambda each: each.version)}
    rows = [
        {
            "enquiry_id": event.enquiry_id,
            "version": event.version,
            "client_id": into.get(event.client_id, event.client_id),
            "branch_id": event.branch_id,
            "channel": event.channel,
            "known": event.known,
            "received_at": event.received_at,
            "answered_at": event.answered_at,
        }
        for event in newest.values()
    ]
    session.execute(KEEP_NEWER, rows)
