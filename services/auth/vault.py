"""How what users are called is sealed, and the addresses that they signed in from.

What is said of staff is sealed under keys of the service; what is said of a client with an account, under a key of the
account's own, which their erasure destroys: then no copy of it, in a dump or in the journal, opens any more.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from chassis.crypto import Damaged, blind_index, seal, unseal
from chassis.keyring import Keyring
from chassis.masters import MasterKeys
from chassis.observability import log
from chassis.wire import decoder, encode

ADDRESS = "journal:address"  # what sealed addresses are bound to; their entry is hashed
CLIENTS = "client:"  # no login of staff can begin so


@dataclass(frozen=True)
class Outgoing:
    """A code on its way to a phone."""

    id: UUID
    phone: str
    code: str
    language: str


class Vault:
    """What opens names, logins and addresses, in this process."""

    def __init__(self, keyring: Keyring, master: MasterKeys) -> None:
        self._keyring = keyring
        self._names = master.derived("names of staff")
        self._logins = master.derived("logins of clients")
        self._addresses = master.derived("addresses in the journal")
        self._phones = master.derived("phones of codes")

    # --- names and logins -------------------------------------------------------------------------------------------

    def sealed_names(self, user_id: UUID, login: str, name: str, *, own: bool) -> dict[str, Any]:
        """The columns of a user that say who it is; `own` seals them under a key of the account's own."""
        if not own:
            return {
                "login": login,
                "sealed_login": None,
                "login_key": login_key(login),
                "name": self.sealed_name(user_id, name, own=False),
            }
        key = self._keyring.make([user_id])[user_id]
        return {
            "login": None,
            "sealed_login": seal(key, login.encode(), _place(user_id, "login")),
            "login_key": self._blind(login),
            "name": self.sealed_name(user_id, name, own=True),
        }

    def sealed_name(self, user_id: UUID, name: str, *, own: bool) -> bytes:
        key = self._keyring.make([user_id])[user_id] if own else self._names
        return seal(key, name.encode(), _place(user_id, "name"))

    def login_keys(self, login: str) -> tuple[str, str]:
        """What `login` is found by, whether staff have it or a client."""
        return login_key(login), self._blind(login)

    def fetch(self, users: Iterable[Row[Any]]) -> None:
        """Ask for the keys of all of `users` at once, ahead of opening one by one."""
        self._keyring.keys([row.id for row in users if has_own_key(row)])

    def login(self, user: Row[Any]) -> str:
        """The login, empty if it is damaged."""
        return self._opened(user, "login", user.sealed_login) if has_own_key(user) else str(user.login)

    def name(self, user: Row[Any]) -> str:
        """The name, empty if it is damaged."""
        return self._opened(user, "name", user.name)

    def unreadable(self, user: Row[Any]) -> list[str]:
        """The columns of `user` that do not open."""
        kept = {"login": user.sealed_login, "name": user.name}
        return [field for field, sealed in kept.items() if sealed is not None and not self._opened(user, field, sealed)]

    def _opened(self, user: Row[Any], field: str, sealed: bytes) -> str:
        """Empty, and a line in the log, if it does not open: one damaged user must not hide the others."""
        key = self._keyring.keys([user.id]).get(user.id) if has_own_key(user) else self._names
        try:
            if key is None:
                raise Damaged("there is no key that opens")
            return unseal(key, sealed, _place(user.id, field)).decode()
        except Damaged as damage:
            log("auth").error("user_damaged", user_id=str(user.id), field=field, reason=str(damage))
            return ""

    def _blind(self, login: str) -> str:
        return CLIENTS + blind_index(self._logins, login_key(login)).hex()

    # --- codes to phones: of people who may have no card and no key --------------------------------------------------

    def sealed_phone(self, code_id: UUID, phone: str) -> bytes:
        return seal(self._phones, phone.encode(), _place(code_id, "phone"))

    def phone(self, code_id: UUID, sealed: bytes) -> str:
        return unseal(self._phones, sealed, _place(code_id, "phone")).decode()

    def sealed_outgoing(self, outgoing: Outgoing) -> bytes:
        return seal(self._phones, encode(outgoing), _place(outgoing.id, "outgoing"))

    def outgoing(self, code_id: UUID, sealed: bytes) -> Outgoing:
        opened: Outgoing = decoder(Outgoing)(unseal(self._phones, sealed, _place(code_id, "outgoing")))
        return opened

    # --- addresses in the journal -----------------------------------------------------------------------------------

    def sealed_address(self, address: str | None, user: Row[Any] | None) -> bytes | None:
        """The address from which `user`, or nobody that is known, asked."""
        if not address:
            return None
        if user is None or not has_own_key(user):
            return seal(self._addresses, address.encode(), ADDRESS)
        key = self._keyring.keys([user.id]).get(user.id)
        return None if key is None else seal(key, address.encode(), ADDRESS)

    def keys_of(self, user_ids: Collection[UUID]) -> Mapping[UUID, bytes]:
        """The keys of those of `user_ids` that are accounts of clients."""
        return self._keyring.keys(user_ids) if user_ids else {}

    def address(self, sealed: bytes, keys: Iterable[bytes]) -> str:
        """What opens with one of `keys` or the service's; `Damaged` if nothing does: damage, or an erasure."""
        for key in keys:
            try:
                return unseal(key, sealed, ADDRESS).decode()
            except Damaged:
                continue
        return unseal(self._addresses, sealed, ADDRESS).decode()

    def destroy(self, user_id: UUID) -> None:
        """After this nothing that was sealed for the account can be read again."""
        self._keyring.destroy(user_id)


def has_own_key(user: Row[Any]) -> bool:
    """Whether the account is a client's who has not been erased."""
    return user.sealed_login is not None


def login_key(login: str) -> str:
    return login.strip().casefold()


def _place(user_id: UUID, field: str) -> str:
    return f"{user_id}:{field}"
