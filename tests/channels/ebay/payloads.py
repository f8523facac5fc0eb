"""eBay's answers: made here, and read from the documents' examples where those are."""

import json
from xml.sax.saxutils import escape

from tests.oas import specs_folder

HOST = "https://api.ebay.com"
IDENTITY = "https://apiz.ebay.com"
TOKEN_URL = f"{HOST}/identity/v1/oauth2/token"
TRADING_URL = f"{HOST}/ws/api.dll"
APP = {
    "client_id": "WholeCell-Test-PRD-0123456789",
    "client_secret": "PRD-cert-id-of-the-test",
    "ru_name": "Whole_Cell-WholeCel-Test-abcdef",
    "verification_token": "",
}
SETTINGS = APP | {
    "platform": "production",
    "site": "us",
    "inventory_batch": "1",
    "schema": "1423",
    "refresh_token": "v^1.1#i^1#refresh-token-of-the-test",
    "refresh_token_ends": "2028-01-31",
    "user_id": "Ex4mPl3Us3r",
    "user_name": "example_phones",
}
ACCESS = "v^1.1#i^1#access-token-of-the-test"
TOKEN = {"access_token": ACCESS, "expires_in": 7200, "token_type": "User Access Token"}
USER = {"userId": "Ex4mPl3Us3r", "username": "example_phones", "registrationMarketplaceId": "EBAY_US"}
PRIVILEGE = {
    "sellerRegistrationCompleted": True,
    "sellingLimit": {"amount": {"value": "25000.00", "currency": "USD"}, "quantity": 2500},
}


def example(name):
    """The body of an answer among the documents' examples."""
    return json.loads((specs_folder() / "ebay" / "examples" / f"{name}.json").read_text())["response"]["body"]


def request_of(name):
    """The request of an example."""
    return json.loads((specs_folder() / "ebay" / "examples" / f"{name}.json").read_text())["request"]


def trading_example(name):
    """An XML message among the documents' examples."""
    return (specs_folder() / "ebay" / "trading" / f"{name}.xml").read_text()


def errors(number, message="No.", **fields):
    return {"errors": [{"errorId": number, "domain": "API", "category": "REQUEST", "message": message, **fields}]}


def answer(call, inside="", ack="Success"):
    """An answer of Trading."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{call}Response xmlns="urn:ebay:apis:eBLBaseComponents">'
        f"<Timestamp>2026-01-02T00:00:00.000Z</Timestamp><Ack>{ack}</Ack>{inside}<Version>1423</Version></{call}Response>"
    )


def fault(code, words="No.", severity="Error", kind="RequestError"):
    return (
        f"<Errors><ShortMessage>{escape(words)}</ShortMessage><LongMessage>{escape(words)}</LongMessage>"
        f"<ErrorCode>{code}</ErrorCode><SeverityCode>{severity}</SeverityCode>"
        f"<ErrorClassification>{kind}</ErrorClassification></Errors>"
    )


def item(number, quantity=5, inside="", sku=None, kind="FixedPriceItem", status=""):
    """A listing as GetMyeBaySelling tells it."""
    sku = f"SKU-{number}" if sku is None else sku
    shown = f"<ListingStatus>{status}</ListingStatus>" if status else ""
    return (
        f"<Item><ItemID>{number}</ItemID><ListingType>{kind}</ListingType><Quantity>{quantity + 2}</Quantity>"
        f'<SellingStatus><CurrentPrice currencyID="USD">99.90</CurrentPrice><QuantitySold>2</QuantitySold>{shown}'
        f"</SellingStatus><Title>Phone {number}</Title><SKU>{escape(sku)}</SKU>{inside}</Item>"
    )


def variation(sku, quantity=5, **specifics):
    """One of a listing's variations."""
    pairs = "".join(
        f"<NameValueList><Name>{name}</Name><Value>{escape(value)}</Value></NameValueList>"
        for name, value in specifics.items()
    )
    return (
        f'<Variation><SKU>{escape(sku)}</SKU><StartPrice currencyID="USD">89.00</StartPrice>'
        f"<Quantity>{quantity}</Quantity><VariationSpecifics>{pairs}</VariationSpecifics></Variation>"
    )


def selling(*items, pages=1, entries=None):
    """A page of GetMyeBaySelling."""
    total = len(items) if entries is None else entries
    result = f"<TotalNumberOfPages>{pages}</TotalNumberOfPages><TotalNumberOfEntries>{total}</TotalNumberOfEntries>"
    listed = f"<ItemArray>{''.join(items)}</ItemArray><PaginationResult>{result}</PaginationResult>"
    return answer("GetMyeBaySelling", f"<ActiveList>{listed}</ActiveList>" if items else "")


def echo(item_id, quantity, sku=""):
    """An entry that ReviseInventoryStatus took."""
    return (
        f"<InventoryStatus><SKU>{escape(sku)}</SKU><ItemID>{item_id}</ItemID><Quantity>{quantity}</Quantity>"
        "</InventoryStatus>"
    )


def revised(*inside, ack="Success"):
    return answer("ReviseInventoryStatus", "".join(inside), ack)


def order(number, quantity=1, **fields):
    """An order of one line."""
    return {
        "orderId": str(number),
        "creationDate": "2026-01-02T10:00:00.000Z",
        "lastModifiedDate": "2026-01-02T10:00:09.000Z",
        "orderFulfillmentStatus": "NOT_STARTED",
        "orderPaymentStatus": "PAID",
        "buyer": {"username": "buyer_1"},
        "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
        "pricingSummary": {"total": {"value": "99.90", "currency": "USD"}},
        "fulfillmentStartInstructions": [
            {"fulfillmentInstructionsType": "SHIP_TO", "shippingStep": {"shipTo": ship_to()}}
        ],
        "lineItems": [line(quantity=quantity)],
        **fields,
    }


def ship_to(**fields):
    return {
        "fullName": "Dana Whitfield",
        "contactAddress": {
            "addressLine1": "418 Alder Ct",
            "city": "Portland",
            "stateOrProvince": "OR",
            "postalCode": "97205",
            "countryCode": "US",
        },
        "primaryPhone": {"phoneNumber": "5035550142"},
        "email": "00aa@members.example.com",
        **fields,
    }


def line(**fields):
    return {
        "lineItemId": "9",
        "legacyItemId": "1",
        "sku": "SKU-1",
        "title": "Phone 1",
        "quantity": 1,
        "lineItemCost": {"value": "99.90", "currency": "USD"},
        "lineItemFulfillmentStatus": "NOT_STARTED",
        **fields,
    }


def orders(*found, total=None, following=""):
    body = {"href": "x", "total": len(found) if total is None else total, "limit": 200, "offset": 0}
    return body | {"orders": list(found)} | ({"next": following} if following else {})


def shipment(number="1Z999AA10123456784", line_id="9", quantity=1):
    return {
        "fulfillmentId": number or "999",
        **({"shipmentTrackingNumber": number, "shippingCarrierCode": "UPS"} if number else {}),
        "lineItems": [{"lineItemId": line_id, "quantity": quantity}],
    }


def shipments(*found):
    return {"total": len(found), "fulfillments": list(found)}


def updated(*elements):
    return {"responses": list(elements)}
