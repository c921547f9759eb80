"""Who may be the same person as somebody: a birthday in common, names that begin alike, and the rest in clear."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, LargeBinary, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session

from kernel.caller import Caller
from services.clients import domain
from services.clients.domain.merges import much_the_same_name
from services.clients.domain.names import pairs_of
from services.clients.queries.sight import among, visible
from services.clients.tables import birthdays, card_rows, clients, findable
from services.clients.vault import Vault


def who_is_alike(session: Session, people: Sequence[domain.Person], caller: Caller, vault: Vault) -> Mapping[int, UUID]:
    """For the place of each of `people` a card with the same birth date and similar names, if the caller sees one.

    Beginnings of two names must be those of the card, in any order: so the index finds a handful, which are opened.
    """
    sought = [
        (place, vault.blind_day(domain.month_day(person.birth_date)), *map(vault.entry_of_name, pair))
        for place, person in enumerate(people)
        if person.birth_date is not None
        for pair in sorted(pairs_of(person.names))
    ]
    if not sought or not caller.may("clients.read"):
        return {}
    pairs = session.execute(_candidates(sought)).all()
    rows = session.execute(
        card_rows.where(
            among(clients.c.id, {row.client_id for row in pairs}),
            clients.c.erased_at.is_(None),
            visible(caller, "clients.read"),
        )
    ).all()
    cards = vault.open(rows)
    found: dict[int, UUID] = {}
    for place, client_id in sorted({(row.place, row.client_id) for row in pairs}):
        card = cards.get(client_id)
        if card is None or place in found or card.person.birth_date != people[place].birth_date:
            continue
        if much_the_same_name(card.person, people[place]):
            found[place] = client_id
    return found


def _candidates(sought: Sequence[tuple[Any, ...]]) -> Any:
    places, days, ones, twos = zip(*sought, strict=True)
    rows = func.unnest(
        literal(list(places), ARRAY(Integer)),
        literal(list(days), ARRAY(LargeBinary)),
        literal(list(ones), ARRAY(BigInteger)),
        literal(list(twos), ARRAY(BigInteger)),
    ).table_valued(
        column("place", Integer), column("day", LargeBinary), column("one", BigInteger), column("two", BigInteger)
    )
    wanted = rows.render_derived()
    return (
        select(wanted.c.place, birthdays.c.client_id)
        .select_from(wanted)
        .join(birthdays, birthdays.c.month_day == wanted.c.day)
        .join(findable, findable.c.client_id == birthdays.c.client_id)
        .where(findable.c.entries.contains(array([wanted.c.one, wanted.c.two])))
    )
