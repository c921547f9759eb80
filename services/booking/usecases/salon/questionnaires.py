"""What the salon keeps about its staff."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Stale
from services.booking.domain.catalogue import name_of
from services.booking.queries.salon.questionnaires import sealed, show_questionnaire
from services.booking.tables import questionnaires
from services.booking.usecases.salon.changes import changes_of, check_version

FIELDS = ("phones", "email", "birth_date", "address", "emergency_contact", "notes")


def change_questionnaire(
    session: Session, keyring: Keyring, request: wire.ChangeQuestionnaire, caller: Caller
) -> wire.Questionnaire:
    reach = caller.must("questionnaires.edit")
    old = show_questionnaire(session, keyring, request.master_id, caller, reach)
    check_version(request.version, old.version)
    changes = _kept(request)
    if not changes:
        return old
    new = replace(old, version=old.version + 1, **changes)
    _write(session, new, sealed(keyring, new), first=old.version == 1)
    return new


def _kept(request: wire.ChangeQuestionnaire) -> dict[str, Any]:
    changes = changes_of(request, *FIELDS)
    phones: Sequence[str] = changes.get("phones", ())
    if phones:
        changes["phones"] = tuple(name_of(f"phones.{place}", phone) for place, phone in enumerate(phones))
    if changes.get("email"):
        changes["email"] = name_of("email", changes["email"])
    return changes


def _write(session: Session, new: wire.Questionnaire, answers: bytes, *, first: bool) -> None:
    """Keep the answers unless somebody else was faster."""
    values = {"answers": answers, "version": new.version}
    if first:
        write: Any = insert(questionnaires).values(master_id=new.master_id, **values).on_conflict_do_nothing()
    else:
        same = (questionnaires.c.master_id == new.master_id, questionnaires.c.version == new.version - 1)
        write = update(questionnaires).where(*same).values(values)
    if session.execute(write.returning(questionnaires.c.version)).one_or_none() is None:
        raise Stale("version_stale", "somebody has changed it since")
