"""Free text about a visit: sealed under a key of the person whom it is about, unreadable once that is destroyed."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from chassis.crypto import Damaged, seal, unseal
from chassis.keyring import Keyring
from chassis.observability import log
from services.booking.domain.appointment import Appointment


class Visit(Protocol):
    """What says whose key seals the texts of an appointment."""

    @property
    def id(self) -> UUID: ...

    @property
    def client_id(self) -> UUID | None: ...


def subject_of(appointment: Visit) -> UUID:
    """Whose key seals the texts: the client's, or for somebody without a card one of the visit's own."""
    return appointment.client_id or appointment.id


def sealed(keyring: Keyring, appointment: Appointment, field: str, text: str | None) -> bytes | None:
    """`text` as it is kept in `field` of `appointment`."""
    if not text:
        return None
    subject = subject_of(appointment)
    return seal(keyring.make([subject])[subject], text.encode(), place_of_text(appointment.id, field))


def opened(keyring: Keyring, kept: Iterable[tuple[Visit, str, bytes | None]]) -> dict[tuple[UUID, str], str | None]:
    """The texts of (appointment, field, sealed), by appointment and field; what cannot be read any more is left out."""
    there = [(appointment, field, text) for appointment, field, text in kept if text]
    keys = keyring.keys({subject_of(appointment) for appointment, _, _ in there}) if there else {}
    texts: dict[tuple[UUID, str], str | None] = {}
    for appointment, field, text in there:
        key = keys.get(subject_of(appointment))
        if key is None:
            continue
        try:
            texts[appointment.id, field] = unseal(key, text, place_of_text(appointment.id, field)).decode()
        except Damaged:
            log("booking").error("text_damaged", appointment=str(appointment.id), field=field)
    return texts


def place_of_text(appointment_id: UUID, field: str) -> str:
    """What binds a sealed text to its appointment and field."""
    return f"{appointment_id}:{field}"
