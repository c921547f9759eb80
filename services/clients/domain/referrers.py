"""Who may have brought whom."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from kernel.errors import Invalid


def refuse_loop(client_id: UUID, referrer_id: UUID, above_referrer: Iterable[UUID], place: str = "") -> None:
    """Nobody brought themselves, and nobody was brought by somebody whom they brought.

    `above_referrer` are those who brought the referrer, and those who brought them, to the top.
    """
    field = f"{place}referrer_id"
    if referrer_id == client_id:
        raise Invalid.field(field, "referrer_is_self", "nobody brings themselves")
    if client_id in above_referrer:
        raise Invalid.field(field, "referrer_cycle", "the client brought this person, directly or through others")


def referrers_first(references: Sequence[str], referrers: Mapping[str, str]) -> list[int]:
    """The places of `references` in an order in which everybody comes after the one who brought them.

    `referrers` maps a reference to its referrer's within the same batch. `Invalid` for loops, naming a place.
    """
    places = {reference: place for place, reference in enumerate(references)}
    order: list[int] = []
    done: set[str] = set()
    for reference in references:
        chain: list[str] = []
        below: set[str] = set()
        current: str | None = reference
        while current is not None and current not in done:
            if current in below:
                code = "referrer_is_self" if referrers[current] == current else "referrer_cycle"
                field = f"clients.{places[current]}.referrer_reference"
                raise Invalid.field(field, code, "the referrers of this batch go round in a circle")
            chain.append(current)
            below.add(current)
            current = referrers.get(current)
        done.update(chain)
        order.extend(places[link] for link in reversed(chain))
    return order
