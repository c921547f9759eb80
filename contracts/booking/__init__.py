"""The salon and who works when; free times, appointments, series, the waiting list, and the visit's bill."""

from contracts.booking.appointments import *
from contracts.booking.availability import *
from contracts.booking.calendar import *
from contracts.booking.catalogue import *
from contracts.booking.deeds import *
from contracts.booking.events import *
from contracts.booking.export import *
from contracts.booking.groups import *
from contracts.booking.masters import *
from contracts.booking.merges import *
from contracts.booking.online import *
from contracts.booking.own import *
from contracts.booking.past import *
from contracts.booking.salon import *
from contracts.booking.schedule import *
from contracts.booking.series import *
from contracts.booking.waiting import *
from contracts.booking.words import *
