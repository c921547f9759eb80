"""What hangs on a card: the photo, files, remarks of masters, perks."""

from contracts.clients import (
    AddFile,
    AddNote,
    ChangeNote,
    ChangePerk,
    GivePerk,
    KeepFilePart,
    ListFiles,
    ListNotes,
    ListPerks,
    PutPhoto,
    ReadFile,
    ReadPhoto,
    RedeemPerk,
    RemoveFile,
    RemoveNote,
    RemovePerk,
    RemovePhoto,
    ShowClient,
    ShowFile,
    ShowNote,
    ShowPerk,
    ShowPhoto,
)
from gateway.route import Area, File

area = Area("client files", "What hangs on a client card")
expose = area.expose

CLIENT = "/clients/<uuid:client_id>"

PHOTO = File("image/webp")
expose("GET", f"{CLIENT}/photo", ReadPhoto, "The photo itself", resource=ReadPhoto, file=PHOTO)
expose("PUT", f"{CLIENT}/photo", PutPhoto, "Put a photo in its place", resource=ShowPhoto, takes=("image/*",))
expose("DELETE", f"{CLIENT}/photo", RemovePhoto, "Take the photo away", status=204, resource=ShowPhoto)
expose("GET", f"{CLIENT}/photo/details", ShowPhoto, "Show what is known of the photo", resource=ShowPhoto)

expose("GET", f"{CLIENT}/files", ListFiles, "List a client's files", resource=ShowClient)
expose(
    "POST",
    f"{CLIENT}/files",
    AddFile,
    "Add a file",
    status=201,
    resource=ShowClient,
    takes=("image/*", "application/pdf"),
    parts=KeepFilePart,
)
expose("GET", f"{CLIENT}/files/<uuid:id>", ShowFile, "Show what is known of a file", resource=ShowFile)
expose(
    "GET",
    f"{CLIENT}/files/<uuid:id>/content",
    ReadFile,
    "The file itself",
    resource=ShowFile,
    file=File("application/pdf", also=("image/webp",)),
    fills={"number": lambda: 0},  # the gateway asks for the other parts
)
expose("DELETE", f"{CLIENT}/files/<uuid:id>", RemoveFile, "Remove a file", status=204, resource=ShowFile)

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
