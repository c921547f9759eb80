"""Booking on the wire: one line per message, put together from what each part of it answers."""

from services.booking.service.appointments import Appointments
from services.booking.service.availability import Availability
from services.booking.service.calendar import Calendars
from services.booking.service.groups import Groups
from services.booking.service.holds import Holds
from services.booking.service.online import Online
from services.booking.service.others import Others
from services.booking.service.own import Own
from services.booking.service.salon import Salon
from services.booking.service.schedule import Schedule
from services.booking.service.series import Series
from services.booking.service.suggestions import Suggestions
from services.booking.service.waiting import Waiting


class Booking(
    Salon,
    Schedule,
    Availability,
    Appointments,
    Holds,
    Groups,
    Online,
    Own,
    Series,
    Waiting,
    Calendars,
    Suggestions,
    Others,
):
    name = "booking"
    needs_keyring = True
    needs_master = True
