"""Memberships on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.loyalty import (
    ChangeMembershipType,
    CreateMembershipType,
    FreezeMembership,
    ListMembershipEntries,
    ListMemberships,
    ListMembershipTypes,
    Membership,
    MembershipEntry,
    MembershipType,
    SellMembership,
    ShowMembership,
    ShowMembershipType,
    UnfreezeMembership,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries.memberships import (
    list_entries,
    list_memberships,
    list_types,
    row_of_type,
    show_membership,
    type_view,
)
from services.loyalty.usecases.asking import Asked, ask_of_sale, ask_of_terms
from services.loyalty.usecases.membership_types import change_type, create_type
from services.loyalty.usecases.memberships import (
    expire_memberships,
    freeze_membership,
    sell_membership,
    unfreeze_membership,
)


class Memberships:
    @serves(CreateMembershipType, first=ask_of_terms)
    def create_membership_type(
        self,
        session: Session,
        request: CreateMembershipType,
        caller: Caller,  # noqa: ARG002
        asked: Asked,
    ) -> MembershipType:
        return create_type(session, request, asked)

    @serves(ShowMembershipType)
    def show_membership_type(
        self,
        session: Session,
        request: ShowMembershipType,
        caller: Caller,  # noqa: ARG002
    ) -> MembershipType:
        return type_view(row_of_type(session, request.id))

    @serves(ListMembershipTypes)
    def list_membership_types(
        self,
        session: Session,
        request: ListMembershipTypes,
        caller: Caller,  # noqa: ARG002
    ) -> Page[MembershipType]:
        return list_types(session, request)

    @serves(ChangeMembershipType, first=ask_of_terms)
    def change_membership_type(
        self,
        session: Session,
        request: ChangeMembershipType,
        caller: Caller,  # noqa: ARG002
        asked: Asked,
    ) -> MembershipType:
        return change_type(session, request, asked)

    @serves(SellMembership, first=ask_of_sale)
    def sell_membership(self, session: Session, request: SellMembership, caller: Caller, asked: Asked) -> Membership:
        return sell_membership(session, request, caller, asked, utc_now())

    @serves(ShowMembership)
    def show_membership(self, session: Session, request: ShowMembership, caller: Caller) -> Membership:
        return show_membership(session, request.client_id, request.id, caller, utc_now())

    @serves(ListMemberships)
    def list_memberships(self, session: Session, request: ListMemberships, caller: Caller) -> Page[Membership]:
        return list_memberships(session, request, caller, utc_now())

    @serves(ListMembershipEntries)
    def list_membership_entries(
        self, session: Session, request: ListMembershipEntries, caller: Caller
    ) -> Page[MembershipEntry]:
        return list_entries(session, request, caller)

    @serves(FreezeMembership)
    def freeze_membership(self, session: Session, request: FreezeMembership, caller: Caller) -> Membership:
        return freeze_membership(session, request, caller, utc_now())

    @serves(UnfreezeMembership)
    def unfreeze_membership(self, session: Session, request: UnfreezeMembership, caller: Caller) -> Membership:
        return unfreeze_membership(session, request, caller, utc_now())

    @every(600.0)
    def expire_memberships(self, session: Session) -> bool:
        return expire_memberships(session, utc_now())
