"""Orders, phones and pickers that tests of the Fulfil page share."""

from datetime import timedelta

from tests import factories as make
from wholecell.db import utcnow
from wholecell.models import Location, OrderImportError, SalesOrderStatus, Shipment, Warehouse


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


def parcel(order, state="refused", **fields):
    values = {"carrier": "UPS", "tracking_number": "1Z", "state": state, "problem": "No such order"}
    return make.save(Shipment(order_id=order.id, **{**values, **fields}))


def fill_needs(shop, count):
    """Every kind of need, `count` times."""
    now = utcnow()
    for _ in range(count):
        short, phone, other = (
            make.make_variation(f"X{next(make._numbers)}"),
            make.make_variation(),
            make.make_variation(),
        )
        waiting_order(short, integration=shop, is_to_accept=True)
        make.make_order("Completed", [{"variation_id": phone.id}], integration=shop, is_to_be_scanned=True)
        make.make_order("Awaiting shipment", [{"sku": f"UNKNOWN-{next(make._numbers)}"}], integration=shop)
        waiting_order(integration=shop, is_cancel_asked=True)
        waiting_order(integration=shop, erased_at=now)
        parcel(waiting_order(), tracking_number=str(next(make._numbers)))
        error = {"external_id": str(next(make._numbers)), "reason": "No lines"}
        make.save(OrderImportError(integration_id=shop.id, **error))
        make.make_order(None, [], integration=shop, channel_status=f"w{next(make._numbers)}", placed_at=now)
        cancelled = make.make_order("Awaiting shipment", [{"variation_id": phone.id, "cancelled": 1}])
        make.commit_phone(make.make_item(phone), make.order_items(cancelled)[0])
        wrong = make.make_order("Awaiting shipment", [{"variation_id": phone.id}])
        make.commit_phone(make.make_item(other), make.order_items(wrong)[0])
