"""Roles: those that ship to look at and to copy, and the salon's own to edit."""

from uuid import UUID

from flask import Response

from contracts.auth import ChangeRole, CreateRole, ListRoles, ListUsers, Role, ShowRole
from contracts.permissions import WORDS
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.settings import within
from gateway.pages.site import Area, done, seen_at
from gateway.pages.users_permissions import groups
from gateway.pages.users_words import MARKS, OWN, role_name
from gateway.pages.visitor import Visitor
from kernel.caller import EVERYTHING

area = Area("roles")


@area.page("/settings/roles", ListRoles)
def roles(visitor: Visitor, _form: Form) -> Response:
    holders: dict[str, int] = {}
    for user in visitor.all(ListUsers, staff=True, most=5_000):
        for role in user.roles if user.active else ():
            holders[role] = holders.get(role, 0) + 1
    return within(
        visitor,
        "users/roles.html",
        roles=visitor.all(ListRoles),
        holders=holders if visitor.may(ListUsers) else None,
        role_name=role_name,
        may_create=visitor.may(CreateRole),
    )


@area.page("/settings/roles/new", CreateRole, ShowRole)
def new(visitor: Visitor, form: Form) -> Response:
    """A new role begins as one that is there, or as nothing."""
    like = form.maybe_id("like")
    return _editor(visitor, visitor.ask(ShowRole(like)) if like else None, new=True)


@area.page("/settings/roles/<uuid:id>", ShowRole)
def role(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    return _editor(visitor, visitor.ask(ShowRole(id)), new=False)


@area.form("/settings/roles", CreateRole)
def create(visitor: Visitor, form: Form) -> Response:
    made = visitor.ask(
        CreateRole(
            form.text("name"),
            _permissions(form),
            form.texts("mark"),
            reveals_per_shift=_bound(form, "reveals_per_shift"),
            history_days=_bound(form, "history_days"),
        ),
        form.key,
    )
    return seen_at(f"/settings/roles/{made.id}")


@area.form("/settings/roles/<uuid:id>", ChangeRole)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    changed = ChangeRole(
        id,
        form.whole("version"),
        permissions=_permissions(form),
        marks=form.texts("mark"),
        reveals_per_shift=_bound(form, "reveals_per_shift"),
        history_days=_bound(form, "history_days"),
    )
    visitor.ask(changed, form.key)
    return done(_("Saved; whoever has this role signs in again"), refresh="role")


def _editor(visitor: Visitor, found: Role | None, *, new: bool) -> Response:
    given = found.permissions if found else ()
    marks = found.marks if found else ()
    return within(
        visitor,
        "users/role.html",
        role=found,
        new=new,
        groups=groups(given),
        marks=[(mark, _(text), mark in marks or EVERYTHING in marks) for mark, text in MARKS.items()],
        role_name=role_name,
        may_edit=visitor.may(CreateRole) if new else visitor.may(ChangeRole) and not (found and found.shipped),
        may_create=visitor.may(CreateRole),
    )


def _permissions(form: Form) -> tuple[str, ...]:
    return tuple(word for word in form.texts("permission") if word.removesuffix(OWN) in WORDS)


def _bound(form: Form, name: str) -> int | None:
    """Nothing is no bound."""
    return None if form.maybe(name) is None else form.whole(name)
