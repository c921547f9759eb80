"""Points and what else pays for visits, on the wire."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.loyalty import (
    AdjustPoints,
    ListPointEntries,
    ListUnsettledPayments,
    PointEntry,
    PointsBalance,
    Released,
    ReleaseTenders,
    Reserved,
    ReserveTenders,
    ShowPoints,
    UnsettledPayment,
)
from contracts.message import Page, PastPage
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries import points as queries
from services.loyalty.queries.unreadable import unreadable
from services.loyalty.service.base import Base
from services.loyalty.usecases import points, rewards, tenders


class Points(Base):
    def unreadable(self, session: Session) -> Iterator[tuple[str, UUID]]:
        """What is damaged, by its ids, for `keys check`."""
        return unreadable(session, self.vault)

    @serves(ShowPoints)
    def show_points(self, session: Session, request: ShowPoints, caller: Caller) -> PointsBalance:
        return queries.show_points(session, request, caller, utc_now())

    @serves(ListPointEntries)
    def list_point_entries(self, session: Session, request: ListPointEntries, caller: Caller) -> PastPage[PointEntry]:
        return queries.list_entries(session, request, caller, self.vault, utc_now())

    @serves(AdjustPoints)
    def adjust_points(self, session: Session, request: AdjustPoints, caller: Caller) -> PointEntry:
        return points.adjust_points(session, request, caller, self.vault, utc_now())

    @serves(ListUnsettledPayments)
    def list_unsettled_payments(
        self, session: Session, request: ListUnsettledPayments, caller: Caller
    ) -> Page[UnsettledPayment]:
        return queries.list_unsettled(session, request, caller)

    @serves(ReserveTenders)
    def reserve_tenders(self, session: Session, request: ReserveTenders, caller: Caller) -> Reserved:  # noqa: ARG002
        return tenders.reserve(session, request, self.vault.codes_key, utc_now())

    @serves(ReleaseTenders)
    def release_tenders(self, session: Session, request: ReleaseTenders, caller: Caller) -> Released:  # noqa: ARG002
        return tenders.release(session, request)

    @every(2.0)
    def reward_people(self, session: Session) -> bool:
        return rewards.reward_due(session, utc_now())

    @every(60.0)
    def release_expired_tenders(self, session: Session) -> None:
        tenders.release_expired(session, utc_now())

    @every(3600.0)
    def let_points_lapse(self, session: Session) -> bool:
        return points.let_points_lapse(session, utc_now())
