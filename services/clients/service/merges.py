"""Cards of one person on the wire, and cards that may be."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import (
    Client,
    DismissDuplicates,
    DismissedDuplicates,
    LikelyDuplicates,
    ListLikelyDuplicates,
    ListMerges,
    Merge,
    MergeClients,
)
from contracts.message import Page
from kernel.caller import Caller
from services.clients.queries.duplicates import likely_duplicates
from services.clients.queries.merges import list_merges
from services.clients.service.base import Base
from services.clients.usecases import duplicates, merges


class Merging(Base):
    @serves(MergeClients, first=merges.ask_overlaps)
    def merge_clients(
        self, session: Session, request: MergeClients, caller: Caller, overlaps: tuple[UUID, ...]
    ) -> Client:
        return merges.merge(session, request, self.desk(caller), overlaps)

    @serves(ListMerges)
    def list_merges(self, session: Session, request: ListMerges, caller: Caller) -> Page[Merge]:
        return list_merges(session, request, caller, self.vault)

    @serves(ListLikelyDuplicates)
    def list_likely_duplicates(
        self, session: Session, request: ListLikelyDuplicates, caller: Caller
    ) -> Page[LikelyDuplicates]:
        return likely_duplicates(session, request, caller, self.vault)

    @serves(DismissDuplicates)
    def dismiss_duplicates(self, session: Session, request: DismissDuplicates, caller: Caller) -> DismissedDuplicates:
        return duplicates.dismiss(session, request, self.desk(caller))
