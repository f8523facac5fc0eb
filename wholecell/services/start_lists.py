"""What a new account begins with, so that it is usable at once."""

from __future__ import annotations

import sqlalchemy as sa

from wholecell.db import Base, db, transaction
from wholecell.models import Condition, Grade, InventoryStatus, Role, SalesOrderStatus, Warehouse

ROLES = ("viewer", "picker", "manager", "admin")
GRADES = ("A", "B+", "B", "C", "D")
CONDITIONS = (
    ("Cracked glass", "CG"),
    ("Cracked back", "CB"),
    ("Bad battery", "BB"),
    ("Dead pixels", "DP"),
    ("Screen burn", "SB"),
    ("No Face ID or Touch ID", "NF"),
    ("Bad camera", "BC"),
    ("Does not power on", "NP"),
)
STATUSES = (
    ("Available", "green"),
    ("Incoming", "blue"),
    ("Processing", "yellow"),
    ("Repair", "orange"),
    ("Unavailable", "gray"),
    ("Vendor RMA", "gray"),
)
# title, color, counts as open, allows commitment, syncs to ShipStation
ORDER_STATUSES = (
    ("Draft", "gray", False, True, False),
    ("On hold", "yellow", True, False, False),
    ("To accept", "orange", True, True, False),
    ("Awaiting shipment", "blue", True, True, True),
    ("Packed", "blue", True, True, True),
    ("Shipped", "green", False, True, False),
    ("Completed", "gray", False, False, False),
)
WAREHOUSE = "Main warehouse"


def ensure() -> None:
    """Fill each list that is still empty; lists people already changed are left alone."""
    rows: list[tuple[type[Base], list[Base]]] = [
        (Role, [Role(name=name) for name in ROLES]),
        (Grade, [Grade(name=name, position=place) for place, name in enumerate(GRADES)]),
        (Condition, [Condition(name=n, code=c, position=place) for place, (n, c) in enumerate(CONDITIONS)]),
        (InventoryStatus, [InventoryStatus(name=n, color=c, position=i) for i, (n, c) in enumerate(STATUSES)]),
        (
            SalesOrderStatus,
            [
                SalesOrderStatus(
                    title=title,
                    color=color,
                    position=place,
                    counts_as_open=is_open,
                    allows_commitment=commits,
                    syncs_to_shipstation=syncs,
                )
                for place, (title, color, is_open, commits, syncs) in enumerate(ORDER_STATUSES)
            ],
        ),
        (Warehouse, [Warehouse(name=WAREHOUSE)]),
    ]
    with transaction() as session:
        for model, start in rows:
            if not db.session.scalar(sa.select(sa.exists(sa.select(model)))):
                session.add_all(start)
                session.flush()
