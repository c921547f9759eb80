"""Clients in an order in which those stand together who bear on each other."""

from collections.abc import Iterable
from uuid import UUID


def by_trees(clients: Iterable[UUID], claims: Iterable[tuple[UUID, UUID]]) -> list[UUID]:
    """All `clients`, tree by tree; `claims` are (client, referrer) as cards have ever said, loops included."""
    above: dict[UUID, UUID] = {}

    def root(client_id: UUID) -> UUID:
        path = []
        while (over := above.get(client_id)) is not None:
            path.append(client_id)
            client_id = over
        for each in path:
            above[each] = client_id
        return client_id

    for client_id, referrer_id in claims:
        lower, upper = root(client_id), root(referrer_id)
        if lower != upper:
            above[lower] = upper
    return sorted(clients, key=lambda each: (root(each), each))
