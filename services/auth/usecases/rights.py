"""What stands against giving somebody rights."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from contracts.permissions import WORDS
from kernel.caller import Caller
from kernel.errors import Forbidden, Invalid
from services.auth import domain, queries


def refuse_exceeding(caller: Caller, rights: domain.Rights) -> None:
    """Nobody gives, takes or touches rights that they lack."""
    if not domain.may_grant(caller, rights):
        raise Forbidden("rights_exceeded", "this needs rights that you do not have")


def known_roles(session: Session, names: Sequence[str]) -> dict[str, Row[Any]]:
    return queries.roles_named(session, names)


def refuse_unknown_roles(names: Sequence[str], known: dict[str, Row[Any]]) -> None:
    if not names:
        raise Invalid.field("roles", "roles_missing", "a user has at least one role")
    for place, name in enumerate(names):
        if name not in known:
            raise Invalid.field(f"roles.{place}", "role_unknown", "there is no such role")


def refuse_unknown_words(permissions: Iterable[str], marks: Iterable[str]) -> None:
    for place, word in enumerate(permissions):
        if not domain.is_word(word, WORDS):
            raise Invalid.field(f"permissions.{place}", "permission_unknown", "there is no such permission")
    for place, mark in enumerate(marks):
        if mark not in domain.MARKS:
            raise Invalid.field(f"marks.{place}", "mark_unknown", "there is no such mark")
