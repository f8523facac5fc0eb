"""Listings under the Inventory API: their items, offers, and both of their quantities."""

import pytest

from tests.sandbox.ebay_api import BASE_SCOPE, MANAGED, OWN, A, make_row, path_of, refusal
from wholecell.sandbox import RefusedError

ITEMS, OFFERS = "/sell/inventory/v1/inventory_item", "/sell/inventory/v1/offer"


def offer_of(api, sku=OWN):
    (offer,) = api.get(OFFERS, sku=sku).json()["offers"]
    return offer


def update(api, *rows):
    return api.post("/sell/inventory/v1/bulk_update_price_quantity", {"requests": list(rows)})


def row(api, sku=OWN, item=2, offer=2, offer_id=None):
    shape = {"sku": sku}
    if item is not None:
        shape["shipToLocationAvailability"] = {"quantity": item}
    if offer is not None:
        shape["offers"] = [{"offerId": offer_id or offer_of(api)["offerId"], "availableQuantity": offer}]
    return shape


def add(api, sku, **fields):
    api.account.add(make_row(sku, str(179_000_000_000 + len(api.account.listings)), inventory_api=True, **fields))


def test_only_what_was_made_there_is_there(ebay):
    (item,) = ebay.get(ITEMS).json()["inventoryItems"]
    assert (item["sku"], item["availability"]["shipToLocationAvailability"]["quantity"]) == (OWN, 6)
    assert ebay.get(f"{ITEMS}/{OWN}").json() == item
    for sku in (A, "GONE"):
        answer = ebay.get(f"{ITEMS}/{sku}")
        assert (answer.status_code, refusal(answer)) == (404, 25702)
        assert refusal(ebay.get(OFFERS, sku=sku)) == 25713
    with pytest.raises(RefusedError, match="a SKU of its own"):
        add(ebay, OWN)


def test_an_offer_names_its_listing(ebay):
    offer = offer_of(ebay)
    assert offer["listing"] == {"listingId": MANAGED, "listingStatus": "ACTIVE", "soldQuantity": 0}
    assert (offer["availableQuantity"], offer["status"]) == (6, "PUBLISHED")
    assert ebay.get(f"{OFFERS}/{offer['offerId']}").json() == offer
    assert ebay.get(f"{OFFERS}/1").status_code == 404
    assert refusal(ebay.get(OFFERS)) == 25709  # without a SKU
    ebay.shop.sell("ebay", sku=OWN, quantity=6)
    assert offer_of(ebay)["listing"] == {"listingId": MANAGED, "listingStatus": "OUT_OF_STOCK", "soldQuantity": 6}
    ebay.account.items[MANAGED].end("Ended", ebay.shop.clock())
    assert offer_of(ebay)["listing"]["listingStatus"] == "ENDED"


def test_offset_counts_pages(ebay):
    for sku in ("B/1 2", "C", "D"):
        add(ebay, sku)
    page = ebay.get(ITEMS, limit=2)
    assert (page.json()["total"], page.json()["size"]) == (4, 2) and page.json()["next"].endswith("offset=1")
    seen = [item["sku"] for item in page.json()["inventoryItems"]]
    last = ebay("GET", path_of(page.json()["next"])).json()
    assert seen + [item["sku"] for item in last["inventoryItems"]] == [OWN, "B/1 2", "C", "D"]
    assert "next" not in last and last["prev"].endswith("offset=0")
    assert ebay.get(ITEMS, limit=2, offset=2).json()["inventoryItems"] == []
    for wrong in ({"limit": 201}, {"limit": 0}, {"offset": "x"}):
        assert refusal(ebay.get(ITEMS, **wrong)) == 25706
    assert ebay("GET", f"{ITEMS}/B%2F1%202").json()["sku"] == "B/1 2"


@pytest.mark.parametrize("language", ["*", "", "7"])
def test_a_language_must_be_named(ebay, language):
    answer = ebay("GET", ITEMS, headers={"Accept-Language": language})
    assert (answer.status_code, refusal(answer)) == (400, 25709)


def test_buyers_see_the_smaller_number(ebay):
    listing = ebay.account.by_sku(OWN)
    assert update(ebay, row(ebay, item=4, offer=3)).status_code == 200
    assert (listing.quantity, listing.ship_to, offer_of(ebay)["availableQuantity"]) == (3, 4, 3)
    update(ebay, row(ebay, item=None, offer=9))
    assert listing.quantity == 4
    update(ebay, row(ebay, item=2, offer=None))
    assert listing.quantity == 2
    ebay.shop.sell("ebay", sku=OWN, quantity=2)
    assert (listing.quantity, listing.ship_to, listing.offered) == (0, 0, 7)


def test_one_row_may_fail_and_the_others_not(ebay):
    answer = update(ebay, row(ebay), {"sku": "GONE", "shipToLocationAvailability": {"quantity": 1}})
    assert answer.status_code == 207
    first, second = answer.json()["responses"]
    assert first["statusCode"] == 200 and first["offerId"] == offer_of(ebay)["offerId"]
    assert (second["statusCode"], second["errors"][0]["errorId"]) == (404, 25702)
    assert ebay.account.by_sku(OWN).quantity == 2


@pytest.mark.parametrize(
    ("change", "number"),
    [({"offer_id": "8209815999"}, 25709), ({"item": -1}, 25709), ({"item": True}, 25709), ({"offer": "5"}, 25709)],
)
def test_what_is_wrong_with_a_row(ebay, change, number):
    answer = update(ebay, row(ebay, **change))
    assert answer.status_code == 207 and answer.json()["responses"][0]["errors"][0]["errorId"] == number
    assert ebay.account.by_sku(OWN).quantity == 6
    ebay.complaints.clear()  # numbers that the document does not allow


def test_what_is_wrong_with_a_body(ebay):
    for body in ({}, {"requests": []}, {"requests": ["x"]}, []):
        assert refusal(ebay.post("/sell/inventory/v1/bulk_update_price_quantity", body)) == 25709
    assert refusal(update(ebay, *[{"sku": str(n)} for n in range(26)])) == 25727
    answer = ebay("POST", "/sell/inventory/v1/bulk_update_price_quantity", data="x")
    assert answer.status_code == 415
    ebay.set(several_skus=0)
    assert refusal(update(ebay, row(ebay), {"sku": "B"})) == 25002


def test_a_listing_there_is_revised_so_often_a_day_too(ebay):
    update(ebay, row(ebay))
    ebay.account.items[MANAGED].revised = 250
    (failed,) = update(ebay, row(ebay, item=1)).json()["responses"]
    assert failed["errors"][0]["errorId"] == 25001 and "250 for item per day" in failed["errors"][0]["message"]
    ebay.account.items[MANAGED].end("Ended", ebay.shop.clock())
    assert update(ebay, row(ebay)).json()["responses"][0]["errors"][0]["errorId"] == 25002


def test_faults_strike_these_quantities_too(ebay):
    ebay.shop.faults.add("partial_bulk", path="bulk_update")
    assert update(ebay, row(ebay)).json()["responses"][0]["statusCode"] == 500
    ebay.shop.faults.add("capped", sku=OWN, number=1)
    update(ebay, row(ebay, item=4, offer=4))
    assert ebay.account.by_sku(OWN).quantity == offer_of(ebay)["availableQuantity"] == 1
    ebay.shop.faults.add("forgotten", sku=OWN)
    assert update(ebay, row(ebay, item=5, offer=5)).status_code == 200 and offer_of(ebay)["availableQuantity"] == 1


def test_reading_many(ebay):
    path = "/sell/inventory/v1/bulk_get_inventory_item"
    rows = ebay.post(path, {"requests": [{"sku": OWN}, {"sku": A}]}).json()["responses"]
    assert [each["statusCode"] for each in rows] == [200, 404]
    assert rows[0]["inventoryItem"]["sku"] == OWN
    assert refusal(ebay.post(path, {"requests": [{"sku": OWN}, {"sku": OWN}]})) == 25734


def test_reading_needs_a_scope_and_writing_another(ebay):
    ebay.use(scope=f"{BASE_SCOPE}/sell.inventory.readonly")
    assert ebay.get(ITEMS).status_code == 200
    assert refusal(update(ebay, row(ebay, offer=None))) == 1100
    ebay.use(scope=f"{BASE_SCOPE}/sell.fulfillment.readonly")
    assert ebay.get(ITEMS).status_code == 403 and ebay.get("/sell/fulfillment/v1/order").status_code == 200
