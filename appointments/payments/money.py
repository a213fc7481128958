"""How is money written? An exact decimal with as many places as its ISO 4217 currency has."""

from decimal import Decimal

from healthcare.core.errors import Reason, Refused

# ISO 4217 minor units that are not two
_NO_PLACES = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_PLACES = "BHD IQD JOD KWD LYD OMR TND"
DIGITS, PLACES = 14, 3  # of a column that holds any of them


class NotAnAmount(Refused):
    status = 400
    code = "not_an_amount"
    detail = "The amount must be more than nothing, with no more decimals than the currency has."


def places(currency: str) -> int:
    return 0 if currency in _NO_PLACES else 3 if currency in _THREE_PLACES else 2


def exact(amount: Decimal, currency: str) -> Decimal:
    """The amount with the currency's places. Raises NotAnAmount for what the currency can't express."""
    if not amount.is_finite() or amount != round(amount, places(currency)):
        raise NotAnAmount(reasons=[Reason(NotAnAmount.code, f"{currency} has {places(currency)} decimals.")])
    return round(amount, places(currency))


def positive(amount: Decimal, currency: str) -> Decimal:
    """As `exact`, and more than nothing."""
    amount = exact(amount, currency)
    if amount <= 0:
        raise NotAnAmount
    return amount


def shown(amount: Decimal, currency: str) -> str:
    """As the wire has it: a plain decimal, the currency's places."""
    return f"{round(amount, places(currency)):f}"


def minor(amount: Decimal, currency: str) -> int:
    """In the currency's smallest unit, as gateways count."""
    return int(amount.scaleb(places(currency)))


def from_minor(units: int, currency: str) -> Decimal:
    return Decimal(units).scaleb(-places(currency))
