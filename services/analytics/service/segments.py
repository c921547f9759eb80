"""Saved segments on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts import analytics as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.analytics.queries import saved_segments as queries
from services.analytics.usecases import segments


class SavedSegments:
    @serves(wire.CountSegment)
    def count_segment(self, session: Session, request: wire.CountSegment, caller: Caller) -> wire.SegmentCount:
        return queries.count(session, request, caller, utc_now().date())

    @serves(wire.ListSavedSegments)
    def list_saved_segments(
        self, session: Session, request: wire.ListSavedSegments, caller: Caller
    ) -> Page[wire.SavedSegment]:
        return queries.saved_segments(session, request, caller)

    @serves(wire.ShowSavedSegment)
    def show_saved_segment(self, session: Session, request: wire.ShowSavedSegment, caller: Caller) -> wire.SavedSegment:
        return queries.segment_view(queries.segment_row(session, request.id, caller))

    @serves(wire.SaveSegment)
    def save_segment(self, session: Session, request: wire.SaveSegment, caller: Caller) -> wire.SavedSegment:
        return segments.save(session, request, caller, utc_now())

    @serves(wire.ChangeSegment)
    def change_segment(self, session: Session, request: wire.ChangeSegment, caller: Caller) -> wire.SavedSegment:
        return segments.change(session, request, caller, utc_now())

    @serves(wire.RemoveSegment)
    def remove_segment(self, session: Session, request: wire.RemoveSegment, caller: Caller) -> wire.RemovedSegment:
        return segments.remove(session, request, caller, utc_now())

    @serves(wire.ShowSegmentMembers)
    def show_segment_members(
        self, session: Session, request: wire.ShowSegmentMembers, caller: Caller
    ) -> Page[wire.SegmentMember]:
        return queries.members(session, request, caller)

    @serves(wire.ListSegmentMembers)
    def list_segment_members(
        self, session: Session, request: wire.ListSegmentMembers, _caller: Caller
    ) -> wire.SegmentIds:
        return queries.member_ids(session, request)

    @every(15.0)
    def decide_segments(self, session: Session) -> bool:
        return segments.decide(session, utc_now())
