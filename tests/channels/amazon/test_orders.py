"""Orders as Amazon tells them, in our words."""

from datetime import UTC, datetime

import pytest

from tests.channels.amazon.payloads import examples, order
from wholecell.channels.amazon import CHANNEL, orders
from wholecell.channels.amazon.mapping import UnreadableError
from wholecell.channels.contract import Meaning, RemoteAddress

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ADDRESS = {
    "name": "Ada Lovelace",
    "companyName": "Engines",
    "addressLine1": "1 Main St",
    "addressLine2": "Floor 2",
    "addressLine3": "Door 3",
    "city": "Seattle",
    "stateOrRegion": "WA",
    "postalCode": "98101",
    "countryCode": "US",
    "phone": "+1 206 555 0100",
}


def line(ordered=1, fulfilled=None, unfulfilled=None, cancellation=None, **fields):
    units = {"quantityFulfilled": fulfilled, "quantityUnfulfilled": unfulfilled}
    return {
        "orderItemId": "1",
        "quantityOrdered": ordered,
        "product": {"sellerSku": "SKU-1"},
        "fulfillment": {name: value for name, value in units.items() if value is not None},
        "cancellation": cancellation,
    } | fields


def with_lines(*lines, status="UNSHIPPED", **fields):
    return orders.order(order(1, status, orderItems=list(lines), **fields))


EXECUTED = {"cancellationExecution": {"cancelledBy": "BUYER"}}
ASKED = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "Changed my mind"}}


def test_an_order():
    remote = orders.order(
        order(
            1,
            fulfillment={
                "fulfillmentStatus": "UNSHIPPED",
                "fulfilledBy": "MERCHANT",
                "shipByWindow": {"latestDateTime": "2026-03-03T07:59:59Z"},
            },
            recipient={"deliveryAddress": ADDRESS},
            proceeds={
                "grandTotal": {"amount": "239.99", "currencyCode": "USD"},
                "breakdowns": [{"type": "SHIPPING", "subtotal": {"amount": "10.00", "currencyCode": "USD"}}],
            },
            orderAliases=[{"aliasId": "N-77", "aliasType": "SELLER_ORDER_ID"}],
        )
    )
    assert (remote.external_id, remote.number, remote.status) == ("111-0000000-0000001",) * 2 + ("UNSHIPPED",)
    assert (remote.placed_at.isoformat(), remote.changed_at.isoformat()) == (
        "2026-03-01T09:00:00+00:00",
        "2026-03-01T09:30:00+00:00",
    )
    assert remote.ship_by.isoformat() == "2026-03-03T07:59:59+00:00"
    assert (remote.total_cents, remote.shipping_cents, remote.currency) == (23999, 1000, "USD")
    assert remote.ship_to == RemoteAddress(
        "Ada Lovelace", "Engines", "1 Main St", "Floor 2, Door 3", "Seattle", "WA", "98101", "US", "+1 206 555 0100"
    )
    (only,) = remote.lines
    assert (only.external_id, only.sku, only.title, only.price_cents) == ("11", "SKU-1", "iPhone 12", 22999)
    assert (only.ordered, only.cancelled, only.shipped, only.status) == (1, 0, 0, "UNSHIPPED")
    assert not (remote.is_final or remote.is_fulfilled_by_channel or remote.is_cancel_asked or remote.is_to_accept)
    assert remote.notes == ("Your own number of it is N-77.",)


@pytest.mark.parametrize("status", [word.word for word in CHANNEL.order_words])
def test_every_word_is_one_of_the_document(status):
    assert orders.order(order(1, status)).status == status


@pytest.mark.parametrize("sku", ["IP13  BLK/A", " IP13", "IP13\u00a0BLK", 'IP13 6.1" %2F+#'])
def test_a_sku_is_kept_letter_for_letter_so_that_its_listing_is_found(sku):
    row = order(1)
    row["orderItems"][0]["product"]["sellerSku"] = sku
    assert orders.order(row).lines[0].sku == sku


def test_what_is_pending_holds_stock_and_must_not_be_shipped():
    words = {word.word: word for word in CHANNEL.order_words}
    for status in ("PENDING", "PENDING_AVAILABILITY"):
        assert (words[status].means, words[status].suggested) == (Meaning.WAITING, "On hold")
    remote = with_lines(line(2), status="PENDING")
    assert [(each.ordered, each.cancelled) for each in remote.lines] == [(2, 0)]


def test_a_word_nobody_knows_stays_as_it_is():
    remote = orders.order(order(1, "SOMETHING_NEW"))
    assert (remote.status, remote.is_final) == ("SOMETHING_NEW", False)


@pytest.mark.parametrize("status", ["SHIPPED", "CANCELLED", "UNFULFILLABLE"])
def test_what_is_over_is_final(status):
    assert orders.order(order(1, status)).is_final


def test_without_its_optional_blocks_it_is_kept_and_holds_stock():
    bare = {"orderId": "1-2-3", "orderItems": [{"orderItemId": "9", "quantityOrdered": 3, "product": {}}]}
    remote = orders.order(bare)
    assert (remote.status, remote.is_final, remote.placed_at, remote.ship_by) == ("NOT_TOLD", False, None, None)
    assert (remote.currency, remote.total_cents, remote.shipping_cents) == ("", None, None)
    assert remote.ship_to == RemoteAddress()
    (only,) = remote.lines
    assert (only.sku, only.title, only.price_cents, only.ordered, only.cancelled) == ("", "", None, 3, 0)


@pytest.mark.parametrize("odd", [None, [], "x", 3, {"deliveryAddress": "hidden"}])
def test_odd_blocks_are_none(odd):
    names = ("recipient", "fulfillment", "proceeds", "packages", "orderAliases", "programs", "buyer")
    remote = orders.order({**order(1), **dict.fromkeys(names, odd)})
    assert (remote.ship_to, remote.status, remote.notes) == (RemoteAddress(), "NOT_TOLD", ())
    assert orders.order({**order(1), "orderItems": [odd, *order(1)["orderItems"]]}).lines[-1].sku == "SKU-1"


@pytest.mark.parametrize(
    ("status", "item", "units"),
    [
        ("UNSHIPPED", line(2, 0, 2), (2, 0, 0)),
        ("PARTIALLY_SHIPPED", line(3, 1, 2), (3, 0, 1)),
        ("PARTIALLY_SHIPPED", line(3, 1, 1, EXECUTED), (3, 1, 1)),
        ("SHIPPED", line(2, 2, 0), (2, 0, 2)),
        ("SHIPPED", line(2, 1, 0), (2, 1, 1)),
        ("SHIPPED", line(2), (2, 0, 2)),
        ("UNSHIPPED", line(2, 0, 1), (2, 1, 0)),
        ("A_WORD_OF_TOMORROW", line(2, 0, 0), (2, 0, 0)),
        ("A_WORD_OF_TOMORROW", line(2, 0, 0, EXECUTED), (2, 2, 0)),
        ("UNSHIPPED", line(None, 0, 3), (3, 0, 0)),
        ("UNSHIPPED", line("two"), (1, 0, 0)),
        ("CANCELLED", line(0, 0, 0), (0, 0, 0)),
        ("UNSHIPPED", line(2), (2, 0, 0)),
        ("UNSHIPPED", line(2, 0), (2, 0, 0)),
        ("UNSHIPPED", line(2, cancellation=EXECUTED), (2, 2, 0)),
        ("UNSHIPPED", line(2, 0, 2, ASKED), (2, 0, 0)),
        ("CANCELLED", line(2), (2, 2, 0)),
        ("CANCELLED", line(2, 0, 2), (2, 2, 0)),
        ("CANCELLED", line(0, 0, 0, EXECUTED), (0, 0, 0)),
        ("UNFULFILLABLE", line(1), (1, 1, 0)),
        ("PENDING", line(2, 0, 0), (2, 0, 0)),
        ("PENDING", line(2, 0, 0, EXECUTED), (2, 2, 0)),
        ("SOMETHING_NEW", line(2, 0, 2), (2, 0, 0)),
        ("UNSHIPPED", line(1, 5, 0), (1, 0, 1)),
        ("UNSHIPPED", line("2", "0", "2"), (2, 0, 0)),
        ("UNSHIPPED", line(None), (1, 0, 0)),
        ("UNSHIPPED", line(-1), (1, 0, 0)),
    ],
)
def test_units_of_a_line_are_derived(status, item, units):
    (only,) = with_lines(item, status=status).lines
    assert (only.ordered, only.cancelled, only.shipped) == units


@pytest.mark.parametrize(
    ("status", "item", "word"),
    [
        ("UNSHIPPED", line(1, 0, 1), "UNSHIPPED"),
        ("PENDING", line(1), "PENDING"),
        ("PARTIALLY_SHIPPED", line(2, 1, 1), "PARTIALLY_SHIPPED"),
        ("PARTIALLY_SHIPPED", line(1, 1, 0), "SHIPPED"),
        ("UNSHIPPED", line(1, cancellation=EXECUTED), "CANCELLED"),
        ("CANCELLED", line(0, 0, 0, EXECUTED), "CANCELLED"),
    ],
)
def test_lines_have_no_word_so_one_is_derived(status, item, word):
    assert with_lines(item, status=status).lines[0].status == word


@pytest.mark.parametrize(
    ("status", "cancellation", "is_asked"),
    [
        ("UNSHIPPED", ASKED, True),
        ("UNSHIPPED", {**ASKED, **EXECUTED}, False),
        ("UNSHIPPED", {}, False),
        ("UNSHIPPED", None, False),
        ("CANCELLED", ASKED, False),
        ("SHIPPED", ASKED, False),
    ],
)
def test_a_buyers_wish_to_cancel_is_told(status, cancellation, is_asked):
    assert with_lines(line(1, 0, 1, cancellation), status=status).is_cancel_asked == is_asked


def test_amazons_own_are_told_apart():
    fulfillment = {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "AMAZON"}
    assert orders.order(order(1, fulfillment=fulfillment)).is_fulfilled_by_channel


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("229.99", 22999),
        ("5980", 598000),
        ("0.005", 1),
        (229, 22900),
        ("", None),
        ("x", None),
        (None, None),
        ("-1", None),
    ],
)
def test_money_is_text(amount, cents):
    total = {"grandTotal": {"amount": amount, "currencyCode": "USD"}}
    assert orders.order(order(1, proceeds=total)).total_cents == cents


def test_the_currency_of_a_line_stands_in_for_the_totals():
    assert orders.order(order(1, proceeds=None)).currency == "USD"


def test_the_first_tracking_number_is_the_orders():
    packages = [{"packageReferenceId": "1"}, {"packageReferenceId": "2", "trackingNumber": "1Z"}]
    assert orders.order(order(1, packages=packages)).tracking_number == "1Z"


@pytest.mark.parametrize("program", ["FBM_SHIP_PLUS", "AMAZON_EASY_SHIP"])
def test_programs_that_ship_otherwise_are_told(program):
    (note,) = orders.order(order(1, programs=[program, "AMAZON_BUSINESS", None, {}])).notes
    assert note.endswith(".")
    theirs = {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "AMAZON"}
    assert not orders.order(order(1, programs=[program], fulfillment=theirs)).notes


@pytest.mark.parametrize(
    "row", [None, [], "x", {}, {"orderId": ""}, {"orderId": None}, {"orderId": "1", "orderItems": None}]
)
def test_what_is_no_order(row):
    with pytest.raises(UnreadableError):
        orders.order(row)


def test_a_page_keeps_what_it_cannot_read():
    page = orders.page([order(1), {"orderId": "9"}, None], 3, NOW)
    assert (len(page.orders), page.page, page.began_at) == (1, 3, NOW)
    assert [row.external_id for row in page.unreadable] == ["9", ""]
    with pytest.raises(UnreadableError):
        orders.page({"orders": []}, 1, NOW)


@pytest.mark.parametrize("answer", examples("orders_2026-01-01", "searchOrders") or [None])
def test_every_example_of_a_search_is_read(answer):
    if answer is None:
        pytest.skip("amazon/orders_2026-01-01.json is not in the folder WHOLECELL_SPECS names")
    page = orders.page(answer["orders"], 1, NOW)
    assert page.orders and not page.unreadable
    for remote in page.orders:
        check_example(remote)


@pytest.mark.parametrize("answer", examples("orders_2026-01-01", "getOrder") or [None])
def test_every_example_of_an_order_is_read(answer):
    if answer is None:
        pytest.skip("amazon/orders_2026-01-01.json is not in the folder WHOLECELL_SPECS names")
    check_example(orders.order(answer["order"]))


def check_example(remote):
    assert remote.status in {word.word for word in CHANNEL.order_words} - {"NOT_TOLD"}
    assert remote.placed_at and remote.changed_at and remote.total_cents and len(remote.currency) == 3
    assert remote.ship_to.name and len(remote.ship_to.country) == 2
    for each in remote.lines:
        assert each.external_id and each.sku and each.title and each.price_cents
        assert 0 <= each.cancelled + each.shipped <= each.ordered
