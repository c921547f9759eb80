"""What hangs on a card: remarks of masters and perks."""

from contracts.clients import (
    AddNote,
    ChangeNote,
    ChangePerk,
    GivePerk,
    ListNotes,
    ListPerks,
    RedeemPerk,
    RemoveNote,
    RemovePerk,
    ShowClient,
    ShowNote,
    ShowPerk,
)
from gateway.route import Area

area = Area("client files", "What hangs on a client card")
expose = area.expose

CLIENT = "/clients/<uuid:client_id>"

expose("GET", f"{CLIENT}/notes", ListNotes, "List what masters remarked", resource=ShowClient)
expose("POST", f"{CLIENT}/notes", AddNote, "Remark something about a client", status=201, resource=ShowClient)
expose("GET", f"{CLIENT}/notes/<uuid:id>", ShowNote, "Show a remark", resource=ShowNote)
expose("PATCH", f"{CLIENT}/notes/<uuid:id>", ChangeNote, "Change a remark", resource=ShowNote)
expose("DELETE", f"{CLIENT}/notes/<uuid:id>", RemoveNote, "Remove a remark", status=204, resource=ShowNote)

expose("GET", f"{CLIENT}/perks", ListPerks, "List a client's perks", resource=ShowClient)
expose("POST", f"{CLIENT}/perks", GivePerk, "Give a client a perk", status=201, resource=ShowClient)
expose("GET", f"{CLIENT}/perks/<uuid:id>", ShowPerk, "Show a perk and its redemptions", resource=ShowPerk)
expose("PATCH", f"{CLIENT}/perks/<uuid:id>", ChangePerk, "Change a perk", resource=ShowPerk)
expose("DELETE", f"{CLIENT}/perks/<uuid:id>", RemovePerk, "Remove a perk", status=204, resource=ShowPerk)
expose("POST", f"{CLIENT}/perks/<uuid:id>/redeem", RedeemPerk, "Redeem one of a perk", resource=ShowPerk)
