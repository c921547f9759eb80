"""Segments that people define."""

from contracts.analytics import (
    ChangeSegment,
    CountSegment,
    ListSavedSegments,
    RemoveSegment,
    SaveSegment,
    ShowSavedSegment,
    ShowSegmentMembers,
)
from gateway.route import Area

area = Area("saved segments", "Segments that people define by what clients did")
expose = area.expose

SEGMENT = "/analytics/saved-segments/<uuid:id>"

expose("GET", "/analytics/saved-segments", ListSavedSegments, "List saved segments")
expose("POST", "/analytics/saved-segments", SaveSegment, "Save a segment", status=201)
expose("POST", "/analytics/saved-segments/count", CountSegment, "Count of how many clients a filter holds")
expose("GET", SEGMENT, ShowSavedSegment, "Show a saved segment", resource=ShowSavedSegment)
expose("PATCH", SEGMENT, ChangeSegment, "Change a saved segment", resource=ShowSavedSegment)
expose("DELETE", SEGMENT, RemoveSegment, "Remove a saved segment", status=204, resource=ShowSavedSegment)
expose("GET", f"{SEGMENT}/members", ShowSegmentMembers, "List its members", resource=ShowSavedSegment, names=True)
