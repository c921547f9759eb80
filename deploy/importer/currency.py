"""Amounts as people write them and as Lokon keeps them: whole minor units of a currency."""

from decimal import Decimal, InvalidOperation

# ISO 4217; every currency that is not named has two.
_WITHOUT_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_WITH_THREE = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def decimals_of(currency: str) -> int:
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _WITH_THREE else 2


def number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
    if not value.is_finite() or abs(value) > 10**10:
        raise ValueError(f"{text!r} is not a number that can be meant")
    return value


def minor_units(text: str, decimals: int) -> int:
    """`-1,234.50` with two decimals is -123450; exactly, or refused."""
    units = number(text.replace(",", "")).scaleb(decimals)
    if units != units.to_integral_value():
        raise ValueError(f"{text} has more decimals than the currency")
    return int(units)


def written(amount: int, currency: str) -> str:
    """-123450 CAD is `-1,234.50 CAD`."""
    decimals = decimals_of(currency)
    return f"{Decimal(amount).scaleb(-decimals):,.{decimals}f} {currency}"
