"""A client of the pretend ShipStation, checked against V1's document, and a store of the seller's that it can pull."""

from threading import Thread
from urllib.parse import parse_qsl

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from tests.oas import specs_folder, validating
from wholecell.sandbox import Shop, create_sandbox

SPEC = "shipstation/openapi-v1.corrected.json"
KEYS = ("sandbox-shipstation-key", "sandbox-shipstation-secret")
A, B = "IP13-128-BLU-A", "S21-A"
LOGIN = {"user": "store", "password": "s3:cret é"}


class ShipStation:
    """Calls V1 without a socket."""

    def __init__(self, shop):
        self.shop = shop
        self.account = shop.account("shipstation")
        spec = specs_folder() / SPEC
        self.checked = validating(create_sandbox(shop), spec, "/shipstation") if spec.is_file() else None
        self.client = Client(self.checked or create_sandbox(shop))
        self.keys = KEYS

    def __call__(self, method, path, **options):
        return self.client.open("/shipstation" + path, method=method, auth=self.keys, **options)

    def get(self, path, **params):
        return self("GET", path, query_string=params or None)

    def post(self, path, body):
        return self("POST", path, json=body)

    def create(self, **fields):
        return self.post("/orders/createorder", make_order(**fields))

    def numbers(self, **params):
        return [row["orderNumber"] for row in self.get("/orders", **params).json["orders"]]

    def do(self, action, **body):
        answer = self.client.post("/_sandbox/do", json={"channel": "shipstation", "action": action, **body})
        return answer.json if answer.status_code == 200 else answer

    def forgive(self):
        """Calls made so far were amiss on purpose."""
        if self.checked:
            self.checked.complaints.clear()

    def set(self, **settings):
        self.account.settings.update(settings)


def make_order(**fields):
    order = {
        "orderNumber": "BM-1",
        "orderKey": "wc-1",
        "orderDate": "2026-03-01T01:00:00",
        "orderStatus": "awaiting_shipment",
        "billTo": {"name": "Ada Byron"},
        "shipTo": {"name": "Ada Byron", "street1": "1 Loop", "city": "Reno", "state": "NV", "postalCode": "89501"}
        | {"country": "US"},
        "items": [
            {"lineItemKey": "11", "sku": A, "name": "iPhone 13", "quantity": 2, "unitPrice": 289.0},
            {"lineItemKey": "12", "sku": B, "name": "Galaxy S21", "quantity": 1, "unitPrice": 199.5},
        ],
        "amountPaid": 777.5,
        "advancedOptions": {"source": "Back Market", "customField1": "WC-1"},
    }
    return order | fields


def order_xml(number="WC-1", status="paid", items="", **fields):
    texts = {"OrderID": f"id-{number}", "OrderNumber": number, "OrderDate": "02/28/2026 18:05", "OrderStatus": status}
    texts |= {"LastModified": "02/28/2026 18:09", "OrderTotal": "777.50", "Source": "Back Market"} | fields
    place = "<Name>Ada Byron</Name><Address1>1 Loop</Address1><City>Reno</City><PostalCode>89501</PostalCode>"
    people = f"<BillTo><Name>Ada</Name></BillTo><ShipTo>{place}<Country>US</Country></ShipTo>"
    rows = items or item_xml("11", A, 2) + item_xml("12", B, 1)
    told = "".join(f"<{name}>{text}</{name}>" for name, text in texts.items() if text is not None)
    customer = f"<Customer><CustomerCode>ada@x.example</CustomerCode>{people}</Customer>"
    return f"<Order>{told}{customer}<Items>{rows}</Items></Order>"


def item_xml(line, sku, quantity):
    told = f"<LineItemID>{line}</LineItemID><SKU>{sku}</SKU><Name>A phone &amp; more</Name>"
    return f"<Item>{told}<Quantity>{quantity}</Quantity><UnitPrice>289.00</UnitPrice></Item>"


def page_xml(*orders, pages=1):
    return f'<?xml version="1.0" encoding="utf-8"?><Orders pages="{pages}">{"".join(orders)}</Orders>'


class _Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass


class SellersStore:
    """The seller's program as ShipStation sees it: keeps what was asked, and answers `pages` or `status`.

    `meanwhile` is done before each answer.
    """

    def __init__(self):
        self.forget()
        self._server = make_server("127.0.0.1", 0, self._serve, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}/store"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def forget(self):
        self.asked, self.pages, self.status, self.meanwhile = [], [page_xml()], 200, lambda: None

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    @property
    def queries(self):
        return [dict(parse_qsl(request.query_string.decode(), keep_blank_values=True)) for request in self.asked]

    def _serve(self, environ, start_response):
        request = Request(environ)
        request.get_data(cache=True)
        self.asked.append(request)
        self.meanwhile()
        page = int(request.args.get("page", 1))
        text = self.pages[page - 1] if request.method == "GET" else "ok"
        return Response(text, self.status, mimetype="application/xml")(environ, start_response)


@pytest.fixture(scope="module")
def _store():
    made = SellersStore()
    yield made
    made.stop()


@pytest.fixture
def store(_store):
    _store.forget()
    return _store


@pytest.fixture
def ship():
    """An account without orders, at a time that stands still; fails the test that made a call amiss."""
    from tests.sandbox.conftest import START

    shop = Shop()
    shop.clock.set(START)
    rows = [{"sku": sku, "title": f"Phone {sku}", "price": "289.00", "quantity": 5} for sku in (A, B)]
    shop.seed("shipstation", rows)
    made = ShipStation(shop)
    yield made
    complaints = made.checked.complaints if made.checked else []
    assert not complaints, complaints


@pytest.fixture
def pulled(ship, store):
    """The account with the seller's store set up and one order pulled."""
    store.pages = [page_xml(order_xml())]
    ship.do("set_up", url=store.url, **LOGIN)
    assert ship.do("pull")["new"] == ["WC-1"]
    store.asked.clear()
    return ship
