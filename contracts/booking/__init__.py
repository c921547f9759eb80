"""Branches, rooms, the catalogue, masters, shifts, appointments and the visit's bill."""

from contracts.booking.appointments import *
from contracts.booking.events import *
from contracts.booking.masters import *
from contracts.booking.past import *
from contracts.booking.salon import *
from contracts.booking.words import *
