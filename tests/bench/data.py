"""Fill a database by bulk SQL: a seller with years of orders behind them and the same pile on six channels."""

import random
from datetime import timedelta

from tests.bench import order_data
from tests.bench.common import BEGAN, listed_variation, sku, texts
from tests.factories import imei
from wholecell.db import db, transaction
from wholecell.services import offers, recompute, work
from wholecell.services.events import SYSTEM
from wholecell.services.recompute import Cause

MODELS, CAPACITIES, COLORS, NETWORKS = 200, 5, 8, 4
WAREHOUSES = ("Main warehouse", "North", "South", "Outlet")
PLACES = 25  # locations of each warehouse
STATUSES = ("Available",) * 14 + ("Incoming", "Processing", "Processing", "Repair", "Unavailable", "Vendor RMA")
# Statuses and warehouses ticked, then threshold, percentage, safety, maximum, and whether they are its own.
INTEGRATIONS = (
    (("Available",), ("Main warehouse", "North", "South"), (0, 100, 0, None), False),
    (("Available", "Processing"), ("Main warehouse", "North"), (0, 90, 1, None), False),
    (("Available",), ("Main warehouse",), (1, 100, 0, 5), False),
    (("Available", "Incoming", "Processing"), ("North", "South"), (0, 100, 2, None), False),
    (("Available", "Repair"), ("Main warehouse", "North", "South"), (2, 50, 0, 10), False),
    (("Available",), ("Outlet",), (0, 100, 0, None), True),
)


def fill(raw, size):
    """Everything but the numbers that listings offer."""
    when = texts if raw.is_sqlite else lambda moment: moment
    rng = random.Random(20)
    _places(raw)
    _catalog(raw, size)
    _phones(raw, size, rng, when)
    _integrations(raw, when)
    _listings(raw, size, rng, when)
    order_data.fill(raw, range(1, len(INTEGRATIONS) + 1), size, rng, when)


def settle(raw):
    """Compute what every listing offers, and say that the channels have it: a quiet shop."""
    with transaction() as session:
        for integration in range(1, len(INTEGRATIONS) + 1):
            work.ensure_rows(session, integration)
        recompute.request_all(session, Cause.SCAN, SYSTEM)
    while offers.compute_requested():
        pass
    db.session.remove()
    agree(raw)
    raw.settle()


def agree(raw):
    """Say that the channels have what their listings offer now."""
    raw.write("UPDATE listing SET last_synced = last_offered, last_imported = last_offered, answered_at = offered_at")


def _places(raw):
    there = raw.ids("warehouse")
    missing = [name for name in WAREHOUSES if name not in there]
    raw.load("warehouse", ("id", "name", "is_archived"), [(i, n, False) for i, n in enumerate(missing, len(there) + 1)])
    homes = raw.ids("warehouse")
    rows = [
        (1 + place * PLACES + number, homes[name], f"{name[0]}-{number:02d}", False)
        for place, name in enumerate(WAREHOUSES)
        for number in range(PLACES)
    ]
    raw.load("location", ("id", "warehouse_id", "name", "is_archived"), rows)


def _catalog(raw, size):
    grades = sorted(raw.ids("grade").values())
    products = -(-size.variations // len(grades))
    raw.load(
        "product",
        ("id", "manufacturer", "model", "variant", "network", "capacity", "color"),
        (_product(key) for key in range(products)),
    )
    raw.load(
        "product_variation",
        ("id", "product_id", "grade_id", "condition_codes", "sku", "price_cents", "version"),
        (
            (1 + v, 1 + v // len(grades), grades[v % len(grades)], "", sku(size, v), 10_000 + v % 500, 1)
            for v in range(size.variations)
        ),
    )


def _product(key):
    rest, model = divmod(key, MODELS)
    rest, capacity = divmod(rest, CAPACITIES)
    rest, color = divmod(rest, COLORS)
    variant, network = divmod(rest, NETWORKS)
    return (
        1 + key,
        "Apple",
        f"iPhone {model}",
        f"A{2000 + variant}",
        f"Network {network}",
        f"{64 << capacity}GB",
        f"Color {color}",
    )


def _phones(raw, size, rng, when):
    homes, statuses = raw.ids("warehouse"), raw.ids("inventory_status")
    places = [(homes[name], index * PLACES) for index, name in enumerate(WAREHOUSES)]

    def row(number):
        esn = imei(number)
        warehouse, first = places[rng.randrange(len(places))]
        status, variation = statuses[rng.choice(STATUSES)], 1 + rng.randrange(size.variations)
        location = 1 + first + number % PLACES
        received = when(BEGAN + timedelta(seconds=60 * number))
        return 1 + number, esn, esn[::-1], f"{number:06X}", variation, status, warehouse, location, 9_900, received, 1

    columns = ("id", "esn", "esn_reversed", "hex_id", "variation_id", "status_id", "warehouse_id", "location_id")
    raw.load("inventory_item", (*columns, "cost_cents", "received_at", "version"), map(row, range(size.phones)))
    at = when(BEGAN)
    raw.load(
        "event",
        ("id", "at", "subject", "subject_id", "kind", "new", "source"),
        ((1 + n, at, "item", 1 + n, "received", "iPhone", "upload") for n in range(size.phones)),
    )


def _integrations(raw, when):
    homes, statuses = raw.ids("warehouse"), raw.ids("inventory_status")
    columns = ("id", "kind", "name", "login", "secrets", "created_at", "login_problem", "login_version")
    flags = ("imports_online_only", "matches_via_sku", "pushes_quantities", "imports_orders", "is_exclusive")
    limits = ("zero_out_threshold", "percentage", "safety_quantity", "maximum_quantity")
    at = when(BEGAN)
    raw.load(
        "integration",
        (*columns, *flags, "armed_at", *limits),
        [
            (key, "backmarket", f"Channel {key}", "{}", "", at, "", 1, False, True, True, False, own, at, *numbers)
            for key, (_statuses, _warehouses, numbers, own) in enumerate(INTEGRATIONS, 1)
        ],
    )
    for table, place, ids in (("status", 0, statuses), ("warehouse", 1, homes)):
        rows = [(key, ids[name]) for key, ticks in enumerate(INTEGRATIONS, 1) for name in ticks[place]]
        raw.load(f"integration_{table}", ("integration_id", f"{table}_id"), rows)


def _listings(raw, size, rng, when):
    columns = (
        *("id", "integration_id", "external_id", "sku", "title", "detail", "price_cents", "currency", "state"),
        *("channel_state", "state_reason", "is_pushable", "other_ids", "url", "first_seen_at", "seen_at"),
        *("is_connected", "safety_quantity", "cause", "is_set_to_zero", "is_number_unknown", "receipt"),
        *("is_less_confirmed", "tries", "more_shown", "rejected_words", "rejected_advice"),
    )
    at = when(BEGAN)
    skus, variations = [], []

    def rows():
        key = 0
        for integration in range(1, len(INTEGRATIONS) + 1):
            for number in range(size.listings):
                key += 1
                variation = listed_variation(size, number)
                own, by_hand = sku(size, variation) or "", rng.randrange(200) if number >= size.alone else 200
                if not own or by_hand < 2:
                    variations.append((key, 1 + variation))
                elif by_hand < 4:
                    other = sku(size, rng.randrange(size.variations)) or own
                    skus.extend((key, each) for each in {own, other})
                elif by_hand < 10:
                    own = f"UNKNOWN-{number}"
                state = "ended" if by_hand == 10 else "out of stock" if by_hand == 11 else "active"
                safety = 1 if by_hand == 12 else None
                title = f"iPhone {variation // 5 % MODELS} {64 << variation % 5}GB {number}"
                yield (
                    *(key, integration, f"L{integration}-{number}", own, title, "Good", 19_900, "USD", state),
                    *("", "", True, "{}", "", at, at),
                    *(False, safety, "", False, False, "", False, 0, 0, "", ""),
                )

    raw.load("listing", columns, rows())
    raw.load("listing_sku", ("listing_id", "sku"), skus)
    raw.load("listing_variation", ("listing_id", "variation_id"), variations)
