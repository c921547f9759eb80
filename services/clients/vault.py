"""How a person's data are sealed, opened and made findable; nothing else in this service sees a key."""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.crypto import Damaged, blind_index, derive, seal, unseal
from chassis.keyring import Keyring
from chassis.masters import PERSON, MasterKeys
from chassis.messaging import idempotency
from chassis.observability import log
from chassis.wire import decoder, encode
from kernel.errors import Gone
from services.clients import domain, tables

HEALTH = "health"  # a class of data under a key of its own, held back from whatever may read names only
FILES = "files"  # a class of its own, too: bytes that somebody uploaded

HEALTH_FIELDS = ("contraindications",)  # of a card

HOLD_A_PERSON = (
    "RegisterClient",
    "ChangeClient",
    "MergeClients",
    "RevealClient",
    "ImportClients",
    "AddNote",
    "GivePerk",
    "RedeemPerk",
    "WithdrawConsent",
    "AddFile",
    "TakeDeposit",
    "WithdrawDeposit",
    "ChargeAccount",
    "AdjustAccount",
    "ReverseAccountEntry",
    "SetPersonalDiscount",
)  # requests, by their replies


@dataclass(frozen=True)
class Sealed:
    """The two ciphertexts of a card; `health` is None for somebody without contraindications."""

    person: bytes
    health: bytes | None


class Vault:
    """Seals each person under keys of their own, one for each class of data, bound to the card and the place on it."""

    def __init__(self, keyring: Keyring, master: MasterKeys) -> None:
        self._keyring = keyring
        self._index_key = master.derived("search index")
        self._replies_key = master.derived("replies")
        self._list_key = master.derived("lists taken out")

    # --- keys -------------------------------------------------------------------------------------------------------

    @property
    def reads_health(self) -> bool:
        """Whether this process was given the master key for health."""
        return HEALTH in self._keyring.masters

    def make_keys(self, cards: Sequence[domain.Card]) -> Mapping[UUID, bytes]:
        """Keys of new cards, in the key database before the cards are: a crash in between leaves a key for nothing."""
        keys = self._keyring.make(card.id for card in cards)
        self._keyring.make((card.id for card in cards if card.contraindications), HEALTH)
        return keys

    def make_key_for(self, thing_id: UUID) -> None:
        """A key for what holds many people at once, such as a table that is being imported; one like a person's."""
        self._keyring.make([thing_id])

    def key_of(self, client_id: UUID) -> bytes | None:
        return self._keyring.keys([client_id]).get(client_id)

    def has_key(self, client_id: UUID) -> bool:
        """Whether the person was not erased; their key may be damaged all the same."""
        return self._keyring.has(client_id)

    def look_up_keys(self, ids: Collection[UUID]) -> None:
        """Fetch the keys of many at once, before they are asked for one by one."""
        self._keyring.keys(ids)

    def destroy_key(self, client_id: UUID) -> None:
        self._keyring.destroy(client_id)

    def forget_replies(self, session: Session, client_id: UUID) -> None:
        """Delete what is kept to answer a repeated request with: it holds the person under another key."""
        idempotency.forget(session, self._replies_key, HOLD_A_PERSON, client_id)

    # --- ciphertexts ------------------------------------------------------------------------------------------------

    def seal(self, card: domain.Card, key: bytes) -> Sealed:
        return Sealed(
            person=seal(derive(key, PERSON), encode(card.person), _place(card.id, PERSON)),
            health=seal(self._health_key(card.id), encode(card.contraindications), _place(card.id, HEALTH))
            if card.contraindications
            else None,
        )

    def open(self, rows: Sequence[Row[Any]]) -> dict[UUID, domain.Card]:
        """The cards in `rows` that can be read. Others are left out and logged: one of them must not stop a list."""
        keys = self._keyring.keys([row.id for row in rows if row.person is not None])  # those for health come along
        cards = {}
        for row in rows:
            key = keys.get(row.id)
            if key is None:
                if row.person is not None:
                    log("clients").warning("card_without_key", client_id=str(row.id))
                continue
            try:
                cards[row.id] = self._card(row, key)
            except Damaged as damage:
                log("clients").error("card_damaged", client_id=str(row.id), reason=str(damage))
        return cards

    def _card(self, row: Row[Any], key: bytes) -> domain.Card:
        person = decoder(domain.Person)(unseal(derive(key, PERSON), row.person, _place(row.id, PERSON)))
        health: tuple[str, ...] = ()
        if row.health is not None and self.reads_health:
            opened = self._unseal_health(row.id, key, row.health, _place(row.id, HEALTH))
            health = decoder(tuple[str, ...])(opened)
        return domain.Card(
            id=row.id,
            person=person,
            registered_at=row.registered_at,
            contraindications=health,
            channel=_channel(row),
            referrer_id=row.referrer_id,
            home_branch_id=row.home_branch_id,
            favourite_master_id=row.favourite_master_id,
            favourite_service_ids=tuple(row.favourite_service_ids),
            convenient_times=tuple(domain.Times(**times) for times in row.convenient_times),
            importance=row.importance,
            category_ids=tuple(row.category_ids),
            version=row.version,
            sorted_category_ids=tuple(row.sorted_category_ids),
            sorted_importance=row.sorted_importance,
        )

    # --- what hangs on a card ---------------------------------------------------------------------------------------

    def seal_for(self, client_id: UUID, place: str, value: Any, group: str = PERSON) -> bytes:
        """`value` under the person's key for `group`. `place` names row and column: nowhere else does it open."""
        key = self._living_key(client_id)
        key = self._health_key(client_id) if group == HEALTH else derive(key, group)
        return seal(key, encode(value), f"{client_id}:{place}")

    def open_for(self, client_id: UUID, place: str, sealed: bytes, shape: Any, group: str = PERSON) -> Any:
        """What was sealed for `place`, of type `shape`; `Damaged` if it is not that."""
        key, bound_to = self._living_key(client_id), f"{client_id}:{place}"
        if group == HEALTH:
            return decoder(shape)(self._unseal_health(client_id, key, sealed, bound_to))
        return decoder(shape)(unseal(derive(key, group), sealed, bound_to))

    def seal_bytes_for(self, client_id: UUID, place: str, content: bytes) -> bytes:
        """A photo or a piece of a file, as it is: a text of it would take a third more."""
        return seal(derive(self._living_key(client_id), FILES), content, f"{client_id}:{place}")

    def open_bytes_for(self, client_id: UUID, place: str, sealed: bytes) -> bytes:
        return unseal(derive(self._living_key(client_id), FILES), sealed, f"{client_id}:{place}")

    def opens(self, client_id: UUID, place: str, sealed: bytes, group: str) -> bool:
        """Whether what is kept for `place` opens, or belongs to somebody who was erased."""
        try:
            key = self._living_key(client_id)
            if group == HEALTH:
                self._unseal_health(client_id, key, sealed, f"{client_id}:{place}")
            else:
                unseal(derive(key, group), sealed, f"{client_id}:{place}")
        except Damaged:
            return False
        except Gone:
            return True
        return True

    def seal_version(self, card: domain.Card) -> Sealed:
        """The whole card as it is at its version."""
        place = f"version:{card.version}"
        blank: dict[str, Any] = dict.fromkeys(HEALTH_FIELDS, ())
        health = {name: getattr(card, name) for name in HEALTH_FIELDS}
        return Sealed(
            person=self.seal_for(card.id, f"{place}:{PERSON}", replace(card, **blank)),
            health=self.seal_for(card.id, f"{place}:{HEALTH}", health, HEALTH) if any(health.values()) else None,
        )

    def open_version(self, row: Row[Any]) -> domain.Card | None:
        """The card as it was at the version in `row`; None, and a line in the log, if that is damaged."""
        place = f"version:{row.version}"
        try:
            card: domain.Card = self.open_for(row.client_id, f"{place}:{PERSON}", row.person, domain.Card)
            if row.health is None or not self.reads_health:
                return card
            health = self.open_for(row.client_id, f"{place}:{HEALTH}", row.health, dict[str, tuple[str, ...]], HEALTH)
        except Damaged as damage:
            log("clients").error("version_damaged", client_id=str(row.client_id), reason=str(damage))
            return None
        return replace(card, **health)

    def _living_key(self, client_id: UUID) -> bytes:
        key = self.key_of(client_id)
        if key is None:
            if self.has_key(client_id):
                raise Damaged("the key of the person does not open")
            raise Gone("client_erased", "this client was erased")
        return key

    # --- health -----------------------------------------------------------------------------------------------------

    def _health_key(self, client_id: UUID) -> bytes:
        return self._keyring.make([client_id], HEALTH)[client_id]

    def _unseal_health(self, client_id: UUID, key: bytes, sealed: bytes, bound_to: str) -> bytes:
        for each in self._health_keys(client_id, key):
            with contextlib.suppress(Damaged):
                return unseal(each, sealed, bound_to)
        raise Damaged("what is kept of health does not open")

    def _health_keys(self, client_id: UUID, key: bytes) -> Iterator[bytes]:
        """The keys it may be under, the likely one first: once it was derived from the person's, and that is tried
        before the key database is asked, where another process may have made one just now."""
        own = self._keyring.remembered(client_id, HEALTH)
        if own:
            yield own
        yield derive(key, HEALTH)
        if own is None and (made := self._keyring.keys([client_id], HEALTH).get(client_id)):
            yield made

    # --- lists that are taken out -----------------------------------------------------------------------------------

    def list_key(self, export_id: UUID) -> bytes:
        """What the order of one exported list is made of: nobody else can put cards into it."""
        return derive(self._list_key, f"order:{export_id}")

    def seal_reason(self, export_id: UUID, reason: str) -> bytes:
        return seal(self._list_key, reason.encode(), f"reason:{export_id}")

    def open_reason(self, export_id: UUID, sealed: bytes) -> str:
        """Empty if it is damaged: what was asked for is listed, and refused, all the same."""
        try:
            return unseal(self._list_key, sealed, f"reason:{export_id}").decode()
        except Damaged as damage:
            log("clients").error("reason_damaged", export_id=str(export_id), reason=str(damage))
            return ""

    # --- the index --------------------------------------------------------------------------------------------------

    def entries(self, person: domain.Person) -> set[tuple[str, bytes]]:
        """Kind and blind value of what two cards can have in common: phones and the e-mail."""
        found = {(tables.PHONE, self.blind_phone(phone)) for phone in person.phones}
        if person.email:
            found.add((tables.EMAIL, self._blind(tables.EMAIL, domain.comparable_email(person.email))))
        return found

    def findable(self, person: domain.Person) -> list[int]:
        """Everything that `person` can be found by, blind and in no order that would tell anything.

        Beginnings of names show how often each comes, not which it is: the price of finding people by two letters.
        """
        prefixes = domain.prefixes_of(domain.words_of(person.names))
        found = {self._entry(tables.NAME, prefix) for prefix in prefixes}
        for phone in person.phones:
            found.add(self._entry(tables.PHONE, phone))
            found.add(self._entry(tables.LAST_DIGITS, phone[-domain.LAST_DIGITS :]))
        if person.email:
            found.add(self._entry(tables.EMAIL, domain.comparable_email(person.email)))
        return sorted(found)

    def wanted_entries(self, wanted: domain.Wanted) -> list[list[int]]:
        """Alternatives: a card is a candidate if it has all entries of one of them."""
        alternatives = [[self._entry(tables.NAME, prefix) for prefix in sorted(wanted.prefixes)]]
        if wanted.phone is not None:
            alternatives.append([self._entry(tables.PHONE, wanted.phone)])
        if wanted.last_digits is not None:
            alternatives.append([self._entry(tables.LAST_DIGITS, wanted.last_digits)])
        if wanted.email is not None:
            alternatives.append([self._entry(tables.EMAIL, wanted.email)])
        return [entries for entries in alternatives if entries]

    def blind_phone(self, phone: str) -> bytes:
        return self._blind(tables.PHONE, phone)

    def blind_email(self, email: str) -> bytes:
        return self._blind(tables.EMAIL, domain.comparable_email(email))

    def blinding(self, thing_id: UUID) -> Callable[[str], bytes]:
        """What makes texts blind under the thing's own key: worth nothing once that is destroyed."""
        key = derive(self._living_key(thing_id), "blind")
        return lambda text: blind_index(key, text)

    def entry_of_name(self, beginning: str) -> int:
        """Among the entries of a card: a word of a name begins so."""
        return self._entry(tables.NAME, beginning)

    def blind_day(self, month_day: str) -> bytes:
        return self._blind("birthday", month_day)

    def blind_reference(self, reference: str) -> bytes:
        return self._blind("reference", reference)

    def _entry(self, kind: str, text: str) -> int:
        """The first 64 bits of the blind value: an array of numbers is a third of one of byte strings."""
        return int.from_bytes(self._blind(kind, text)[:8], "big", signed=True)

    def _blind(self, kind: str, text: str) -> bytes:
        return _blind(self._index_key, kind, text)


@lru_cache(maxsize=20_000)  # beginnings of names come again and again
def _blind(key: bytes, kind: str, text: str) -> bytes:
    return blind_index(key, f"{kind}:{text}")


def _place(client_id: UUID, group: str) -> str:
    return f"{client_id}:{group}"


def _channel(row: Row[Any]) -> str | None:
    """As it was spelt on the card, unless the source has been renamed since."""
    name: str | None = row._mapping.get("source_name")  # noqa: SLF001  public in SQLAlchemy
    renamed = name is not None and domain.channel_key(name) != domain.channel_key(row.channel)
    return name if renamed else row.channel
