"""A first push of many listings to channels that take files: calls and bytes beside the fewest the documents allow."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.cases.calls import EARLIER, one_phone_each
from tests.bench.measure import Line
from tests.torture.stalls import AMAZON, WALMART
from wholecell.channels import discover
from wholecell.channels.own_state import OwnState
from wholecell.db import db
from wholecell.models import SyncRun, Work
from wholecell.sandbox import Sandbox
from wholecell.services import integrations, sync
from wholecell.services.events import Actor
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

MEGABYTE = 1_000_000
QUANTITY = 1


@dataclass(frozen=True)
class Fill:
    """`line` is one listing as the document writes it at the shortest; a file takes `lines` of them and `size` bytes.

    `calls` go with each file; `writes` tells by its path whether a call is one of them.
    """

    stall: object
    line: Callable[[str, int], dict]
    head: dict
    lines: int
    size: int
    calls: int
    writes: Callable[[str], bool]

    def least(self, skus):
        """Calls and bytes of the fewest, fullest files that hold these."""
        sizes = [len(_compact(self.line(sku, number))) + 1 for number, sku in enumerate(skus, 1)]
        frame, files, room, lines = len(_compact(self.head)), 0, 0, 0
        for each in sizes:
            if each > room or not lines:
                files, room, lines = files + 1, self.size - frame, self.lines
            room, lines = room - each, lines - 1
        return files * self.calls, sum(sizes) - files + files * frame


def _compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


# Rate limiting and item count guides of Walmart: inventory files of 10 MB. Inventory API, updateBulkInventory.
FILLS = (
    Fill(
        WALMART,
        lambda sku, _number: {"sku": sku, "quantity": {"unit": "EACH", "amount": QUANTITY}},
        {"InventoryHeader": {"version": "1.4"}, "Inventory": []},
        10**9,
        10 * MEGABYTE,
        1,
        lambda path: path.startswith(("/walmart/v3/feeds", "/walmart/v3/inventory")),
    ),
    # Feeds 2021-06-30: a document made, put and named for each feed. Its messages may be 25,000, its size 10 MiB.
    Fill(
        AMAZON,
        lambda sku, number: {
            "messageId": number,
            "sku": sku,
            "operationType": "PATCH",
            "productType": "PRODUCT",
            "patches": [
                {
                    "op": "merge",
                    "path": "/attributes/fulfillment_availability",
                    "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": QUANTITY}],
                }
            ],
        },
        {"header": {"sellerId": "A1SANDBOXSELLER", "version": "2.0", "issueLocale": "en_US"}, "messages": []},
        25_000,
        10 * 1024 * 1024,
        3,
        lambda path: "/feeds/" in path or "/documents/" in path or "/listings/" in path,
    ),
)


def measure(target, size):
    """Import the listings, arm, push, and read what became of the files."""
    skus = one_phone_each(target.raw, "FEED", size.first_feed)
    for fill in FILLS:
        yield from _measured(target, fill, skus)


def _measured(target, fill, skus):
    stall = fill.stall
    channel = discover()[stall.kind]
    with Sandbox() as sandbox:
        shop = sandbox.shop
        shop.reset(empty=True)
        shop.account(stall.kind).settings |= {**stall.settings, "feed_seconds": 0.0}
        for limit in shop.account(stall.kind).limits.values():
            limit.most = None
        shop.seed(
            stall.kind, [{"sku": s, "title": f"Phone {s}", "price": "100.00", "quantity": 0, **stall.row} for s in skus]
        )
        key = integrations.add(
            stall.kind, f"First push {stall.name}", stall.login, Vault(target.vault_keys), Actor()
        ).id
        connector = channel.connect(stall.login, sandbox.base_url(stall.kind), OwnState())
        _run(target, key, Kind.IMPORT_LISTINGS, connector)
        integrations.arm(key, Actor())
        shop.calls.clear()
        _run(target, key, Kind.PUSH_QUANTITIES, connector)
        sent = [call for call in shop.calls if call.method != "GET" and fill.writes(call.path)]
        target.raw.write("UPDATE listing SET receipt_asked_at = :earlier WHERE receipt <> ''", earlier=EARLIER)
        _run(target, key, Kind.PUSH_QUANTITIES, connector)
        assert all(shop.shown(stall.kind, sku=sku).quantity == QUANTITY for sku in skus)
    calls, sizes = fill.least(skus)
    name, size = f"first push of {len(skus):,} {channel.label} listings", sum(call.size for call in sent)
    yield Line(f"{name}, calls", str(len(sent)), str(calls), len(sent) / calls, 1.0)
    yield Line(f"{name}, bytes", f"{size:,}", f"{sizes:,}", size / sizes, 1.05)


def _run(target, key, kind, connector):
    """Do the work, and go on as often as it waits for the channel."""
    while True:
        db.session.remove()
        run = sync.run_work(key, kind, None, opener=lambda _: connector)
        state = db.session.get_one(SyncRun, run.run_id, populate_existing=True).state
        if state != "waiting":
            assert state == "done", state
            return
        target.raw.write(f"UPDATE {Work.__tablename__} SET not_before = NULL")
