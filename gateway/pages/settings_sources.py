"""Where clients come from: the tree of channels, and what each costs in a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Response

from contracts.booking import ShowSettings
from contracts.clients import (
    ChangeSource,
    Channel,
    CreateSource,
    ListSources,
    MonthlyCost,
    RemoveSource,
    ShowSource,
)
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.settings import within
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

EMPTY_ROWS = 2
DEEPEST = 20

area = Area("sources")


@dataclass(frozen=True)
class Placed:
    """A channel in the tree."""

    channel: Channel
    depth: int


@area.page("/settings/sources", ListSources)
def sources(visitor: Visitor, _form: Form) -> Response:
    return within(
        visitor,
        "settings/sources.html",
        sources=_tree(visitor.all(ListSources)),
        may_create=visitor.may(CreateSource),
        may_edit=visitor.may(ChangeSource),
    )


@area.page("/settings/sources/new", CreateSource)
def new(visitor: Visitor, _form: Form) -> Response:
    return _editor(visitor, None)


@area.page("/settings/sources/<uuid:id>", ShowSource)
def source(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    return _editor(visitor, visitor.ask(ShowSource(id)))


@area.form("/settings/sources", CreateSource)
def create(visitor: Visitor, form: Form) -> Response:
    made = CreateSource(
        form.text("name"), form.maybe_id("parent_id"), active=form.ticked("active"), costs=_costs(visitor, form)
    )
    visitor.ask(made, form.key)
    return done(_("Saved"), refresh="sources")


@area.form("/settings/sources/<uuid:id>", ChangeSource)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    changed = ChangeSource(
        id,
        form.whole("version"),
        name=form.text("name"),
        parent_id=form.maybe_id("parent_id"),
        active=form.ticked("active"),
        costs=_costs(visitor, form),
    )
    visitor.ask(changed, form.key)
    return done(_("Saved"), refresh="sources")


@area.form("/settings/sources/<uuid:id>/remove", RemoveSource)
def remove(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemoveSource(id, form.whole("version")), form.key)
    return done(_("The source is removed"), refresh="sources")


def _editor(visitor: Visitor, found: Channel | None) -> Response:
    others = [(one.id, one.name) for one in visitor.all(ListSources) if found is None or one.id != found.id]
    settings = visitor.ask_if(ShowSettings())
    return shown(
        "settings/source.html",
        source=found,
        others=others,
        costs=[*(found.costs if found else ()), *(None for _row in range(EMPTY_ROWS))],
        currency=settings.currency if settings else None,
        may_remove=visitor.may(RemoveSource),
    )


def _costs(visitor: Visitor, form: Form) -> tuple[MonthlyCost, ...]:
    settings = visitor.ask_if(ShowSettings())
    found = []
    for number, month in enumerate(form.each("month")):
        if not month:
            continue
        if settings is None or settings.currency is None:
            raise Invalid.field("month", "currency_missing", _("Say the currency under Settings, Salon first."))
        monthly = form.maybe_money(f"monthly-{number}", settings.currency)
        if monthly is None:
            raise Invalid.field(f"monthly-{number}", "field_missing", _("Please fill this in."))
        found.append(MonthlyCost(month, monthly))
    return tuple(found)


def _tree(channels: Sequence[Channel], parent_id: UUID | None = None, depth: int = 0) -> list[Placed]:
    """Each below its parent, by name."""
    placed: list[Placed] = []
    if depth > DEEPEST:
        return placed
    for one in sorted(channels, key=lambda channel: channel.name.casefold()):
        if one.parent_id == parent_id:
            placed += [Placed(one, depth), *_tree(channels, one.id, depth + 1)]
    return placed
