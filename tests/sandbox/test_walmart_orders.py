"""Reading Walmart's orders over a real socket, each call checked against the documents."""

from datetime import timedelta

import pytest

from tests.sandbox.conftest import START
from tests.sandbox.walmart_api import WFS, A, B, ids, listed, refusal
from wholecell.sandbox import RefusedError

NO_ORDERS = "CONTENT_NOT_FOUND.GMP_ORDER_API"


def sell(shop, number, **options):
    return [shop.sell("walmart", sku=A, **options) for _ in range(number)]


@pytest.fixture
def plenty(walmart, shop):
    shop.account("walmart").find(sku=A).store(1000)
    return walmart


def test_a_sale_is_an_order_with_its_line(walmart, shop):
    order = shop.sell("walmart", sku=A, quantity=2, buyer=1)
    answer = walmart.get("/v3/orders")
    (row,) = listed(answer)
    (line,) = row["orderLines"]["orderLine"]
    assert row["purchaseOrderId"] == str(order.id) and len(row["purchaseOrderId"]) == 13
    assert row["customerOrderId"] != row["purchaseOrderId"]
    assert row["orderDate"] == START.timestamp() * 1000
    assert row["shippingInfo"]["estimatedShipDate"] == (START + timedelta(days=2)).timestamp() * 1000
    assert row["shippingInfo"]["postalAddress"] == {
        "name": "Walter Okoye",
        "address1": "4410 Juniper Court",
        "address2": "Apt 2",
        "city": "Boise",
        "state": "ID",
        "postalCode": "83702",
        "country": "USA",
        "addressType": "RESIDENTIAL",
    }
    assert line["item"]["sku"] == A and line["orderLineQuantity"]["amount"] == "2"
    assert line["orderLineStatuses"]["orderLineStatus"] == [
        {"status": "Created", "statusQuantity": {"unitOfMeasurement": "EACH", "amount": "2"}}
    ]
    assert "intentToCancel" not in line and "orderType" not in row
    assert answer.json()["list"]["meta"] == {"totalCount": 1, "limit": 100}


def test_line_numbers_are_neither_from_1_on_nor_without_gaps(walmart, shop):
    found = [shop.account("walmart").find(sku=sku).id for sku in (A, B)]
    numbers = [[line.id for line in shop.sell_lines("walmart", [(item, 1) for item in found]).lines] for _ in range(2)]
    assert numbers[0] != numbers[1] and [1, 2] not in numbers
    shown = [row["orderLines"]["orderLine"] for row in listed(walmart.get("/v3/orders"))]
    assert [[line["lineNumber"] for line in lines] for lines in shown] == [
        [str(number) for number in each] for each in numbers[::-1]
    ]


def test_the_charge_of_several_units_is_for_one_or_for_the_line(walmart, shop):
    shop.sell("walmart", sku=A, quantity=3, shipping_price="4.90")

    def charges():
        (line,) = listed(walmart.get("/v3/orders"))[0]["orderLines"]["orderLine"]
        return {each["chargeType"]: each["chargeAmount"]["amount"] for each in line["charges"]["charge"]}

    assert charges() == {"PRODUCT": 289.0, "SHIPPING": 4.9}
    walmart.set(charges="line")
    assert charges() == {"PRODUCT": 867.0, "SHIPPING": 4.9}


def test_one_order_wrapped_or_bare(walmart, shop):
    order = shop.sell("walmart", sku=A)
    wrapped = walmart.get(f"/v3/orders/{order.id}").json()["order"]
    walmart.set(order_wrapped=0, one_order_date="iso")
    bare = walmart.get(f"/v3/orders/{order.id}").json()
    assert bare.pop("orderDate") == "2026-03-01T09:00:00.000Z" and wrapped.pop("orderDate") == 1772355600000
    assert bare == wrapped


def test_product_and_replacement_details_on_demand(walmart, shop):
    order = shop.sell("walmart", sku=A, replaces="5281956426648")
    shop.sell("walmart", sku=A)
    one = walmart.get(f"/v3/orders/{order.id}", productInfo="true", replacementInfo="true").json()["order"]
    assert (one["orderType"], one["originalCustomerOrderID"]) == ("REPLACEMENT", "5281956426648")
    assert one["orderLines"]["orderLine"][0]["item"]["imageUrl"]
    assert ids(walmart.get("/v3/orders", orderType="REPLACEMENT")) == [order.id]


def test_several_purchase_orders_may_share_the_customers_number(walmart, shop):
    pair = sell(shop, 2, customer_order=200012345678901)
    assert ids(walmart.get("/v3/orders", customerOrderId=200012345678901)) == [order.id for order in pair[::-1]]


def test_no_hits_are_404_or_an_empty_list(walmart):
    answer = walmart.get("/v3/orders")
    assert answer.status_code == 404 and refusal(answer) == NO_ORDERS
    assert answer.json()["errors"]["error"][0]["severity"] == "INFO"
    walmart.set(no_orders="empty")
    assert listed(walmart.get("/v3/orders")) == []


def test_an_unknown_order_is_404(walmart):
    answer = walmart.get("/v3/orders/1796277083022")
    assert answer.status_code == 404 and refusal(answer) == NO_ORDERS


# Which orders


def test_without_a_date_only_seven_days_of_creation_are_looked_at(walmart, shop):
    old = shop.sell("walmart", sku=A)
    shop.clock.advance(8 * 86_400)
    new = shop.sell("walmart", sku=A)
    walmart.token = None
    shop.cancel_line("walmart", old.id)  # the change is new, the order is not
    since = "2026-03-09T00:00:00Z"
    assert ids(walmart.get("/v3/orders", lastModifiedStartDate=since)) == [new.id]
    asked = {"lastModifiedStartDate": since, "createdStartDate": "2026-02-01"}
    assert ids(walmart.get("/v3/orders", **asked)) == [new.id, old.id]


def test_orders_older_than_180_days_are_never_listed(walmart, shop):
    old = shop.sell("walmart", sku=A)
    for days, found in ((180, [old.id]), (1, None)):
        shop.clock.advance(days * 86_400)
        walmart.token = None
        answer = walmart.get("/v3/orders", createdStartDate="2026-01-01")
        assert (ids(answer) if found else refusal(answer)) == (found or NO_ORDERS)
    assert walmart.get(f"/v3/orders/{old.id}").status_code == 200


def test_dates_bound_what_is_found(walmart, shop):
    first = shop.sell("walmart", sku=A)
    shop.clock.advance(60)
    second = shop.sell("walmart", sku=A, days=9)
    assert ids(walmart.get("/v3/orders", createdEndDate="2026-03-01T09:00:30Z")) == [first.id]
    assert ids(walmart.get("/v3/orders", createdStartDate="2026-03-01T09:00:30Z")) == [second.id]
    assert ids(walmart.get("/v3/orders", lastModifiedEndDate="2026-03-01T09:00:30Z")) == [first.id]
    assert ids(walmart.get("/v3/orders", fromExpectedShipDate="2026-03-05")) == [second.id]
    assert ids(walmart.get("/v3/orders", toExpectedShipDate="2026-03-05")) == [first.id]


@pytest.mark.parametrize(
    "text", ["2026-03-01T09:00:00.396Z", "2026-03-01T09:00:00+00:00", "1772355600000", "yesterday"]
)
def test_dates_have_two_forms_and_no_more(walmart, shop, text):
    shop.sell("walmart", sku=A)
    answer = walmart.get("/v3/orders", lastModifiedStartDate=text)
    assert answer.status_code == 400 and refusal(answer) == "INVALID_REQUEST.GMP_ORDER_API"
    walmart.set(dates="any")
    free = walmart.get("/v3/orders", lastModifiedStartDate=text)
    assert (free.status_code == 400) == ("T" not in text)


def test_a_status_finds_orders_with_any_line_in_it(walmart, shop):
    both = [shop.account("walmart").find(sku=sku).id for sku in (A, B)]
    pair = shop.sell_lines("walmart", [(item, 1) for item in both])
    shop.cancel_line("walmart", pair.id)
    one = shop.sell("walmart", sku=A)
    assert ids(walmart.get("/v3/orders", status="Cancelled")) == [pair.id]
    assert ids(walmart.get("/v3/orders", status="Created")) == [one.id, pair.id]
    assert ids(walmart.get("/v3/orders/released")) == [one.id, pair.id]
    assert walmart.get("/v3/orders", status="Refund").status_code == 400
    assert ids(walmart.get("/v3/orders", sku=B)) == [pair.id]
    assert ids(walmart.get("/v3/orders", purchaseOrderId=one.id)) == [one.id]


def test_what_walmart_fulfils_is_asked_for_apart(walmart, shop):
    ours, theirs = shop.sell("walmart", sku=A), shop.sell("walmart", sku=WFS)
    assert ids(walmart.get("/v3/orders")) == ids(walmart.get("/v3/orders", shipNodeType="SellerFulfilled")) == [ours.id]
    answer = walmart.get("/v3/orders", shipNodeType="WFSFulfilled")
    assert ids(answer) == [theirs.id] and listed(answer)[0]["shipNode"] == {"type": "WFSFulfilled"}
    assert walmart.get("/v3/orders", shipNodeType="3PLFulfilled").status_code == 404
    assert walmart.get("/v3/orders", shipNodeType="FBA").status_code == 400
    with pytest.raises(RefusedError, match="two orders"):
        items = [shop.account("walmart").find(sku=sku).id for sku in (A, WFS)]
        shop.sell_lines("walmart", [(item, 1) for item in items])


# Pages


def pages(api, **query):
    answer = api.get("/v3/orders", **query)
    found = [ids(answer)]
    while cursor := answer.json()["list"]["meta"].get("nextCursor"):
        answer = api("GET", f"/v3/orders{cursor}")
        found.append(ids(answer))
    return found


def test_the_cursor_is_the_whole_query_of_the_next_page(plenty, shop):
    sell(shop, 5)
    first = plenty.get("/v3/orders", limit=2, status="Created", createdStartDate="2026-02-20T00:00:00Z")
    meta = first.json()["list"]["meta"]
    assert meta["totalCount"] == 5 and meta["limit"] == 2
    assert meta["nextCursor"].startswith("?limit=2&hasMoreElements=true&soIndex=5&poIndex=2&")
    assert "status=Created" in meta["nextCursor"] and "createdStartDate=2026-02-20" in meta["nextCursor"]
    assert [len(page) for page in pages(plenty, limit=2)] == [2, 2, 1]
    as_parameter = plenty.get("/v3/orders", limit=2, nextCursor=meta["nextCursor"])
    assert as_parameter.status_code == 400


def test_an_order_that_comes_in_meanwhile_does_not_shift_the_pages(plenty, shop):
    placed = [order.id for order in sell(shop, 4)]
    shop.clock.advance(60)
    first = plenty.get("/v3/orders", limit=2).json()["list"]["meta"]["nextCursor"]
    shop.clock.advance(60)
    sell(shop, 1)
    assert ids(plenty("GET", f"/v3/orders{first}")) == placed[1::-1]


def test_a_query_may_end_with_an_empty_cursor(plenty, shop):
    sell(shop, 3)
    plenty.set(end_cursor="empty")
    assert [len(page) for page in pages(plenty, limit=2)] == [2, 1]
    assert plenty.get("/v3/orders").json()["list"]["meta"]["nextCursor"] == ""


@pytest.mark.parametrize("limit", [0, 201, "all"])
def test_a_page_holds_1_to_200(walmart, limit):
    assert walmart.get("/v3/orders", limit=limit).status_code == 400


def test_a_query_must_not_find_more_than_the_ceiling(plenty, shop):
    sell(shop, 4)
    assert shop.account("walmart").settings["most_orders"] == 10_000
    plenty.set(most_orders=3)
    answer = plenty.get("/v3/orders", limit=1)
    assert answer.status_code == 400 and "more than 3" in answer.json()["errors"]["error"][0]["description"]


def test_pages_repeat_and_shift_on_demand(plenty, shop):
    sell(shop, 6)
    shop.faults.add("repeated_page", path="/v3/orders")
    found = pages(plenty, limit=2)
    assert found[1] == found[0] and found[2] != found[1]
    shop.faults.add("shifting_page", path="/v3/orders", number=1)
    seen = [order for page in pages(plenty, limit=2) for order in page]
    assert len(seen) == 7 and len(set(seen)) == 6
