"""What the guard has said of an appointment: kept sealed with it, shown as the contract says."""

from dataclasses import replace

from chassis.keyring import Keyring
from chassis.wire import MASK, decoder, encode
from contracts import booking as wire
from services.booking.domain.appointment import Appointment
from services.booking.domain.health import Health, Verdict
from services.booking.queries.texts import opened, sealed

FIELD = "health"
EVEN = 256  # what is kept is as long whatever it says, unless reasons make it longer


def sealed_health(keyring: Keyring, appointment: Appointment, health: Health | None) -> bytes | None:
    """As it is kept: who reads the database learns that a service was marked, not whether the card speaks of it."""
    if health is None:
        return None
    said = encode(health)
    return sealed(keyring, appointment, FIELD, said.decode() + " " * (-len(said) % EVEN))


def health_of(keyring: Keyring, appointment: Appointment, kept: bytes | None) -> Health | None:
    """What was `kept`; None if no service was marked, or it cannot be read any more."""
    return read_health(opened(keyring, [(appointment, FIELD, kept)]).get((appointment.id, FIELD)))


def read_health(text: str | None) -> Health | None:
    return decoder(Health)(text.encode()) if text else None


def sign_of(health: Health | None) -> wire.HealthSign | None:
    """That something speaks against a visit, for those who plan the day; not what."""
    if health is None or health.verdict not in (Verdict.WARN, Verdict.BLOCK):
        return None
    return "blocked" if health.blocked else "warned"


def shown_health(health: Health | None) -> wire.AppointmentHealth | None:
    if health is None:
        return None
    return wire.AppointmentHealth(health.verdict.value, health.conditions, health.overridden)


def without_conditions(shown: wire.AppointmentHealth) -> wire.AppointmentHealth:
    """The verdict, and how many conditions it rests on."""
    return replace(shown, conditions=(MASK,) * len(shown.conditions))
