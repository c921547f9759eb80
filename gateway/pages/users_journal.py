"""The journal: who did what, when, to what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from flask import Response

from contracts.auth import JournalEntry, ListJournal, ListUsers
from contracts.booking import ListBranches
from gateway.pages.clocks import zone_of
from gateway.pages.desk.day import names_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext
from gateway.pages.languages import noted as _
from gateway.pages.settings import within
from gateway.pages.site import Area
from gateway.pages.visitor import Visitor

ACTIONS = {
    "client.revealed": _("Opened contacts of a client"),
    "client.health_read": _("Saw contraindications of a client"),
    "client.mass_reads": _("Opened very many cards within an hour"),
    "client.exported": _("Exported all about a client"),
    "client.merged": _("Merged two cards"),
    "client.erased": _("Erased a client"),
    "client.account_left": _("Erased a client with money on account"),
    "clients.imported": _("Imported clients"),
    "client.list_asked": _("Asked for the list of clients"),
    "client.list_approved": _("Let somebody take out the list of clients"),
    "client.list_refused": _("Refused the list of clients"),
    "client.list_taken": _("Took out the list of clients"),
    "client.lists_locked": _("Locked lists of clients"),
    "client.lists_unlocked": _("Unlocked lists of clients"),
    "export_rules.changed": _("Changed the rules for taking out lists"),
    "points.adjusted": _("Corrected points"),
    "user.created": _("Created a user"),
    "user.renamed": _("Renamed a user"),
    "user.activated": _("Let a user in again"),
    "user.deactivated": _("Blocked a user"),
    "user.rights_changed": _("Changed rights of a user"),
    "user.erased": _("Erased a user"),
    "password.set": _("Set a password for a user"),
    "password.changed": _("Changed their own password"),
    "password.refused": _("Gave a wrong password when changing it"),
    "role.created": _("Created a role"),
    "role.changed": _("Changed a role"),
    "role.shipped": _("A role came with a new version"),
    "session.begun": _("Signed in"),
    "session.ended": _("Signed out"),
    "session.reused": _("A stolen session was stopped"),
    "sign_in.failed": _("Failed to sign in"),
    "codes.shown": _("Looked at codes sent to phones"),
    "code.refused": _("A code to a phone was refused"),
}

area = Area("journal")


@dataclass(frozen=True)
class Line:
    """An entry in words."""

    who: str
    what: str
    entry: JournalEntry
    details: str


@area.page("/settings/journal", ListJournal)
def journal(visitor: Visitor, form: Form) -> Response:
    zone = zone_of(visitor)
    since, until = form.maybe_day("since"), form.maybe_day("until")
    found = visitor.ask(
        ListJournal(
            actor_id=form.maybe_id("actor_id"),
            action=form.maybe("action"),
            subject_id=form.maybe_id("subject_id"),
            since=datetime.combine(since, time(), zone) if since else None,
            until=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
            cursor=form.maybe("cursor"),
        )
    )
    users = {user.id: user.name for user in visitor.all(ListUsers, staff=True, most=5_000)}
    chosen = {"actor_id": form.maybe("actor_id"), "action": form.maybe("action"), "since": since, "until": until}
    return within(
        visitor,
        "users/journal.html",
        lines=_lines(found.items, users),
        next=found.next,
        chosen={name: value for name, value in chosen.items() if value},
        users=sorted(users.items(), key=lambda one: one[1].casefold()),
        actions=sorted(((code, gettext(text)) for code, text in ACTIONS.items()), key=lambda one: one[1].casefold()),
        branches=names_of(visitor, ListBranches),
    )


def _lines(entries: Sequence[JournalEntry], users: dict[UUID, str]) -> list[Line]:
    return [
        Line(
            _who(entry, users),
            gettext(ACTIONS[entry.action]) if entry.action in ACTIONS else entry.action,
            entry,
            "; ".join(f"{name}: {_plain(value)}" for name, value in entry.details.items()),
        )
        for entry in entries
    ]


def _who(entry: JournalEntry, users: dict[UUID, str]) -> str:
    if entry.actor_id is not None:
        return users.get(entry.actor_id, gettext(_("a user that is not there any more")))
    return gettext(_("Lokon itself")) if entry.actor_kind == "service" else gettext(_("somebody not signed in"))


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
