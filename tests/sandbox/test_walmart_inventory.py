"""Walmart's quantities over a real socket, each call checked against the documents."""

from urllib.parse import quote

import pytest
import requests

from tests.sandbox.walmart_api import EMPTY, WFS, A, B, make_item, refusal
from wholecell.sandbox import RefusedError


def amount(api, sku):
    return api.get("/v3/inventory", sku=sku).json()["quantity"]["amount"]


def test_a_quantity_is_taken_and_shown(walmart, shop):
    answer = walmart.put_quantity(A, 7)
    assert answer.json() == {"sku": A, "quantity": {"unit": "EACH", "amount": 7}}
    assert walmart.get("/v3/inventory", sku=A).json() == answer.json()
    assert walmart.quantities(A) == (7, 7, 0) and shop.shown("walmart", sku=A).quantity == 7


def test_the_sku_is_encoded_in_the_address_and_plain_in_the_body(walmart):
    assert walmart.put_quantity(EMPTY, 3).json()["sku"] == EMPTY == "S21 A/B+"
    assert amount(walmart, EMPTY) == 3
    plus = quote(EMPTY, safe="").replace("%20", "+")
    body = {"sku": EMPTY, "quantity": {"unit": "EACH", "amount": 4}}
    assert walmart("PUT", f"/v3/inventory?sku={plus}", json=body).status_code == 404
    encoded = walmart.put_quantity(EMPTY, 4, {"sku": quote(EMPTY, safe="")})
    assert encoded.status_code == 400 and refusal(encoded) == "INVALID_REQUEST_CONTENT.GMP_INVENTORY_API"
    assert amount(walmart, EMPTY) == 3


@pytest.mark.parametrize("sku", ["NOBODY", A.lower(), WFS, "NEW"])
def test_what_has_no_inventory_here_is_404(walmart, shop, sku):
    shop.seed("walmart", [make_item("NEW", published_status="IN_PROGRESS")])
    answers = walmart.get("/v3/inventory", sku=sku), walmart.put_quantity(sku, 1)
    assert [answer.status_code for answer in answers] == [404, 404]
    assert {refusal(answer) for answer in answers} == {"CONTENT_NOT_FOUND.GMP_INVENTORY_API"}


@pytest.mark.parametrize(
    "quantity", [None, 3, {"amount": 3}, {"unit": "EA", "amount": 3}, {"unit": "EACH", "amount": "3"}]
)
def test_a_quantity_has_a_unit_and_a_number(walmart, quantity):
    assert walmart.put_quantity(A, 0, {"quantity": quantity}).status_code == 400
    assert amount(walmart, A) == 5


@pytest.mark.parametrize("number", [-1, 1.5, True, None, 10**9])
def test_an_amount_is_a_whole_number_of_at_least_0(walmart, number):
    assert walmart.put_quantity(A, number).status_code == 400
    assert amount(walmart, A) == 5


def test_the_body_must_be_json(walmart):
    endless = b'{"sku": "%s", "quantity": {"unit": "EACH", "amount": Infinity}}' % A.encode()
    declared = {"Content-Type": "application/json"}
    for options in ({"data": b"{", "headers": declared}, {"data": endless, "headers": declared}, {"data": {"sku": A}}):
        assert walmart("PUT", f"/v3/inventory?sku={A}", **options).status_code == 400
    assert walmart("GET", "/v3/inventory").status_code == 400


def test_only_the_sellers_ship_node_is_known(walmart):
    assert walmart.get("/v3/inventory", sku=A, shipNode="10001234567").status_code == 200
    assert walmart.get("/v3/inventory", sku=A, shipNode="1").status_code == 404


def test_quantities_by_ship_node(walmart, shop):
    path = f"/v3/inventories/{quote(EMPTY, safe='')}"

    def put(*nodes):
        rows = [{"shipNode": node, "inputQty": {"unit": "EACH", "amount": number}} for node, number in nodes]
        return walmart("PUT", path, json={"inventories": {"nodes": rows}})

    answer = put(("10001234567", 4), ("1", 9)).json()
    assert [node["status"] for node in answer["nodes"]] == ["Success", "Failure"] and answer["nodes"][1]["errors"]
    shop.sell("walmart", sku=EMPTY)
    (node,) = walmart.get(path).json()["nodes"]
    assert [node[name]["amount"] for name in ("inputQty", "availToSellQty", "reservedQty")] == [4, 3, 1]
    assert put(("10001234567", -1)).status_code == 400
    assert walmart("PUT", path, json={"inventories": []}).status_code == 400
    assert walmart.get("/v3/inventories/NOBODY").status_code == 404
    assert amount(walmart, EMPTY) == 4


def test_pages_are_short_and_only_a_missing_cursor_ends(walmart, shop):
    shop.seed("walmart", [make_item(f"MORE-{number}") for number in range(8)])
    pages, cursors, query = [], [], {}
    while True:
        answer = walmart.get("/v3/inventories", limit=5, **query).json()
        pages.append([row["sku"] for row in answer["elements"]["inventories"]])
        assert answer["meta"]["totalCount"] == 11  # without what Walmart keeps
        query = {"nextCursor": answer["meta"].get("nextCursor")}
        if not query["nextCursor"]:
            break
        cursors.append(query["nextCursor"])
    assert [len(page) for page in pages] == [4, 4, 3]
    assert len(set(cursors)) == 2 and len({sku for page in pages for sku in page}) == 11
    walmart.set(short_pages=0, end_cursor="empty")
    answer = walmart.get("/v3/inventories").json()
    assert len(answer["elements"]["inventories"]) == 10 and answer["meta"]["nextCursor"]
    assert walmart.get("/v3/inventories", limit=50).json()["meta"]["nextCursor"] == ""


@pytest.mark.parametrize("query", [{"limit": 51}, {"limit": 0}, {"nextCursor": "x"}])
def test_pages_that_make_no_sense_are_refused(walmart, query):
    assert walmart.get("/v3/inventories", **query).status_code == 400


# What customers ordered


def test_ordered_units_are_held_back_until_shipped(walmart, shop):
    order = shop.sell("walmart", sku=A, quantity=2)
    assert walmart.quantities(A) == (5, 3, 2) and amount(walmart, A) == 5
    walmart.put_quantity(A, 6)  # meant to include the two
    assert walmart.quantities(A) == (6, 4, 2)
    walmart.acknowledge(order)
    assert walmart.quantities(A) == (6, 4, 2)
    walmart.ship(order)
    assert walmart.quantities(A) == (6, 6, 0)  # until the seller says otherwise
    with pytest.raises(RefusedError, match="sold out"):
        shop.sell("walmart", sku=A, quantity=7)


def test_shipping_may_lower_what_the_seller_sent(walmart, shop):
    walmart.set(shipping_lowers=1)
    order = shop.sell("walmart", sku=A, quantity=2)
    walmart.acknowledge(order)
    walmart.ship(order)
    assert walmart.quantities(A) == (3, 3, 0)


def test_cancelled_units_are_for_sale_again_when_held_back(walmart, shop):
    order = shop.sell("walmart", sku=A, quantity=2)
    shop.cancel_line("walmart", order.id)
    assert walmart.quantities(A) == (5, 5, 0)


def test_less_than_is_ordered_leaves_nothing_for_sale(walmart, shop):
    shop.sell("walmart", sku=A, quantity=4)
    walmart.put_quantity(A, 1)
    assert walmart.quantities(A) == (1, 0, 4)


def test_without_holding_back_a_sale_lowers_the_quantity_itself(walmart, shop):
    walmart.set(holds_back=0)
    order = shop.sell("walmart", sku=A, quantity=2)
    assert walmart.quantities(A) == (3, 3, 2) and amount(walmart, A) == 3
    walmart.put_quantity(A, 5)
    assert walmart.quantities(A) == (5, 5, 2)
    walmart.acknowledge(order)
    walmart.ship(order)
    assert walmart.quantities(A) == (5, 5, 0)
    second = shop.sell("walmart", sku=A)
    shop.cancel_line("walmart", second.id)
    assert walmart.quantities(A) == (4, 4, 0)  # stock is not given back


def test_what_walmart_fulfils_is_sold_from_its_own_warehouse(walmart, shop):
    shop.sell("walmart", sku=WFS, quantity=2)
    row = next(row for row in shop.state()["listings"] if row["sku"] == WFS)
    assert (row["quantity"], row["input_quantity"], row["reserved"]) == (3, 3, 0)


# Misbehavior


def test_writes_are_late_capped_rounded_and_forgotten_on_demand(walmart, shop):
    shop.faults.add("forgotten", sku=A)
    assert walmart.put_quantity(A, 9).json()["quantity"]["amount"] == 9 and amount(walmart, A) == 5
    shop.faults.add("capped", sku=A, number=3)
    assert walmart.put_quantity(A, 9).json()["quantity"]["amount"] == 3 == amount(walmart, A)
    shop.faults.add("rounded", sku=A, number=5)
    assert walmart.put_quantity(A, 12).json()["quantity"]["amount"] == 10 == amount(walmart, A)
    shop.faults.add("shown_late", sku=A, seconds=60)
    walmart.put_quantity(A, 2)
    assert (amount(walmart, A), walmart.quantities(A)) == (10, (10, 10, 0))
    shop.clock.advance(60)
    assert walmart.quantities(A) == (2, 2, 0)
    shop.faults.add("late_write", sku=A, seconds=60)
    walmart.put_quantity(A, 8)
    walmart.put_quantity(A, 1)
    shop.clock.advance(60)
    assert amount(walmart, A) == 8


def test_an_item_may_be_unpublished_at_0(walmart, shop):
    shop.faults.add("deactivated", sku=B)
    walmart.put_quantity(B, 0)
    (row,) = walmart.get("/v3/items", sku=B).json()["ItemResponse"]
    assert row["publishedStatus"] == "UNPUBLISHED" and row["unpublishedReasons"]["reason"]
    walmart.put_quantity(B, 4)
    with pytest.raises(RefusedError):
        shop.sell("walmart", sku=B)


def test_an_answer_lost_after_applying(walmart, shop):
    shop.faults.add("cut_after", path="/walmart/v3/inventory")
    with pytest.raises(requests.ConnectionError):
        walmart.put_quantity(A, 1)
    assert amount(walmart, A) == 1


def test_a_change_behind_the_sellers_back(walmart):
    walmart.control(
        "set", channel="walmart", sku=A, set={"quantity": 9, "price": "1.50", "lifecycle_status": "RETIRED"}
    )
    (row,) = walmart.get("/v3/items", sku=A).json()["ItemResponse"]
    assert (row["price"]["amount"], row["lifecycleStatus"], amount(walmart, A)) == (1.5, "RETIRED", 9)
    walmart.control("set", channel="walmart", sku=A, remove=True)
    assert walmart.get("/v3/inventory", sku=A).status_code == 404
