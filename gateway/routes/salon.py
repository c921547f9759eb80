"""The salon: settings, branches and their holidays, rooms, the catalogue and its pictures, and the masters."""

from contracts.booking import (
    AddPicture,
    ChangeBranch,
    ChangeCategory,
    ChangeHoliday,
    ChangeMaster,
    ChangeQuestionnaire,
    ChangeRoom,
    ChangeService,
    ChangeSettings,
    CreateBranch,
    CreateCategory,
    CreateHoliday,
    CreateMaster,
    CreateRoom,
    CreateService,
    ListBranches,
    ListCategories,
    ListHolidays,
    ListMasters,
    ListRooms,
    ListServices,
    ReadPicture,
    RemoveHoliday,
    ShowBranch,
    ShowBrand,
    ShowCategory,
    ShowHoliday,
    ShowMaster,
    ShowQuestionnaire,
    ShowRoom,
    ShowService,
    ShowSettings,
)
from gateway.route import Area, File

area = Area("salon", "The salon")
expose = area.expose

# A picture never changes: another one is another id.
FOREVER = "public, max-age=31536000, immutable"

expose("GET", "/settings", ShowSettings, "Show what holds for the whole installation")
expose("PATCH", "/settings", ChangeSettings, "Change the settings", resource=ShowSettings)

expose("GET", "/brand", ShowBrand, "How the salon shows itself, to anybody")

expose("GET", "/branches", ListBranches, "List branches")
expose("POST", "/branches", CreateBranch, "Create a branch", status=201)
expose("GET", "/branches/<uuid:id>", ShowBranch, "Show a branch", resource=ShowBranch)
expose("PATCH", "/branches/<uuid:id>", ChangeBranch, "Change a branch", resource=ShowBranch)

expose("GET", "/holidays", ListHolidays, "List holidays")
expose("POST", "/holidays", CreateHoliday, "Close a branch for a day, or open it for less", status=201)
expose("GET", "/holidays/<uuid:id>", ShowHoliday, "Show a holiday", resource=ShowHoliday)
expose("PATCH", "/holidays/<uuid:id>", ChangeHoliday, "Change a holiday", resource=ShowHoliday)
expose("DELETE", "/holidays/<uuid:id>", RemoveHoliday, "Remove a holiday", status=204, resource=ShowHoliday)

expose("GET", "/rooms", ListRooms, "List rooms and units of equipment")
expose("POST", "/rooms", CreateRoom, "Create a room or a unit", status=201)
expose("GET", "/rooms/<uuid:id>", ShowRoom, "Show a room", resource=ShowRoom)
expose("PATCH", "/rooms/<uuid:id>", ChangeRoom, "Change a room", resource=ShowRoom)

expose("GET", "/categories", ListCategories, "List the categories of the catalogue")
expose("POST", "/categories", CreateCategory, "Create a category", status=201)
expose("GET", "/categories/<uuid:id>", ShowCategory, "Show a category", resource=ShowCategory)
expose("PATCH", "/categories/<uuid:id>", ChangeCategory, "Change a category", resource=ShowCategory)

expose("GET", "/services", ListServices, "List the catalogue")
expose("POST", "/services", CreateService, "Add a service to the catalogue", status=201)
expose("GET", "/services/<uuid:id>", ShowService, "Show a service", resource=ShowService)
expose("PATCH", "/services/<uuid:id>", ChangeService, "Change a service", resource=ShowService)

expose("POST", "/pictures", AddPicture, "Keep a picture", status=201, takes=("image/*",))
expose(
    "GET",
    "/pictures/<uuid:id>",
    ReadPicture,
    "The picture itself",
    resource=ReadPicture,
    file=File("image/webp", cache=FOREVER),
)

expose("GET", "/masters", ListMasters, "List masters")
expose("POST", "/masters", CreateMaster, "Create a master", status=201)
expose("GET", "/masters/<uuid:id>", ShowMaster, "Show a master", resource=ShowMaster)
expose("PATCH", "/masters/<uuid:id>", ChangeMaster, "Change a master", resource=ShowMaster)
for method, request, summary in (
    ("GET", ShowQuestionnaire, "Show what the salon keeps about a master"),
    ("PATCH", ChangeQuestionnaire, "Change what the salon keeps about a master"),
):
    expose(method, "/masters/<uuid:master_id>/questionnaire", request, summary, resource=ShowQuestionnaire)
