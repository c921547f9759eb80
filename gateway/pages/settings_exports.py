"""Taking out the list of clients: asked for with a reason, let by somebody else, taken once."""

from typing import Any, cast, get_args
from uuid import UUID

from flask import Response

from contracts.auth import ListUsers
from contracts.booking import ListBranches
from contracts.clients import (
    ApproveBulkExport,
    AskBulkExport,
    ChangeExportRules,
    EndDownload,
    ExportColumn,
    ExportFilter,
    ListBulkExports,
    ListSources,
    LockExports,
    ReadExportPart,
    RefuseBulkExport,
    ShowExportRules,
    TakeBulkExport,
)
from contracts.message import Request
from gateway import lists
from gateway.bus import reply_of
from gateway.pages.forms import Form
from gateway.pages.imports_words import in_words
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.settings import within
from gateway.pages.site import Area, done
from gateway.pages.visitor import Visitor
from gateway.route import Sheet

SHEET = Sheet(ReadExportPart, EndDownload)
COLUMNS = {
    "last_name": noted("Last name"),
    "first_name": noted("First name"),
    "patronymic": noted("Middle name"),
    "preferred_name": noted("How they like to be called"),
    "phones": noted("Phone"),
    "email": noted("E-mail"),
    "birth_date": noted("Birthday"),
    "sex": noted("Sex"),
    "registered_at": noted("Client since"),
    "home_branch_id": noted("Branch"),
    "source": noted("Source"),
    "source_detail": noted("Details of the source"),
    "campaign": noted("Campaign"),
    "referrer_id": noted("Who brought them"),
    "importance": noted("Importance"),
    "categories": noted("Categories"),
    "contraindications": noted("Contraindications"),
    "comment": noted("Comment"),
    "reference": noted("Number in the other system"),
    "id": noted("Number of the card"),
}
USUAL = frozenset({"last_name", "first_name", "phones"})
STATES = {
    "asked": noted("waits for somebody else to let it"),
    "approved": noted("may be taken"),
    "taken": noted("taken"),
    "refused": noted("refused"),
    "expired": noted("too late"),
}

area = Area("exports")


@area.page("/settings/exports", ListBulkExports)
def exports(visitor: Visitor, form: Form) -> Response:
    return within(
        visitor,
        "settings/exports.html",
        found=visitor.ask(ListBulkExports(cursor=form.maybe("cursor"))),
        rules=visitor.ask_if(ShowExportRules()),
        columns=in_words(COLUMNS),
        usual=USUAL,
        states=dict(in_words(STATES)),
        users={user.id: user.name for user in visitor.all(ListUsers, staff=True, most=5_000)},
        me=visitor.caller.id,
        branches=[(branch.id, branch.name) for branch in visitor.all(ListBranches)],
        sources=[(source.id, source.name) for source in visitor.all(ListSources)],
        may_ask=visitor.may(AskBulkExport),
        may_let=visitor.may(ApproveBulkExport),
        may_take=visitor.may(TakeBulkExport),
        may_rule=visitor.may(ChangeExportRules),
    )


@area.form("/settings/exports", AskBulkExport)
def ask(visitor: Visitor, form: Form) -> Response:
    columns = tuple(column for column in form.texts("column") if column in get_args(ExportColumn))
    wanted = AskBulkExport(
        cast("tuple[ExportColumn, ...]", columns),
        form.text("reason"),
        "xlsx" if form.maybe("format") == "xlsx" else "csv",
        ExportFilter(
            branch_id=form.maybe_id("branch_id"),
            source_id=form.maybe_id("source_id"),
            registered_from=form.maybe_day("registered_from"),
            registered_to=form.maybe_day("registered_to"),
        ),
    )
    made = visitor.ask(wanted, form.key)
    return done(_("Asked for: %(cards)s cards", cards=made.cards), refresh="exports")


@area.form("/settings/exports/<uuid:id>/let", ApproveBulkExport)
def let(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    visitor.ask(ApproveBulkExport(id), form.key)
    return done(_("Who asked may take it now"), refresh="exports")


@area.form("/settings/exports/<uuid:id>/refuse", RefuseBulkExport)
def refuse(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RefuseBulkExport(id), form.key)
    return done(_("Nobody takes this list"), refresh="exports")


@area.form("/settings/exports/<uuid:id>/file", TakeBulkExport)
def take(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    """The file itself; it is counted, so only a form brings it."""

    def asked(request: Request[Any]) -> bytes:
        visitor.gateway.sessions.refuse_ended(visitor.caller.session_id)  # a file may be long on its way
        return bytes(reply_of(visitor.gateway.bus.ask(request, visitor.token)))

    return lists.response_of(SHEET, visitor.raw(TakeBulkExport(id)), asked)


@area.form("/settings/exports/rules", ChangeExportRules)
def change_rules(visitor: Visitor, form: Form) -> Response:
    changed = ChangeExportRules(
        form.whole("version"), two_person=form.ticked("two_person"), downloads=form.whole("downloads")
    )
    visitor.ask(changed, form.key)
    return done(_("Saved"), refresh="rules")


@area.form("/settings/exports/lock", LockExports)
def lock(visitor: Visitor, form: Form) -> Response:
    locked = form.text("locked") == "yes"
    visitor.ask(LockExports(form.whole("version"), locked=locked), form.key)
    return done(_("Nothing leaves any more") if locked else _("Lists may leave again"), refresh="rules exports")
