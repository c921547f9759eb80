"""The salon on the wire: settings, branches, holidays, rooms, the catalogue, the masters."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from contracts.message import UNSET, Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import salon
from services.booking.queries.salon import holidays as days
from services.booking.queries.salon import services as catalogue
from services.booking.queries.salon.pictures import read_picture
from services.booking.queries.salon.questionnaires import show_questionnaire
from services.booking.usecases.asking import Call, user_is_unknown
from services.booking.usecases.salon import (
    branches,
    categories,
    holidays,
    masters,
    money,
    pictures,
    questionnaires,
    rooms,
    services,
)


def ask_for_master(call: Call, request: wire.CreateMaster | wire.ChangeMaster, _caller: Caller) -> bool:
    return user_is_unknown(call, None if request.user_id is UNSET else request.user_id)


class Salon:
    keyring: Keyring

    @serves(wire.ShowSettings)
    def show_settings(self, session: Session, _request: wire.ShowSettings, _caller: Caller) -> wire.Settings:
        return salon.show_settings(session)

    @serves(wire.ShowCurrency)
    def show_currency(self, session: Session, _request: wire.ShowCurrency, _caller: Caller) -> wire.CurrencyInUse:
        return wire.CurrencyInUse(salon.show_settings(session).currency)

    @serves(wire.ChangeSettings)
    def change_settings(self, session: Session, request: wire.ChangeSettings, _caller: Caller) -> wire.Settings:
        return money.change_settings(session, request)

    @serves(wire.ShowBrand)
    def show_brand(self, session: Session, _request: wire.ShowBrand, _caller: Caller) -> wire.Brand:
        return salon.show_brand(session)

    @serves(wire.CreateBranch)
    def create_branch(self, session: Session, request: wire.CreateBranch, caller: Caller) -> wire.Branch:
        return branches.create_branch(session, request, caller)

    @serves(wire.ShowBranch)
    def show_branch(self, session: Session, request: wire.ShowBranch, caller: Caller) -> wire.Branch:
        return salon.show_branch(session, request.id, caller)

    @serves(wire.ListBranches)
    def list_branches(self, session: Session, request: wire.ListBranches, caller: Caller) -> Page[wire.Branch]:
        return salon.list_branches(session, request, caller)

    @serves(wire.ChangeBranch)
    def change_branch(self, session: Session, request: wire.ChangeBranch, caller: Caller) -> wire.Branch:
        return branches.change_branch(session, request, caller, utc_now())

    @serves(wire.CheckBranches)
    def check_branches(self, session: Session, request: wire.CheckBranches, _caller: Caller) -> wire.UnknownBranches:
        return salon.unknown_branches(session, request.ids)

    @serves(wire.CheckFavourites)
    def check_favourites(
        self, session: Session, request: wire.CheckFavourites, _caller: Caller
    ) -> wire.UnknownFavourites:
        return salon.unknown_favourites(session, request)

    @serves(wire.ListZones)
    def list_zones(self, session: Session, _request: wire.ListZones, _caller: Caller) -> wire.BranchZones:
        return salon.all_zones(session)

    @serves(wire.CreateHoliday)
    def create_holiday(self, session: Session, request: wire.CreateHoliday, caller: Caller) -> wire.Holiday:
        return holidays.create_holiday(session, request, caller, utc_now())

    @serves(wire.ShowHoliday)
    def show_holiday(self, session: Session, request: wire.ShowHoliday, caller: Caller) -> wire.Holiday:
        return days.show_holiday(session, request.id, caller)

    @serves(wire.ListHolidays)
    def list_holidays(self, session: Session, request: wire.ListHolidays, caller: Caller) -> Page[wire.Holiday]:
        return days.list_holidays(session, request, caller)

    @serves(wire.ChangeHoliday)
    def change_holiday(self, session: Session, request: wire.ChangeHoliday, caller: Caller) -> wire.Holiday:
        return holidays.change_holiday(session, request, caller, utc_now())

    @serves(wire.RemoveHoliday)
    def remove_holiday(self, session: Session, request: wire.RemoveHoliday, caller: Caller) -> wire.Removed:
        return holidays.remove_holiday(session, request, caller, utc_now())

    @serves(wire.CreateRoom)
    def create_room(self, session: Session, request: wire.CreateRoom, caller: Caller) -> wire.Room:
        return rooms.create_room(session, request, caller, utc_now())

    @serves(wire.ShowRoom)
    def show_room(self, session: Session, request: wire.ShowRoom, caller: Caller) -> wire.Room:
        return salon.show_room(session, request.id, caller)

    @serves(wire.ListRooms)
    def list_rooms(self, session: Session, request: wire.ListRooms, caller: Caller) -> Page[wire.Room]:
        return salon.list_rooms(session, request, caller)

    @serves(wire.ChangeRoom)
    def change_room(self, session: Session, request: wire.ChangeRoom, caller: Caller) -> wire.Room:
        return rooms.change_room(session, request, caller, utc_now())

    @serves(wire.CreateCategory)
    def create_category(self, session: Session, request: wire.CreateCategory, _caller: Caller) -> wire.Category:
        return categories.create_category(session, request)

    @serves(wire.ShowCategory)
    def show_category(self, session: Session, request: wire.ShowCategory, _caller: Caller) -> wire.Category:
        return catalogue.show_category(session, request.id)

    @serves(wire.ListCategories)
    def list_categories(self, session: Session, request: wire.ListCategories, _caller: Caller) -> Page[wire.Category]:
        return catalogue.list_categories(session, request)

    @serves(wire.ChangeCategory)
    def change_category(self, session: Session, request: wire.ChangeCategory, _caller: Caller) -> wire.Category:
        return categories.change_category(session, request)

    @serves(wire.AddPicture, first=pictures.shrink)
    def add_picture(
        self, session: Session, _request: wire.AddPicture, _caller: Caller, picture: pictures.Kept
    ) -> wire.Picture:
        return pictures.add_picture(session, picture)

    @serves(wire.ReadPicture)
    def read_picture(self, session: Session, request: wire.ReadPicture, _caller: Caller) -> wire.PictureFile:
        return read_picture(session, request.id, small=request.small)

    @serves(wire.CreateService)
    def create_service(self, session: Session, request: wire.CreateService, caller: Caller) -> wire.Service:
        return services.create_service(session, request, caller)

    @serves(wire.ShowService)
    def show_service(self, session: Session, request: wire.ShowService, _caller: Caller) -> wire.Service:
        return salon.show_service(session, request.id)

    @serves(wire.ListServices)
    def list_services(self, session: Session, request: wire.ListServices, _caller: Caller) -> Page[wire.Service]:
        return salon.list_services(session, request)

    @serves(wire.ChangeService)
    def change_service(self, session: Session, request: wire.ChangeService, caller: Caller) -> wire.Service:
        return services.change_service(session, request, caller)

    @serves(wire.CreateMaster, first=ask_for_master)
    def create_master(
        self, session: Session, request: wire.CreateMaster, caller: Caller, user_unknown: bool
    ) -> wire.Master:
        return masters.create_master(session, request, caller, user_unknown=user_unknown)

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
        return masters.change_master(session, request, caller, utc_now(), user_unknown=user_unknown)

    @serves(wire.ShowQuestionnaire)
    def show_questionnaire(
        self, session: Session, request: wire.ShowQuestionnaire, caller: Caller
    ) -> wire.Questionnaire:
        return show_questionnaire(session, self.keyring, request.master_id, caller, caller.must("questionnaires.read"))

    @serves(wire.ChangeQuestionnaire)
    def change_questionnaire(
        self, session: Session, request: wire.ChangeQuestionnaire, caller: Caller
    ) -> wire.Questionnaire:
        return questionnaires.change_questionnaire(session, self.keyring, request, caller)
