"""Amazon's orders over a real socket: searching and reading."""

from datetime import timedelta

import pytest

from tests.sandbox.amazon_api import BLOCKS, MARKETPLACE, refused
from wholecell.sandbox import RefusedError

START_OF_DAY = "2026-03-01T00:00:00Z"


@pytest.fixture
def find(amazon, amazon_shop):
    """Searches by creation, from two minutes later on unless `now`; answers the orders."""

    def search(now=False, **params):
        if not now:
            amazon_shop.clock.advance(120)
        window = {} if {"lastUpdatedAfter", "createdAfter"} & set(params) else {"createdAfter": START_OF_DAY}
        answer = amazon.orders(**window | params)
        assert answer.status_code == 200, answer.text
        return answer.json()["orders"]

    return search


@pytest.fixture
def pair(amazon_shop):
    """An order of two lines, one of two units."""
    return amazon_shop.sell_lines("amazon", [("IP13-A", 2), ("IP13-B", 1)])


def test_a_sale_is_an_unshipped_order_with_its_lines(amazon, amazon_shop, pair, find):
    (order,) = find(includedData=BLOCKS, marketplaceIds=MARKETPLACE)
    assert order["orderId"] == pair.number and len(pair.number) == 19
    assert (order["createdTime"], order["salesChannel"]["marketplaceId"]) == ("2026-03-01T09:00:00Z", MARKETPLACE)
    assert order["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    assert order["fulfillment"]["shipByWindow"]["latestDateTime"] == "2026-03-03T09:00:00Z"
    assert order["proceeds"]["grandTotal"] == {"amount": "818.50", "currencyCode": "USD"}
    first, second = order["orderItems"]
    assert (first["quantityOrdered"], first["product"]["sellerSku"]) == (2, "IP13-A")
    assert first["product"]["price"]["unitPrice"]["amount"] == "289.00"  # for one unit
    assert first["proceeds"]["proceedsTotal"]["amount"] == "578.00"  # for the line
    assert second["fulfillment"] == {"quantityFulfilled": 0, "quantityUnfulfilled": 1}
    assert amazon.available("IP13-A") == {"DEFAULT": 3} and amazon.order(pair).json() == {"order": order}


def test_blocks_come_only_when_asked_for(amazon, pair, find):
    (order,) = find()
    assert set(order) == {"orderId", "createdTime", "lastUpdatedTime", "programs", "salesChannel", "orderItems"}
    assert set(order["orderItems"][0]) == {"orderItemId", "quantityOrdered", "product"}
    (order,) = find(includedData="FULFILLMENT")
    assert "fulfillment" in order and "fulfillment" in order["orderItems"][0] and "buyer" not in order
    assert "recipient" in amazon.order(pair, "RECIPIENT").json()["order"]
    assert "recipient" not in amazon.order(pair, None).json()["order"]


def test_an_order_shows_two_minutes_later_and_the_answer_says_until_when(amazon, amazon_shop, pair):
    answer = amazon.orders(lastUpdatedAfter=START_OF_DAY).json()
    assert answer == {"orders": [], "lastUpdatedBefore": "2026-03-01T08:58:00Z"}
    amazon_shop.clock.advance(120)
    answer = amazon.orders(createdAfter=START_OF_DAY).json()
    assert (len(answer["orders"]), answer["createdBefore"]) == (1, "2026-03-01T09:00:00Z")
    amazon.settings(order_lag_seconds=0)
    amazon_shop.sell("amazon", sku="IP13-A")
    assert len(amazon.orders(createdAfter=START_OF_DAY).json()["orders"]) == 2


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"createdAfter": START_OF_DAY, "lastUpdatedAfter": START_OF_DAY},
        {"createdAfter": START_OF_DAY, "lastUpdatedBefore": "2026-03-01T08:00:00Z"},
        {"lastUpdatedAfter": START_OF_DAY, "createdBefore": "2026-03-01T08:00:00Z"},
        {"createdBefore": "2026-03-01T08:00:00Z"},
        {"createdAfter": START_OF_DAY, "createdBefore": "2026-03-01T08:58:01Z"},
        {"createdAfter": START_OF_DAY, "createdBefore": "2026-02-28T08:00:00Z"},
        {"createdAfter": "2026-03-01T09:00:01Z"},
        {"createdAfter": "2026-03-01"},
        {"createdAfter": "2026-03-01T00:00:00"},
        {"createdAfter": "1772323200"},
        {"createdAfter": START_OF_DAY, "maxResultsPerPage": 101},
        {"createdAfter": START_OF_DAY, "maxResultsPerPage": 0},
        {"createdAfter": START_OF_DAY, "fulfillmentStatuses": "Unshipped"},
        {"createdAfter": START_OF_DAY, "fulfillmentStatuses": ["SHIPPED", "UNSHIPPED"]},
        {"createdAfter": START_OF_DAY, "fulfilledBy": "SELLER"},
        {"createdAfter": START_OF_DAY, "includedData": "STATUS"},
        {"createdAfter": START_OF_DAY, "marketplaceIds": "A1F83G8C2ARO7P"},
        {"createdAfter": START_OF_DAY, "paginationToken": "made-up"},
    ],
)
def test_a_search_the_document_forbids_is_refused(amazon, params):
    assert refused(amazon.orders(**params))


def test_a_bound_two_minutes_ago_is_good(amazon, pair):
    bounds = {"createdAfter": START_OF_DAY, "createdBefore": "2026-03-01T08:58:00Z"}
    assert amazon.orders(**bounds).json() == {"orders": [], "createdBefore": "2026-03-01T08:58:00Z"}


def test_pages_need_the_same_parameters_again(amazon, amazon_shop, find):
    orders = [amazon_shop.sell("amazon", sku="IP13-A") for _ in range(5)]
    amazon_shop.clock.advance(120)
    window = {"createdAfter": START_OF_DAY, "maxResultsPerPage": 2}
    seen, token = [], {}
    for size in (2, 2, 1):
        page = amazon.orders(**window, **token).json()
        seen += [order["orderId"] for order in page["orders"]]
        assert (len(page["orders"]), page["createdBefore"]) == (size, "2026-03-01T09:00:00Z")
        if size == 2:
            token = {"paginationToken": page["pagination"]["nextToken"]}
            amazon_shop.clock.advance(60)  # the bound stays where it was
    assert "pagination" not in page and seen == [order.number for order in orders]
    for wrong in ({"maxResultsPerPage": 3}, {"createdAfter": "2026-02-01T00:00:00Z"}, {"includedData": "BUYER"}):
        assert refused(amazon.orders(**window | wrong, **token))
    amazon_shop.clock.advance(86_400)
    amazon.token = amazon.log_in().json()["access_token"]
    assert refused(amazon.orders(**window, **token))  # tokens live for a day


def test_an_order_that_changes_between_two_pages_is_not_passed_over(amazon, amazon_shop):
    orders = [amazon_shop.sell("amazon", sku="IP13-A") for _ in range(3)]
    amazon_shop.clock.advance(120)
    window = {"lastUpdatedAfter": START_OF_DAY, "maxResultsPerPage": 1}
    first = amazon.orders(**window).json()
    amazon_shop.cancel_line("amazon", orders[0].id)
    second = amazon.orders(**window, paginationToken=first["pagination"]["nextToken"]).json()
    assert second["orders"][0]["orderId"] == orders[1].number


def test_filters_by_status_fulfiller_and_time(amazon, amazon_shop, pair, find):
    amazon_shop.clock.advance(600)
    amazon_shop.sell("amazon", sku="FBA-1", quantity=2)
    amazon_shop.cancel_line("amazon", pair.id)
    amazon_shop.cancel_line("amazon", pair.id)
    numbers = [order["fulfillment"]["fulfillmentStatus"] for order in find(includedData="FULFILLMENT")]
    assert numbers == ["CANCELLED", "UNSHIPPED"]
    assert len(find(fulfillmentStatuses="CANCELLED,SHIPPED")) == 1
    assert len(find(fulfilledBy="MERCHANT")) == 1 and len(find(fulfilledBy="MERCHANT,AMAZON")) == 2
    assert len(find(createdAfter="2026-03-01T09:00:01Z")) == 1
    assert len(find(lastUpdatedAfter="2026-03-01T09:00:01Z")) == 2
    assert find(createdAfter="2026-02-28T00:00:00Z", createdBefore="2026-03-01T08:59:59Z") == []


def test_amazons_own_sales_lower_nothing_of_the_sellers_stock(amazon, amazon_shop, find):
    order = amazon_shop.sell("amazon", sku="FBA-1", quantity=2)
    listing = amazon_shop.account("amazon").find(sku="FBA-1")
    assert (listing.amazon_quantity, listing.quantity, order.fulfilled_by) == (5, 0, "AMAZON")
    (shown,) = find(includedData=BLOCKS)
    assert shown["fulfillment"]["fulfilledBy"] == "AMAZON" and "packages" not in shown
    assert "buyerEmail" not in shown["buyer"] and "name" not in shown["recipient"]["deliveryAddress"]
    with pytest.raises(RefusedError, match="never by both"):
        amazon_shop.sell_lines("amazon", [("FBA-1", 1), ("IP13-A", 1)])
    with pytest.raises(RefusedError, match="sold out"):
        amazon_shop.sell("amazon", sku="FBA-1", quantity=6)
    amazon.control("order", order=order.number, event="amazon_ships")
    shipped = amazon.order(order).json()["order"]
    assert shipped["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
    assert shipped["orderItems"][0]["fulfillment"] == {"quantityFulfilled": 2, "quantityUnfulfilled": 0}


def test_an_order_waits_for_payment_without_address_and_price(amazon, amazon_shop):
    order = amazon_shop.sell("amazon", sku="IP13-A", state="PENDING")
    shown = amazon.order(order).json()["order"]
    assert shown["fulfillment"]["fulfillmentStatus"] == "PENDING"
    assert not {"buyer", "recipient", "proceeds"} & set(shown) and "price" not in shown["orderItems"][0]["product"]
    assert amazon.available("IP13-A") == {"DEFAULT": 4}  # it claims the stock already
    assert amazon.control("order", order=order.number, pay=True).json()["state"] == "UNSHIPPED"
    assert "recipient" in amazon.order(order).json()["order"]
    other = amazon.control("sell", sku="IP13-A", state="PENDING_AVAILABILITY").json()
    gone = amazon.control("order", order=other["id"], payment_fails=True).json()
    assert (gone["state"], gone["lines"][0]["cancelled_by"]) == ("CANCELLED", "AMAZON")
    assert amazon.control("order", order=order.number, pay=True).status_code == 409
    assert amazon.control("sell", sku="IP13-A", state="SHIPPED").status_code == 409


def test_a_buyer_cancels_a_line(amazon, amazon_shop, pair):
    amazon_shop.clock.advance(60)
    amazon.control("order", order=pair.number, cancel_line=pair.lines[1].id)
    shown = amazon.order(pair).json()["order"]
    kept, gone = shown["orderItems"]
    assert "cancellation" not in kept and gone["cancellation"]["cancellationExecution"]["cancelledBy"] == "BUYER"
    assert (gone["quantityOrdered"], gone["fulfillment"]["quantityUnfulfilled"]) == (1, 0)
    assert (shown["lastUpdatedTime"], shown["fulfillment"]["fulfillmentStatus"]) == (
        "2026-03-01T09:01:00Z",
        "UNSHIPPED",
    )
    amazon.settings(cancelled_quantity="zero")
    assert amazon.order(pair).json()["order"]["orderItems"][1]["quantityOrdered"] == 0
    amazon.control("order", order=pair.number, event="merchant_cancel", options={"reason": "No stock"})
    shown = amazon.order(pair).json()["order"]
    assert shown["fulfillment"]["fulfillmentStatus"] == "CANCELLED"
    assert shown["orderItems"][0]["cancellation"]["cancellationExecution"] == {
        "cancelledBy": "MERCHANT",
        "cancelReason": "No stock",
    }
    assert amazon.control("order", order=pair.number, cancel_line=None).status_code == 409


def test_a_buyer_asks_to_cancel_and_nothing_is_cancelled_yet(amazon, amazon_shop, pair):
    options = {"line": pair.lines[0].id, "reason": "Found it cheaper"}
    assert amazon.control("order", order=pair.number, event="ask_cancel", options=options).status_code == 200
    asked, other = amazon.order(pair).json()["order"]["orderItems"]
    wish = {"requester": "BUYER", "cancelReason": "Found it cheaper"}
    assert asked["cancellation"] == {"cancellationRequest": wish} and "cancellation" not in other
    assert asked["fulfillment"]["quantityUnfulfilled"] == 2
    assert amazon.control("order", order=pair.number, event="ask_cancel", options={"line": 5}).status_code == 409
    assert amazon.control("order", order=pair.number, event="nonsense").status_code == 409


def test_a_buyer_corrects_the_address_until_it_left(amazon, amazon_shop, pair):
    new = {"addressLine1": "1 New Road", "city": "Dover"}
    assert amazon.control("order", order=pair.number, address=new).status_code == 200
    shown = amazon.order(pair).json()["order"]["recipient"]["deliveryAddress"]
    assert (shown["addressLine1"], shown["city"]) == ("1 New Road", "Dover")
    assert amazon.control("order", order=pair.number, address={"planet": "Mars"}).status_code == 409
    amazon.confirm(pair)
    assert amazon.control("order", order=pair.number, address=new).status_code == 409


def test_names_are_for_those_who_may_see_them(amazon, pair):
    assert {"name", "addressLine1"} <= set(amazon.order(pair).json()["order"]["recipient"]["deliveryAddress"])
    amazon.settings(names=False)
    shown = amazon.order(pair).json()["order"]
    assert set(shown["recipient"]["deliveryAddress"]) == {
        "city",
        "stateOrRegion",
        "postalCode",
        "countryCode",
        "addressType",
    }
    assert set(shown["buyer"]) == {"buyerEmail"}


def test_a_hidden_order_shows_later_though_the_stock_is_gone(amazon, amazon_shop, find):
    amazon_shop.faults.add("hidden_order", seconds=600, sku="IP13-A")
    order = amazon_shop.sell("amazon", sku="IP13-A")
    assert find() == [] and amazon.available("IP13-A") == {"DEFAULT": 4}
    assert refused(amazon.order(order), 404, "NotFound")
    amazon_shop.clock.advance(480)
    assert len(find(now=True)) == 1


def test_an_order_older_than_two_years_is_not_shown(amazon, amazon_shop, pair, find):
    pair.placed = pair.changed = amazon_shop.clock() - timedelta(days=800)
    assert find(createdAfter="2020-01-01T00:00:00Z") == []


@pytest.mark.parametrize("number", ["114-0000000-0000000", "1", "x", "11400012340007919"])
def test_an_unknown_order_is_404(amazon, pair, number):
    assert refused(amazon.get(f"/orders/2026-01-01/orders/{number}"), 404, "NotFound")


def test_the_fault_cancels_a_line(amazon, amazon_shop, pair):
    amazon_shop.faults.add("cancels_line")
    lines = amazon.order(pair).json()["order"]["orderItems"]
    assert ["cancellation" in line for line in lines] == [False, True]


@pytest.mark.parametrize(("kind", "twice"), [("repeated_page", 2), ("shifting_page", 1)])
def test_pages_can_repeat_and_shift(amazon, amazon_shop, kind, twice):
    for _ in range(4):
        amazon_shop.sell("amazon", sku="IP13-A")
    amazon_shop.clock.advance(120)
    amazon_shop.faults.add(kind)
    window = {"createdAfter": START_OF_DAY, "maxResultsPerPage": 2}
    first = amazon.orders(**window).json()
    second = amazon.orders(**window, paginationToken=first["pagination"]["nextToken"]).json()
    numbers = [order["orderId"] for order in first["orders"] + second["orders"]]
    assert len(numbers) - len(set(numbers)) == twice


def test_no_line_is_kept_back(amazon, pair):
    assert amazon.control("order", order=pair.number, hold_line=pair.lines[0].id).status_code == 409
