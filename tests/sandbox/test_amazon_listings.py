"""Amazon's listings over a real socket: searching and reading."""

import pytest

from tests.sandbox.amazon_api import MARKETPLACE, ODD_SKU, amazon_row, refused

ALL = "summaries,attributes,issues,offers,fulfillmentAvailability,procurement,relationships,productTypes"


def skus(answer):
    assert answer.status_code == 200, answer.text
    return [item["sku"] for item in answer.json()["items"]]


def test_summaries_come_unless_more_is_asked_for(amazon):
    for item in (amazon.listing("IP13-A").json(), amazon.search(pageSize=1).json()["items"][0]):
        assert set(item) == {"sku", "summaries"}
    item = amazon.listing("IP13-A", includedData=ALL).json()
    assert set(item) == {"sku", *ALL.split(",")} - {"procurement"}
    assert item["offers"][0]["price"] == {"currencyCode": "USD", "amount": "289.00"}
    assert item["fulfillmentAvailability"] == [{"fulfillmentChannelCode": "DEFAULT", "quantity": 5}]
    summary = item["summaries"][0]
    assert (summary["itemName"], summary["conditionType"]) == ('iPhone 13 6.1" 128GB - Blue', "used_good")
    assert summary["asin"].startswith("B0") and len(summary["asin"]) == 10


def test_a_listing_is_buyable_while_it_has_stock(amazon, amazon_shop):
    def status(sku):
        return amazon.listing(sku).json()["summaries"][0]["status"]

    assert status("IP13-A") == ["BUYABLE", "DISCOVERABLE"] and status("S21-A") == ["DISCOVERABLE"]
    amazon_shop.sell("amazon", sku="IP13-B", quantity=2)
    assert status("IP13-B") == ["DISCOVERABLE"]
    amazon.control("set", sku="IP13-A", set={"is_blocked": True})
    assert status("IP13-A") == []
    (issue,) = amazon.listing("IP13-A", includedData="issues").json()["issues"]
    assert issue["severity"] == "ERROR"


def test_a_sku_is_percent_encoded_whatever_it_holds(amazon):
    assert amazon.listing(ODD_SKU).json()["sku"] == ODD_SKU
    plain = amazon.get("/listings/2021-08-01/items/A1SANDBOXSELLER/A/1", marketplaceIds=MARKETPLACE)
    assert plain.status_code == 404  # a slash that is not encoded is a longer path
    amazon.complaints.clear()


def test_an_unknown_sku_is_404_and_case_counts(amazon):
    for sku in ("NOBODY", "ip13-a"):
        answer = amazon.listing(sku)
        assert refused(answer, 404, "NOT_FOUND") and sku in answer.json()["errors"][0]["message"]


def test_amazon_tells_no_quantity_of_its_own_stock(amazon):
    assert amazon.available("FBA-1") == {"AMAZON_NA": None}
    submitted = amazon.listing("FBA-1", includedData="attributes").json()["attributes"]["fulfillment_availability"]
    assert submitted == [{"fulfillment_channel_code": "AMAZON_NA", "marketplace_id": MARKETPLACE}]


def test_pages_go_forward_and_back(amazon, amazon_shop):
    amazon_shop.seed("amazon", [amazon_row(f"MORE-{number}") for number in range(20)])
    first = amazon.search().json()
    assert (first["numberOfResults"], len(first["items"]), set(first["pagination"])) == (25, 10, {"nextToken"})
    second = amazon.search(pageToken=first["pagination"]["nextToken"]).json()
    third = amazon.search(pageToken=second["pagination"]["nextToken"]).json()
    assert (len(third["items"]), set(third["pagination"])) == (5, {"previousToken"})
    assert amazon.search(pageToken=second["pagination"]["previousToken"]).json() == first
    assert len({item["sku"] for page in (first, second, third) for item in page["items"]}) == 25
    assert "pagination" not in amazon.search(identifiers="IP13-A", identifiersType="SKU").json()


def test_no_more_than_1000_can_be_paged_through(amazon, amazon_shop):
    amazon.control("limits", searchListingsItems=None)
    amazon_shop.seed("amazon", [amazon_row(f"MORE-{number}") for number in range(1_010)])
    seen, token = [], None
    while True:
        page = amazon.search(pageSize=20, **({"pageToken": token} if token else {})).json()
        seen += [item["sku"] for item in page["items"]]
        token = page["pagination"].get("nextToken")
        if token is None:
            break
    assert (len(set(seen)), page["numberOfResults"]) == (1_000, 1_015)


@pytest.mark.parametrize(
    "params",
    [
        {"pageSize": 21},
        {"pageSize": 0},
        {"pageToken": "made-up"},
        {"includedData": "summaries,prices"},
        {"includedData": ""},
        {"identifiers": "IP13-A"},
        {"identifiersType": "SKU"},
        {"identifiers": "IP13-A", "identifiersType": "NAME"},
        {"identifiers": ",".join(f"S{number}" for number in range(21)), "identifiersType": "SKU"},
        {"identifiers": "IP13-A", "identifiersType": "SKU", "variationParentSku": "IP13"},
        {"variationParentSku": "IP13", "packageHierarchySku": "BOX"},
        {"withStatus": "SOLD"},
        {"sortBy": "price"},
        {"sortOrder": "UP"},
        {"lastUpdatedAfter": "yesterday"},
        {"lastUpdatedAfter": "2026-03-01T09:00:00"},
        {"marketplaceIds": [MARKETPLACE, MARKETPLACE]},
    ],
)
def test_a_search_the_document_forbids_is_refused(amazon, params):
    assert refused(amazon.search(**params))


def test_identifiers_find_listings(amazon):
    asin = amazon.listing("IP13-B").json()["summaries"][0]["asin"]
    assert skus(amazon.search(identifiers=asin, identifiersType="ASIN")) == ["IP13-B"]
    assert set(skus(amazon.search(identifiers="IP13-B,S21-A,NOBODY", identifiersType="SKU"))) == {"IP13-B", "S21-A"}
    assert skus(amazon.search(identifiers="0194252705841", identifiersType="EAN")) == []


def test_filters_by_status_issue_and_time(amazon, amazon_shop):
    assert set(skus(amazon.search(withoutStatus="BUYABLE"))) == {"S21-A"}
    assert "S21-A" not in skus(amazon.search(withStatus="BUYABLE,DISCOVERABLE"))
    amazon_shop.clock.advance(3_000)
    amazon_shop.sell("amazon", sku="IP13-B")
    amazon.control("set", sku="S21-A", set={"is_incomplete": True, "title": "New name"})
    changed = amazon.search(lastUpdatedAfter="2026-03-01T09:30:00Z", sortBy="sku", sortOrder="ASC")
    assert skus(changed) == ["IP13-B", "S21-A"]
    assert skus(amazon.search(withIssueSeverity="ERROR")) == ["S21-A"]
    assert len(skus(amazon.search(lastUpdatedBefore="2026-03-01T09:00:00Z"))) == 3
    assert skus(amazon.search(createdAfter="2026-03-01T09:00:01Z")) == []


def test_created_cuts_a_large_shop_in_slices(amazon, amazon_shop):
    amazon_shop.seed("amazon", [amazon_row(f"OLD-{year}", created=f"{year}-05-01T00:00:00Z") for year in (2021, 2023)])
    assert skus(amazon.search(createdBefore="2022-01-01T00:00:00Z")) == ["OLD-2021"]
    slice_ = {"createdAfter": "2022-01-01T00:00:00Z", "createdBefore": "2024-01-01T00:00:00Z"}
    assert skus(amazon.search(**slice_)) == ["OLD-2023"]


def test_the_last_updated_comes_first(amazon, amazon_shop):
    amazon_shop.clock.advance(60)
    amazon.push("IP13-A", 1)
    assert skus(amazon.search())[0] == "IP13-A"


def test_variations_know_their_parent(amazon, amazon_shop):
    rows = [amazon_row("IP13", is_parent=True, quantity=0), amazon_row("IP13-RED", parent_sku="IP13")]
    amazon_shop.seed("amazon", rows)
    assert skus(amazon.search(variationParentSku="IP13")) == ["IP13-RED"]
    parent = amazon.listing("IP13", includedData=ALL).json()
    assert (parent["offers"], parent["fulfillmentAvailability"]) == ([], [])
    assert parent["relationships"][0]["relationships"][0]["childSkus"] == ["IP13-RED"]
    child = amazon.listing("IP13-RED", includedData="relationships").json()
    assert child["relationships"][0]["relationships"][0]["parentSkus"] == ["IP13"]
