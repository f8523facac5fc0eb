"""What the pretend ShipStation keeps about one seller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..account import Account
from ..records import Listing, RefusedError
from . import times
from .limits import Minute
from .people import PEOPLE, blank_address
from .states import Notice, Product, Shipment, ShipOrder, Status, Store, Webhook

TOKEN = "sandbox-shipstation-key:sandbox-shipstation-secret"
MANUAL, SHOPIFY, WOO, CLOSED = 310_001, 310_002, 310_003, 310_004
CUSTOM = 57  # the marketplace of custom stores
_STORES = (
    (MANUAL, "Manual Orders", 0, "ShipStation"),
    (SHOPIFY, "Second Ring Outlet", 41, "Shopify"),
    (WOO, "Second Ring Parts", 36, "WooCommerce"),
    (CLOSED, "Second Ring Market Stall", 63, "Square"),
)
#: What V1 shows of an order beside numbers, times, status, items and advanced options.
_BLANK = (
    "paymentDate shipByDate customerId customerUsername customerEmail customerNotes internalNotes giftMessage "
    "paymentMethod requestedShippingService carrierCode serviceCode packageCode confirmation shipDate holdUntilDate "
    "dimensions tagIds userId externallyFulfilledBy"
)
_BLANK_ITEM = "lineItemKey sku imageUrl weight taxAmount shippingAmount warehouseLocation productId fulfillmentSku upc"


@dataclass
class ShipStationAccount(Account):
    """The seller. `tokens` are pairs of key and secret, joined by a colon. `address`: where V1 was last called."""

    stores: dict[int, Store] = field(default_factory=dict)
    shipments: dict[int, Shipment] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    outbox: list[tuple[str, int, str]] = field(default_factory=list)  # event, store, path and query to fetch
    address: str = ""
    is_ticking: bool = False  # a thread of auto mode looks after it
    _last: int = field(default=94_113_500, repr=False)

    @property
    def login(self) -> str:
        """What a person types in to connect."""
        key, _, secret = min(self.tokens, default=":").partition(":")
        return f"the key {key} and the secret {secret}; how it pulls a custom store: wholecell/sandbox/shipstation"

    def next_id(self) -> int:
        """A number nothing else here has."""
        self._last += 1
        return self._last

    def listing_from(self, row: Mapping[str, Any], number: int) -> Product:
        """A product of the other stores, from sku, title, price, currency, quantity."""
        return Product(
            id=str(number),
            number=number,
            sku=str(row["sku"]),
            title=str(row["title"]),
            quantity=int(row["quantity"]),
            price=str(row["price"]),
            currency=str(row.get("currency", "USD")),
        )

    def arranged(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """With a few orders in the other stores."""
        orders = [
            [{"store": SHOPIFY}, {"store": SHOPIFY, "quantity": 2}],
            [{"store": WOO}, {"store": WOO, "state": "awaiting_payment"}],
            [{"store": SHOPIFY, "state": "on_hold"}],
        ]
        more = [
            {**row, "quantity": max(int(row["quantity"]), 5), "orders": sales}
            for row, sales in zip(rows, orders, strict=False)
        ]
        return [*more, *rows[len(orders) :]]

    def add(self, row: Mapping[str, Any]) -> Listing:
        """With `orders`: options of sales that took place already, `quantity` (1) among them."""
        listing = super().add(row)
        for sale in row.get("orders", ()):
            options = dict(sale)
            quantity = int(options.pop("quantity", 1))
            listing.sell(quantity)
            order = self.order_from([(listing, quantity)], self.clock(), **options)
            self.orders[order.id] = order
        return listing

    def order_from(self, lines: Sequence[tuple[Listing, int]], now: datetime, **options: Any) -> ShipOrder:
        """A sale in another store: `store` (its id, the Shopify one), `state` (awaiting_shipment), `number`."""
        store_id, word = int(options.pop("store", SHOPIFY)), str(options.pop("state", "awaiting_shipment"))
        number = str(options.pop("number", ""))
        if options:
            raise RefusedError(f"A sale here has no {', '.join(options)}.")
        self.store(store_id)
        person, email = PEOPLE[len(self.orders) % len(PEOPLE)]
        items = [
            self.item(sku=each.sku, name=each.title, quantity=units, unitPrice=float(each.price))
            for each, units in lines
        ]
        total = float(sum((Decimal(each.price) * units for each, units in lines), Decimal(0)))
        fields = self.blank_fields() | {
            "paymentDate": times.long(now),
            "customerUsername": email,
            "customerEmail": email,
            "billTo": blank_address() | {"name": person["name"]},
            "shipTo": dict(person),
            "amountPaid": total,
            "requestedShippingService": "Standard",
        }
        return self.order(store_id, number or f"S{1001 + len(self.orders)}", now, fields, items, word)

    def order(
        self,
        store_id: int,
        number: str,
        placed: datetime,
        fields: dict[str, Any],
        items: list[dict[str, Any]],
        word: str,
        key: str = "",
    ) -> ShipOrder:
        """A new order, not yet among `orders`. A key is made up where there is none."""
        made, now = self.next_id(), self.clock()
        return ShipOrder(
            id=made,
            state=Status[word.upper()],
            currency="USD",
            placed=placed,
            changed=now,
            visible_from=now,
            lines=[],
            number=number,
            key=key or f"{made:032x}",
            store_id=store_id,
            created=now,
            fields=fields,
            items=items,
        )

    def item(self, **fields: Any) -> dict[str, Any]:
        """An item of an order, as V1 shows it."""
        now = times.short(self.clock())
        made: dict[str, Any] = {
            "orderItemId": self.next_id(),
            **dict.fromkeys(_BLANK_ITEM.split()),
            "options": [],
            "adjustment": False,
        }
        return made | fields | {"createDate": now, "modifyDate": now}

    def blank_fields(self) -> dict[str, Any]:
        """`ShipOrder.fields` of an order of which nothing is known."""
        return dict.fromkeys(_BLANK.split()) | {
            "billTo": blank_address(),
            "shipTo": blank_address(),
            "amountPaid": 0.0,
            "taxAmount": 0.0,
            "shippingAmount": 0.0,
            "gift": False,
            "weight": {"value": 0.0, "units": "ounces"},
            "insuranceOptions": {"provider": None, "insureShipment": False, "insuredValue": 0.0},
            "internationalOptions": {"contents": None, "customsItems": None, "nonDelivery": None},
            "advancedOptions": {
                "warehouseId": 24_079,
                **dict.fromkeys(("nonMachinable", "saturdayDelivery", "containsAlcohol", "mergedOrSplit"), False),
                "mergedIds": [],
                **dict.fromkeys(("parentId", "customField1", "customField2", "customField3", "source")),
                **dict.fromkeys(("billToParty", "billToAccount", "billToPostalCode", "billToCountryCode")),
            },
            "externallyFulfilled": False,
        }

    def store(self, store_id: int) -> Store:
        """Raises RefusedError when there is none."""
        if store_id not in self.stores:
            raise RefusedError(f"There is no store {store_id}.")
        return self.stores[store_id]

    def all_orders(self) -> list[ShipOrder]:
        """Those that are shown: neither deleted nor still hidden; in the order they came in."""
        now = self.clock()
        rows = (row for row in self.orders.values() if isinstance(row, ShipOrder) and not row.is_deleted)
        return [row for row in rows if row.visible_from <= now]


def new_account() -> ShipStationAccount:
    """An account with a manual store, two shops and a closed one, and no orders."""
    account = ShipStationAccount(
        kind="shipstation",
        tokens={TOKEN},
        limits={"requests": Minute(40, 60)},
        settings={
            "json_401": 0,
            "throttled_status": 429,
            "pages_zero": 0,
            "most_rows": 0,
            "poison": "",
            "locked": "refused",
            "edition": 2019,
            "query_login": 0,
            "retry_seconds": 300,
            "retries": 5,
            "resource_base": "",
        },
    )
    now = account.clock()
    for store_id, name, marketplace_id, marketplace in _STORES:
        account.stores[store_id] = Store(
            id=store_id,
            name=name,
            marketplace_id=marketplace_id,
            marketplace=marketplace,
            created=now,
            changed=now,
            active=store_id != CLOSED,
        )
    return account
