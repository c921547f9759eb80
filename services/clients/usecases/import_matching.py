"""Who of a batch of an import is known already: to the base, to earlier rows, or by a similar name."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from kernel.errors import Conflict
from services.clients import domain, queries
from services.clients.domain.imports import Fault
from services.clients.domain.merges import much_the_same_name
from services.clients.phones import read_phone
from services.clients.queries.alike import who_is_alike
from services.clients.queries.sight import among, visible
from services.clients.tables import EMAIL, clients, import_keys_seen, search_index
from services.clients.usecases.desk import Desk
from services.clients.usecases.import_lines import Line, complete, completed

REFERENCE, PHONE = "reference", "phone"

Key = tuple[str, str]  # what somebody is recognised by: its kind, and the value


class Matching:
    """A batch beside what is there. Rows are settled in the order of the table: of two alike the first is made."""

    def __init__(self, session: Session, run: Row[Any], lines: list[Line], desk: Desk) -> None:
        self._session = session
        self._run = run
        self._desk = desk
        self._here: dict[Key, Line] = {}
        self._made: list[Line] = []
        keys = {key for line in lines for key in (*_keys(line), *_referrer_key(line, desk))}
        self._known = self._in_base(keys)
        self._visible = self._seen_by_caller(set(self._known.values()))
        self._blind = desk.vault.blinding(run.import_id) if run.dry_run else None
        self._earlier = self._in_earlier_rows(keys) if run.dry_run else set()

    # --- duplicates -------------------------------------------------------------------------------------------------

    def settle(self, line: Line) -> None:
        """Say what becomes of a row, and change the card that it is about if it is to be changed."""
        keys = _keys(line)
        found = next((key for key in keys if key in self._here or key in self._known or key in self._earlier), None)
        if found is None:
            self._make(line, "created")
        elif self._run.duplicates == "update":
            self._update(line, found)
        elif self._run.duplicates == "create_reported" and found[0] != REFERENCE:
            self._make_beside(line, found)
        else:
            line.outcome = "duplicate"
            line.client_id = self._whose(found)
        self._learn(line, found, keys)

    def _learn(self, line: Line, found: Key | None, keys: list[Key]) -> None:
        """Rows further down recognise by `keys` what has just been made or completed."""
        made = line if line in self._made else self._here.get(found) if found else None
        for key in keys if line.outcome != "duplicate" else ():
            if made is not None:
                self._here.setdefault(key, made)
            elif line.client_id is not None:
                self._known.setdefault(key, line.client_id)

    def _make(self, line: Line, outcome: str) -> None:
        assert line.entered is not None  # the row has no faults
        line.outcome, line.client_id = outcome, line.entered.card.id
        self._made.append(line)

    def _make_beside(self, line: Line, found: Key) -> None:
        """Make a second card with the same phone, which both share from then on."""
        line.like_id = self._whose(found)
        first = self._here.get(found)
        for one in (line, first):
            if one is not None and one.entered is not None:
                one.entered = replace(one.entered, shared=True)
        self._make(line, "suggested")

    def _update(self, line: Line, found: Key) -> None:
        first = self._here.get(found)
        holders = {value: whose for (kind, value), whose in self._known.items() if kind == PHONE}
        holders |= {
            value: one.client_id for (kind, value), one in self._here.items() if kind == PHONE and one.client_id
        }
        if first is not None and first.entered is not None:
            first.entered = replace(first.entered, card=completed(first.entered.card, line, holders))
            line.outcome, line.client_id = "updated", first.client_id
            return
        client_id = self._known.get(found)
        line.client_id = client_id if client_id in self._visible else None
        if client_id is None:  # only a dry run has met them, in an earlier row
            line.outcome = "updated"
            return
        try:
            with self._session.begin_nested():
                changed = complete(self._session, line, client_id, holders, self._desk, dry_run=self._run.dry_run)
            line.outcome = "updated" if changed else "duplicate"
        except Conflict as conflict:  # another row of this batch has just brought one of the phones elsewhere
            line.said.faults.append(Fault(PHONE, conflict.code))
            line.outcome = "refused"

    def _whose(self, found: Key) -> UUID | None:
        """The card, if the caller may see it."""
        if found in self._here:
            return None if self._run.dry_run else self._here[found].client_id
        whose = self._known.get(found)
        return whose if whose in self._visible else None

    # --- suggestions ------------------------------------------------------------------------------------------------

    def suggest(self, made: list[Line]) -> None:
        """Note on cards that are made whom they resemble; that hinders nobody."""
        fresh = [line for line in made if line.outcome == "created"]
        known = who_is_alike(self._session, [line.person for line in fresh], self._desk.caller, self._desk.vault)
        born: dict[object, list[Line]] = {}
        for place, line in enumerate(fresh):
            person = line.person
            before = born.setdefault(person.birth_date, []) if person.birth_date else []
            twin = next((one for one in before if much_the_same_name(one.person, person)), None)
            before.append(line)
            if place in known or twin is not None:
                line.outcome = "suggested"
                line.like_id = known.get(place)
            if line.like_id is None and twin is not None and not self._run.dry_run:
                line.like_id = twin.client_id

    # --- referrers --------------------------------------------------------------------------------------------------

    def name_referrers(self, lines: list[Line]) -> None:
        """Find who brought whom, here and in the base; who is not there yet may come further down."""
        above: dict[UUID, UUID] = {}
        for line in lines:
            for key in _referrer_key(line, self._desk):
                self._name_referrer(line, key, above)
            if line.said.referrer_phone and not line.said.referrer_reference and not _referrer_key(line, self._desk):
                line.notes.append(Fault("referrer_phone", "phone_invalid"))

    def _name_referrer(self, line: Line, key: Key, above: dict[UUID, UUID]) -> None:
        if line.outcome in ("duplicate", "refused"):
            return
        field = "referrer_reference" if key[0] == REFERENCE else "referrer_phone"
        first = self._here.get(key)
        referrer = first.client_id if first is not None else self._known.get(key)
        if key in _keys(line) or (referrer is not None and referrer == line.client_id):
            line.notes.append(Fault(field, "referrer_is_self"))
        elif line not in self._made or referrer is None:
            line.referrer = self._blind_of(key)
        elif line.client_id in _chain(referrer, above):
            line.notes.append(Fault(field, "referrer_cycle"))
        elif line.entered is not None and line.client_id is not None:
            above[line.client_id] = referrer
            line.entered = replace(line.entered, card=replace(line.entered.card, referrer_id=referrer))

    def _blind_of(self, key: Key) -> bytes:
        if self._blind is not None:
            return self._blind(":".join(key))
        vault = self._desk.vault
        return vault.blind_reference(key[1]) if key[0] == REFERENCE else vault.blind_phone(key[1])

    # --- what is there ----------------------------------------------------------------------------------------------

    def remember(self) -> None:
        """Keep for later batches of a dry run whom this one would have made."""
        assert self._blind is not None  # of a dry run
        values = sorted({self._blind(":".join(key)) for key in self._here})
        if values:
            rows = [{"import_id": self._run.import_id, "value": value} for value in values]
            self._session.execute(upsert(import_keys_seen).values(rows).on_conflict_do_nothing())

    def _in_base(self, keys: set[Key]) -> dict[Key, UUID]:
        vault = self._desk.vault
        blind = {
            key: {REFERENCE: vault.blind_reference, PHONE: vault.blind_phone, EMAIL: vault.blind_email}[key[0]](key[1])
            for key in keys
        }
        known = {
            REFERENCE: queries.by_reference(self._session, _of(blind, REFERENCE)),
            PHONE: queries.who_has(self._session, _of(blind, PHONE)),
            EMAIL: self._with_email(_of(blind, EMAIL)),
        }
        return {key: known[key[0]][value] for key, value in blind.items() if value in known[key[0]]}

    def _with_email(self, emails: list[bytes]) -> dict[bytes, UUID]:
        if not emails:
            return {}
        holders = select(search_index.c.value, search_index.c.client_id).where(
            search_index.c.kind == EMAIL, among(search_index.c.value, emails)
        )
        rows = self._session.execute(holders.order_by(search_index.c.client_id.desc()))
        return {row.value: row.client_id for row in rows}  # the oldest card comes last, and stays

    def _in_earlier_rows(self, keys: set[Key]) -> set[Key]:
        assert self._blind is not None  # of a dry run
        blind = {self._blind(":".join(key)): key for key in keys}
        met = select(import_keys_seen.c.value).where(
            import_keys_seen.c.import_id == self._run.import_id, among(import_keys_seen.c.value, blind)
        )
        return {blind[value] for value in self._session.scalars(met)}

    def _seen_by_caller(self, ids: set[UUID]) -> set[UUID]:
        if not ids or not self._desk.caller.may("clients.read"):
            return set()
        seen = select(clients.c.id).where(among(clients.c.id, ids), visible(self._desk.caller, "clients.read"))
        return set(self._session.scalars(seen))


def _keys(line: Line) -> list[Key]:
    """What the person of a row is recognised by, the surest first."""
    person = line.person
    keys = [(REFERENCE, person.reference)] if person.reference else []
    keys += [(PHONE, phone) for phone in person.phones]
    return keys + ([(EMAIL, domain.comparable_email(person.email))] if person.email else [])


def _referrer_key(line: Line, desk: Desk) -> list[Key]:
    """Whom a row names as its referrer, if anybody."""
    if line.said.referrer_reference:
        return [(REFERENCE, line.said.referrer_reference)]
    phone = read_phone(line.said.referrer_phone, desk.phone_region) if line.said.referrer_phone else None
    return [(PHONE, phone)] if phone else []


def _chain(start: UUID, above: dict[UUID, UUID]) -> Iterator[UUID | None]:
    while True:
        yield start
        if start not in above:
            return
        start = above[start]


def _of(blind: dict[Key, bytes], kind: str) -> list[bytes]:
    return [value for key, value in blind.items() if key[0] == kind]
