"""Booking without an account, and what the key of an appointment opens."""

from contracts.booking import (
    BookOnline,
    CancelOnlineAppointment,
    MoveOnlineAppointment,
    ReadOnlineCalendar,
    ShowOnlineAppointment,
    ShowOnlineSalon,
)
from contracts.clients import ListOnlineConsents
from gateway.route import Area
from gateway.routes.calendars import APPOINTMENT

area = Area("online", "Booking without an account")
expose = area.expose

expose("GET", "/online/salon", ShowOnlineSalon, "What can be booked online, and with whom")
expose("GET", "/online/consents", ListOnlineConsents, "What whoever books online is asked to agree to")
expose("POST", "/online/appointments", BookOnline, "Book without an account", status=201)
expose("GET", "/online/appointment", ShowOnlineAppointment, "Show the appointment of a key")
expose("POST", "/online/appointment/move", MoveOnlineAppointment, "Move the appointment of a key")
expose("POST", "/online/appointment/cancel", CancelOnlineAppointment, "Cancel the appointment of a key")
expose(
    "GET", "/online/appointment.ics", ReadOnlineCalendar, "The appointment of a key for a calendar", file=APPOINTMENT
)
