"""Who may sign in: users with their roles and branches, new passwords, and blocking."""

from typing import Any
from uuid import UUID

from flask import Response

from contracts.auth import ChangeUser, CreateUser, ListJournal, ListRoles, ListUsers, ShowUser, User
from contracts.booking import ListBranches
from contracts.message import UNSET
from gateway.pages.desk.day import names_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.settings import within
from gateway.pages.site import Area, by_htmx, done, seen_at, shown
from gateway.pages.users_words import role_name
from gateway.pages.visitor import Visitor

CLIENT = "client"
PARTS = "users"

area = Area("users")


@area.page("/settings/users", ListUsers)
def users(visitor: Visitor, form: Form) -> Response:
    """Those who work here; clients who sign in have no place among them."""
    q = (form.maybe("q") or "").casefold()
    everybody = visitor.all(ListUsers, staff=True, most=5_000)
    return within(
        visitor,
        "users/page.html",
        q=q,
        users=[user for user in everybody if q in f"{user.name} {user.login}".casefold()],
        branches=names_of(visitor, ListBranches),
        role_name=role_name,
        may_create=visitor.may(CreateUser, ListRoles),
    )


@area.page("/settings/users/new", CreateUser, ListRoles)
def new(visitor: Visitor, _form: Form) -> Response:
    """A dialog; whoever opens its address finds the page that it belongs to."""
    if not by_htmx():
        return seen_at("/settings/users")
    return shown("users/new.html", **_choices(visitor))


@area.form("/settings/users", CreateUser)
def create(visitor: Visitor, form: Form) -> Response:
    """A password that nobody typed is made, and shown this once."""
    made = visitor.ask(
        CreateUser(
            form.text("login"),
            form.text("name"),
            roles=form.texts("role"),
            branch_ids=form.ids("branch_id"),
            password=form.maybe("password"),
        ),
        form.key,
    )
    if made.generated_password is UNSET:
        return done(_("%(name)s may sign in now", name=made.name), refresh=PARTS)
    return _told_once(made)


@area.page("/settings/users/<uuid:id>", ShowUser, ListRoles)
def user(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    return within(
        visitor,
        "users/user.html",
        user=visitor.ask(ShowUser(id)),
        may_edit=visitor.may(ChangeUser),
        may_read_journal=visitor.may(ListJournal),
        **_choices(visitor),
    )


@area.form("/settings/users/<uuid:id>", ChangeUser)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    password = form.maybe("password")
    changed = ChangeUser(
        id,
        form.whole("version"),
        name=form.text("name"),
        roles=form.texts("role"),
        branch_ids=form.ids("branch_id"),
        password=UNSET if password is None else password,
    )
    visitor.ask(changed, form.key)
    return done(_("Saved"), refresh="user")


@area.form("/settings/users/<uuid:id>/block", ChangeUser)
def block(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """Blocking ends the user's sessions; nothing that they did goes."""
    visitor.ask(ChangeUser(id, form.whole("version"), active=form.text("active") == "yes"), form.key)
    return seen_at(f"/settings/users/{id}")


def _choices(visitor: Visitor) -> dict[str, Any]:
    return {
        "roles": sorted((role.name for role in visitor.all(ListRoles) if role.name != CLIENT), key=role_name),
        "branches": visitor.all(ListBranches),
        "role_name": role_name,
    }


def _told_once(made: User) -> Response:
    response = shown("users/password.html", user=made)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog", "innerHTML"
    response.headers["HX-Trigger"] = f"refresh-{PARTS}"
    response.headers["Cache-Control"] = "no-store"
    return response
