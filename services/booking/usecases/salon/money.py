"""The installation's settings, above all its one currency, and what a price may be."""

from collections.abc import Iterable

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.errors import Invalid
from kernel.money import Money
from services.booking.domain.bill import DEAREST
from services.booking.queries import salon
from services.booking.tables import appointments, services, settings
from services.booking.usecases.salon.changes import changes_of, check_picture, check_version


def change_settings(session: Session, request: wire.ChangeSettings) -> wire.Settings:
    row = session.execute(select(settings).with_for_update()).one()
    check_version(request.version, row.version)
    said = changes_of(request, "currency", "name", "logo_id", "colour")
    changes = {field: value for field, value in said.items() if value != getattr(row, field)}
    if not changes:
        return salon.show_settings(session)
    if "currency" in changes:
        _check_nothing_is_priced(session, row.currency)
    check_picture(session, changes.get("logo_id"), "logo_id")
    session.execute(update(settings).values(**changes, version=row.version + 1))
    return salon.show_settings(session)


def _check_nothing_is_priced(session: Session, currency: str | None) -> None:
    priced = or_(exists(select(services.c.id)), exists(select(appointments.c.id)))
    if currency is not None and session.scalar(select(priced)):
        raise _currency_differs("currency", currency)


def use_currency(session: Session, prices: Iterable[tuple[str, Money | None]]) -> None:
    """Refuse a price (by its field) in another currency than the installation's; the first price says which."""
    agreed: str | None = None
    for field, price in prices:
        if price is not None and price.currency != agreed:
            use_code(session, field, price.currency)
            agreed = price.currency


def use_code(session: Session, field: str, currency: str) -> None:
    current = session.scalar(select(settings.c.currency))
    if current is None:
        first = update(settings).where(settings.c.currency.is_(None))
        session.execute(first.values(currency=currency, version=settings.c.version + 1))
        current = session.scalar(select(settings.c.currency))
    if current != currency:
        raise _currency_differs(field, current or "")


def check_prices(session: Session, prices: Iterable[tuple[str, Money | None]]) -> None:
    """Refuse a price (by its field) that is out of range or in another currency."""
    prices = tuple(prices)
    for field, price in prices:
        check_price(field, price)
    use_currency(session, prices)


def check_price(field: str, price: Money | None) -> None:
    """A price is nothing or more, and small enough for every bill that it may stand on."""
    if price is not None and not 0 <= price.amount <= DEAREST:
        raise Invalid.field(field, "price_out_of_range", f"a price lies between 0 and {DEAREST} minor units")


def amount_of(price: Money | None) -> int | None:
    return None if price is None else price.amount


def _currency_differs(field: str, current: str) -> Invalid:
    return Invalid.field(field, "currency_differs", f"prices here are in {current}")
