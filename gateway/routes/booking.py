"""The salon: settings, branches, rooms, the catalogue, masters, shifts; and appointments."""

from contracts.booking import (
    ArriveAppointment,
    BookAppointment,
    CancelAppointment,
    ChangeAppointment,
    ChangeBranch,
    ChangeMaster,
    ChangeRoom,
    ChangeService,
    ChangeSettings,
    CompleteAppointment,
    ConfirmAppointment,
    CreateBranch,
    CreateMaster,
    CreateRoom,
    CreateService,
    FindAvailability,
    ListAppointments,
    ListBranches,
    ListMasters,
    ListRooms,
    ListServices,
    ListShifts,
    MarkNoShow,
    RecordVisits,
    RefundAppointment,
    ReplaceShifts,
    ShowAppointment,
    ShowBranch,
    ShowMaster,
    ShowRoom,
    ShowService,
    ShowSettings,
)
from gateway.route import Area

area = Area("booking", "The salon and its appointments")
expose = area.expose

expose("GET", "/settings", ShowSettings, "Show what holds for the whole installation")
expose("PATCH", "/settings", ChangeSettings, "Change the settings", resource=ShowSettings)

expose("GET", "/branches", ListBranches, "List branches")
expose("POST", "/branches", CreateBranch, "Create a branch", status=201)
expose("GET", "/branches/<uuid:id>", ShowBranch, "Show a branch", resource=ShowBranch)
expose("PATCH", "/branches/<uuid:id>", ChangeBranch, "Change a branch", resource=ShowBranch)

expose("GET", "/rooms", ListRooms, "List rooms")
expose("POST", "/rooms", CreateRoom, "Create a room", status=201)
expose("GET", "/rooms/<uuid:id>", ShowRoom, "Show a room", resource=ShowRoom)
expose("PATCH", "/rooms/<uuid:id>", ChangeRoom, "Change a room", resource=ShowRoom)

expose("GET", "/services", ListServices, "List the catalogue")
expose("POST", "/services", CreateService, "Add a service to the catalogue", status=201)
expose("GET", "/services/<uuid:id>", ShowService, "Show a service", resource=ShowService)
expose("PATCH", "/services/<uuid:id>", ChangeService, "Change a service", resource=ShowService)

expose("GET", "/masters", ListMasters, "List masters")
expose("POST", "/masters", CreateMaster, "Create a master", status=201)
expose("GET", "/masters/<uuid:id>", ShowMaster, "Show a master", resource=ShowMaster)
expose("PATCH", "/masters/<uuid:id>", ChangeMaster, "Change a master", resource=ShowMaster)
expose("GET", "/masters/<uuid:master_id>/shifts", ListShifts, "List a master's shifts", resource=ShowMaster)
expose("PUT", "/masters/<uuid:master_id>/shifts", ReplaceShifts, "Replace shifts by date", resource=ShowMaster)

expose("GET", "/availability", FindAvailability, "Find free times")

expose("GET", "/appointments", ListAppointments, "List appointments")
expose("POST", "/appointments", BookAppointment, "Book an appointment", status=201)
expose("POST", "/appointments/bulk", RecordVisits, "Record visits of the past, all or none")
expose("GET", "/appointments/<uuid:id>", ShowAppointment, "Show an appointment", resource=ShowAppointment)
expose("PATCH", "/appointments/<uuid:id>", ChangeAppointment, "Move or change", resource=ShowAppointment)
for path, request, summary in (
    ("confirm", ConfirmAppointment, "The client confirmed"),
    ("arrive", ArriveAppointment, "The client is here"),
    ("complete", CompleteAppointment, "The visit took place and was paid"),
    ("cancel", CancelAppointment, "Cancel the appointment"),
    ("no-show", MarkNoShow, "The client did not come"),
    ("refund", RefundAppointment, "Give money back on lines of the bill"),
):
    expose("POST", f"/appointments/<uuid:id>/{path}", request, summary, resource=ShowAppointment)
