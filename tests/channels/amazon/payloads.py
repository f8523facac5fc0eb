"""Amazon's answers: made here, and read from the documents' examples where those are."""

import json

from tests.oas import specs_folder

SETTINGS = {
    "marketplace": "ATVPDKIKX0DER",
    "platform": "na",
    "seller_id": "A1B2C3D4E5F6G7",
    "client_id": "amzn1.application-oa2-client.test",
    "client_secret": "amzn1.oa2-cs.v1.secret-of-the-test",
    "refresh_token": "Atzr|refresh-token-of-the-test",
    "secret_made_on": "2026-01-31",
}
HOST = "https://sellingpartnerapi-na.amazon.com"
TOKEN_URL = "https://api.amazon.com/auth/o2/token"
TOKEN = "Atza|access-token-of-the-test"
FILE = "https://tortuga-prod-na.s3-external-1.amazonaws.com/file?X-Amz-Signature=s3cret"
COLUMNS = (
    "item-name\titem-description\tlisting-id\tseller-sku\tprice\tquantity\topen-date\titem-condition\tasin1\t"
    "fulfillment-channel\tstatus"
)


def errors(code, message, details=""):
    return {"errors": [{"code": code, "message": message, "details": details}]}


def item(number, quantity=5, **fields):
    """A listing as searches and getListingsItem answer it."""
    status = ["BUYABLE", "DISCOVERABLE"] if quantity else ["DISCOVERABLE"]
    return {
        "sku": f"SKU-{number}",
        "summaries": [
            {
                "marketplaceId": "ATVPDKIKX0DER",
                "asin": f"B0{number:08d}",
                "productType": "CELLULAR_PHONE",
                "conditionType": "refurbished_refurbished",
                "status": status,
                "itemName": 'iPhone 12 64GB 6.1" Black',
                "createdDate": "2026-01-01T00:00:00Z",
                "lastUpdatedDate": "2026-02-01T00:00:00Z",
            }
        ],
        "offers": [
            {
                "marketplaceId": "ATVPDKIKX0DER",
                "offerType": "B2C",
                "price": {"currencyCode": "USD", "amount": "229.99"},
            }
        ],
        "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": quantity}],
        "relationships": [{"marketplaceId": "ATVPDKIKX0DER", "relationships": []}],
        "issues": [],
    } | fields


def found(*items, count=None, token=None):
    pagination = {"nextToken": token} if token else {}
    return {"numberOfResults": len(items) if count is None else count, "pagination": pagination, "items": list(items)}


def row(number, **fields):
    """One line of the report."""
    cells = {
        "item-name": 'iPhone 12 64GB 6.1" Black',
        "item-description": "",
        "listing-id": f"0101{number}",
        "seller-sku": f"SKU-{number}",
        "price": "229.99",
        "quantity": "5",
        "open-date": "2026-01-01 08:00:00 PST",
        "item-condition": "10",
        "asin1": f"B0{number:08d}",
        "fulfillment-channel": "DEFAULT",
        "status": "Active",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    return "\t".join(cells[name] for name in COLUMNS.split("\t"))


def report(*rows, columns=COLUMNS):
    return "\n".join([columns, *rows, ""])


def report_state(status, **fields):
    return {
        "reportId": "R1",
        "reportType": "GET_MERCHANT_LISTINGS_ALL_DATA",
        "createdTime": "2026-03-01T09:00:00Z",
        "processingStatus": status,
    } | fields


def feed_state(status, **fields):
    return {
        "feedId": "F1",
        "feedType": "JSON_LISTINGS_FEED",
        "createdTime": "2026-03-01T09:00:00Z",
        "processingStatus": status,
    } | fields


def order(number, status="UNSHIPPED", **fields):
    line = {
        "orderItemId": f"{number}1",
        "quantityOrdered": 1,
        "product": {
            "asin": "B000000001",
            "title": "iPhone 12",
            "sellerSku": "SKU-1",
            "price": {"unitPrice": {"amount": "229.99", "currencyCode": "USD"}},
        },
        "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 1},
    }
    return {
        "orderId": f"111-0000000-{number:07d}",
        "createdTime": "2026-03-01T09:00:00Z",
        "lastUpdatedTime": "2026-03-01T09:30:00Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
        "fulfillment": {"fulfillmentStatus": status, "fulfilledBy": "MERCHANT"},
        "proceeds": {"grandTotal": {"amount": "229.99", "currencyCode": "USD"}},
        "orderItems": [line],
    } | fields


def orders(*rows, token=None):
    return {"orders": list(rows), "pagination": {"nextToken": token} if token else {}}


def examples(name, operation, *, good=True):
    """Every answer of a kind that a document gives for an operation; none where the document is absent."""
    path = specs_folder() / "amazon" / f"{name}.json"
    if not path.is_file():
        return []
    of_path = json.loads(path.read_text())["paths"].values()
    (found,) = [
        op for each in of_path for op in each.values() if isinstance(op, dict) and op.get("operationId") == operation
    ]
    answers = []
    for status, answer in found["responses"].items():
        if status.startswith("2") == good:
            answers += [pair["response"] for pair in answer.get("x-amzn-api-sandbox", {}).get("static", [])]
            shown = answer.get("examples", {})
            answers += [shown.get("application/json", shown)] if shown else []  # one stands there without its type
    return answers
