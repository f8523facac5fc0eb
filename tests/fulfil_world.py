"""Orders, phones and pickers that tests of the Fulfil page share."""

from datetime import timedelta

from tests import factories as make
from wholecell.db import utcnow
from wholecell.models import Location, SalesOrderStatus, Warehouse


def open_status():
    return make.named(SalesOrderStatus, "Awaiting shipment").id


def waiting_order(*variations, hours=4, age=1, **fields):
    """An open order for one phone of each of these variations."""
    now = utcnow()
    items = [{"variation_id": each.id, "sku": each.sku} for each in variations]
    dates = {"ship_by": hours and now + timedelta(hours=hours), "placed_at": now - timedelta(hours=age)}
    return make.make_order("Awaiting shipment", items, **{**dates, **fields})


def shelf(name):
    return make.save(Location(name=name, warehouse_id=make.named(Warehouse, "Main warehouse").id))
