"""Clients from a table of another system: upload it, say what its columns are, try it out, then take it in."""

from typing import cast
from uuid import UUID, uuid4

from flask import Response

from contracts.booking import ListBranches
from contracts.clients import (
    AbandonClientImport,
    ClientImport,
    CreateClientImport,
    Duplicates,
    ImportEncoding,
    ImportSeparator,
    KeepImportPart,
    ListClientFields,
    ListClientImports,
    ListImportRows,
    MapClientImport,
    MappedColumn,
    RowOutcome,
    RunClientImport,
    ShowClientImport,
)
from contracts.clients.files import PART_BYTES
from contracts.clients.imports import LARGEST_IMPORT
from gateway.pages.forms import Form
from gateway.pages.imports_words import DUPLICATES, FIELDS, OUTCOMES, STATES, in_words
from gateway.pages.languages import gettext as _
from gateway.pages.sentences import of_code
from gateway.pages.settings import within
from gateway.pages.site import Area, seen_at
from gateway.pages.uploads import Upload
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

TABLE = Upload("table", ("csv", "xlsx"), LARGEST_IMPORT)
ROWS_SHOWN = 100

area = Area("imports")


@area.page("/settings/imports", ListClientImports)
def imports(visitor: Visitor, form: Form) -> Response:
    found = visitor.ask(ListClientImports(cursor=form.maybe("cursor")))
    return within(
        visitor,
        "imports/page.html",
        found=found,
        table=TABLE,
        states=in_words(STATES),
        may_import=visitor.may(CreateClientImport, KeepImportPart),
    )


@area.form("/settings/imports", CreateClientImport, takes=TABLE)
def upload(visitor: Visitor, form: Form) -> Response:
    """In parts that fit into messages, then put together."""
    _name, content = form.file(TABLE)
    upload_id = uuid4()
    for number, start in enumerate(range(0, len(content), PART_BYTES)):
        visitor.ask(KeepImportPart(upload_id, number, content[start : start + PART_BYTES]))
    made = visitor.ask(
        CreateClientImport(
            upload_id,
            len(content),
            cast("ImportEncoding | None", form.maybe("encoding")),
            cast("ImportSeparator | None", form.maybe("separator")),
            form.maybe("sheet"),
        )
    )
    return seen_at(f"/settings/imports/{made.id}")


@area.page("/settings/imports/<uuid:id>", ShowClientImport)
def one(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    found = visitor.ask(ShowClientImport(id))
    outcome = form.maybe("outcome")
    rows = None
    if found.run and found.run.state == "done" and outcome in OUTCOMES:
        rows = visitor.ask(
            ListImportRows(id, cast("RowOutcome", outcome), limit=ROWS_SHOWN, cursor=form.maybe("cursor"))
        )
    fields = in_words(FIELDS) + [(f"custom.{one.id}", one.name) for one in visitor.all(ListClientFields)]
    return within(
        visitor,
        "imports/import.html",
        found=found,
        fields=fields,
        names=dict(fields),
        outcomes=in_words(OUTCOMES),
        outcome=outcome,
        why=of_code,
        rows=rows,
        duplicates=in_words(DUPLICATES),
        branches=[(branch.id, branch.name) for branch in visitor.all(ListBranches)],
        states=dict(in_words(STATES)),
    )


@area.form("/settings/imports/<uuid:id>/try", MapClientImport, RunClientImport)
def try_out(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """What the columns are, and what would become of each row; nothing is taken in."""
    found = visitor.ask(ShowClientImport(id))
    columns = tuple(
        MappedColumn(column.number, field)
        for column in found.columns
        if (field := form.maybe(f"column-{column.number}"))
    )
    if not columns:
        raise Invalid.field("column-0", "mapping_without_key", _("Say which column is the phone, e-mail or number."))
    visitor.ask(MapClientImport(id, form.whole("version"), columns), form.key)
    return _run(visitor, form, found, dry_run=True)


@area.form("/settings/imports/<uuid:id>/run", RunClientImport)
def take_in(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    return _run(visitor, form, visitor.ask(ShowClientImport(id)), dry_run=False)


@area.form("/settings/imports/<uuid:id>/abandon", AbandonClientImport)
def abandon(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(AbandonClientImport(id, form.whole("version")), form.key)
    return seen_at("/settings/imports")


def _run(visitor: Visitor, form: Form, found: ClientImport, *, dry_run: bool) -> Response:
    chosen = form.maybe_one_of("duplicates", DUPLICATES) or "skip"
    visitor.ask(RunClientImport(found.id, dry_run, cast("Duplicates", chosen), form.maybe_id("home_branch_id")))
    return seen_at(f"/settings/imports/{found.id}")
