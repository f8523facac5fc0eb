"""Changing the stock of one Amazon listing."""

import pytest
import requests

from tests.sandbox.amazon_api import MARKETPLACE, ODD_SKU, refused, stock

PATH = "/attributes/fulfillment_availability"


def submitted(amazon, sku):
    return amazon.listing(sku, includedData="attributes").json()["attributes"]["fulfillment_availability"]


def test_a_quantity_is_accepted_and_stored(amazon):
    for sku in ("IP13-A", ODD_SKU):
        answer = amazon.push(sku, 3).json()
        assert (answer["sku"], answer["status"], answer["issues"]) == (sku, "ACCEPTED", [])
        assert answer["submissionId"] and amazon.available(sku) == {"DEFAULT": 3}


def test_merging_keeps_what_replacing_drops(amazon):
    amazon.patch("IP13-A", stock(4, op="replace", lead_time_to_ship_max_days=3))
    amazon.push("IP13-A", 6)
    assert submitted(amazon, "IP13-A")[0] == {
        "fulfillment_channel_code": "DEFAULT",
        "quantity": 6,
        "lead_time_to_ship_max_days": 3,
        "marketplace_id": MARKETPLACE,
    }
    amazon.patch("IP13-A", stock(7, op="replace"))
    (entry,) = submitted(amazon, "IP13-A")
    assert entry == {"fulfillment_channel_code": "DEFAULT", "quantity": 7, "marketplace_id": MARKETPLACE}


def test_merging_a_handling_time_leaves_the_stock_alone(amazon, amazon_shop):
    amazon_shop.sell("amazon", sku="IP13-A")
    days = {"fulfillment_channel_code": "DEFAULT", "lead_time_to_ship_max_days": 2}
    amazon.patch("IP13-A", {"op": "merge", "path": PATH, "value": [days]})
    assert amazon.available("IP13-A") == {"DEFAULT": 4}
    amazon.patch("IP13-A", {"op": "replace", "path": PATH, "value": [days]})
    assert amazon.available("IP13-A") == {"DEFAULT": 0}


def test_what_was_submitted_differs_from_what_shoppers_get(amazon, amazon_shop):
    amazon.settings(patch_seconds=600)
    amazon.push("IP13-A", 9)
    assert (submitted(amazon, "IP13-A")[0]["quantity"], amazon.available("IP13-A")) == (9, {"DEFAULT": 5})
    amazon_shop.clock.advance(600)
    assert amazon.available("IP13-A") == {"DEFAULT": 9}
    amazon_shop.sell("amazon", sku="IP13-A")
    assert (submitted(amazon, "IP13-A")[0]["quantity"], amazon.available("IP13-A")) == (9, {"DEFAULT": 8})


@pytest.mark.parametrize("op", ["merge", "replace", "add"])
def test_own_stock_for_an_amazon_fulfilled_sku_adds_a_second_channel(amazon, amazon_shop, op):
    assert amazon.patch("FBA-1", stock(4, op=op)).json()["status"] == "ACCEPTED"
    assert amazon.available("FBA-1") == {"DEFAULT": 4, "AMAZON_NA": None}
    amazon_shop.sell("amazon", sku="FBA-1", quantity=7)  # Amazon's stock goes first
    assert amazon.available("FBA-1") == {"DEFAULT": 4, "AMAZON_NA": None}
    assert amazon_shop.sell("amazon", sku="FBA-1").fulfilled_by == "MERCHANT"
    assert amazon.available("FBA-1")["DEFAULT"] == 3


def test_only_deleting_takes_a_channel_away(amazon):
    amazon.push("FBA-1", 4)
    gone = {"op": "delete", "path": PATH, "value": [{"fulfillment_channel_code": "DEFAULT"}]}
    amazon.patch("FBA-1", gone)
    assert amazon.available("FBA-1") == {"AMAZON_NA": None}
    amazon.patch("IP13-A", {"op": "replace", "path": PATH, "value": [{"fulfillment_channel_code": "AMAZON_NA"}]})
    assert amazon.available("IP13-A") == {"DEFAULT": 5, "AMAZON_NA": None}


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        (stock(-1), "90244"),
        (stock(1.5), "90244"),
        (stock("3"), "90244"),
        (stock(True), "90244"),
        (stock(3, channel="FBM"), "90244"),
        (stock(3, channel=None), "90220"),
        (stock(3, restock_date="soon"), "90244"),
        (stock(3, lead_time_to_ship_max_days=99), "90244"),
        (stock(3, fulfillmentChannelCode="DEFAULT"), "90000900"),
        ({"op": "merge", "path": "/attributes/fulfillmentAvailability", "value": []}, "90000900"),
        ({"op": "merge", "path": "fulfillment_availability", "value": []}, "90000900"),
        ({"op": "merge", "path": PATH, "value": []}, "90220"),
        ({"op": "replace", "path": PATH}, "90220"),
    ],
)
def test_what_is_wrong_is_said_with_200_and_nothing_is_written(amazon, patch, code):
    answer = amazon.patch("IP13-A", stock(1), patch)
    assert (answer.status_code, answer.json()["status"]) == (200, "INVALID")
    (issue,) = answer.json()["issues"]
    assert (issue["code"], issue["severity"]) == (code, "ERROR")
    assert amazon.available("IP13-A") == {"DEFAULT": 5} and submitted(amazon, "IP13-A")[0]["quantity"] == 5


@pytest.mark.parametrize(
    "body",
    [
        {"patches": [stock(1)]},
        {"productType": "", "patches": [stock(1)]},
        {"productType": "PRODUCT"},
        {"productType": "PRODUCT", "patches": []},
        {"productType": "PRODUCT", "patches": [stock(1) | {"op": "test"}]},
        {"productType": "PRODUCT", "patches": [{"op": "merge", "value": []}]},
        {"productType": "PRODUCT", "patches": [{"op": "merge", "path": PATH, "value": {"quantity": 1}}]},
        {"productType": "PRODUCT", "patches": [{"op": "merge", "path": PATH, "value": [1]}]},
        {"productType": "PRODUCT", "patches": {"op": "merge", "path": PATH, "value": []}},
        [stock(1)],
    ],
)
def test_a_body_of_another_shape_is_400(amazon, body):
    answer = amazon("PATCH", amazon.item_path("IP13-A"), params={"marketplaceIds": MARKETPLACE}, json=body)
    assert refused(answer) and amazon.available("IP13-A") == {"DEFAULT": 5}


def test_a_body_must_be_json_and_declared_so(amazon):
    path, params = amazon.item_path("IP13-A"), {"marketplaceIds": MARKETPLACE}
    assert refused(amazon("PATCH", path, params=params, data="{", headers={"Content-Type": "application/json"}))
    answer = amazon("PATCH", path, params=params, data="{}", headers={"Content-Type": "text/plain"})
    assert refused(answer, 415, "UnsupportedMediaType")
    assert refused(amazon("PATCH", path, json={}))  # marketplaceIds is required


def test_an_unknown_sku_is_accepted_and_never_shows(amazon):
    assert amazon.push("NOBODY", 3).json()["status"] == "ACCEPTED"
    assert amazon.listing("NOBODY").status_code == 404


def test_a_preview_changes_nothing(amazon):
    sets = "identifiers,issues"
    answer = amazon.patch("IP13-A", stock(1), mode="VALIDATION_PREVIEW", includedData=sets).json()
    assert (answer["status"], answer["issues"], len(answer["identifiers"])) == ("VALID", [], 1)
    assert amazon.patch("IP13-A", stock(-1), mode="VALIDATION_PREVIEW").json()["status"] == "INVALID"
    assert amazon.available("IP13-A") == {"DEFAULT": 5}
    assert refused(amazon.patch("IP13-A", stock(1), mode="DRY"))
    assert "issues" not in amazon.patch("IP13-A", stock(5), includedData="identifiers").json()


def test_the_writes_of_a_shop_can_go_wrong(amazon, amazon_shop):
    faults = amazon_shop.faults
    faults.add("capped", number=3)
    assert amazon.push("IP13-A", 9).json()["status"] == "ACCEPTED"
    assert (submitted(amazon, "IP13-A")[0]["quantity"], amazon.available("IP13-A")) == (9, {"DEFAULT": 3})
    faults.add("forgotten")
    assert amazon.push("IP13-A", 8).json()["status"] == "ACCEPTED" and amazon.available("IP13-A") == {"DEFAULT": 3}
    faults.add("shown_late", seconds=900)
    amazon.push("IP13-A", 7)
    assert amazon.available("IP13-A") == {"DEFAULT": 3}
    amazon_shop.clock.advance(900)
    assert amazon.available("IP13-A") == {"DEFAULT": 7}
    faults.add("late_write", seconds=60)
    amazon.push("IP13-A", 6)
    amazon.push("IP13-A", 1)
    amazon_shop.clock.advance(60)
    assert amazon.available("IP13-A") == {"DEFAULT": 6}
    faults.add("deactivated")
    amazon.push("IP13-A", 0)
    amazon.push("IP13-A", 2)
    assert amazon.listing("IP13-A").json()["summaries"][0]["status"] == []


@pytest.mark.parametrize(
    ("status", "code"), [(429, "QuotaExceeded"), (500, "InternalFailure"), (503, "ServiceUnavailable")]
)
def test_trouble_has_the_marketplaces_own_words(amazon, amazon_shop, status, code):
    amazon_shop.faults.add("status", status=status, method="PATCH")
    assert refused(amazon.push("IP13-A", 1), status, code)
    assert amazon.available("IP13-A") == {"DEFAULT": 5}


def test_an_answer_can_be_lost_after_the_write(amazon, amazon_shop):
    amazon_shop.faults.add("cut_after", method="PATCH")
    with pytest.raises(requests.ConnectionError):
        amazon.push("IP13-A", 1)
    assert amazon.available("IP13-A") == {"DEFAULT": 1}
