"""Appointments: the salon, who works when, who is busy when, and each visit with its bill.

Owns: settings, branches, rooms, the catalogue, masters, shifts, appointments with their busy times and their history,
lines, payments and refunds. Free text about a client is sealed under a key of that person.

Answers: ShowSettings, ChangeSettings, CreateBranch, ShowBranch, ListBranches, ChangeBranch, CheckBranches, CreateRoom,
ShowRoom, ListRooms, ChangeRoom, CreateService, ShowService, ListServices, ChangeService, CreateMaster, ShowMaster,
ListMasters, ChangeMaster, ReplaceShifts, ListShifts, FindAvailability, BookAppointment, ShowAppointment,
ListAppointments, ChangeAppointment, ConfirmAppointment, ArriveAppointment, CompleteAppointment, CancelAppointment,
MarkNoShow, RefundAppointment, RecordVisits

States: AppointmentBooked, AppointmentChanged, AppointmentConfirmed, AppointmentArrived, AppointmentCancelled,
AppointmentMissed, VisitCompleted, VisitRefunded

Listens: ClientRegistered, ClientErased, DiscountChanged
"""
