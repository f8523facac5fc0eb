"""What a form for orders offers: phones with what is free of them, customers and their last address, channels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import (
    Customer,
    Integration,
    Product,
    ProductVariation,
    SalesChannel,
    SalesOrder,
    SalesOrderStatus,
)
from wholecell.services import customers, free_phones
from wholecell.services.addresses import COLUMNS
from wholecell.services.availability_rows import open_wants
from wholecell.services.bulk import AnyRows
from wholecell.services.catalog_search import word_conditions
from wholecell.services.variation_names import variation_name, with_names

MOST = 12
WHOLESALE = "Wholesale"


@dataclass(frozen=True, slots=True)
class Offered:
    """A variation with phones nobody has yet, and the units of open orders that wait for some."""

    id: int
    name: str
    sku: str | None
    price_cents: int | None
    free: int
    promised: int


def search(text: str) -> list[Offered]:
    """Variations that hold all these words, in the order of their names; none without words."""
    words = text.split()[:MOST]
    if not words:
        return []
    query = _query().where(*word_conditions(words))
    return _offered(query.order_by(Product.model, Product.capacity, ProductVariation.id).limit(MOST))


def of_variations(ids: Collection[int]) -> dict[int, Offered]:
    """These variations by id."""
    return {each.id: each for each in _offered(_query().where(ProductVariation.id.in_(ids)))} if ids else {}


def _query() -> AnyRows:
    return with_names(ProductVariation.id, ProductVariation.sku, ProductVariation.price_cents)


def _offered(query: AnyRows) -> list[Offered]:
    rows = db.session.execute(query).all()
    ids = [row[0] for row in rows]
    free, promised = free_phones.units(db.session(), ids), _promised(ids)
    return [
        Offered(key, variation_name(*parts), sku, price, free.get(key, 0), promised.get(key, 0))
        for key, sku, price, *parts in rows
    ]


def _promised(variations: Collection[int]) -> dict[int, int]:
    units: dict[int, int] = {}
    for want in open_wants(variations) if variations else ():
        for candidate in want.candidates:
            units[candidate] = units.get(candidate, 0) + want.units
    return units


def customer_names(text: str) -> list[str]:
    """Customers whose name begins like this, else holds it; none for a blank."""
    key = customers.key_of(text)
    if not key:
        return []
    query = sa.select(Customer.name).where(~Customer.is_channel).order_by(Customer.name_key).limit(MOST)
    for condition in (
        Customer.name_key.startswith(key, autoescape=True),
        Customer.name_key.contains(key, autoescape=True),
    ):
        if found := list(db.session.scalars(query.where(condition))):
            return found
    return []


def last_address(customer: str) -> dict[str, str]:
    """Where the customer's last order went, by the columns `ship_...`; empty when they have none."""
    query = (
        sa.select(*COLUMNS, SalesOrder.ship_phone, Customer.email)
        .join(Customer, Customer.id == SalesOrder.customer_id)
        .where(Customer.name_key == customers.key_of(customer))
        .order_by(SalesOrder.id.desc())
        .limit(1)
    )
    row = db.session.execute(query).first()
    return dict(row._mapping) if row else {}


def channels() -> list[str]:
    """The names of sales channels for hand-made orders: those of integrations stand last."""
    query = sa.select(SalesChannel.name).order_by(SalesChannel.name)
    of_integrations = set(db.session.scalars(sa.select(SalesOrder.channel).where(_is_imported()).distinct()))
    names = list(db.session.scalars(query))
    own = [name for name in names if name not in of_integrations]
    return [*own, *([] if WHOLESALE in names else [WHOLESALE]), *(name for name in names if name in of_integrations)]


def _is_imported() -> sa.ColumnElement[bool]:
    return SalesOrder.integration_id.in_(sa.select(Integration.id))


def first_status() -> int | None:
    """What a new order begins with: the first status that counts as open and is shipped from."""
    status = SalesOrderStatus
    query = sa.select(status.id).where(status.counts_as_open, status.allows_commitment)
    return db.session.scalar(query.order_by(status.syncs_to_shipstation.desc(), status.position, status.id).limit(1))
