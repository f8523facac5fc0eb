"""How many calls a first fill of a channel takes, and what listings that did not change cost."""

from tests.bench.measure import Line
from tests.engine_world import LOGIN
from wholecell.channels.backmarket import client
from wholecell.channels.own_state import OwnState
from wholecell.db import db, transaction
from wholecell.models import Listing
from wholecell.sandbox import Sandbox
from wholecell.services import integrations, offers, recompute, sync
from wholecell.services.events import SYSTEM, Actor
from wholecell.services.recompute import Cause
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

OFFER = {"grade": "GOOD", "price": "100.00", "currency": "USD", "quantity": 0}
EARLIER = "2026-01-01 00:00:00.000000"


def measure(target, size):
    """A file holds as many lines as half an hour's allowance, by our choice; the channel would take 15,000."""
    skus = one_phone_each(target.raw, "FILL", size.first_fill)
    with Sandbox() as sandbox:
        shop = sandbox.shop
        shop.reset(empty=True)
        for limit in shop.account("backmarket").limits.values():
            limit.most = None
        shop.account("backmarket").settings["task_seconds"] = 0.0
        shop.seed_backmarket([{"sku": sku, "title": f"Phone {sku}", **OFFER} for sku in skus])
        key = integrations.add("backmarket", "First fill", LOGIN, Vault(target.vault_keys), Actor()).id

        def run(kind):
            db.session.remove()
            url = sandbox.base_url("backmarket")
            sync.run_work(key, kind, None, opener=lambda _: client.BackMarket(LOGIN, url, OwnState()))
            return sum(call.method == "POST" for call in shop.calls)

        run(Kind.IMPORT_LISTINGS)
        integrations.arm(key, Actor())
        sent = run(Kind.PUSH_QUANTITIES)
        db.session.remove()
        target.raw.write("UPDATE listing SET receipt_asked_at = :earlier WHERE receipt <> ''", earlier=EARLIER)
        run(Kind.PUSH_QUANTITIES)  # asks what became of the files
        assert all(shop.shown("backmarket", sku=sku).quantity == 1 for sku in skus)
        again = _unchanged(run, key) - sent
    assert len(skus) >= client.BULK_FROM
    needed = -(-len(skus) // client.BULK_LINES)
    name = f"first fill of {len(skus):,} Back Market listings, calls"
    yield Line(name, str(sent), str(needed), sent / needed, 1.0)
    yield Line("the same listings computed and looked at again, calls", str(again), "0", again, 0, "")


def _unchanged(run, key):
    with transaction() as session:
        recompute.request(session, Cause.SCAN, SYSTEM, integrations=[key])
    while offers.compute_requested():
        pass
    db.session.remove()
    assert not db.session.query(Listing.id).filter_by(integration_id=key, last_synced=None).count()
    return run(Kind.PUSH_QUANTITIES)


def one_phone_each(raw, prefix, count):
    """One phone of each of so many new SKUs; gives the SKUs."""
    last = [
        raw.rows(f"SELECT max(id) FROM {table}")[0][0] for table in ("product_variation", "inventory_item", "product")
    ]
    variation, item, product = last
    grade = min(raw.ids("grade").values())
    numbers = range(1, count + 1)
    skus = [f"{prefix}-{number}" for number in numbers]
    raw.load(
        "product",
        ("id", "manufacturer", "model", "variant", "network", "capacity", "color"),
        [(product + n, "Apple", f"{prefix} {n}", "A1", "Unlocked", "64GB", "Black") for n in numbers],
    )
    raw.load(
        "product_variation",
        ("id", "product_id", "grade_id", "condition_codes", "sku", "version"),
        [(variation + n, product + n, grade, "", f"{prefix}-{n}", 1) for n in numbers],
    )
    status, warehouse = raw.ids("inventory_status")["Available"], raw.ids("warehouse")["Main warehouse"]
    raw.load(
        "inventory_item",
        ("id", "esn", "esn_reversed", "hex_id", "variation_id", "status_id", "warehouse_id", "received_at", "version"),
        [
            (key, f"F{key:09d}", f"F{key:09d}"[::-1], f"Y{key:06d}", variation + n, status, warehouse, EARLIER, 1)
            for n, key in enumerate(range(item + 1, item + count + 1), 1)
        ],
    )
    return skus
