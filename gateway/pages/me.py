"""One's own page: how pages look, one's password, and what one may do here."""

import flask
from flask import Response

from contracts.auth import ChangePassword, ShowMe
from contracts.booking import ListBranches
from gateway.pages import me_look
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, done, shown
from gateway.pages.users_words import role_name
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

area = Area("me")


@area.page("/me", ShowMe)
def me(visitor: Visitor, _form: Form) -> Response:
    asked = visitor.ask(ShowMe())
    return shown(
        "look/me.html",
        me=asked,
        roles=[role_name(role) for role in asked.roles],
        themes=me_look.THEMES,
        clocks=me_look.CLOCKS,
        orders=me_look.NAMES,
        clock=me_look.chosen("clock"),
        names=me_look.chosen("names"),
        branches=[branch.name for branch in visitor.all_if(ListBranches) if branch.id in asked.branch_ids],
        everywhere=visitor.caller.everywhere,
    )


@area.form("/me/password", ChangePassword)
def change_password(visitor: Visitor, _form: Form) -> Response:
    """Other devices are signed out; this one stays. Passwords are taken as they are, blanks too."""
    current, new = flask.request.form.get("current", ""), flask.request.form.get("new", "")
    if not current:
        raise Invalid.field("current", "field_missing", _("Please fill this in."))
    if new != flask.request.form.get("again", ""):
        raise Invalid.field("again", "passwords_differ", _("This is not the same as the new password."))
    visitor.ask(ChangePassword(current, new))
    return done(_("The password is changed. Other devices are signed out."))
