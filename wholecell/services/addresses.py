"""Where an order goes, line by line."""

from __future__ import annotations

from typing import Any

from wholecell.models import SalesOrder

COLUMNS = (
    SalesOrder.ship_name,
    SalesOrder.ship_company,
    SalesOrder.ship_street,
    SalesOrder.ship_street2,
    SalesOrder.ship_city,
    SalesOrder.ship_state,
    SalesOrder.ship_postal_code,
    SalesOrder.ship_country,
)


def lines_of(row: Any) -> list[str]:
    """The lines of an address, from an order or a row with these columns; blank ones are left out."""
    region = " ".join(filter(None, (row.ship_state, row.ship_postal_code)))
    town = ", ".join(filter(None, (row.ship_city, region, row.ship_country)))
    lines = (row.ship_name, row.ship_company, row.ship_street, row.ship_street2, town)
    return [line for line in lines if line.strip()]
