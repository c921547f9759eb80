"""The permissions that there are, read from the contracts of all services."""

from contracts import analytics, auth, booking, clients, loyalty
from contracts.message import INTERNAL, PUBLIC, SIGNED_IN, all_requests

# Whatever a role is checked against has to be imported first.
CONTRACTS = (analytics, auth, booking, clients, loyalty)

WORDS = frozenset(
    request.permission
    for contract in CONTRACTS
    for request in all_requests(contract.__name__.rpartition(".")[2]).values()
    if request.permission not in (INTERNAL, PUBLIC, SIGNED_IN)
) | {booking.OVERLAP, booking.OVERRIDE_HEALTH, booking.TRANSFER, clients.OVERDRAW, clients.SHARE_PHONE, loyalty.AUDIT}
