"""When masters work: shifts, templates and plans, absences, blocks, and the schedule that shows all of it."""

from contracts.booking import (
    ChangeAbsence,
    ChangeBlock,
    ChangeShiftTemplate,
    CreateAbsence,
    CreateBlock,
    CreateShiftTemplate,
    ListAbsences,
    ListBlocks,
    ListShifts,
    ListShiftTemplates,
    PreviewShifts,
    PublishShifts,
    RemoveAbsence,
    RemoveBlock,
    ReplaceShifts,
    ShowAbsence,
    ShowBlock,
    ShowDaySheet,
    ShowMaster,
    ShowSchedule,
    ShowShiftTemplate,
)
from gateway.route import Area

area = Area("schedule", "When masters work")
expose = area.expose

expose("GET", "/schedule", ShowSchedule, "Show who works and who is busy in a branch")
expose("GET", "/schedule/day-sheet", ShowDaySheet, "Who comes to each master on a day, and their wishes", names=True)

expose("GET", "/masters/<uuid:master_id>/shifts", ListShifts, "List a master's shifts", resource=ShowMaster)
expose("PUT", "/masters/<uuid:master_id>/shifts", ReplaceShifts, "Replace shifts by date", resource=ShowMaster)

expose("GET", "/shift-templates", ListShiftTemplates, "List templates of shifts")
expose("POST", "/shift-templates", CreateShiftTemplate, "Create a template of shifts", status=201)
expose("GET", "/shift-templates/<uuid:id>", ShowShiftTemplate, "Show a template", resource=ShowShiftTemplate)
expose("PATCH", "/shift-templates/<uuid:id>", ChangeShiftTemplate, "Change a template", resource=ShowShiftTemplate)
expose("POST", "/shift-plans/preview", PreviewShifts, "What publishing a plan would do")
expose("POST", "/shift-plans", PublishShifts, "Publish the shifts of many masters, all or none")

expose("GET", "/absences", ListAbsences, "List absences")
expose("POST", "/absences", CreateAbsence, "A master is away", status=201)
expose("GET", "/absences/<uuid:id>", ShowAbsence, "Show an absence", resource=ShowAbsence)
expose("PATCH", "/absences/<uuid:id>", ChangeAbsence, "Change an absence", resource=ShowAbsence)
expose("DELETE", "/absences/<uuid:id>", RemoveAbsence, "Remove an absence", status=204, resource=ShowAbsence)

expose("GET", "/blocks", ListBlocks, "List blocks")
expose("POST", "/blocks", CreateBlock, "Block a time of a master or a room", status=201)
expose("GET", "/blocks/<uuid:id>", ShowBlock, "Show a block", resource=ShowBlock)
expose("PATCH", "/blocks/<uuid:id>", ChangeBlock, "Move or change a block", resource=ShowBlock)
expose("DELETE", "/blocks/<uuid:id>", RemoveBlock, "Remove a block", status=204, resource=ShowBlock)
