"""A seller's ways through orders, page by page against the sandbox: what went wrong there is put right by a click."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.engine_world import EngineWorld
from tests.web.pages import get_page
from wholecell.db import db
from wholecell.models import Grade, Integration, InventoryItem, InventoryStatus, Listing, ProductVariation
from wholecell.sandbox import Sandbox
from wholecell.sandbox.backmarket.states import LineState
from wholecell.services.work import Kind

OFFER = {"title": "iPhone 11 64GB - Black", "grade": "GOOD", "price": "90.00", "currency": "USD", "quantity": 3}
TRACKING = "1Z999AA10123456784"


class Seller(EngineWorld):
    """One listing of two phones; a manager at the pages, and the scheduler's work done when asked."""

    def __init__(self, sandbox, client, **more):
        super().__init__(sandbox, **{"listings": 1, **more})
        self.client = client

    def beat(self):
        """What the scheduler does within a few minutes."""
        for kind in (Kind.IMPORT_ORDERS, Kind.SEND_SHIPMENTS, Kind.IMPORT_ORDERS):
            self.run(kind)
        while self.look():
            pass

    def sold(self, sku=None):
        order = self.shop.sell("backmarket", sku=sku or self.skus[0])
        self.beat()
        return order

    def sees(self, url, *words):
        text = get_page(self.client, url).text
        return all(word in text for word in words)

    def press(self, url, **data):
        answer = self.client.post(url, data=data)
        assert answer.status_code == 303, answer.text

    def scan(self, code, order=1):
        self.press("/fulfil/scan", order=order, code=code)

    def ship(self):
        self.press("/fulfil/ship", order=1, units=1, tracking=TRACKING, carrier="")
        self.beat()

    def shown(self):
        return self.remote(0).quantity


def phone(number=1):
    return db.session.scalar(sa.select(InventoryItem.esn).where(InventoryItem.id == number))


@pytest.fixture
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def seller(app, sandbox, client_as):
    return Seller(sandbox, client_as("manager"))


def leaves_unscanned(seller, order):
    """The order is accepted and shipped in Back Market's own pages."""
    for state in (LineState.ACCEPTED, LineState.SHIPPED):
        order.move(order.lines[0], state)
    order.changed = seller.shop.clock()
    seller.beat()


def test_a_phone_given_to_an_unknown_sku_is_not_offered_and_the_cure_changes_no_number(seller):
    seller.shop.seed_backmarket([{**OFFER, "sku": "NEW"}])
    seller.sold("NEW")
    assert seller.sees("/", "Unknown SKU") and seller.shown() == 2
    seller.scan(phone())
    seller.beat()
    assert seller.sees("/orders/1", "not on the channel order") and seller.shown() == 1
    seller.press("/orders/1/items/1/connect", variation_id=seller.variations[0])
    seller.beat()
    assert seller.sees("/orders/1", "1 of 1 phones committed") and seller.shown() == 1
    assert not seller.sees("/orders/1", "not on the channel order") and not seller.sees("/", "Unknown SKU")


def test_unknown_skus_are_cured_in_the_catalog_by_a_listing_and_by_looking_again(seller):
    seller.shop.seed_backmarket([{**OFFER, "sku": f"NEW-{number}"} for number in (1, 2, 3)])
    for number in (1, 2, 3):
        seller.sold(f"NEW-{number}")
    assert [seller.sees(f"/orders/{each}", "Refresh") for each in (1, 2, 3)] == [True, True, True]
    form = get_page(seller.client, "/catalog/new?sku=NEW-1").form("/catalog/new")["fields"]
    words = dict.fromkeys(("manufacturer", "model", "variant", "network", "capacity", "color"), "Known")
    seller.press("/catalog/new", **{**form, **words, "conditions": [], "grade": make.named(Grade, "A").id})
    seller.run(Kind.IMPORT_LISTINGS)
    listing = db.session.scalar(sa.select(Listing.id).where(Listing.sku == "NEW-2"))
    seller.press(f"/listings/{listing}/connection", variations=seller.variations[0])
    seller.beat()
    assert [seller.sees(f"/orders/{each}", "Refresh") for each in (1, 2, 3)] == [False, False, True]
    assert seller.shown() == 1, "what was sold from the connected listing is kept back"
    db.session.execute(sa.update(ProductVariation).where(ProductVariation.sku == "NEW-1").values(sku="NEW-3"))
    db.session.commit()  # as by a program beside ours: nothing told the order
    seller.press("/orders/3/items/3/refresh")
    assert not seller.sees("/", "Unknown SKU")


def test_phones_of_an_order_cancelled_there_are_free_after_one_click(seller):
    order = seller.sold()
    seller.scan(phone())
    seller.shop.cancel_line("backmarket", order.id)
    seller.quiet(1)
    assert seller.sees("/", "Phones to release", "/orders/1/release") and seller.shown() == 1
    assert seller.sees("/orders/1", "Release phones.", "<ins>not mapped</ins>")
    seller.press("/orders/1/release")
    seller.quiet(1)
    assert seller.shown() == 2 and not seller.sees("/", "Phones to release")


def test_what_left_there_unscanned_is_kept_back_until_scanned(seller):
    leaves_unscanned(seller, seller.sold())
    assert seller.sees("/", "To be scanned") and seller.shown() == 1
    seller.scan(phone())
    seller.quiet(1)
    assert seller.shown() == 1 and not seller.sees("/", "To be scanned")


def test_what_left_there_from_elsewhere_is_dismissed(seller):
    leaves_unscanned(seller, seller.sold())
    seller.press("/orders/1/not-from-this-stock")
    seller.quiet(1)
    assert seller.shown() == 2 and not seller.sees("/", "To be scanned")


def test_a_parcel_of_an_order_nobody_accepted_waits_and_today_says_so(seller):
    order = seller.sold()
    seller.scan(phone())
    seller.ship()
    assert order.lines[0].state == LineState.PAID
    assert seller.sees("/orders/1", "as soon as the order is accepted") and seller.sees("/", "waits to be accepted")
    seller.press("/orders/accept", whole=1, only="accept", source=seller.integration_id)
    seller.beat()
    seller.advance(10)
    seller.beat()
    assert (order.lines[0].state, order.tracking_number) == (LineState.SHIPPED, TRACKING)
    assert not seller.sees("/", "waits to be accepted")


def test_orders_are_accepted_by_themselves_where_that_is_set(seller):
    db.session.execute(sa.update(Integration).values(accepting="on import"))
    db.session.commit()
    assert seller.sold().lines[0].state == LineState.ACCEPTED
    assert seller.sees("/orders/1", "Awaiting shipment", "Accepted on the channel")


def test_a_phone_that_came_back_is_found_by_its_number_and_offered_again(seller):
    seller.sold()
    seller.press("/orders/1/accept")
    seller.scan(phone())
    seller.ship()
    assert seller.client.get(f"/search/?q={phone()}").location.endswith("/inventory/1")
    assert seller.sees("/inventory/1", "Return: the buyer sent it back", TRACKING)
    status = make.named(InventoryStatus, "Available").id
    form = {"return-status": status, "return-grade": make.named(Grade, "A").id}
    seller.press("/inventory/1/return", **form)
    seller.quiet(1)
    assert seller.shown() == 2
    assert seller.sees("/inventory/1", "Came back from order") and seller.sees("/orders/1", "1 returned")


def test_more_sold_than_held_shows_with_the_orders_and_what_could_help(seller):
    order = seller.shop.sell("backmarket", sku=seller.skus[0], quantity=2)
    seller.beat()
    seller.set_status(1, "Repair")
    seller.beat()
    assert seller.sees("/", "Oversold", str(order.id), "Could help")
    assert "Oversold." in seller.client.get("/orders/1/oversold").text
