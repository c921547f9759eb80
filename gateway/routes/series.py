"""Appointments that repeat, and the list of those who wait for a time."""

from contracts.booking import (
    AcceptOffer,
    AddToWaitingList,
    BookSeries,
    CancelSeries,
    ChangeSeries,
    ChangeWaitingEntry,
    DeclineOffer,
    LeaveWaitingList,
    ListSeries,
    ListWaitingList,
    PreviewSeries,
    PreviewSeriesChange,
    ShowSeries,
    ShowWaitingEntry,
)
from gateway.route import Area

area = Area("series", "Series and the waiting list")
expose = area.expose

expose("GET", "/series", ListSeries, "List series")
expose("POST", "/series/preview", PreviewSeries, "What booking a series would do")
expose("POST", "/series", BookSeries, "Book a series, all or nothing", status=201)
expose("GET", "/series/<uuid:id>", ShowSeries, "Show a series and its appointments", resource=ShowSeries)
for path, request, summary in (
    ("change/preview", PreviewSeriesChange, "What a change would do"),
    ("change", ChangeSeries, "Change this one, this and those that follow, or all"),
    ("cancel", CancelSeries, "Cancel this one, this and those that follow, or all"),
):
    expose("POST", f"/series/<uuid:id>/{path}", request, summary, resource=ShowSeries)

expose("GET", "/waiting-list", ListWaitingList, "List who waits")
expose("POST", "/waiting-list", AddToWaitingList, "Wait for a time", status=201)
expose("GET", "/waiting-list/<uuid:id>", ShowWaitingEntry, "Show an entry", resource=ShowWaitingEntry)
expose("PATCH", "/waiting-list/<uuid:id>", ChangeWaitingEntry, "Change an entry", resource=ShowWaitingEntry)
for path, reaction, summary in (
    ("accept", AcceptOffer, "Take the time that is offered"),
    ("decline", DeclineOffer, "Let the time go, and wait on"),
    ("leave", LeaveWaitingList, "Wait no longer"),
):
    expose("POST", f"/waiting-list/<uuid:id>/{path}", reaction, summary, resource=ShowWaitingEntry)
