"""When masters work, on the wire: shifts, templates, plans, absences, blocks, the schedule."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import absences as away
from services.booking.queries import blocks as kept_free
from services.booking.queries import schedule
from services.booking.queries import shifts as times
from services.booking.queries import templates as cycles
from services.booking.queries.day_sheet import show_day_sheet
from services.booking.usecases import absences, blocks, plans, shifts, templates


class Schedule:
    keyring: Keyring

    @serves(wire.ReplaceShifts)
    def replace_shifts(self, session: Session, request: wire.ReplaceShifts, caller: Caller) -> wire.MasterShifts:
        return shifts.replace_shifts(session, request, caller, utc_now())

    @serves(wire.ListShifts)
    def list_shifts(self, session: Session, request: wire.ListShifts, caller: Caller) -> wire.MasterShifts:
        return times.list_shifts(session, request, caller, caller.must("shifts.read"))

    @serves(wire.CreateShiftTemplate)
    def create_shift_template(
        self, session: Session, request: wire.CreateShiftTemplate, _caller: Caller
    ) -> wire.ShiftTemplate:
        return templates.create_template(session, request)

    @serves(wire.ShowShiftTemplate)
    def show_shift_template(
        self, session: Session, request: wire.ShowShiftTemplate, caller: Caller
    ) -> wire.ShiftTemplate:
        return cycles.show_template(session, request.id, caller.must("shifts.read"))

    @serves(wire.ListShiftTemplates)
    def list_shift_templates(
        self, session: Session, request: wire.ListShiftTemplates, caller: Caller
    ) -> Page[wire.ShiftTemplate]:
        return cycles.list_templates(session, request, caller.must("shifts.read"))

    @serves(wire.ChangeShiftTemplate)
    def change_shift_template(
        self, session: Session, request: wire.ChangeShiftTemplate, caller: Caller
    ) -> wire.ShiftTemplate:
        return templates.change_template(session, request, caller)

    @serves(wire.PreviewShifts)
    def preview_shifts(self, session: Session, request: wire.PreviewShifts, caller: Caller) -> wire.ShiftPlan:
        return plans.preview(session, request, caller, utc_now())

    @serves(wire.PublishShifts)
    def publish_shifts(self, session: Session, request: wire.PublishShifts, caller: Caller) -> wire.ShiftPlan:
        return plans.publish(session, request, caller, utc_now())

    @serves(wire.CreateAbsence)
    def create_absence(self, session: Session, request: wire.CreateAbsence, caller: Caller) -> wire.Absence:
        return absences.create_absence(session, self.keyring, request, caller, utc_now())

    @serves(wire.ShowAbsence)
    def show_absence(self, session: Session, request: wire.ShowAbsence, caller: Caller) -> wire.Absence:
        return absences.show_absence(session, self.keyring, request.id, caller, utc_now())

    @serves(wire.ListAbsences)
    def list_absences(self, session: Session, request: wire.ListAbsences, caller: Caller) -> Page[wire.Absence]:
        return away.list_absences(session, self.keyring, request, caller, caller.must("absences.read"))

    @serves(wire.ChangeAbsence)
    def change_absence(self, session: Session, request: wire.ChangeAbsence, caller: Caller) -> wire.Absence:
        return absences.change_absence(session, self.keyring, request, caller, utc_now())

    @serves(wire.RemoveAbsence)
    def remove_absence(self, session: Session, request: wire.RemoveAbsence, caller: Caller) -> wire.Removed:
        return absences.remove_absence(session, request, caller, utc_now())

    @serves(wire.CreateBlock)
    def create_block(self, session: Session, request: wire.CreateBlock, caller: Caller) -> wire.Block:
        return blocks.create_block(session, request, caller, utc_now())

    @serves(wire.ShowBlock)
    def show_block(self, session: Session, request: wire.ShowBlock, caller: Caller) -> wire.Block:
        return kept_free.show_block(session, request.id, caller, caller.must("blocks.read"))

    @serves(wire.ListBlocks)
    def list_blocks(self, session: Session, request: wire.ListBlocks, caller: Caller) -> Page[wire.Block]:
        return kept_free.list_blocks(session, request, caller, caller.must("blocks.read"))

    @serves(wire.ChangeBlock)
    def change_block(self, session: Session, request: wire.ChangeBlock, caller: Caller) -> wire.Block:
        return blocks.change_block(session, request, caller, utc_now())

    @serves(wire.RemoveBlock)
    def remove_block(self, session: Session, request: wire.RemoveBlock, caller: Caller) -> wire.Removed:
        return blocks.remove_block(session, request, caller, utc_now())

    @serves(wire.ShowSchedule)
    def show_schedule(self, session: Session, request: wire.ShowSchedule, caller: Caller) -> wire.Schedule:
        return schedule.show_schedule(
            session, self.keyring, request, caller, caller.must("appointments.read"), utc_now()
        )

    @serves(wire.ShowDaySheet)
    def show_day_sheet(self, session: Session, request: wire.ShowDaySheet, caller: Caller) -> wire.DaySheet:
        since = caller.history_from(utc_now().date())
        return show_day_sheet(session, self.keyring, request, caller, caller.must("appointments.read"), since)
