"""What somebody should look at: visits that came out otherwise than by the rules, doubtful referrals, open payments."""

from datetime import timedelta
from uuid import UUID

from flask import Response

from chassis.wire import decoder, encode
from contracts.booking import ListBranches
from contracts.clients import NameClients
from contracts.loyalty import (
    ExplainVisit,
    ListDifferences,
    ListDoubtfulEdges,
    ListUnsettledPayments,
    ReviewReferral,
    ShowDiscount,
)
from gateway.names import with_names
from gateway.pages.clocks import today_of
from gateway.pages.forms import Form
from gateway.pages.loyalty import reasons
from gateway.pages.loyalty.tabs import tabs
from gateway.pages.loyalty.why import said
from gateway.pages.site import Area, shown
from gateway.pages.visitor import Visitor

USUAL_DAYS = 30

area = Area("loyalty-doubts")


@area.page("/loyalty/differences", ListDifferences)
def differences(visitor: Visitor, form: Form) -> Response:
    to = form.maybe_day("to") or today_of(visitor)
    from_ = form.maybe_day("from") or to - timedelta(days=USUAL_DAYS)
    found = visitor.ask(ListDifferences(from_, to, cursor=form.maybe("cursor")))
    if visitor.may(NameClients):
        found = decoder(ListDifferences.reply)(with_names(visitor.gateway.bus, encode(found), visitor.token))
    return shown(
        "loyalty/differences.html",
        tabs=tabs(visitor),
        found=found,
        period=(from_, to),
        reasons=reasons.DIFFERENCES,
        branches={one.id: one.name for one in visitor.all_if(ListBranches)},
        address="/loyalty/differences",
        unsettled=visitor.ask_if(ListUnsettledPayments()),
        tenders=reasons.TENDERS,
        may_explain=visitor.may(ExplainVisit),
        may_open=visitor.may(ShowDiscount),
    )


@area.page("/loyalty/visits/<uuid:id>", ExplainVisit)
def visit(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """What a completed visit is given by the rules, and why."""
    found = visitor.ask(ExplainVisit(id))
    if visitor.may(NameClients):
        found = decoder(ExplainVisit.reply)(with_names(visitor.gateway.bus, encode(found), visitor.token))
    branches = {one.id: one.name for one in visitor.all_if(ListBranches)}
    return shown(
        "loyalty/visit.html",
        tabs=tabs(visitor),
        visit=found,
        why=said(found.why.reason),
        reasons=reasons.DIFFERENCES,
        branch=branches.get(found.branch_id, "—"),
    )


@area.page("/loyalty/doubtful", ListDoubtfulEdges)
def doubtful(visitor: Visitor, form: Form) -> Response:
    verdict = form.maybe("verdict") if form.maybe("verdict") in ("refused", "flagged") else None
    found = visitor.ask(ListDoubtfulEdges(verdict, form.maybe("cursor")))  # type: ignore[arg-type]
    if visitor.may(NameClients):
        found = decoder(ListDoubtfulEdges.reply)(with_names(visitor.gateway.bus, encode(found), visitor.token))
    return shown(
        "loyalty/doubtful.html",
        tabs=tabs(visitor),
        found=found,
        verdict=verdict,
        words=reasons.EDGES,
        may_review=visitor.may(ReviewReferral),
    )
