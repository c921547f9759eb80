"""Damage to a sealed text of booking: noticed, told by id, and no list stops at it."""

import subprocess
import sys
from typing import Any

from sqlalchemy import Column, LargeBinary, func, update

from contracts.booking import (
    CancelAppointment,
    ChangeQuestionnaire,
    CreateAbsence,
    ListAppointments,
    ShowAppointment,
    ShowHistory,
)
from contracts.clients import ClientErased
from services.booking.queries.unreadable import EVERYTHING
from services.booking.tables import appointments, booking_metadata, history
from tests.builders import CLARA
from tests.component.booking.page import DORA
from tests.component.booking.salon import Salon


def flip(salon: Salon, column: Column[Any], where: Any) -> None:
    """Change one bit in the middle of a ciphertext."""
    with salon.booking.session() as session:
        flipped = func.set_byte(column, 15, func.get_byte(column, 15).op("#")(4))
        session.execute(update(column.table).where(where).values({column: flipped}))
        session.commit()


def check(salon: Salon) -> subprocess.CompletedProcess[str]:
    settings = salon.booking.settings
    env = {
        "LOKON_KEYS": str(settings.keys),
        "LOKON_BOOKING_DATABASE": settings.databases["booking"],
        "LOKON_BOOKING_KEYS_DATABASE": settings.databases["booking_keys"],
        "LOKON_BUS": "inprocess://operator",
    }
    command = [sys.executable, "-m", "chassis.runner", "booking", "keys", "check"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def lines(said: subprocess.CompletedProcess[str]) -> set[str]:
    return {line for line in said.stdout.splitlines() if not line.startswith("{")}


def test_a_damaged_comment_stops_no_list(salon: Salon) -> None:
    damaged, whole = (salon.book(salon.at(clock), comment="likes tea") for clock in ("12:00", "15:00"))
    flip(salon, appointments.c.comment, appointments.c.id == damaged.id)
    listed = salon.ask(ListAppointments(client_id=CLARA)).items
    assert [(one.id, one.comment) for one in listed] == [(damaged.id, None), (whole.id, "likes tea")]
    assert salon.ask(ShowAppointment(damaged.id)).comment is None


def test_a_damaged_reason_stops_no_history(salon: Salon) -> None:
    made = salon.book()
    salon.ask(CancelAppointment(made.id, "is ill"))
    flip(salon, history.c.reason, history.c.reason.is_not(None))
    said = [(one.change, one.reason) for one in salon.ask(ShowHistory(made.id)).items]
    assert said == [("booked", None), ("cancelled", None)]


def test_the_check_names_what_does_not_open_and_nothing_of_it(salon: Salon) -> None:
    """Texts of appointments and of their history by the appointment; those who were erased are none of it."""
    whole, one, other, erased = (
        salon.book(salon.at(clock), client=client, comment="likes tea")
        for clock, client in (("10:00", CLARA), ("12:00", CLARA), ("14:00", CLARA), ("16:00", DORA))
    )
    salon.ask(CancelAppointment(other.id, "is ill"))
    salon.ask(ChangeQuestionnaire(salon.anna.id, 1, notes="is afraid of dryers"))
    salon.ask(CreateAbsence(salon.olga.id, "sick", salon.at("09:00", 3), salon.at("21:00", 3), reason="a bad knee"))
    assert lines(check(salon)) == {"everything opens"}
    with salon.booking.session() as session:  # as in a dump from before the erasure
        kept = session.scalar(appointments.select().with_only_columns(appointments.c.comment).limit(1))
        salon.booking.deliver(ClientErased(DORA, 5, salon.at("10:00", 0)))
        session.execute(update(appointments).where(appointments.c.id == erased.id).values(comment=kept))
        session.commit()
    flip(salon, appointments.c.comment, appointments.c.id == one.id)
    flip(salon, history.c.reason, history.c.appointment_id == other.id)
    said = check(salon)
    assert (said.returncode, lines(said)) == (1, {f"appointment\t{one.id}", f"history\t{other.id}"})
    assert str(whole.id) not in said.stdout
    assert not [word for word in ("tea", "ill", "dryers", "knee") if word in said.stdout + said.stderr]


def test_the_check_looks_at_every_sealed_column() -> None:
    """What is bytes and not looked at is the fingerprint of a key, or a picture that anybody may see."""
    tables = booking_metadata.tables.values()
    bytes_ = {column for table in tables for column in table.c if isinstance(column.type, LargeBinary)}
    looked_at = {kept.rows.selected_columns["sealed"].element for kept in EVERYTHING}
    assert {str(column) for column in bytes_ - looked_at} == {
        "appointments.key_hash",
        "feeds.key_hash",
        "pictures.content",
        "pictures.small",
    }
