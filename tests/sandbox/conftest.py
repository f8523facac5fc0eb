"""A seeded sandbox on a real socket, and a client with the headers Back Market asks for."""

from datetime import UTC, datetime

import pytest
import requests

from tests.oas import specs_folder, validator_for
from tests.sandbox.amazon_api import amazon, amazon_sandbox, amazon_shop  # noqa: F401
from tests.sandbox.ebay_api import ebay, ebay_sandbox  # noqa: F401
from tests.sandbox.shipstation_api import _store, pulled, ship, store  # noqa: F401
from tests.sandbox.walmart_api import EMPTY, WFS, A, B, Walmart, make_item
from wholecell.sandbox import Sandbox, Shop

TOKEN = "sandbox-backmarket-token"
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
SPEC = "backmarket/back-market-openapi.yml"


def make_row(sku="IP13-128-BLU-A", **fields):
    row = {"sku": sku, "title": "iPhone 13 128GB - Blue - Unlocked", "grade": "EXCELLENT"}
    return row | {"price": "289.00", "currency": "USD", "quantity": 5} | fields


class Api:
    """Calls the pretend marketplace over the socket; every call is checked against the document."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.base = sandbox.base_url("backmarket")
        self.complaints = []
        self.validator = validator_for(specs_folder() / SPEC, self.base) if (specs_folder() / SPEC).is_file() else None
        self.headers = {
            "Authorization": f"Basic {TOKEN}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Accept-Language": "en-us",
            "User-Agent": "BM-Acme-Stock/1.0;it@acme.example",
        }

    def __call__(self, method, path, *, headers=None, **options):
        sent = {name: value for name, value in (self.headers | (headers or {})).items() if value is not None}
        options.setdefault("timeout", 10)
        response = requests.request(method, self.base + path, headers=sent, allow_redirects=False, **options)
        if self.validator and not options.get("stream"):
            self.complaints += self.validator.complaints(response)
        return response

    def get(self, path, **params):
        return self("GET", path, params={name.replace("_size", "-size"): value for name, value in params.items()})

    def post(self, path, body):
        return self("POST", path, json=body)

    def control(self, name, **body):
        return requests.post(f"{self.sandbox.url}/_sandbox/{name}", json=body, timeout=10)


@pytest.fixture
def shop():
    made = Shop()
    made.clock.set(START)
    made.seed_backmarket(
        [make_row(), make_row("IP13-128-BLU-B", grade="GOOD", quantity=2), make_row("S21-A", quantity=0)]
    )
    return made


@pytest.fixture
def sandbox(shop):
    with Sandbox(shop) as running:
        yield running


@pytest.fixture
def api(sandbox):
    """Fails the test at its end when a call departed from the document and no fault caused it."""
    made = Api(sandbox)
    yield made
    assert made.complaints == []


@pytest.fixture
def listing(shop):
    return shop.account("backmarket").find(sku="IP13-128-BLU-A")


@pytest.fixture
def walmart(shop, sandbox):
    """Four items on the pretend Walmart, and a client; fails like `api`."""
    rows = [make_item(A), make_item(B, quantity=2), make_item(EMPTY, quantity=0), make_item(WFS, wfs=True)]
    shop.seed("walmart", rows)
    made = Walmart(sandbox, shop)
    yield made
    assert made.complaints == []
