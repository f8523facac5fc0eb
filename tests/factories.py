"""Plain functions that make rows with defaults; each commits, so that any session sees them."""

import itertools
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import event

from wholecell.db import db
from wholecell.models import (
    Commitment,
    Condition,
    Grade,
    Integration,
    InventoryItem,
    InventoryStatus,
    Listing,
    ListingSku,
    ListingVariation,
    OrderItem,
    Product,
    ProductVariation,
    Role,
    SalesOrder,
    SalesOrderStatus,
    User,
    Warehouse,
    integration_statuses,
    integration_warehouses,
)

_numbers = itertools.count(1)


def reset():
    global _numbers
    _numbers = itertools.count(1)


def save(row):
    db.session.add(row)
    db.session.commit()
    return row


def imei(number):
    """A valid IMEI for this number."""
    body = f"35{number:012d}"
    digits = [int(d) * (1 + i % 2) for i, d in enumerate(body)]
    total = sum(d - 9 if d > 9 else d for d in digits)
    return f"{body}{-total % 10}"


def named(model, name, **more):
    """The row of a list with this name, made when missing."""
    column = model.title if model is SalesOrderStatus else model.name
    return db.session.scalar(sa.select(model).where(column == name)) or save(model(**{column.key: name, **more}))


def make_product(model=None, **fields):
    values = {
        "manufacturer": "Apple",
        "model": model or f"iPhone {next(_numbers)}",
        "variant": "A2111",
        "network": "Unlocked",
        "capacity": "64GB",
        "color": "Black",
    }
    return save(Product(**{**values, **fields}))


def make_variation(sku=None, grade="A", conditions=(), product=None, **fields):
    """A variation; `conditions` are codes of the start list."""
    rows = [db.session.scalar(sa.select(Condition).where(Condition.code == code)) for code in conditions]
    return save(
        ProductVariation(
            product_id=(product or make_product()).id,
            grade_id=named(Grade, grade).id,
            condition_codes="+".join(sorted(conditions)),
            conditions=rows,
            sku=sku,
            **fields,
        )
    )


def make_item(variation, **fields):
    return make_items(variation, 1, **fields)[0]


def make_items(variation, count, status="Available", warehouse="Main warehouse", location=None, **fields):
    """So many phones, saved at once; `esn` and `hex_id` are given for a single one."""
    values = {
        "variation_id": variation.id,
        "status_id": named(InventoryStatus, status).id,
        "warehouse_id": warehouse and named(Warehouse, warehouse).id,
        "location_id": location and location.id,
    }
    rows = [_item(**values, **fields) for _ in range(count)]
    db.session.add_all(rows)
    db.session.commit()
    return rows


def _item(esn=None, hex_id=None, **fields):
    esn = esn or imei(next(_numbers))
    return InventoryItem(esn=esn, esn_reversed=esn[::-1], hex_id=hex_id or f"{next(_numbers):06X}", **fields)


def make_integration(
    kind="backmarket", name=None, statuses=("Available",), warehouses=("Main warehouse",), armed=False, **fields
):
    from wholecell.db import utcnow

    row = save(
        Integration(
            kind=kind,
            name=name or f"Back Market {next(_numbers)}",
            armed_at=utcnow() if armed else None,
            **fields,
        )
    )
    for status in statuses:
        db.session.execute(
            integration_statuses.insert().values(integration_id=row.id, status_id=named(InventoryStatus, status).id)
        )
    for warehouse in warehouses:
        db.session.execute(
            integration_warehouses.insert().values(integration_id=row.id, warehouse_id=named(Warehouse, warehouse).id)
        )
    db.session.commit()
    return row


def make_listing(integration, sku="", skus=(), variations=(), **fields):
    """A listing; `skus` and `variations` are chosen by hand."""
    number = next(_numbers)
    values = {"external_id": f"L{number}", "title": f"Listing {number}", "state": "active", "sku": sku}
    row = save(Listing(integration_id=integration.id, **{**values, **fields}))
    for each in skus:
        db.session.add(ListingSku(listing_id=row.id, sku=each))
    for variation in variations:
        db.session.add(ListingVariation(listing_id=row.id, variation_id=variation.id))
    db.session.commit()
    return row


def make_order(status="Awaiting shipment", items=(), integration=None, **fields):
    """An order; `items` are dicts of OrderItem fields, `ordered` 1 by default."""
    number = str(next(_numbers))
    status_id = status and named(SalesOrderStatus, status, counts_as_open=False, allows_commitment=True).id
    values = {"number": number, "external_id": number, "status_id": status_id}
    order = save(SalesOrder(integration_id=integration.id if integration else None, **{**values, **fields}))
    for item in items:
        db.session.add(OrderItem(order_id=order.id, **{"ordered": 1, **item}))
    db.session.commit()
    return order


def order_items(order):
    return list(db.session.scalars(sa.select(OrderItem).where(OrderItem.order_id == order.id).order_by(OrderItem.id)))


def commit_phone(item, order_item):
    return save(Commitment(order_item_id=order_item.id, item_id=item.id))


def make_user(email=None, role="admin", password=None, **fields):
    from flask_security import hash_password

    row = named(Role, role)
    return save(
        User(
            email=email or f"{role}@example.com",
            name=fields.pop("name", role.title()),
            password=password and hash_password(password),
            roles=[row],
            **fields,
        )
    )


@contextmanager
def QueryCounter():
    """The statements run inside, without BEGIN, COMMIT and savepoints."""
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
