"""The form of a service: its fields read into what a change of it says."""

from typing import Any

from contracts.booking import BranchPrice, Contraindication, Phase, ServicePolicy, ShowSettings
from gateway.pages.branches_hours import maybe_minutes
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.uploads import Upload
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid
from kernel.money import Money

PICTURE = Upload("picture")


def changes(form: Form, currency: str, *, costs: bool, health: bool) -> dict[str, Any]:
    """What the form says of a service; of costs and health only from those who see them, else they would be wiped."""
    said: dict[str, Any] = {
        "name": form.text("name"),
        "category": form.text("category"),
        "duration_minutes": form.whole("duration_minutes"),
        "price": form.maybe_money("price", currency) or Money(0, currency),
        "price_max": form.maybe_money("price_max", currency),
        "buffer_before_minutes": form.whole("buffer_before_minutes"),
        "buffer_after_minutes": form.whole("buffer_after_minutes"),
        "bookable_online": form.ticked("bookable_online"),
        "active": form.ticked("active"),
        "description": form.maybe("description"),
        "phases": _phases(form),
        "room_kinds": form.texts("room_kind"),
        "capacity": form.whole("capacity"),
        "repeat_days": maybe_whole(form, "repeat_days"),
        "policy": ServicePolicy(
            maybe_minutes(form, "lead_hours"), maybe_whole(form, "horizon_days"), maybe_minutes(form, "cancel_hours")
        ),
        "branch_prices": _branch_prices(form, currency),
    }
    if costs:
        said["cost"] = form.maybe_money("cost", currency)
    if health:
        said["contraindications"] = _contraindications(form)
    return said


def currency_of(visitor: Visitor, form: Form) -> str:
    """That of the installation; with the first price somebody says it."""
    known: str | None = visitor.ask(ShowSettings()).currency
    if known:
        return known
    said = form.text("currency").upper()
    if not (len(said) == 3 and said.isascii() and said.isalpha()):
        raise Invalid.field("currency", "currency_invalid", _("This must be the code of a currency, such as RUB."))
    return said


def maybe_whole(form: Form, name: str) -> int | None:
    return None if form.maybe(name) is None else form.whole(name)


def _phases(form: Form) -> tuple[Phase, ...]:
    rows = zip(form.each("phase_minutes"), form.each("phase_busy"), strict=True)
    found = []
    for minutes, busy in rows:
        if not minutes:
            continue
        if not minutes.isdecimal() or len(minutes) > 4:
            raise Invalid.field("phase_minutes", "not_a_number", _("This must be a whole number."))
        found.append(Phase(int(minutes), busy=busy == "busy"))
    return tuple(found)


def _branch_prices(form: Form, currency: str) -> tuple[BranchPrice, ...]:
    """Of branches that differ only."""
    found = []
    for branch_id in form.ids("at"):
        price = form.maybe_money(f"price-{branch_id}", currency)
        dearest = form.maybe_money(f"price_max-{branch_id}", currency)
        offered = form.ticked(f"offered-{branch_id}")
        if price is not None or dearest is not None or not offered:
            found.append(BranchPrice(branch_id, price, dearest, offered))
    return tuple(found)


def _contraindications(form: Form) -> tuple[Contraindication, ...]:
    rows = zip(form.each("condition"), form.each("severity"), strict=True)
    return tuple(
        Contraindication(condition, "block" if severity == "block" else "warn")
        for condition, severity in rows
        if condition
    )
