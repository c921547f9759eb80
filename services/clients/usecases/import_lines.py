"""How a row of an uploaded table becomes a card, or changes one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.clients import ImportedClient, Source
from kernel.errors import Conflict, Gone, Invalid, NotFound
from services.clients import domain, queries
from services.clients.domain.fields import Field
from services.clients.domain.imports import CONTRAINDICATIONS, MOST_CONTRAINDICATIONS, Fault, RowSaid, read_row
from services.clients.domain.traces import ERASED
from services.clients.phones import read_phone
from services.clients.usecases.desk import Desk, Entered
from services.clients.usecases.entering import enter
from services.clients.usecases.fields import keep_values
from services.clients.usecases.keeping import keep_changed

LONGEST_CARD_COMMENT = 10_000
MOST_CATEGORIES = 50


@dataclass(frozen=True)
class Reading:
    """What all rows of a run are read by."""

    columns: Sequence[tuple[int, str]]
    width: int
    custom: Mapping[UUID, Field]
    categories: Mapping[str, UUID]  # by what their names are compared by
    home_branch_id: UUID | None


@dataclass(eq=False)
class Line:
    """A row on its way: what it says, the card that it makes, and what becomes of it."""

    number: int
    said: RowSaid
    entered: Entered | None = None
    outcome: str = "refused"
    client_id: UUID | None = None
    like_id: UUID | None = None
    notes: list[Fault] = field(default_factory=list)  # what was left out of a card that was made
    referrer: bytes | None = None  # blind: nobody so far, somebody further down perhaps

    @property
    def person(self) -> domain.Person:
        assert self.entered is not None  # only of rows without faults
        return self.entered.card.person

    @property
    def errors(self) -> list[dict[str, str]]:
        return [{"field": fault.field, "code": fault.code} for fault in (*self.said.faults, *self.notes)]


def read_line(number: int, cells: Sequence[str], reading: Reading, desk: Desk) -> Line:
    if cells == ERASED:
        return Line(number, RowSaid(), outcome="erased")
    line = Line(number, read_row(cells, reading.columns, reading.width, reading.custom, desk.now.date()))
    said = line.said
    phones = [read_phone(text, desk.phone_region) for text in said.phones]
    if None in phones:
        said.faults.append(Fault("phone", "phone_invalid"))
    if said.faults:
        return line
    category_ids = [reading.categories.get(domain.channel_key(name) or "") for name in said.categories]
    if None in category_ids:
        line.notes.append(Fault("categories", "category_unknown"))
    imported = ImportedClient(
        first_name=said.first_name,
        last_name=said.last_name,
        patronymic=said.patronymic,
        preferred_name=said.preferred_name,
        phones=tuple(phone for phone in phones if phone),
        email=said.email,
        sex=said.sex,  # type: ignore[arg-type]  # one of the two words
        birth_date=said.birth_date,
        source=Source(said.source) if said.source else None,
        home_branch_id=reading.home_branch_id,
        comment=said.comment,
        contraindications=tuple(said.contraindications),
        category_ids=tuple(each for each in category_ids if each)[:MOST_CATEGORIES],
    )
    try:
        entered = enter(imported, desk)
    except Invalid as refusal:
        said.faults.extend(Fault(name.partition(".")[0], refusal.code) for name in refusal.details["errors"])
        return line
    card = replace(entered.card, person=replace(entered.card.person, reference=said.reference))
    if said.registered_on:
        card = replace(card, registered_at=datetime.combine(said.registered_on, time(), UTC))
    line.entered = replace(entered, card=card)
    return line


def complete(
    session: Session, line: Line, client_id: UUID, holders: Mapping[str, UUID], desk: Desk, *, dry_run: bool
) -> bool:
    """Write into the card of `client_id` what the row says and the card does not; whether that was anything.

    Names, sex, birth date and e-mail are those of the row; phones, categories and contraindications come together, a
    comment goes below the one that is there. Where somebody came from first stays. `holders`: who has which phone.
    """
    try:
        row = queries.found(session, client_id, desk.caller, "clients.edit", locked=True)
        before = queries.opened(row, desk.vault)
    except (NotFound, Gone, Conflict):  # of another branch, or damaged: it stays as it is
        return False
    after = domain.checked(completed(before, line, holders), desk.now.date())
    if after == before and not line.said.custom:
        return False
    if dry_run:
        return True
    after = replace(after, version=before.version + 1)
    keep_changed(session, before, Entered(after), desk)
    keep_values(session, client_id, dict(line.said.custom), desk)
    return True


def completed(card: domain.Card, line: Line, holders: Mapping[str, UUID] | None = None) -> domain.Card:
    """`card` with what the row says; a phone that somebody else has is left out, and noted."""
    said, fresh, known = line.said, line.person, card.person
    holders = holders or {}
    phones = [phone for phone in fresh.phones if phone not in known.phones]
    free = [phone for phone in phones if holders.get(phone, card.id) == card.id]
    if len(free) < len(phones):
        line.notes.append(Fault("phone", "client_exists"))
    person = replace(
        known,
        first_name=fresh.first_name,
        last_name=fresh.last_name or known.last_name,
        patronymic=fresh.patronymic or known.patronymic,
        preferred_name=fresh.preferred_name or known.preferred_name,
        phones=(*known.phones, *free)[:10],
        email=fresh.email or known.email,
        sex=fresh.sex or known.sex,
        birth_date=fresh.birth_date or known.birth_date,
        comment=_together(known.comment, said.comment),
        reference=known.reference or fresh.reference,
    )
    assert line.entered is not None  # `person` is of it
    borne = {text.casefold() for text in card.contraindications}
    fresh_ones = [text for text in line.entered.card.contraindications if text.casefold() not in borne]
    contraindications = (*card.contraindications, *fresh_ones)
    if len(contraindications) > MOST_CONTRAINDICATIONS:
        line.notes.append(Fault(CONTRAINDICATIONS, "contraindications_too_many"))
    categories = dict.fromkeys((*card.category_ids, *line.entered.card.category_ids))
    return replace(
        card,
        person=person,
        channel=card.channel or line.entered.card.channel,
        category_ids=tuple(categories)[:MOST_CATEGORIES],
        contraindications=contraindications[:MOST_CONTRAINDICATIONS],
    )


def _together(known: str | None, said: str | None) -> str | None:
    if not said or (known and said in known):
        return known
    return f"{known}\n{said}"[:LONGEST_CARD_COMMENT] if known else said
