"""Bent requests: what is refused is refused in eBay's words, and nothing breaks."""

import json
import random

import pytest
from werkzeug.test import Client

from tests.oas import needs_spec, specs_folder, validating
from tests.sandbox.conftest import START
from tests.sandbox.ebay_api import DOCUMENTS, GREEN, OWN, ROWS, SINGLE, VARIED, A
from wholecell.sandbox import Shop, create_sandbox
from wholecell.sandbox.ebay.account import CERT_ID, CLIENT_ID, REFRESH_TOKEN

JUNK = [None, 0, -1, 1, "", [], {}, "x", [None], [[]], {"a": 1}, True, 1.5, "9" * 5_000, 10**30, float("nan"), "1"]
WORDS = ["", "x", "0", "1", "-1", "²", "٣", "9" * 5_000, "0001-01-01T00:00:00+14:00", "2026-03-01T00:00:00Z", SINGLE]
WORDS += ["2026-02-01T00:00:00.000Z", "9999-12-31T23:59:59Z", VARIED, GREEN, OWN, "true", "lastmodifieddate:[..]"]
WORDS += ["creationdate:[0001-01-01T00:00:00Z..]", "lastmodifieddate:[2026-13-45T99:00:00Z..]", "a:[b]", ",,,"]
FULFILMENT, STOCK = "/sell/fulfillment/v1", "/sell/inventory/v1"
TAGS = "ActiveList Include Pagination EntriesPerPage PageNumber InventoryStatus ItemID SKU Quantity Item Variations "
TAGS += "Variation EndTimeFrom EndTimeTo StartTimeFrom StartTimeTo GranularityLevel IncludeVariations DetailName"
CALLS = "GetMyeBaySelling GetSellerList GetItem ReviseInventoryStatus ReviseFixedPriceItem GetUserPreferences"


def bent(value, chance):
    """The value with parts of it left out or replaced."""
    if chance.random() < 0.1:
        return chance.choice(JUNK)
    if isinstance(value, dict):
        return {key: bent(each, chance) for key, each in value.items() if chance.random() > 0.05}
    return [bent(each, chance) for each in value] if isinstance(value, list) else value


@pytest.fixture
def shop():
    made = Shop()
    made.clock.set(START)
    made.seed("ebay", ROWS)
    for limit in made.account("ebay").limits.values():
        limit.most = None
    return made


def client_of(shop, app):
    client = Client(app)
    form = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN}
    token = client.post("/ebay/identity/v1/oauth2/token", data=form, auth=(CLIENT_ID, CERT_ID)).json["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en-US", "X-EBAY-API-IAF-TOKEN": token}
    return lambda method, path, **options: client.open(f"/ebay{path}", method=method, headers=headers, **options)


@needs_spec("ebay")
@pytest.mark.parametrize("prefix", [FULFILMENT, STOCK])
def test_bent_bodies_and_queries(shop, prefix):
    chance = random.Random(7)
    checked = validating(create_sandbox(shop), specs_folder() / "ebay" / f"{DOCUMENTS[prefix]}.json", f"/ebay{prefix}")
    call = client_of(shop, checked)
    order = shop.sell("ebay", sku=A, quantity=2)
    package = {
        "lineItems": [{"lineItemId": str(order.lines[0].id), "quantity": 1}],
        "shippedDate": "2026-03-01T09:00:00.000Z",
        "shippingCarrierCode": "UPS",
    }
    row = {"sku": OWN, "shipToLocationAvailability": {"quantity": 3}}
    row |= {"offers": [{"offerId": shop.account("ebay").by_sku(OWN).offer_id, "availableQuantity": 2}]}
    bodies = {
        FULFILMENT: (f"/order/{order.number}/shipping_fulfillment", package | {"trackingNumber": "1Z"}),
        STOCK: ("/bulk_update_price_quantity", {"requests": [row, {"sku": "GONE"}]}),
    }
    reads = {FULFILMENT: ("/order", f"/order/{order.number}"), STOCK: ("/inventory_item", "/offer")}
    seen = set()
    for _ in range(40):
        path, body = bodies[prefix]
        sent = {"data": json.dumps(bent(body, chance)), "content_type": "application/json"}
        seen.add(call("POST", f"{prefix}{path}", **sent).status_code)
        names = chance.sample(["limit", "offset", "filter", "orderIds", "sku", "fieldGroups"], 2)
        query = {name: chance.choice(WORDS) for name in names}
        seen.add(call("GET", prefix + chance.choice(reads[prefix]), query_string=query).status_code)
    assert {200, 400} <= seen <= {200, 201, 207, 400, 404}
    # Numbers without sense are let through where the document forbids them and eBay would coerce or ignore them.
    assert not [words for words in checked.complaints if "response" in words.split(" ")[2]]


def test_bent_xml(shop):
    chance = random.Random(7)
    call = client_of(shop, create_sandbox(shop))

    def xml(depth=0):
        deeper = depth < 3 and chance.random() < 0.5
        tags = chance.choices(TAGS.split(), k=chance.randint(0, 5))
        return "".join(f"<{tag}>{xml(depth + 1) if deeper else chance.choice(WORDS)}</{tag}>" for tag in tags)

    seen = set()
    for _ in range(200):
        name = chance.choice(CALLS.split())
        text = f'<{name}Request xmlns="urn:ebay:apis:eBLBaseComponents">{xml()}</{name}Request>'
        cut = text[: chance.randint(0, len(text))] if chance.random() < 0.05 else text
        own = {"X-EBAY-API-CALL-NAME": name, "X-EBAY-API-SITEID": "0", "X-EBAY-API-COMPATIBILITY-LEVEL": "1423"}
        environ = {f"HTTP_{header.upper().replace('-', '_')}": value for header, value in own.items()}
        answer = call("POST", "/ws/api.dll", data=cut.encode(), environ_overrides=environ)
        assert answer.status_code == 200
        seen.add(answer.text.partition("<Ack>")[2].partition("<")[0])
    assert {"Success", "Failure"} <= seen <= {"Success", "Warning", "PartialFailure", "Failure"}
