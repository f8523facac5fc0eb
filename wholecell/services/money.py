"""Amounts as people type them."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from wholecell.services.refusal import Refusal

MOST_CENTS = 1_000_000_000
_SIGNS = re.compile(r"^(?:[$€£]|US\$|[A-Z]{3})?\s*([\d.,' \xa0\u202f]*\d)\s*(?:[$€£]|[A-Z]{3})?$", re.IGNORECASE)
_CENT = Decimal("0.01")


@lru_cache(maxsize=4096)  # the same few amounts stand in thousands of rows
def parse_cents(text: str) -> int | None:
    """Cents of an amount such as 1,299.00, 12,5 or $148; None when blank. Raises Refusal for anything else."""
    text = text.strip()
    if not text:
        return None
    match = _SIGNS.match(text)
    if match is None:
        raise Refusal(f"“{text[:40]}” is not an amount: write it as 148.00.")
    amount = Decimal(_plain(match[1]))
    cents = (amount / _CENT).to_integral_value()
    # Sums made by a spreadsheet end in 148.29999999999998; 1.299 is an amount nobody can be sure of.
    if abs(amount / _CENT - cents) > Decimal("0.0001"):
        raise Refusal(f"“{text[:40]}” has more than two decimals: write it as 148.00.")
    if cents > MOST_CENTS:
        raise Refusal(f"“{text[:40]}” is more than 10 million: correct the amount.")
    return int(cents)


def shown_cents(cents: int | None) -> str:
    """The same as `parse_cents` reads it: 148.00, empty for none."""
    return "" if cents is None else f"{Decimal(cents) / 100:.2f}"


def _plain(digits: str) -> str:
    """Digits with a point before the decimals, whichever of point and comma stands for them."""
    digits = re.sub(r"[' \xa0\u202f]", "", digits)
    point, comma = digits.rfind("."), digits.rfind(",")
    if point >= 0 and comma >= 0:
        return digits.replace("," if point > comma else ".", "").replace(",", ".")
    if comma >= 0 and re.fullmatch(r"\d{1,3}(,\d{3})+", digits):
        return digits.replace(",", "")
    if digits.count(".") > 1 and re.fullmatch(r"\d{1,3}(\.\d{3})+", digits):
        return digits.replace(".", "")
    if digits.count(".") + digits.count(",") > 1:
        raise Refusal(f"“{digits[:40]}” is not an amount: write it as 148.00.")
    return digits.replace(",", ".").lstrip(".") if not digits.startswith(".") else f"0{digits}"
