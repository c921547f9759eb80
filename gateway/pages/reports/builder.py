"""The form of a report: its subject, groupings, measures and conditions; what is wrong is told at its place."""

from typing import Any
from uuid import UUID

import flask
from flask import Response

from contracts.analytics import ChangeReport, SaveReport, ShowReport, TryReport
from contracts.booking import ListMasters
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.loyalty.draft import Node, entries, mark, posted, said
from gateway.pages.loyalty.salon import choices, currency_of
from gateway.pages.reports import words
from gateway.pages.reports.conditions import Conditions, drawn
from gateway.pages.reports.periods import period_of
from gateway.pages.reports.shown import rows_of
from gateway.pages.reports.subjects import SOURCES, SUBJECTS, Test
from gateway.pages.site import Area, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid, NotFound

area = Area("reports-builder")


@area.page("/reports/new", TryReport)
def new(visitor: Visitor, form: Form) -> Response:
    return _page(visitor, form, None, _usual("visits"))


@area.page("/reports/<uuid:id>/edit", ChangeReport, ShowReport)
def edit(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    report = visitor.ask(ShowReport(id))
    return _page(visitor, form, report, _drawn(report.document, currency_of(visitor)))


@area.form("/reports/fields", TryReport)
def fields(visitor: Visitor, _form: Form) -> Response:
    """The form again for another subject, or for a list instead of groups; conditions that still fit stay."""
    node = _posted()
    subject = SUBJECTS.get(said(node, "of"), SUBJECTS["visits"])
    for name, known, usual in (
        ("measures", subject.measures, subject.usual_measures),
        ("columns", subject.columns, subject.usual_columns),
    ):
        node[name] = [one for one in node.get(name) or [] if one in known] or list(usual)
    node["group_by"] = [one if one in subject.dimensions else "" for one in node.get("group_by") or []]
    _keep_known(node.get("filter") or {}, subject.tests)
    return shown("reports/fields.html", **_words(visitor, node))


@area.page("/reports/part", TryReport)
def part(visitor: Visitor, form: Form) -> Response:
    """Another test or group of tests, or a test whose field was chosen anew."""
    prefix, of = form.text("prefix"), form.maybe("of") or "visits"
    if of not in SUBJECTS or not all(step.isalnum() or step == "filter" for step in prefix.split(".")):
        raise NotFound("id_unknown", "there is no such part of a report")
    beside = _words(visitor, {"of": [of]})
    if form.maybe("group"):
        node: Node = {"join": ["or"], "parts": {mark(): _first_test(of)}}
        return shown("reports/group.html", node=node, prefix=f"{prefix}.parts.{mark()}", inner=True, **beside)
    name = form.maybe(f"{prefix}.field")
    if name is None:
        return shown("reports/test.html", node=_first_test(of), prefix=f"{prefix}.parts.{mark()}", added=True, **beside)
    test = SUBJECTS[of].tests.get(name)
    operator = form.maybe(f"{prefix}.op")
    kept = test is not None and operator in test.operators
    node = {"field": [name], "op": [operator if kept else ""], "value": []}
    return shown("reports/test.html", node=node, prefix=prefix, added=False, **beside)


@area.form("/reports/preview", TryReport)
def preview(visitor: Visitor, form: Form) -> Response:
    """What the report shows, without saving it."""
    from_, to, branch_id = period_of(visitor, form)
    reading, document = _read(visitor)
    try:
        found = visitor.ask(TryReport(from_, to, document, branch_id))
    except Invalid as refused:
        raise _in_form(refused, reading) from refused
    response = shown("reports/rows.html", **rows_of(visitor, found, document))
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#preview", "innerHTML"
    return response


@area.form("/reports/save", SaveReport)
def save(visitor: Visitor, form: Form) -> Response:
    """A new report, or the one that was changed."""
    reading, document = _read(visitor)
    try:
        if id_ := form.maybe_id("id"):
            saved = visitor.ask(ChangeReport(id_, form.whole("version"), form.text("name"), document), form.key)
        else:
            saved = visitor.ask(SaveReport(form.text("name"), document), form.key)
    except Invalid as refused:
        raise _in_form(refused, reading) from refused
    return seen_at(f"/reports/{saved.id}")


# --- from and to the form --------------------------------------------------------------------------------------------


def _posted() -> Node:
    return posted(list(flask.request.form.lists()))


def _read(visitor: Visitor) -> tuple[Conditions, dict[str, Any]]:
    """The document that the form says."""
    node = _posted()
    of, kind = said(node, "of") or "visits", said(node, "kind") or "grouped"
    subject = SUBJECTS.get(of, SUBJECTS["visits"])
    reading = Conditions(subject.tests, currency_of(visitor))
    document: dict[str, Any] = {"of": of, "kind": kind if subject.columns else "grouped"}
    if document["kind"] == "grouped":
        document["group_by"] = [one for one in node.get("group_by") or [] if one]
        document["measures"] = list(node.get("measures") or [])
    else:
        document["columns"] = list(node.get("columns") or [])
    if condition := reading.filter(node.get("filter") or {}):
        document["filter"] = condition
    if order_by := said(node, "order_by"):
        document |= {"order_by": order_by, "descending": said(node, "descending") == "yes"}
    if limit := said(node, "limit"):
        if not limit.isdecimal():
            reading.wrong["limit"] = [_("This must be a whole number.")]
        else:
            document["limit"] = int(limit)
    if reading.wrong:
        raise Invalid("invalid_fields", "some fields cannot be read", errors=reading.wrong)
    return reading, document


def _in_form(refused: Invalid, reading: Conditions) -> Invalid:
    """The same refusal with the names of the form."""
    errors = {}
    for place, texts in refused.details.get("errors", {}).items():
        parts = place.split(".")
        found = next(
            (
                reading.places[some]
                for end in range(len(parts), 0, -1)
                if (some := ".".join(parts[:end])) in reading.places
            ),
            parts[1] if parts[0] == "document" and len(parts) > 1 else place,
        )
        errors[found] = texts
    return Invalid("invalid_fields" if errors else refused.code, refused.message, errors=errors)


def _usual(of: str) -> Node:
    subject = SUBJECTS[of]
    return {
        "of": [of],
        "kind": ["grouped"],
        "group_by": ["month", ""],
        "measures": list(subject.usual_measures),
        "columns": list(subject.usual_columns),
        "filter": drawn(None, ""),
    }


def _drawn(document: dict[str, Any], currency: str) -> Node:
    node = _usual(document.get("of", "visits"))
    node["kind"] = [document.get("kind", "grouped")]
    node["group_by"] = [*document.get("group_by", ()), "", ""][:2]
    for name in ("measures", "columns"):
        node[name] = list(document.get(name) or node[name])
    node["filter"] = drawn(document.get("filter"), currency)
    node["order_by"] = [document.get("order_by") or ""]
    node["descending"] = ["yes" if document.get("descending") else ""]
    node["limit"] = [str(document.get("limit", ""))]
    return node


def _first_test(of: str) -> Node:
    tests = SUBJECTS[of].tests
    return {"field": [next((name for name in ("source", "branch") if name in tests), next(iter(tests)))]}


def _keep_known(node: Node, tests: Any) -> None:
    for key, each in entries(node, "parts"):
        if "join" in each:
            _keep_known(each, tests)
        elif said(each, "field") not in tests:
            del node["parts"][key]


def _page(visitor: Visitor, form: Form, report: Any, node: Node) -> Response:
    from_, to, branch_id = period_of(visitor, form)
    return shown(
        "reports/builder.html",
        report=report,
        from_=from_,
        to=to,
        branch_id=branch_id,
        may_save=visitor.may(SaveReport),
        **_words(visitor, node),
    )


def _words(visitor: Visitor, node: Node) -> dict[str, Any]:
    lists = choices(visitor) | {"masters": [(str(one.id), one.name) for one in visitor.all_if(ListMasters)]}
    subject = SUBJECTS.get(said(node, "of"), SUBJECTS["visits"])
    return {
        "draft": node,
        "subject": subject,
        "words": words,
        "lists": lists,
        "sources": SOURCES,
        "tests": subject.tests,
        "nothing": Test("text"),
    }
