"""Gift certificates: sold, looked up by their code, blocked; and what is owed for them."""

from uuid import UUID

from flask import Response

from contracts.booking import ListBranches
from contracts.loyalty import (
    BlockCertificate,
    ListCertificateEntries,
    ListCertificates,
    LookUpCertificate,
    SellCertificate,
    ShowCertificate,
    ShowCertificateLiability,
    UnblockCertificate,
)
from gateway.pages.clocks import zone_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.loyalty import reasons
from gateway.pages.loyalty.salon import branches_of, currency_of
from gateway.pages.loyalty.tabs import tabs
from gateway.pages.site import Area, done, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

area = Area("loyalty-certificates")


@area.page("/loyalty/certificates")
def certificates(visitor: Visitor, form: Form) -> Response:
    """What was sold, and what is owed for it; who may see only the one sees that."""
    state = form.maybe("state") if form.maybe("state") in reasons.CERTIFICATES else None
    liability = visitor.ask_if(ShowCertificateLiability())
    asked = ListCertificates(form.maybe_id("branch_id"), state=state, cursor=form.maybe("cursor"))  # type: ignore[arg-type]
    found = visitor.ask(asked) if visitor.may(ListCertificates) or liability is None else None
    return shown(
        "loyalty/certificates.html",
        tabs=tabs(visitor),
        found=found,
        state=state,
        branch_id=form.maybe_id("branch_id"),
        branches=branches_of(visitor),
        named={one.id: one.name for one in visitor.all_if(ListBranches)},
        liability=liability,
        may_look_up=visitor.may(LookUpCertificate),
        may_sell=visitor.may(SellCertificate),
        words=reasons,
    )


@area.form("/loyalty/certificates/look-up", LookUpCertificate)
def look_up(visitor: Visitor, form: Form) -> Response:
    return seen_at(f"/loyalty/certificates/{visitor.ask(LookUpCertificate(form.text('code')[:64])).id}")


@area.page("/loyalty/certificates/selling", SellCertificate)
def selling(visitor: Visitor, form: Form) -> Response:
    return shown(
        "loyalty/selling.html",
        branches=branches_of(visitor),
        buyer_id=form.maybe_id("buyer_id"),
        currency=currency_of(visitor),
        kinds=reasons.PAID_BY,
    )


@area.form("/loyalty/certificates/sell", SellCertificate)
def sell(visitor: Visitor, form: Form) -> Response:
    """The code is shown this once: it goes onto the card that the buyer takes along."""
    amount = form.maybe_money("amount", currency_of(visitor))
    if amount is None:
        raise Invalid.field("amount", "field_missing", _("Please fill this in."))
    branch_id = form.id("branch_id")
    zone = zone_of(visitor, branch_id).key
    sold = visitor.ask(
        SellCertificate(
            branch_id,
            amount,
            form.text("paid_by"),  # type: ignore[arg-type]
            form.instant("expires", zone) if form.maybe("expires") else None,
            form.maybe_id("buyer_id"),
        ),
        form.key,
    )
    response = shown("loyalty/sold.html", sold=sold)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog", "innerHTML"
    return response


@area.page("/loyalty/certificates/<uuid:id>", ShowCertificate)
def certificate(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    return shown(
        "loyalty/certificate.html",
        tabs=tabs(visitor),
        one=visitor.ask(ShowCertificate(id)),
        entries=visitor.ask_if(ListCertificateEntries(id)),
        named={one.id: one.name for one in visitor.all_if(ListBranches)},
        may_block=visitor.may(BlockCertificate),
        words=reasons,
    )


@area.page("/loyalty/certificates/<uuid:id>/blocking", BlockCertificate)
def blocking(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("loyalty/blocking.html", one=visitor.ask(ShowCertificate(id)), blocks=reasons.BLOCKS)


@area.form("/loyalty/certificates/<uuid:id>/block", BlockCertificate)
def block(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(BlockCertificate(id, form.text("reason"), form.maybe("comment")), form.key)  # type: ignore[arg-type]
    return done(_("Blocked: nobody pays with it from now on."), refresh="certificate")


@area.form("/loyalty/certificates/<uuid:id>/unblock", UnblockCertificate)
def unblock(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(UnblockCertificate(id), form.key)
    return done(_("The certificate can be used again."), refresh="certificate")
