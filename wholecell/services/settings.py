"""The account's own settings: a few values with defaults, changed by an admin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import db, transaction
from wholecell.models import Setting
from wholecell.services.bulk import insert_new, table
from wholecell.services.events import Actor, record
from wholecell.services.refusal import Refusal

SKU_UNIQUENESS = "sku_uniqueness"
ORGANIZATION_NAME = "organization_name"
ORDERS_EVERY = "orders_every_minutes"
LEAST_ORDERS_EVERY = 2
NEXT_ORDER_NUMBER = "next_order_number"  # of orders made by hand
DEFAULTS: dict[str, Any] = {
    SKU_UNIQUENESS: True,
    ORGANIZATION_NAME: "",
    NEXT_ORDER_NUMBER: 1001,
    "quantities_every_minutes": 10,
    "readings_every_minutes": 60,
    ORDERS_EVERY: 5,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """How often some work is looked at, and what the account may choose."""

    key: str
    label: str
    least: int
    most: int


INTERVALS = (
    Interval(ORDERS_EVERY, "Look for new orders at least every", LEAST_ORDERS_EVERY, 60),
    Interval("quantities_every_minutes", "Look at all quantities at least every", 1, 60),
    Interval("readings_every_minutes", "Read channel quantities again every", 15, 1440),
)


_SAVED = sa.select(table(Setting).c.key, table(Setting).c.value)  # built once, for it runs with every page


def get(key: str) -> Any:
    """The value of one setting, its default while nobody set it."""
    return get_all()[key]


def get_all() -> dict[str, Any]:
    """All settings, in one query."""
    saved = db.session.connection().execute(_SAVED)
    return {**DEFAULTS, **{key: value for key, value in saved if key in DEFAULTS}}


def hold(session: Session, key: str, *, to_change: bool = False) -> Any:
    """One setting, kept from changing until the caller's transaction ends (`to_change`: to be changed by it)."""
    query = sa.select(Setting.value).where(Setting.key == key).with_for_update(read=not to_change)
    if (row := session.execute(query).first()) is None:
        insert_new(session, table(Setting), [{"key": key, "value": DEFAULTS[key]}], unique=["key"])
        row = session.execute(query).one()
    return row[0]


def put(session: Session, actor: Actor, key: str, value: Any) -> None:
    """Set one setting in the caller's transaction; the timeline of the account keeps the old value."""
    old = hold(session, key, to_change=True)
    if old == value:
        return
    session.execute(sa.update(Setting).where(Setting.key == key).values(value=value))
    record(session, actor, "account", 0, f"setting {key}", _words(old), _words(value))


def _words(value: object) -> object:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def save_account(actor: Actor, name: str, intervals: dict[str, int]) -> None:
    """Save the organization's name and the intervals. Raises Refusal when a value is out of its range."""
    name = " ".join(name.split())
    if len(name) > 80:
        raise Refusal("The organization's name is longer than 80 characters: shorten it.")
    for each in INTERVALS:
        if not each.least <= intervals[each.key] <= each.most:
            raise Refusal(f"{each.label}: choose {each.least} to {each.most} minutes.")
    with transaction() as session:
        put(session, actor, ORGANIZATION_NAME, name)
        for each in INTERVALS:
            put(session, actor, each.key, intervals[each.key])
