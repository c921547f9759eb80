"""What whoever books or receives a client should think of."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.clients import ListPerks, Reminders
from contracts.message import CONTACTS
from kernel.caller import Caller
from kernel.money import Money
from services.clients import domain
from services.clients.domain.discounts import is_in_force
from services.clients.domain.occasions import remembered_on
from services.clients.queries.accounts import READ, balance_of
from services.clients.queries.discounts import newest_row
from services.clients.queries.perks import list_perks
from services.clients.queries.sight import found, opened
from services.clients.vault import Vault

DAYS_AHEAD = 7


def reminders(session: Session, client_id: UUID, caller: Caller, vault: Vault, now: datetime) -> Reminders:
    row = found(session, client_id, caller, "clients.read")
    balance = balance_of(session, client_id) if caller.may(READ) else None
    rule = newest_row(session, client_id)
    own = rule if rule and is_in_force(rule.percent, rule.valid_from, rule.valid_until, now) else None
    birth = opened(row, vault).person.birth_date if caller.sees(CONTACTS) else None
    return Reminders(
        client_id=client_id,
        perks=list_perks(session, ListPerks(client_id, open=True), caller, vault).items,
        birthday=_birthday(birth, now.date()),
        deposit=balance if balance and balance.amount > 0 else None,
        debt=Money(-balance.amount, balance.currency) if balance and balance.amount < 0 else None,
        discount_percent=own.percent if own else None,
        discount_until=own.valid_until if own else None,
    )


def _birthday(birth: date | None, today: date) -> date | None:
    """The day within a week from `today` on which somebody born on `birth` is congratulated."""
    if birth is None:
        return None
    days = (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
    return next((day for day in days if domain.month_day(birth) in remembered_on(day)), None)
