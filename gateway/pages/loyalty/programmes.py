"""The programme that holds, in words, and every version that ever did."""

from uuid import UUID

from flask import Response

from contracts.booking import ListBranches
from contracts.loyalty import (
    EndProgramme,
    ListProgrammes,
    PublishProgramme,
    ShowProgramme,
    ShowProgrammeVersion,
    SimulateProgramme,
)
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.loyalty.fields import RULES
from gateway.pages.loyalty.salon import branches_of, choices, currency_of
from gateway.pages.loyalty.summary import called, summary
from gateway.pages.loyalty.tabs import tabs
from gateway.pages.site import Area, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import NotFound
from kernel.time import utc_now

area = Area("loyalty-programmes")


@area.page("/loyalty")
def programme(visitor: Visitor, form: Form) -> Response:
    """What holds now, and below it what did and will; the first page that is theirs for who may not see that."""
    if not visitor.may(ShowProgramme) and (theirs := tabs(visitor)):
        return seen_at(theirs[0][0])
    branch_id = form.maybe_id("branch_id")
    try:
        now = visitor.ask(ShowProgramme(branch_id))
    except NotFound as refused:
        if refused.code != "no_programme_in_force":
            raise
        now = None
    versions = visitor.ask_if(ListProgrammes(branch_id=branch_id, cursor=form.maybe("cursor")))
    return shown(
        "loyalty/programme.html",
        tabs=tabs(visitor),
        now=now,
        lines=summary(now.document, currency_of(visitor), choices(visitor)) if now and now.document else [],
        versions=versions,
        branch_id=branch_id,
        branches=[("", _("the whole chain")), *branches_of(visitor)],
        named={one.id: one.name for one in visitor.all_if(ListBranches)},
        may_edit=visitor.may(PublishProgramme),
        may_try=visitor.may(SimulateProgramme),
        at=utc_now(),
        called=called,
    )


@area.page("/loyalty/programmes/<uuid:id>", ShowProgrammeVersion)
def version(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    found = visitor.ask(ShowProgrammeVersion(id))
    return shown(
        "loyalty/version.html",
        tabs=tabs(visitor),
        found=found,
        lines=summary(found.document or {}, currency_of(visitor), choices(visitor)),
        kinds=RULES,
        named={one.id: one.name for one in visitor.all_if(ListBranches)},
        may_edit=visitor.may(PublishProgramme),
        may_try=visitor.may(SimulateProgramme),
        at=utc_now(),
        called=called,
    )


@area.page("/loyalty/programmes/<uuid:id>/ending", EndProgramme)
def ending(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("loyalty/ending.html", found=visitor.ask(ShowProgrammeVersion(id)))


@area.form("/loyalty/programmes/<uuid:id>/end", EndProgramme)
def end(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(EndProgramme(id), form.key)
    return seen_at(f"/loyalty/programmes/{id}")
