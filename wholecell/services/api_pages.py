"""Pages by id, as other systems read them: whose rows they are, and where the next page begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET, UnsetType
from sqlalchemy.orm import InstrumentedAttribute


def of_integrations(column: InstrumentedAttribute[Any], *ids: int | UnsetType | None) -> list[sa.ColumnElement[bool]]:
    """Conditions that the column is each of these: a token's integration, and the one that was asked for."""
    return [column == one for one in ids if one is not None and one is not UNSET]


def next_cursor(found: Sequence[sa.Row[Any]], limit: int) -> int | None:
    """The id after which the next page begins. `found` has one row more than `limit` where one follows."""
    return found[limit - 1].id if len(found) > limit else None
