"""The money parts of a card: discount and points, the account, what the client brought in."""

from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from babel.numbers import NumberFormatError, parse_decimal
from flask import Response

from contracts.clients import (
    ListAccountEntries,
    RemovePersonalDiscount,
    SetPersonalDiscount,
    ShowAccount,
    ShowClientRevenue,
    ShowPersonalDiscount,
    TakeDeposit,
    WithdrawDeposit,
)
from contracts.loyalty import ListMemberships, ListPointEntries, ShowDiscount, ShowPoints
from gateway.pages.clients_parts import CLIENT, called
from gateway.pages.clients_words import MONEY_ENTRIES, PAID_BY, REVENUE
from gateway.pages.clocks import zone_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import locale
from gateway.pages.loyalty.lines import lines_of, next_level
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid
from kernel.money import Money

area = Area("clients-money")


@area.page(f"{CLIENT}/revenue", ShowClientRevenue)
def revenue(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    group_by = form.maybe_one_of("group_by", REVENUE) or "month"
    found = visitor.ask(ShowClientRevenue(id, group_by=group_by))  # type: ignore[arg-type]
    return shown("clients/revenue.html", id=id, found=found, group_by=group_by, groups=REVENUE, **called(visitor))


@area.page(f"{CLIENT}/loyalty", ShowDiscount)
def loyalty(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    entries = visitor.ask_if(ListPointEntries(id, limit=5))
    discount = visitor.ask(ShowDiscount(id))
    return shown(
        "clients/loyalty.html",
        discount=discount,
        because=lines_of(visitor, discount),
        ahead=next_level(discount.level),
        points=visitor.ask_if(ShowPoints(id)),
        entries=entries.items if entries else (),
        memberships=visitor.all_if(ListMemberships, client_id=id),
        own=visitor.ask_if(ShowPersonalDiscount(id)),
        may_discount=visitor.may(SetPersonalDiscount),
    )


@area.form(f"{CLIENT}/discount", SetPersonalDiscount)
def give_discount(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    until = form.maybe_day("until")
    end = datetime.combine(until + timedelta(days=1), time(), zone_of(visitor)) if until else None  # not included
    asked = SetPersonalDiscount(id, form.whole("version"), _percent(form), form.text("reason"), valid_until=end)
    visitor.ask(asked, form.key)
    return done(_("The discount is given"), refresh="loyalty timeline")


@area.form(f"{CLIENT}/discount/remove", RemovePersonalDiscount)
def remove_discount(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemovePersonalDiscount(id, form.whole("version")), form.key)
    return done(_("The discount is taken away"), refresh="loyalty timeline")


def _percent(form: Form) -> Decimal:
    try:
        value = parse_decimal(form.text("percent").rstrip("% "), locale=locale())
    except (NumberFormatError, InvalidOperation):
        value = Decimal(0)
    if not 0 < value <= 100:
        raise Invalid.field("percent", "not_a_percentage", _("This must be more than 0 and at most 100."))
    return value


@area.page(f"{CLIENT}/account", ShowAccount)
def account(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    return shown(
        "clients/account.html",
        id=id,
        account=visitor.ask(ShowAccount(id)),
        found=visitor.ask(ListAccountEntries(id, limit=10, cursor=form.maybe("cursor"))),
        words=MONEY_ENTRIES,
        kinds=PAID_BY,
        may_take=visitor.may(TakeDeposit),
        may_give=visitor.may(WithdrawDeposit),
    )


@area.form(f"{CLIENT}/account/deposit", TakeDeposit)
def take_deposit(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    amount, paid_by = _paid(visitor, form, id)
    visitor.ask(TakeDeposit(id, amount, paid_by, form.maybe("comment")), form.key)  # type: ignore[arg-type]
    return done(_("The deposit is on the account"), refresh="account timeline")


@area.form(f"{CLIENT}/account/withdraw", WithdrawDeposit)
def withdraw_deposit(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    amount, paid_by = _paid(visitor, form, id)
    visitor.ask(WithdrawDeposit(id, amount, paid_by, form.maybe("comment")), form.key)  # type: ignore[arg-type]
    return done(_("The payment is noted"), refresh="account timeline")


def _paid(visitor: Visitor, form: Form, client_id: UUID) -> tuple[Money, str]:
    form.text("amount")
    amount = form.maybe_money("amount", visitor.ask(ShowAccount(client_id)).balance.currency)
    if amount is None or amount.amount <= 0:
        raise Invalid.field("amount", "not_an_amount", _("This must be an amount above zero."))
    return amount, form.one_of("paid_by", PAID_BY)
