"""The demo shop as plain values: variations, phones and listings, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Any

from stdnum import luhn

from wholecell.demo.products import PRODUCTS, DemoProduct

SEED = 2024
PHONES = 1500
LISTINGS = 60
CONNECTED = 50
WAREHOUSES = {
    "Main warehouse": ("A-01", "A-02", "A-03", "A-04", "B-01", "B-02", "B-03", "Safe"),
    "Chicago store": ("C-01", "C-02", "C-03", "Counter"),
    "Repair workshop": ("R-01", "R-02", "R-03"),
}
# Status -> how many of a hundred phones have it, and the warehouse where they are (None: as shelves have room).
STATUSES: dict[str, tuple[int, str | None]] = {
    "Available": (63, None),
    "Processing": (13, "Main warehouse"),
    "Repair": (9, "Repair workshop"),
    "Incoming": (7, "Main warehouse"),
    "Unavailable": (5, None),
    "Vendor RMA": (3, "Main warehouse"),
}
# Grade -> share of grade A's cost, how often phones are in it, and the marketplace's word for it.
GRADES = {
    "A": (1.0, 24, "EXCELLENT"),
    "B+": (0.91, 30, "VERY_GOOD"),
    "B": (0.82, 26, "GOOD"),
    "C": (0.66, 14, "FAIR"),
    "D": (0.4, 4, ""),
}
DAMAGED = (("C", "CG"), ("D", "CB"), ("B", "BB"), ("D", "NF"), ("C", "SB"))
DAMAGED_SHARE = 0.7
# What stands on the marketplace under a SKU that the catalog writes differently, and under ones it does not have.
NEAR_MISSES = (str.lower, lambda sku: sku.replace("-", " "), lambda sku: sku.replace("-", ""), lambda sku: f"{sku}-")
STRANGERS = (
    ("IP7-UNL-32-BK-A", "iPhone 7 32GB - Black - Unlocked", "EXCELLENT", "89.00", 2),
    ("IPX-UNL-64-SL-B", "iPhone X 64GB - Silver - Unlocked", "GOOD", "139.00", 4),
    ("GS9-UNL-64-BL-B", "Galaxy S9 64GB - Coral Blue - Unlocked", "GOOD", "94.00", 1),
    ("OP9-UNL-128-GN-A", "OnePlus 9 128GB - Green - Unlocked", "EXCELLENT", "219.00", 3),
    ("BM-10077", "iPhone 12 Pro 128GB - Graphite - Unlocked", "VERY_GOOD", "349.00", 2),
    ("BM-10078", "Pixel 4a 128GB - Just Black - Unlocked", "GOOD", "119.00", 0),
)


@dataclass(frozen=True, slots=True)
class DemoVariation:
    """A product in one grade, with or without a damage; money in cents."""

    product: DemoProduct
    grade: str
    damages: tuple[str, ...]
    cost_cents: int

    @property
    def sku(self) -> str:
        """The core letters: IP11-UNL-64-BK-C-CG."""
        return "-".join((self.product.stem, self.grade, *self.damages))

    @property
    def price_cents(self) -> int:
        """A price that ends in 9 dollars."""
        return (round(self.cost_cents * 1.42 / 1000) * 10 + 9) * 100


@dataclass(frozen=True, slots=True)
class DemoPhone:
    """One phone on its shelf; what comes in has no shelf yet."""

    esn: str
    variation: DemoVariation
    status: str
    warehouse: str
    location: str | None
    cost_cents: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole shop; `listings` are rows that the pretend marketplace puts up."""

    variations: Sequence[DemoVariation]
    phones: Sequence[DemoPhone]
    listings: Sequence[dict[str, Any]]


def plan(seed: int = SEED) -> Plan:
    """Think the shop up. Nothing of it comes from anywhere but the seed."""
    random = Random(seed)
    variations = _variations()
    phones = _phones(random, variations)
    return Plan(variations, phones, _listings(random, variations, phones))


def imei(tac: str, number: int) -> str:
    """The IMEI of the phone with this number among those of one type, check digit and all."""
    digits = f"{tac}{number:06d}"
    return digits + luhn.calc_check_digit(digits)


def _variations() -> list[DemoVariation]:
    made = []
    for product, (bad_grade, damage) in zip(PRODUCTS, cycle(DAMAGED), strict=False):
        for grade, damages in (("A", ()), ("B+", ()), ("B", ()), ("C", ()), (bad_grade, (damage,))):
            share = GRADES[grade][0] * (DAMAGED_SHARE if damages else 1)
            made.append(DemoVariation(product, grade, damages, round(product.dollars * share) * 100))
    return made


def _phones(random: Random, variations: Sequence[DemoVariation]) -> list[DemoPhone]:
    weights = [GRADES[each.grade][1] * (0.3 if each.damages else 1) * random.uniform(0.3, 1.7) for each in variations]
    numbers: Counter[str] = Counter()
    phones = []
    for variation in random.choices(variations, weights, k=PHONES):
        tac = variation.product.tac
        numbers[tac] += random.randint(1, 900)
        status = random.choices(list(STATUSES), [share for share, _ in STATUSES.values()])[0]
        warehouse = STATUSES[status][1] or random.choices(list(WAREHOUSES), (70, 27, 3))[0]
        location = None if status == "Incoming" else random.choice(WAREHOUSES[warehouse])
        cost = round(variation.cost_cents * random.uniform(0.86, 1.12) / 100) * 100
        phones.append(DemoPhone(imei(tac, numbers[tac]), variation, status, warehouse, location, cost))
    return phones


def _listings(random: Random, variations: Sequence[DemoVariation], phones: Sequence[DemoPhone]) -> list[dict[str, Any]]:
    for_sale = Counter(phone.variation.sku for phone in phones if phone.status == "Available")
    listed = random.sample([each for each in variations if not each.damages], CONNECTED + len(NEAR_MISSES))
    rows = [_row(each, each.sku, _shown(place, for_sale[each.sku])) for place, each in enumerate(listed[:CONNECTED])]
    rows += [_row(each, miswrite(each.sku), 1) for miswrite, each in zip(NEAR_MISSES, listed[CONNECTED:], strict=True)]
    for sku, title, grade, price, quantity in STRANGERS:
        rows.append({"sku": sku, "title": title, "grade": grade, "price": price, "quantity": quantity})
    return [{**row, "currency": "USD"} for row in rows]


def _row(variation: DemoVariation, sku: str, quantity: int) -> dict[str, Any]:
    return {
        "sku": sku,
        "title": variation.product.title,
        "grade": GRADES[variation.grade][2],
        "price": f"{variation.price_cents / 100:.2f}",
        "quantity": quantity,
    }


def _shown(place: int, for_sale: int) -> int:
    """What the marketplace shows at first: mostly right, some too many, some too few."""
    return max(for_sale + {3: 2, 6: -1, 8: 1}.get(place % 10, 0), 0)
