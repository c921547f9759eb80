"""Segments that people define: the list, who is in one, and the conditions that make it."""

from typing import Any
from uuid import UUID

from flask import Response

from contracts.analytics import (
    ChangeSegment,
    CountSegment,
    ListSavedSegments,
    RemoveSegment,
    SaveSegment,
    ShowSavedSegment,
    ShowSegmentMembers,
)
from contracts.booking import ListBranches, ListMasters, ListServices, ShowSettings
from contracts.clients import ListSources, ShowClient
from gateway.pages.figures.pages import menu_of
from gateway.pages.figures.periods import branches_of
from gateway.pages.figures.reading import reply_to, saying_of
from gateway.pages.figures.segments_tree import Group, Line, filter_in, group_of
from gateway.pages.figures.segments_words import FIELDS, GROUPS, OPERATORS, WORDS, operators_of
from gateway.pages.forms import Form
from gateway.pages.search_viewed import remembered
from gateway.pages.site import Area, seen_at, shown
from gateway.pages.visitor import Visitor

AT_ONCE = 50
BEGIN = Group("and", (Line("visits", "at_least", "3"), Line("days_since_last", "above", "90")))

area = Area("segments")


@area.page("/segments", ListSavedSegments)
def segments(visitor: Visitor, _form: Form) -> Response:
    return shown(
        "segments/list.html",
        found=visitor.all(ListSavedSegments),
        branches={branch.id: branch.name for branch in visitor.all_if(ListBranches)},
        may_edit=visitor.may(SaveSegment),
        groups=menu_of(visitor),
    )


@area.page("/segments/<uuid:id>", ShowSavedSegment)
def segment(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    found = visitor.ask(ShowSavedSegment(id))
    members = reply_to(visitor, ShowSegmentMembers(id, AT_ONCE, form.maybe("cursor")))
    response = shown(
        "segments/segment.html",
        segment=found,
        members=members,
        may_edit=visitor.may(ChangeSegment),
        may_remove=visitor.may(RemoveSegment),
        shows_cards=visitor.may(ShowClient),
        groups=menu_of(visitor),
        **_conditions(visitor, group_of(found.filter, _currency(visitor))),
    )
    return remembered(response, visitor, "segment", id)


@area.page("/segments/new", SaveSegment)
def new(visitor: Visitor, _form: Form) -> Response:
    return shown("segments/edit.html", segment=None, groups=menu_of(visitor), **_conditions(visitor, BEGIN))


@area.page("/segments/<uuid:id>/edit", ChangeSegment)
def edit(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    found = visitor.ask(ShowSavedSegment(id))
    root = group_of(found.filter, _currency(visitor))
    return shown("segments/edit.html", segment=found, groups=menu_of(visitor), **_conditions(visitor, root))


@area.page("/segments/condition", ListSavedSegments)
def condition(visitor: Visitor, form: Form) -> Response:
    """A line when another field was chosen: what it may be compared with depends on that."""
    name = form.maybe_one_of("field", FIELDS) or "visits"
    line = Line(name, operators_of(name)[0])
    return shown("segments/condition.html", test=line, **_conditions(visitor, BEGIN))


@area.form("/segments/count", CountSegment)
def count(visitor: Visitor, form: Form) -> Response:
    """Of how many clients the conditions hold, before anything is saved."""
    found = filter_in(form.text("tree"), _currency(visitor))
    counted = reply_to(visitor, CountSegment(found, form.maybe_id("branch_id")))
    return shown("segments/counted.html", counted=counted, say=saying_of(visitor, counted))


@area.form("/segments", SaveSegment)
def save(visitor: Visitor, form: Form) -> Response:
    found = filter_in(form.text("tree"), _currency(visitor))
    saved = visitor.ask(SaveSegment(form.text("name"), found, form.maybe_id("branch_id")), form.key)
    return _gone_to(f"/segments/{saved.id}")


@area.form("/segments/<uuid:id>", ChangeSegment)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    found = filter_in(form.text("tree"), _currency(visitor))
    visitor.ask(ChangeSegment(id, form.whole("version"), form.text("name"), found))
    return _gone_to(f"/segments/{id}")


@area.form("/segments/<uuid:id>/remove", RemoveSegment)
def remove(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemoveSegment(id, form.whole("version")))
    return seen_at("/segments")


def _gone_to(address: str) -> Response:
    """After a form that htmx sent: the page that shows what came of it."""
    return Response(status=204, headers={"HX-Redirect": address})


def _currency(visitor: Visitor) -> str:
    settings = visitor.ask_if(ShowSettings())
    return (settings.currency if settings else None) or "RUB"


def _conditions(visitor: Visitor, root: Group) -> dict[str, Any]:
    """What a page of conditions needs: the tree, and what there is to choose from."""
    things = {
        "service": visitor.all_if(ListServices),
        "master": visitor.all_if(ListMasters),
        "branch": branches_of(visitor),
    }
    all_theirs = len(things["branch"]) == len(visitor.all_if(ListBranches))
    return {
        "root": root,
        "fields": FIELDS,
        "field_groups": GROUPS,
        "operators_of": operators_of,
        "operators": OPERATORS,
        "words": WORDS,
        "things": {kind: [(str(one.id), one.name) for one in found] for kind, found in things.items()},
        "sources": [source.name for source in visitor.all_if(ListSources)],
        "categories": sorted({service.category for service in things["service"] if service.category}),
        "saying": saying_of(visitor, {}),
        "chain_is_theirs": visitor.caller.everywhere or all_theirs,
    }
