"""Saved reports: the list of them, looking at one, its files, removing it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response

from contracts.analytics import ChangeReport, ListReports, RemoveReport, RunReport, SaveReport, ShowReport
from contracts.booking import ListBranches
from contracts.message import Request
from gateway import pictures
from gateway.bus import reply_of
from gateway.figures import FORMATS
from gateway.files import in_format
from gateway.pages.forms import Form
from gateway.pages.reports.periods import period_of
from gateway.pages.reports.shown import rows_of
from gateway.pages.reports.words import SUBJECTS
from gateway.pages.search_viewed import remembered
from gateway.pages.site import Area, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import NotFound

FILES = FORMATS | pictures.REPORT

area = Area("reports")


@area.page("/reports", ListReports)
def reports(visitor: Visitor, form: Form) -> Response:
    found = visitor.ask(ListReports(cursor=form.maybe("cursor")))
    return shown("reports/list.html", found=found, subjects=SUBJECTS, may_save=visitor.may(SaveReport))


@area.page("/reports/<uuid:id>", RunReport, ShowReport)
def report(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """Evaluated for whoever looks, over what they see."""
    saved = visitor.ask(ShowReport(id))
    from_, to, branch_id = period_of(visitor, form)
    found = visitor.ask(RunReport(id, from_, to, branch_id))
    response = shown(
        "reports/report.html",
        report=saved,
        from_=from_,
        to=to,
        branch_id=branch_id,
        branches=[one for one in visitor.all_if(ListBranches) if visitor.caller.in_branch(one.id)],
        files=tuple(FILES) if found.rows and saved.document.get("group_by") else tuple(FORMATS),
        may_edit=visitor.may(ChangeReport),
        may_remove=visitor.may(RemoveReport) and (visitor.caller.everywhere or saved.created_by == visitor.caller.id),
        **rows_of(visitor, found, saved.document),
    )
    return remembered(response, visitor, "report", id)


@area.page("/reports/<uuid:id>/file", RunReport)
def file(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """The same figures as a table for a spreadsheet, on paper, or drawn."""
    made = FILES.get(form.text("format"))
    if made is None:
        raise NotFound("id_unknown", "there is no such kind of file")
    if saved := visitor.ask_if(ShowReport(id)):  # several of them in one folder are told apart
        made = replace(made, name=f"{saved.name}.{made.name.rpartition('.')[2]}")
    from_, to, branch_id = period_of(visitor, form)
    asked = RunReport(id, from_, to, branch_id)

    def ask(beside: Request[Any]) -> bytes:
        return bytes(reply_of(visitor.gateway.bus.ask(beside, visitor.token)))

    return in_format(made, asked, ask(asked), ask)


@area.page("/reports/<uuid:id>/removing", RemoveReport, ShowReport)
def removing(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("reports/removing.html", report=visitor.ask(ShowReport(id)))


@area.form("/reports/<uuid:id>/remove", RemoveReport)
def remove(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemoveReport(id, form.whole("version")), form.key)
    return seen_at("/reports")
