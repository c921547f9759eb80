"""The form of a programme: begun from what is in force, a version or a trial, kept as a draft, tried over history."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import flask
from flask import Response

from contracts.loyalty import ShowProgramme, ShowProgrammeVersion, ShowSimulation, SimulateProgramme
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.loyalty.draft import Node, Reading, drawn, mark, posted, started
from gateway.pages.loyalty.fields import RULES, SECTIONS, SORTING, rows_of
from gateway.pages.loyalty.salon import branches_of, choices, currency_of
from gateway.pages.loyalty.tabs import tabs
from gateway.pages.site import Area, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid, NotFound, Refusal
from kernel.time import utc_now

_PREFIX = re.compile(r"[a-z0-9_]{1,40}(\.[a-z0-9_]{1,40}){0,5}")
_BESIDE = frozenset({"csrf", "key", "branch_id", "since", "until"})

area = Area("loyalty-editor")


@area.page("/loyalty/programme/edit", SimulateProgramme)
def edit(visitor: Visitor, form: Form) -> Response:
    """Whoever may try rules proposes others here; nothing is in force before it was tried and published."""
    branch_id = form.maybe_id("branch_id")
    document, branch_id = _begun(visitor, form, branch_id)
    draft = drawn(document or {"combination": {}}, currency_of(visitor))
    return _page(visitor, draft, branch_id)


@area.form("/loyalty/programme/draft", SimulateProgramme)
def draft(visitor: Visitor, _form: Form) -> Response:
    """The fields as they were left, right or wrong."""
    return shown("loyalty/editor_fields.html", **_words(visitor, _posted()))


@area.page("/loyalty/programme/part", SimulateProgramme)
def part(visitor: Visitor, form: Form) -> Response:
    """An empty rule, or an empty entry of a list, to be added to the form."""
    kind, prefix = form.maybe("kind") or "", form.text("prefix")
    if not _PREFIX.fullmatch(prefix):
        raise NotFound("id_unknown", "there is no such part of a programme")
    here = f"{prefix}.{mark()}"
    beside: dict[str, Any] = {"prefix": here, "lists": choices(visitor)}
    if prefix == "rules":
        if kind not in RULES:
            raise NotFound("id_unknown", "there is no such kind of rule")
        node: Node = {"kind": [kind], "name": [""], "branch_ids": []} | started(RULES[kind].fields)
        return shown("loyalty/rule.html", kinds=RULES, rule=node, added=True, **beside)
    field = rows_of(kind, form.maybe("section") or "", form.text("field"))
    if field is None:
        raise NotFound("id_unknown", "there is no such list in a programme")
    return shown("loyalty/entry.html", field=field, entry=started(field.inside), added=True, **beside)


@area.form("/loyalty/programme/try", SimulateProgramme)
def attempt(visitor: Visitor, form: Form) -> Response:
    """What the draft would have given over the history of the days that are named."""
    reading = Reading(currency_of(visitor))
    document = reading.document(_posted())
    try:
        asked = SimulateProgramme(
            **document,
            branch_id=form.maybe_id("branch_id"),
            since=form.maybe_day("since"),
            until=form.maybe_day("until"),
        )
        trial = visitor.ask(asked, form.key)
    except Invalid as refused:
        raise reading.in_form(refused) from refused
    return seen_at(f"/loyalty/trials/{trial.id}")


def _begun(visitor: Visitor, form: Form, branch_id: UUID | None) -> tuple[dict[str, Any] | None, UUID | None]:
    """The document to begin from, and whose it is."""
    if trial_id := form.maybe_id("trial"):
        trial = visitor.ask(ShowSimulation(trial_id))
        return trial.document, trial.branch_id
    if version_id := form.maybe_id("version"):
        version = visitor.ask(ShowProgrammeVersion(version_id))
        return version.document, branch_id if form.maybe("branch_id") else version.branch_id
    try:
        return visitor.ask(ShowProgramme(branch_id)).document, branch_id
    except Refusal as refused:
        if refused.code != "no_programme_in_force":
            raise
        return None, branch_id


def _posted() -> Node:
    return posted([(name, texts) for name, texts in flask.request.form.lists() if name not in _BESIDE])


def _page(visitor: Visitor, node: Node, branch_id: UUID | None) -> Response:
    today = utc_now().date()
    return shown(
        "loyalty/editor.html",
        tabs=tabs(visitor),
        branch_id=branch_id,
        branches=[("", _("the whole chain")), *branches_of(visitor)]
        if visitor.caller.everywhere
        else branches_of(visitor),
        since=today - timedelta(days=365),
        until=today,
        **_words(visitor, node),
    )


def _words(visitor: Visitor, node: Node) -> dict[str, Any]:
    return {
        "draft": node,
        "kinds": RULES,
        "sections": SECTIONS,
        "sorting": SORTING,
        "currency": currency_of(visitor),
        "lists": choices(visitor),
    }
