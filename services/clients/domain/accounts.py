"""What may be entered on the account of a client."""

from kernel.errors import Conflict, Invalid
from kernel.money import LARGEST, Money

NOT_REVERSIBLE = ("reversal", "merge")  # kinds of entries


def refuse_wrong_amount(amount: Money, currency: str | None, *, signed: bool = False) -> None:
    """An amount is more than nothing (`signed`: or less) and in the installation's currency, if that is known."""
    if amount.amount == 0 or (amount.amount < 0 and not signed):
        raise Invalid.field("amount", "amount_not_positive", "an amount is more than nothing")
    if currency is not None and amount.currency != currency:
        raise Invalid.field("amount", "currency_differs", f"prices here are in {currency}")


def refuse_overdraft(balance: int, taken: int, *, may_overdraw: bool) -> None:
    """Refuse to take so much from `balance` that the client would owe something."""
    if taken > balance and not may_overdraw:
        raise Conflict("deposit_too_small", "there is less than that on the account")


def balance_after(balance: int, amount: int) -> int:
    """The sum, if every reader of JSON keeps it exactly."""
    after = balance + amount
    if abs(after) > LARGEST:
        raise Conflict("balance_out_of_range", "no account holds as much")
    return after


def left_to_pay(unpaid: int, charged: int) -> int:
    """What a visit puts on the account: what it left `unpaid`, less what was `charged` for it by hand."""
    return max(0, unpaid - charged)


def refuse_reversal(kind: str, *, reversed_already: bool) -> None:
    if kind in NOT_REVERSIBLE:
        raise Conflict("entry_not_reversible", "what takes back or moves a balance is not taken back")
    if reversed_already:
        raise Conflict("entry_reversed", "this entry was taken back already")
