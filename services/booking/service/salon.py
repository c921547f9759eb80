"""The salon on the wire: settings, branches, rooms, the catalogue, the masters."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from contracts.message import UNSET, Page
from kernel.caller import Caller
from services.booking.queries import salon
from services.booking.usecases import salon as making
from services.booking.usecases.asking import Call, user_is_unknown


def ask_for_master(call: Call, request: wire.CreateMaster | wire.ChangeMaster, _caller: Caller) -> bool:
    return user_is_unknown(call, None if request.user_id is UNSET else request.user_id)


class Salon:
    keyring: Keyring

    @serves(wire.ShowSettings)
    def show_settings(self, session: Session, _request: wire.ShowSettings, _caller: Caller) -> wire.Settings:
        return salon.show_settings(session)

    @serves(wire.ChangeSettings)
    def change_settings(self, session: Session, request: wire.ChangeSettings, _caller: Caller) -> wire.Settings:
        return making.change_settings(session, request)

    @serves(wire.CreateBranch)
    def create_branch(self, session: Session, request: wire.CreateBranch, _caller: Caller) -> wire.Branch:
        return making.create_branch(session, request)

    @serves(wire.ShowBranch)
    def show_branch(self, session: Session, request: wire.ShowBranch, caller: Caller) -> wire.Branch:
        return salon.show_branch(session, request.id, caller)

    @serves(wire.ListBranches)
    def list_branches(self, session: Session, request: wire.ListBranches, caller: Caller) -> Page[wire.Branch]:
        return salon.list_branches(session, request, caller)

    @serves(wire.ChangeBranch)
    def change_branch(self, session: Session, request: wire.ChangeBranch, caller: Caller) -> wire.Branch:
        return making.change_branch(session, request, caller)

    @serves(wire.CheckBranches)
    def check_branches(self, session: Session, request: wire.CheckBranches, _caller: Caller) -> wire.UnknownBranches:
        return salon.unknown_branches(session, request.ids)

    @serves(wire.CreateRoom)
    def create_room(self, session: Session, request: wire.CreateRoom, caller: Caller) -> wire.Room:
        return making.create_room(session, request, caller)

    @serves(wire.ShowRoom)
    def show_room(self, session: Session, request: wire.ShowRoom, caller: Caller) -> wire.Room:
        return salon.show_room(session, request.id, caller)

    @serves(wire.ListRooms)
    def list_rooms(self, session: Session, request: wire.ListRooms, caller: Caller) -> Page[wire.Room]:
        return salon.list_rooms(session, request, caller)

    @serves(wire.ChangeRoom)
    def change_room(self, session: Session, request: wire.ChangeRoom, caller: Caller) -> wire.Room:
        return making.change_room(session, request, caller)

    @serves(wire.CreateService)
    def create_service(self, session: Session, request: wire.CreateService, _caller: Caller) -> wire.Service:
        return making.create_service(session, request)

    @serves(wire.ShowService)
    def show_service(self, session: Session, request: wire.ShowService, _caller: Caller) -> wire.Service:
        return salon.show_service(session, request.id)

    @serves(wire.ListServices)
    def list_services(self, session: Session, request: wire.ListServices, _caller: Caller) -> Page[wire.Service]:
        return salon.list_services(session, request)

    @serves(wire.ChangeService)
    def change_service(self, session: Session, request: wire.ChangeService, _caller: Caller) -> wire.Service:
        return making.change_service(session, request)

    @serves(wire.CreateMaster, first=ask_for_master)
    def create_master(
        self, session: Session, request: wire.CreateMaster, _caller: Caller, user_unknown: bool
    ) -> wire.Master:
        return making.create_master(session, request, user_unknown=user_unknown)

    @serves(wire.ShowMaster)
    def show_master(self, session: Session, request: wire.ShowMaster, caller: Caller) -> wire.Master:
        return salon.show_master(session, request.id, caller, caller.must("masters.read"))

    @serves(wire.ListMasters)
    def list_masters(self, session: Session, request: wire.ListMasters, caller: Caller) -> Page[wire.Master]:
        return salon.list_masters(session, request, caller, caller.must("masters.read"))

    @serves(wire.ChangeMaster, first=ask_for_master)
    def change_master(
        self, session: Session, request: wire.ChangeMaster, caller: Caller, user_unknown: bool
    ) -> wire.Master:
        return making.change_master(session, request, caller, user_unknown=user_unknown)
