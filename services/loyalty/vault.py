"""How what people write about a client is sealed: under a key of the client's own, which their erasure destroys."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.crypto import Damaged, seal, unseal
from chassis.keyring import Keyring
from chassis.masters import MasterKeys
from chassis.messaging import idempotency
from chassis.observability import log

# Requests whose replies hold such a text, kept for whoever asks again with the same key.
HOLD_A_TEXT = (
    "AdjustPoints",
    "BlockCertificate",
    "ExcludeClient",
    "ReviewReferral",
    "TakeClientIn",
)


class Vault:
    """Seals texts about clients. `place` names the row and the column: nowhere else does a text open."""

    def __init__(self, keyring: Keyring, master: MasterKeys) -> None:
        self._keyring = keyring
        self._replies_key = master.derived("replies")
        self.codes_key = master.derived("certificate codes")  # makes what is kept of the codes of certificates

    def seal(self, client_id: UUID, place: str, text: str) -> bytes:
        return seal(self._keyring.make([client_id])[client_id], text.encode(), f"{client_id}:{place}")

    def open(self, client_id: UUID, place: str, sealed: bytes) -> str | None:
        """The text; None if the client was erased, and with a line in the log if it is damaged."""
        key = self._keyring.keys([client_id]).get(client_id)
        if key is None:
            return None
        try:
            return unseal(key, sealed, f"{client_id}:{place}").decode()
        except Damaged as damage:
            log("loyalty").error("text_damaged", client_id=str(client_id), place=place, reason=str(damage))
            return None

    def opens(self, client_id: UUID, place: str, sealed: bytes) -> bool:
        """Whether it opens, or belongs to somebody who was erased."""
        key = self._keyring.keys([client_id]).get(client_id)
        if key is None:
            return not self._keyring.has(client_id)
        try:
            unseal(key, sealed, f"{client_id}:{place}")
        except Damaged:
            return False
        return True

    def look_up_keys(self, client_ids: Collection[UUID]) -> None:
        """Fetch the keys of many at once, before they are asked for one by one."""
        self._keyring.keys(client_ids)

    def moved(self, sealed: bytes, place: str, *, merged_id: UUID, into_id: UUID) -> bytes | None:
        """The text sealed under the key of the card that is kept; None if it opens no more."""
        text = self.open(merged_id, place, sealed)
        return None if text is None else self.seal(into_id, place, text)

    def forget(self, session: Session, client_id: UUID) -> None:
        """Destroy the key of somebody who is erased, and the replies that hold what it sealed."""
        idempotency.forget(session, self._replies_key, HOLD_A_TEXT, client_id)
        self._keyring.destroy(client_id)
