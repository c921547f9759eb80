"""What the salon keeps about its staff, sealed under a key of each of them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import wire
from chassis.crypto import Damaged, seal, unseal
from chassis.keyring import Keyring
from chassis.observability import log
from contracts.booking import Questionnaire
from kernel.caller import Caller, Reach
from services.booking.queries.salon.masters import show_master
from services.booking.tables import questionnaires


def show_questionnaire(
    session: Session, keyring: Keyring, master_id: UUID, caller: Caller, reach: Reach
) -> Questionnaire:
    show_master(session, master_id, caller, reach)
    row = session.execute(select(questionnaires).where(questionnaires.c.master_id == master_id)).one_or_none()
    if row is None:
        return Questionnaire(master_id, 1)
    return _opened(keyring, master_id, row.answers) or Questionnaire(master_id, row.version)


def sealed(keyring: Keyring, questionnaire: Questionnaire) -> bytes:
    """The answers as they are kept; the version among them is the one that stands beside them."""
    master_id = questionnaire.master_id
    return seal(keyring.make([master_id])[master_id], wire.encode(questionnaire), place_of_answers(master_id))


def _opened(keyring: Keyring, master_id: UUID, answers: bytes) -> Questionnaire | None:
    """None for what cannot be read any more."""
    key = keyring.keys([master_id]).get(master_id)
    if key is None:
        return None
    try:
        questionnaire: Questionnaire = wire.decoder(Questionnaire)(unseal(key, answers, place_of_answers(master_id)))
    except Damaged:
        log("booking").error("questionnaire_damaged", master=str(master_id))
        return None
    return questionnaire


def place_of_answers(master_id: UUID) -> str:
    """What binds sealed answers to their master."""
    return f"{master_id}:questionnaire"
