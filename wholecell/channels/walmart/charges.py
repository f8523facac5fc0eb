"""What an order costs. Whether the charge of several units is for each or for all is documented nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wholecell.channels.walmart.values import block, cents, rows, text


@dataclass(frozen=True, slots=True)
class Charges:
    """The charges of one line, in cents; each None when the line tells none."""

    units: int
    product: int | None
    product_tax: int
    shipping: int | None
    shipping_tax: int
    currency: str


@dataclass(frozen=True, slots=True)
class Money:
    """What an order costs, in cents: what is not sure is None."""

    total: int | None
    shipping: int | None
    currency: str
    unit_prices: Sequence[int | None]  # of each line


def charges_of(line: Mapping[str, Any], units: int) -> Charges:
    """Read a line's charges. Discounts of subscriptions are product charges, too, below zero."""
    sums: dict[str, int] = {}
    taxes: dict[str, int] = {}
    currency = ""
    for charge in rows(line, "charges", "charge"):
        kind, amount = text(charge.get("chargeType"), 20).upper(), _amount(charge.get("chargeAmount"))
        if amount is None:
            continue
        sums[kind] = sums.get(kind, 0) + amount
        taxes[kind] = taxes.get(kind, 0) + (_amount(block(charge, "tax").get("taxAmount")) or 0)
        currency = currency or text(block(charge, "chargeAmount").get("currency"), 3)
    return Charges(
        units, sums.get("PRODUCT"), taxes.get("PRODUCT", 0), sums.get("SHIPPING"), taxes.get("SHIPPING", 0), currency
    )


def money_of(order: Mapping[str, Any], lines: Sequence[Charges]) -> Money:
    """Put together what the lines and the order's summary tell.

    A charge of several units is read as of each unit or of all of them, whichever gives the order's total. Where
    there is no total, or both or neither give it, no price of a unit is told.
    """
    summary = block(order, "orderSummary", "totalAmount")
    total = cents(summary.get("currencyAmount"))
    currency = next((line.currency for line in lines if line.currency), text(summary.get("currencyUnit"), 3))
    is_clear = all(line.units <= 1 or not (line.product or line.shipping) for line in lines)
    by_unit = total is not None and total in _sums(lines, by_unit=True)
    by_line = total is not None and total in _sums(lines, by_unit=False)
    is_by_unit, is_by_line = by_unit and not by_line, by_line and not by_unit
    if total is None and is_clear:
        total = _whole_sum(lines)
    return Money(
        total=total,
        shipping=_shipping(lines, is_clear, is_by_unit, is_by_line),
        currency=currency,
        unit_prices=[_unit_price(line, is_by_unit, is_by_line) for line in lines],
    )


def _unit_price(line: Charges, is_by_unit: bool, is_by_line: bool) -> int | None:
    if line.product is None or line.product < 0:
        return None
    if line.units <= 1 or line.product == 0 or is_by_unit:
        return line.product
    return round(line.product / line.units) if is_by_line else None


def _shipping(lines: Sequence[Charges], is_clear: bool, is_by_unit: bool, is_by_line: bool) -> int | None:
    told = [line for line in lines if line.shipping is not None]
    if not told or not (is_clear or is_by_unit or is_by_line or all(not each.shipping for each in told)):
        return None
    return sum((each.shipping or 0) * (each.units if is_by_unit else 1) for each in told)


def _sums(lines: Sequence[Charges], *, by_unit: bool) -> set[int]:
    """What all charges come to, with and without taxes, for which of both a total is, nothing says."""
    without = with_taxes = 0
    for line in lines:
        times = line.units if by_unit else 1
        charged = (line.product or 0) + (line.shipping or 0)
        without += charged * times
        with_taxes += (charged + line.product_tax + line.shipping_tax) * times
    return {without, with_taxes}


def _whole_sum(lines: Sequence[Charges]) -> int | None:
    if not any(line.product is not None for line in lines):
        return None
    return sum((x.product or 0) + (x.shipping or 0) + x.product_tax + x.shipping_tax for x in lines)


def _amount(value: object) -> int | None:
    """An amount, bare or in an object that also tells its currency."""
    return cents(block(value).get("amount") if isinstance(value, dict) else value)
