"""Years of orders by bulk SQL: buyers with addresses, items, shipments, and the phones committed to them."""

import json
from datetime import timedelta

from tests.bench.common import BEGAN, listed_variation, sku

CHANNEL, BY_HAND = "Backmarket", "Wholesale"
FLAGS = ("is_channel_status_final", "is_to_be_scanned", "is_fulfilled_by_channel", "is_to_accept")
ADDRESS = ("ship_name", "ship_street", "ship_city", "ship_state", "ship_postal_code", "ship_country", "ship_phone")
MONEY = ("currency", "total_cents", "shipping_cents")
ORDER = (
    *("id", "number", "integration_id", "external_id", "channel", "status_id", "channel_status", *FLAGS),
    *("placed_at", "ship_by", "customer_id", *MONEY, *ADDRESS, "channel_said"),
)
ITEM = (
    *("id", "order_id", "external_line_id", "sku", "variation_id", "listing_id", "ordered", "title", "price_cents"),
    *("channel_status", "listing_ids", "channel_said"),
)
EVENT = ("at", "subject", "subject_id", "kind", "new", "source")


def first_open(size):
    """One in a hundred is open, the newest: the id of the oldest of them."""
    return size.orders - size.orders // 100 + 1


def buyers(size):
    """So many customers that each buys a few times."""
    return max(size.orders // 4, 1)


def fill(raw, integrations, size, rng, when):
    """Orders of these integrations and hand-made ones; a fifth of the phones is committed to those shipped."""
    names = [(1 + n, f"Buyer {n} Example", f"buyer {n} example") for n in range(buyers(size))]
    raw.load("customer", ("id", "name", "name_key"), names)
    orders, items = [], []
    sources = [*integrations] * 3 + [None]
    statuses = raw.ids("sales_order_status", "title")
    for number in range(size.orders):
        integration, is_open = rng.choice(sources), number + 1 >= first_open(size)
        status = statuses["Awaiting shipment" if is_open else "Shipped"]
        lines = [_item(size, rng, integration, number, line, is_open) for line in range(1 + number % 2)]
        items += [(len(items) + place, *line) for place, line in enumerate(lines, 1)]
        orders.append(_order(number, integration, status, is_open, rng.randrange(buyers(size)), lines, when))
    raw.load("sales_order", ORDER, orders)
    raw.load("order_item", ITEM, items)
    at = when(BEGAN)
    raw.load(
        "event",
        EVENT,
        ((at, "order", 1 + number, "imported", "Awaiting shipment", "channel") for number in range(size.orders)),
    )
    _parcels(raw, size, when)
    _commitments(raw, size, when, [item[0] for item in items], next(i for i, o, *_ in items if o >= first_open(size)))


def _order(number, integration, status, is_open, buyer, lines, when):
    by_hand, placed = integration is None, BEGAN + timedelta(seconds=60 * number)
    total = sum(line[5] * line[7] for line in lines)
    said = {
        "number": f"O-{number}",
        "currency": "USD",
        "total_cents": total,
        "shipping_cents": 0,
        "ship_name": f"Buyer {buyer} Example",
        "ship_street": f"{buyer} Main Street",
        "ship_city": "Springfield",
        "ship_state": "IL",
        "ship_postal_code": f"{10_000 + buyer % 80_000}",
        "ship_country": "US",
        "ship_phone": f"+1 555 {buyer:07d}",
    }
    word = "" if by_hand else "3" if is_open else "shipped"
    where = (None, None, BY_HAND) if by_hand else (integration, f"E-{number}", CHANNEL)
    flags = (not by_hand and not is_open, False, False, False)
    times = when(placed), when(placed + timedelta(days=2))
    told = "{}" if by_hand else json.dumps(said)
    return (
        *(1 + number, f"O-{number}", *where, status, word, *flags, *times, 1 + buyer),
        *(said[name] for name in (*MONEY, *ADDRESS)),
        told,
    )


def _item(size, rng, integration, number, line, is_open):
    """The columns of ITEM behind the id."""
    listed = rng.randrange(size.listings)
    variation, units, price = listed_variation(size, listed), 1 + (listed % 10 == 0), 19_900 + listed % 500
    title = f"iPhone {variation % 200} {64 << variation % 5}GB {listed}"
    if integration is None:
        return 1 + number, None, None, 1 + variation, None, units, title, price, "", "{}", "{}"
    own, listing = sku(size, variation), (integration - 1) * size.listings + listed + 1
    said = {"ordered": units, "sku": own, "title": title, "price_cents": price}
    ids = {"listing_id": f"L{integration}-{listed}"}
    word = "2" if is_open else "3"
    return 1 + number, str(line), own, None, listing, units, title, price, word, json.dumps(ids), json.dumps(said)


def _parcels(raw, size, when):
    """Everything that is not open left in one shipment."""
    raw.load(
        "shipment",
        ("id", "order_id", "carrier", "tracking_number", "shipped_at", "sent_at", "state"),
        (
            (key, key, "UPS", f"1Z999AA1{key:010d}", *[when(BEGAN + timedelta(seconds=60 * key))] * 2, "sent")
            for key in range(1, first_open(size))
        ),
    )


def _commitments(raw, size, when, items, first):
    at = when(BEGAN)
    shipped = items[: first - 1]
    pairs = [(phone, shipped[phone % len(shipped)]) for phone in range(1, size.phones + 1) if phone % 5 == 0]
    some_open = items[first - 1 :: 10]
    pairs += [(phone, item) for phone, item in zip(range(1, size.phones + 1, 5), some_open, strict=False)]
    raw.load(
        "commitment",
        ("id", "item_id", "order_item_id", "committed_at"),
        ((number, phone, item, at) for number, (phone, item) in enumerate(pairs, 1)),
    )
