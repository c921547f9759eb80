"""What if: rules tried over the real history, what came of it, and putting them into force."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response

from chassis.wire import decoder, encode
from contracts.booking import ListBranches
from contracts.clients import ListClientCategories, NameClients
from contracts.loyalty import (
    ExplainVisit,
    ListProgrammes,
    ListSimulationDifferences,
    ListSimulations,
    PublishProgramme,
    ShowDiscount,
    ShowProgramme,
    ShowSimulation,
    SimulatedClients,
    SimulatedCurrency,
    SimulateProgramme,
    Simulation,
)
from gateway.names import with_names
from gateway.pages.clocks import zone_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.loyalty.reasons import DIFFERENCES
from gateway.pages.loyalty.salon import branches_of
from gateway.pages.loyalty.summary import called
from gateway.pages.loyalty.tabs import tabs
from gateway.pages.site import Area, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Conflict, NotFound
from kernel.money import Money
from kernel.time import utc_now

PARTS = ("name", "rules", "criterion", "checks", "sorting", "enrolment", "combination", "points")
VISITS = {"first": noted("first visit"), "few": noted("came up to four times"), "regular": noted("regular clients")}
CLASSES = {
    "none": noted("without a class"),
    "bronze": noted("bronze"),
    "silver": noted("silver"),
    "gold": noted("gold"),
}

area = Area("loyalty-trials")


@dataclass(frozen=True)
class Compared:
    """A line of the result: what somebody got, and would get."""

    name: str
    visits: int
    granted: Money
    proposed: Money

    @property
    def difference(self) -> Money:
        return Money(self.proposed.amount - self.granted.amount, self.granted.currency)


@area.page("/loyalty/trials", ListSimulations)
def trials(visitor: Visitor, form: Form) -> Response:
    found = visitor.ask(ListSimulations(cursor=form.maybe("cursor")))
    branches = dict(_names(visitor, ListBranches))
    return shown(
        "loyalty/trials.html",
        tabs=tabs(visitor),
        found=found,
        branches=branches,
        called=called,
        may_try=visitor.may(SimulateProgramme),
        scopes=([("", _("the whole chain"))] if visitor.caller.everywhere else []) + branches_of(visitor),
    )


@area.form("/loyalty/trials", SimulateProgramme)
def as_it_was(visitor: Visitor, form: Form) -> Response:
    """What was given in a time by the programmes that were in force."""
    asked = SimulateProgramme(
        branch_id=form.maybe_id("branch_id"), since=form.maybe_day("since"), until=form.maybe_day("until")
    )
    return seen_at(f"/loyalty/trials/{visitor.ask(asked, form.key).id}")


@area.page("/loyalty/trials/<uuid:id>", ShowSimulation)
def trial(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    return shown("loyalty/trial.html", tabs=tabs(visitor), called=called, **_result(visitor, id))


@area.page("/loyalty/trials/<uuid:id>/result", ShowSimulation)
def result(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    """How far it is, asked again and again until it is done."""
    return shown("loyalty/result.html", **_result(visitor, id))


@area.page("/loyalty/trials/<uuid:id>/differences", ListSimulationDifferences)
def differences(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    found = visitor.ask(ListSimulationDifferences(id, cursor=form.maybe("cursor")))
    if visitor.may(NameClients):
        found = decoder(ListSimulationDifferences.reply)(with_names(visitor.gateway.bus, encode(found), visitor.token))
    return shown(
        "loyalty/differences.html",
        tabs=tabs(visitor),
        found=found,
        reasons=DIFFERENCES,
        branches=dict(_names(visitor, ListBranches)),
        address=f"/loyalty/trials/{id}/differences",
        period=None,
        may_explain=visitor.may(ExplainVisit),
        may_open=visitor.may(ShowDiscount),
    )


@area.page("/loyalty/trials/<uuid:id>/publishing", PublishProgramme)
def publishing(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    """What will happen when these rules come into force, before they do."""
    tried = visitor.ask(ShowSimulation(id))
    return shown(
        "loyalty/publishing.html",
        trial=tried,
        newest=newest(visitor, tried.branch_id),
        scope=_scope(visitor, tried.branch_id),
    )


@area.form("/loyalty/trials/<uuid:id>/publish", PublishProgramme)
def publish(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    tried = visitor.ask(ShowSimulation(id))
    if tried.document is None:
        raise Conflict("nothing_proposed", "nothing was proposed here: the programmes were tried as they were in force")
    zone = zone_of(visitor, tried.branch_id).key
    asked = PublishProgramme(
        version=form.whole("version"),
        **{name: tried.document[name] for name in PARTS},
        branch_id=tried.branch_id,
        from_=form.instant("from", zone) if form.maybe("from") else None,
        until=form.instant("until", zone) if form.maybe("until") else None,
        simulation_id=id,
    )
    visitor.ask(asked, form.key)
    return seen_at(f"/loyalty?branch_id={tried.branch_id or ''}")


def newest(visitor: Visitor, branch_id: UUID | None) -> int:
    """The version that a change has to name."""
    try:
        shown_now = visitor.ask(ShowProgramme(branch_id))
        return shown_now.newest or shown_now.version
    except NotFound:
        ever, now = visitor.all(ListProgrammes), utc_now()
        for scope in (branch_id, None):
            of_scope = [one for one in ever if one.branch_id == scope]
            alive = [one.version for one in of_scope if not one.until or one.until > max(now, one.in_force_since)]
            if alive:
                return int(max(alive))
        return max((one.version for one in ever if one.branch_id is None), default=1)


def _result(visitor: Visitor, id: UUID) -> dict[str, Any]:  # noqa: A002
    tried = visitor.ask(ShowSimulation(id))
    if tried.result is not None and visitor.may(NameClients):
        tried = _named(visitor, tried)
    return {
        "trial": tried,
        "scope": _scope(visitor, tried.branch_id),
        "may_publish": visitor.may(PublishProgramme) and tried.document is not None,
        "may_try": visitor.may(SimulateProgramme) and tried.document is not None,
        "results": [_told(visitor, one) for one in tried.result.currencies] if tried.result else [],
        "may_list": visitor.may(ListSimulationDifferences),
    }


def _named(visitor: Visitor, tried: Simulation) -> Simulation:
    """The same with the names of those who would win and lose most."""
    assert tried.result is not None
    ids = {
        one.client_id for each in tried.result.currencies for side in (each.winners, each.losers) for one in side.top
    }
    told = visitor.ask_if(NameClients(tuple(sorted(ids)))) if ids else None
    names = {str(item.id): item.name for item in told.items} if told else {}
    plain = decoder(dict[str, Any])(encode(tried))
    for each in plain["result"]["currencies"]:
        for side in ("winners", "losers"):
            for one in each[side]["top"]:
                one["name"] = names.get(one["client_id"])
    found: Simulation = decoder(Simulation)(encode(plain))
    return found


def _told(visitor: Visitor, found: SimulatedCurrency) -> dict[str, Any]:
    """The figures of one currency as the page shows them."""

    def money(amount: int) -> Money:
        return Money(amount, found.currency)

    branches = dict(_names(visitor, ListBranches))
    categories = dict(_names(visitor, ListClientCategories))
    share = Decimal(found.proposed) * 100 / found.revenue if found.revenue else None
    return {
        "found": found,
        "money": money,
        "share": share.quantize(Decimal("0.1")) if share is not None else None,
        "branches": [
            Compared(branches.get(one.branch_id, "—"), one.visits, money(one.granted), money(one.proposed))
            for one in found.by_branch
        ],
        "segments": list(_segments(found, categories)),
        "sides": [
            (noted("Who would get more"), found.winners, _most(found.winners)),
            (noted("Who would get less"), found.losers, _most(found.losers)),
        ],
    }


def _segments(found: SimulatedCurrency, categories: dict[UUID, str]) -> Iterator[Compared]:
    for one in found.by_segment:
        match one.kind:
            case "importance":
                name = _("Importance: %(name)s", name=_(CLASSES.get(one.key, one.key)))
            case "visits":
                name = _(VISITS.get(one.key, one.key))
            case "category":
                name = _(
                    "Category: %(name)s",
                    name=next((told for key, told in categories.items() if str(key) == one.key), "—"),
                )
            case _:
                name = _("Segment %(id)s", id=one.key[-6:])
        yield Compared(name, one.visits, Money(one.granted, found.currency), Money(one.proposed, found.currency))


def _most(side: SimulatedClients) -> int:
    """The longest bar."""
    return max((abs(one.amount) for one in side.top), default=1)


def _names(visitor: Visitor, kind: type[Any]) -> list[tuple[UUID, str]]:
    return [(one.id, one.name) for one in visitor.all_if(kind)]


def _scope(visitor: Visitor, branch_id: UUID | None) -> str:
    return _("the whole chain") if branch_id is None else dict(_names(visitor, ListBranches)).get(branch_id, "—")
