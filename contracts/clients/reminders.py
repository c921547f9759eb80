"""What whoever books or receives a client should think of."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.clients.perks import Perk
from contracts.message import CONTACTS, Request, sensitive
from kernel.money import Money


@dataclass(frozen=True)
class Reminders:
    """Perks of which some are left, a birthday within a week, money left or owed, and the discount of their own.

    `deposit` and `debt` are told to those who may read accounts; null where there is none of it.
    """

    client_id: UUID
    perks: tuple[Perk, ...]
    birthday: date | None = sensitive(CONTACTS, default=None)
    deposit: Money | None = None
    debt: Money | None = None
    discount_percent: Decimal | None = None
    discount_until: datetime | None = None


@dataclass(frozen=True)
class ShowReminders(Request[Reminders], permission="clients.read", effects=False):
    """At most fifty perks, the oldest first."""

    client_id: UUID
