"""A client of the pretend Walmart with the headers its documents ask for; every call is checked against them."""

import json
from urllib.parse import quote

import requests

from tests.oas import specs_folder, validator_for

CLIENT, SECRET = "sandbox-walmart-client", "sandbox-walmart-secret"
A, B, EMPTY, WFS = "IP13-128-BLU-A", "IP13-128-BLU-B", "S21 A/B+", "WFS-1"


def make_item(sku=A, **fields):
    row = {"sku": sku, "title": "iPhone 13 128GB Blue, Unlocked", "price": "289.00", "currency": "USD", "quantity": 5}
    return row | fields


class Walmart:
    """Calls it over the socket. `complaints` are the departures from the documents of calls that were answered well."""

    def __init__(self, sandbox, shop):
        self.sandbox, self.shop = sandbox, shop
        self.base = sandbox.base_url("walmart")
        folder = specs_folder() / "walmart"
        self.validator = validator_for(folder, self.base) if folder.is_dir() else None
        self.complaints = []
        self.calls = 0
        self.token = None

    def headers(self, **more):
        self.calls += 1
        ours = {"WM_SVC.NAME": "Walmart Marketplace", "WM_QOS.CORRELATION_ID": f"call-{self.calls}"}
        return ours | {"Accept": "application/json"} | more

    def __call__(self, method, path, *, headers=None, **options):
        if self.token is None:
            self.token = self.log_in().json()["access_token"]
        sent = self.headers() | {"WM_SEC.ACCESS_TOKEN": self.token} | (headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        return self._checked(requests.request(method, self.base + path, headers=sent, timeout=10, **options))

    def log_in(self, login=(CLIENT, SECRET), headers=None, **form):
        form = {"grant_type": "client_credentials"} | form
        sent = {name: value for name, value in (self.headers() | (headers or {})).items() if value is not None}
        return self._checked(requests.post(f"{self.base}/v3/token", form, headers=sent, auth=login, timeout=10))

    def _checked(self, response):
        if self.validator:
            self.complaints += self.validator.complaints(response)
        return response

    def get(self, path, **params):
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in params.items())
        return self("GET", path + ("?" + query if query else ""))

    def put_quantity(self, sku, amount, fields=None):
        body = {"sku": sku, "quantity": {"unit": "EACH", "amount": amount}} | (fields or {})
        return self("PUT", f"/v3/inventory?sku={quote(sku, safe='')}", json=body)

    def quantities(self, sku):
        """Input, available to sell, reserved."""
        rows = self.get("/v3/inventories", limit=50).json()["elements"]["inventories"]
        (node,) = next(row for row in rows if row["sku"] == sku)["nodes"]
        return tuple(node[name]["amount"] for name in ("inputQty", "availToSellQty", "reservedQty"))

    def feed(self, rows, kind="inventory", **body):
        whole = {"InventoryHeader": {"version": "1.4"}, "Inventory": rows} | body
        return self.send_file(json.dumps(whole), kind)

    def send_file(self, data, kind="inventory"):
        return self("POST", f"/v3/feeds?feedType={kind}", files={"file": ("feed.json", data, "application/json")})

    def feed_status(self, feed, **params):
        return self.get(f"/v3/feeds/{quote(feed, safe='')}", **params)

    def acknowledge(self, order):
        return self("POST", f"/v3/orders/{order.id}/acknowledge")

    def ship(self, order, *rows, **shipment):
        lines = {"orderLines": {"orderLine": list(rows) or [ship_row(line) for line in order.lines]}}
        return self("POST", f"/v3/orders/{order.id}/shipping", json={"orderShipment": shipment | lines})

    def cancel(self, order, *rows):
        body = {"orderCancellation": {"orderLines": {"orderLine": list(rows)}}}
        return self("POST", f"/v3/orders/{order.id}/cancel", json=body)

    def set(self, **settings):
        return self.control("settings", channel="walmart", **settings)

    def control(self, name, **body):
        return requests.post(f"{self.sandbox.url}/_sandbox/{name}", json=body, timeout=10)


def tracking(**fields):
    told = {"shipDateTime": 1772400000000, "carrierName": {"carrier": "UPS"}, "methodCode": "Standard"}
    return told | {"trackingNumber": "1Z999AA10123456784"} | fields


def ship_row(line, units=None, *, told=None, **fields):
    status = {
        "status": "Shipped",
        "statusQuantity": {"unitOfMeasurement": "EACH", "amount": str(units or line.quantity)},
        "trackingInfo": told or tracking(),
    }
    row = {"lineNumber": str(line.id), "sellerOrderId": "SO-1042", "orderLineStatuses": {"orderLineStatus": [status]}}
    return row | fields


def cancel_row(line, units=None, reason="SELLER_CANCEL_OUT_OF_STOCK"):
    status = {
        "status": "Cancelled",
        "cancellationReason": reason,
        "statusQuantity": {"unitOfMeasurement": "EACH", "amount": str(units or line.quantity)},
    }
    return {"lineNumber": str(line.id), "orderLineStatuses": {"orderLineStatus": [status]}}


def statuses(answer):
    """[{status: units}] per line, from an answer with an order."""
    body = answer.json()
    lines = body.get("order", body)["orderLines"]["orderLine"]
    return [
        {each["status"]: int(each["statusQuantity"]["amount"]) for each in line["orderLineStatuses"]["orderLineStatus"]}
        for line in lines
    ]


def refusal(answer):
    """The code of the one error in the usual shape."""
    (error,) = answer.json()["errors"]["error"]
    return error["code"]


def listed(answer):
    """The orders of a page."""
    return answer.json()["list"]["elements"]["order"]


def ids(answer):
    """The numbers of the orders of a page."""
    return [int(order["purchaseOrderId"]) for order in listed(answer)]
