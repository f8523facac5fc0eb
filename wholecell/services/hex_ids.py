"""Label codes: short, unique, and never mistaken for a number by a spreadsheet."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import InventoryItem

_LETTERS = str.maketrans("0123456789abcdef", "ABCDEFABCDEFABCD")


def new_hex_ids(session: Session, count: int) -> list[str]:
    """That many different codes of hex digits; the unique index decides whether one is taken.

    They begin with a letter: 0012E4 or 120E12 would lose their form in a spreadsheet.
    """
    # Long enough that few are taken already: one code in a hundred at most.
    highest = session.scalar(sa.select(sa.func.max(InventoryItem.id))) or 0
    digits = 6 if highest + count < 60_000 else 8
    codes: set[str] = set()
    while len(codes) < count:
        drawn = secrets.token_hex(4 * (count - len(codes)))
        codes.update(
            drawn[place].translate(_LETTERS) + drawn[place + 1 : place + digits].upper()
            for place in range(0, len(drawn), 8)
        )
    return list(codes)
