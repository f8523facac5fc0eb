"""The pages that are measured: an address of ours, and the WHERE of the hand-written statement."""

from dataclasses import dataclass

from tests.bench import order_data


@dataclass(frozen=True)
class Case:
    """`path` goes on behind the area; `shows` are the links whose order both sides must agree on."""

    name: str
    area: str
    query: dict
    raw_where: str
    path: str = ""
    shows: str = ""


def stock_cases(raw):
    """Inventory, catalog and listings."""
    statuses, grades, homes = raw.ids("inventory_status"), raw.ids("grade"), raw.ids("warehouse")
    ((esn,),) = raw.rows("SELECT esn FROM inventory_item WHERE id = 7")
    repair, b_plus, north = statuses["Repair"], grades["B+"], homes["North"]
    free = "NOT EXISTS (SELECT 1 FROM commitment x WHERE x.item_id = i.id AND x.released_at IS NULL)"
    return [
        Case("Inventory, first page", "inventory", {}, "1 = 1"),
        Case(
            "Inventory, status and warehouse",
            "inventory",
            {"tab": repair, "warehouse": north},
            f"i.status_id = {repair} AND i.warehouse_id = {north} AND {free}",
        ),
        Case(
            "Inventory, model and grade",
            "inventory",
            {"model": "iPhone 3", "grade": b_plus},
            f"p.model = 'iPhone 3' AND v.grade_id = {b_plus}",
        ),
        Case("Inventory, an IMEI", "inventory", {"q": esn}, f"i.esn = '{esn}'"),
        Case(
            "Inventory, last digits of an IMEI",
            "inventory",
            {"q": esn[-7:]},
            f"i.esn_reversed >= '{esn[:-8:-1]}' AND i.esn_reversed < '{_following(esn[:-8:-1])}'",
        ),
        Case("Catalog, first page", "catalog", {}, "1 = 1"),
        Case(
            "Catalog, model and grade",
            "catalog",
            {"model": "iPhone 3", "grade": b_plus},
            f"p.model = 'iPhone 3' AND v.grade_id = {b_plus}",
        ),
        Case("Listings, first page", "listings", {}, "1 = 1"),
        Case(
            "Listings, out of stock",
            "listings",
            {"tab": "out-of-stock"},
            "l.state = 'out of stock' AND l.is_connected AND l.rejected_at IS NULL",
        ),
        Case(
            "Listings, a SKU",
            "listings",
            {"q": "SKU-000001"},
            "(l.sku = 'SKU-000001' OR l.external_id = 'SKU-000001' OR lower(l.title || ' ' || l.detail || ' ' || l.sku)"
            " LIKE '%sku-000001%' OR EXISTS (SELECT 1 FROM listing_sku c WHERE c.listing_id = l.id"
            " AND c.sku = 'SKU-000001'))",
        ),
    ]


def _following(text):
    return text[:-1] + chr(ord(text[-1]) + 1)


LACKS = (
    "EXISTS (SELECT 1 FROM order_item t WHERE t.order_id = o.id AND NOT t.is_set_aside"
    " AND t.ordered - t.cancelled - t.refunded_before_shipping - t.returned >"
    " (SELECT count(*) FROM commitment c WHERE c.order_item_id = t.id AND c.released_at IS NULL))"
)
OPEN = "o.status_id IN (SELECT id FROM sales_order_status WHERE counts_as_open)"
HAS = (
    "o.id IN (SELECT t.order_id FROM inventory_item i JOIN commitment c ON c.item_id = i.id"
    " JOIN order_item t ON t.id = c.order_item_id WHERE i.esn = '{esn}')"
)
PASTED = 20


def order_cases(raw, size):
    """The list of orders, and the page of one that has all its phones."""
    shipped = raw.ids("sales_order_status", "title")["Shipped"]
    ((esn, order),) = raw.rows(
        "SELECT i.esn, t.order_id FROM commitment c JOIN inventory_item i ON i.id = c.item_id"
        " JOIN order_item t ON t.id = c.order_item_id WHERE t.order_id < :first ORDER BY c.id DESC LIMIT 1",
        first=order_data.first_open(size),
    )
    numbers = [f"O-{number}" for number in range(size.orders // 2, size.orders // 2 - PASTED, -1)]
    listed = ", ".join(f"'{number}'" for number in numbers)

    def case(name, query, where, **more):
        return Case(f"Orders, {name}", "orders", query, where, **more)

    return [
        case("first page", {}, OPEN),
        case("a status", {"tab": shipped}, f"o.status_id = {shipped}"),
        case("uncommitted", {"only": "uncommitted"}, f"{OPEN} AND {LACKS}"),
        case("an integration's", {"source": 1, "tab": "all"}, "o.integration_id = 1"),
        case("an order number", {"q": numbers[0]}, f"o.number = '{numbers[0]}'"),
        case("an IMEI", {"q": esn}, HAS.format(esn=esn)),
        case(f"{PASTED} numbers pasted", {"q": "\n".join(numbers)}, f"o.number IN ({listed})"),
        case("one order's page", {}, str(order), path=str(order), shows="inventory"),
    ]
