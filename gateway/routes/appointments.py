"""Free times, holds and suggestions; appointments from booking to refund; and group events."""

from contracts.booking import (
    ArriveAppointment,
    BookAppointment,
    CancelAppointment,
    CancelGroupEvent,
    ChangeAppointment,
    ChangeGroupEvent,
    CompleteAppointment,
    ConfirmAppointment,
    CreateGroupEvent,
    FindAvailability,
    HoldTime,
    ListAppointments,
    ListGroupEvents,
    MarkNoShow,
    OpenAppointment,
    PreviewBooking,
    PreviewChange,
    PreviewCompletion,
    ReadAppointmentCalendar,
    RecordVisits,
    RefundAppointment,
    ReleaseHold,
    SearchAvailability,
    ShowAppointment,
    ShowGroupEvent,
    ShowHistory,
    ShowHold,
    SuggestVisit,
)
from gateway.route import Area
from gateway.routes.calendars import APPOINTMENT

area = Area("appointments", "Appointments")
expose = area.expose

expose("GET", "/availability", FindAvailability, "Find free times")
expose("POST", "/availability/search", SearchAvailability, "Find free times for a whole visit")
expose("GET", "/suggestions", SuggestVisit, "What to offer a known client")

expose("POST", "/holds", HoldTime, "Hold a time for a while", status=201)
expose("GET", "/holds/<uuid:id>", ShowHold, "Show a hold", resource=ShowHold)
expose("POST", "/holds/<uuid:id>/release", ReleaseHold, "Release a hold", resource=ShowHold)

expose("GET", "/appointments", ListAppointments, "List appointments")
expose("POST", "/appointments", BookAppointment, "Book an appointment", status=201)
expose("POST", "/appointments/preview", PreviewBooking, "What a booking would come to")
expose("POST", "/appointments/bulk", RecordVisits, "Record visits of the past, all or none")
expose("GET", "/appointments/<uuid:id>", OpenAppointment, "Show an appointment", resource=ShowAppointment)
expose("PATCH", "/appointments/<uuid:id>", ChangeAppointment, "Move or change", resource=ShowAppointment)
expose(
    "POST", "/appointments/<uuid:id>/preview", PreviewChange, "What a change would come to", resource=ShowAppointment
)
expose(
    "POST",
    "/appointments/<uuid:id>/complete/preview",
    PreviewCompletion,
    "What a visit would be billed and paid",
    resource=ShowAppointment,
)
for path, request, summary in (
    ("confirm", ConfirmAppointment, "The client confirmed"),
    ("arrive", ArriveAppointment, "The client is here"),
    ("complete", CompleteAppointment, "The visit took place and was paid"),
    ("cancel", CancelAppointment, "Cancel the appointment"),
    ("no-show", MarkNoShow, "The client did not come"),
    ("refund", RefundAppointment, "Give money back on lines of the bill"),
):
    expose("POST", f"/appointments/<uuid:id>/{path}", request, summary, resource=ShowAppointment)
expose("GET", "/appointments/<uuid:id>/history", ShowHistory, "Every change of it", resource=ShowAppointment)
expose(
    "GET",
    "/appointments/<uuid:id>/calendar.ics",
    ReadAppointmentCalendar,
    "The appointment for a calendar",
    resource=ShowAppointment,
    file=APPOINTMENT,
)

expose("GET", "/group-events", ListGroupEvents, "List group events")
expose("POST", "/group-events", CreateGroupEvent, "Plan a group event", status=201)
expose("GET", "/group-events/<uuid:id>", ShowGroupEvent, "Show a group event", resource=ShowGroupEvent)
expose("PATCH", "/group-events/<uuid:id>", ChangeGroupEvent, "Move or change it", resource=ShowGroupEvent)
expose("POST", "/group-events/<uuid:id>/cancel", CancelGroupEvent, "Cancel it for everybody", resource=ShowGroupEvent)
