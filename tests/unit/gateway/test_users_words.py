"""Permissions, marks and roles in words: none is left without."""

from flask import Flask

from contracts.permissions import WORDS
from gateway.pages.users_permissions import groups
from gateway.pages.users_words import DEEDS, GROUPS, MARKS, OWN, OWNABLE, ROLES
from services.auth.domain import MARKS as KEPT_MARKS
from services.auth.domain import shipped_roles


def shown(given):
    with Flask("roles").test_request_context("/", headers={"Accept-Language": "en"}):
        return {one.word: one for group in groups(given) for subject in group.subjects for one in subject.permissions}


def test_every_permission_has_its_words():
    subjects = {subject for _name, subjects in GROUPS for subject in subjects}
    assert {word.split(".")[0] for word in WORDS} == subjects
    assert {word.split(".")[1] for word in WORDS} == set(DEEDS)


def test_every_mark_and_every_role_that_ships_has_its_words():
    assert set(MARKS) == KEPT_MARKS
    assert set(ROLES) == set(shipped_roles(WORDS))


def test_what_shipped_roles_have_of_their_own_can_be_given_so():
    own = {word for rights in shipped_roles(WORDS).values() for word in rights.permissions if word.endswith(OWN)}
    assert {word.removesuffix(OWN) for word in own} == OWNABLE


def test_the_editor_shows_each_permission_once_as_the_role_has_it():
    found = shown(("clients.read.own", "clients.create", "rooms.read.own"))
    assert found.keys() == WORDS
    assert {word: one.given for word, one in found.items() if one.given} == {
        "clients.read": "own",
        "clients.create": "all",
        "rooms.read": "own",
    }
    assert found["rooms.read"].ownable  # else saving would widen it


def test_who_may_do_everything_is_shown_with_everything():
    assert {one.given for one in shown(("*",)).values()} == {"all"}
