"""What other services announce and booking takes in, and what they ask."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.masters import MasterKeys
from chassis.messaging import every, handles, serves
from contracts.booking import CheckMerge, ExportFromBooking, HeldByBooking, MergeCheck
from contracts.clients import ClientErased, ClientRegistered, ClientsMerged
from contracts.loyalty import DiscountChanged
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries.export import export
from services.booking.queries.merges import overlapping
from services.booking.queries.unreadable import unreadable
from services.booking.usecases import copies, merges


class Others:
    keyring: Keyring
    master: MasterKeys

    def unreadable(self, session: Session) -> Iterator[tuple[str, UUID]]:
        """What is damaged, by its ids, for `keys check`."""
        return unreadable(session, self.keyring)

    @serves(ExportFromBooking)
    def export_from_booking(self, session: Session, request: ExportFromBooking, caller: Caller) -> HeldByBooking:  # noqa: ARG002
        return export(session, self.keyring, request.client_id, utc_now())

    @handles(ClientRegistered, batch=True)
    def know_clients(self, session: Session, events: Sequence[ClientRegistered]) -> None:
        copies.know_clients(session, events)

    @handles(ClientErased)
    def forget_client(self, session: Session, event: ClientErased) -> None:
        copies.forget_client(session, self.keyring, self.master.derived("replies"), event, utc_now())

    @serves(CheckMerge)
    def check_merge(self, session: Session, request: CheckMerge, _caller: Caller) -> MergeCheck:
        return MergeCheck(overlapping(session, request.client_id, request.duplicate_id, utc_now()))

    @handles(ClientsMerged)
    def clients_merged(self, session: Session, event: ClientsMerged) -> None:
        merges.keep_merge(session, self.keyring, event, utc_now())

    @every(60.0)
    def move_late(self, session: Session) -> bool:
        return merges.move_late(session, self.keyring, utc_now())

    @handles(DiscountChanged, batch=True)
    def keep_discounts(self, session: Session, events: Sequence[DiscountChanged]) -> None:
        copies.keep_discounts(session, events)
