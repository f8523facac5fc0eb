"""The quantity rule's case table, and what else it promises."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from wholecell.db import db, utcnow
from wholecell.models import Commitment, InventoryStatus, ProductVariation, Warehouse
from wholecell.services.availability import quantities
from wholecell.services.rule_settings import load_settings


class Shop:
    """Ten phones of one SKU, a listing connected to it, and the moves the table speaks of."""

    def __init__(self, phones=10):
        self.integration = make.make_integration()
        self.variation = make.make_variation("SKU-A")
        self.phones = make.make_items(self.variation, phones)
        self.listing = make.make_listing(self.integration, sku="SKU-A")

    def order(self, units=1, status="Awaiting shipment", sku="SKU-A", **fields):
        item = {"ordered": units, "sku": sku, **fields.pop("item", {})}
        order = make.make_order(status, [item], **fields)
        return make.order_items(order)[0]

    def commit(self, order_item, count=1, start=0):
        return [make.commit_phone(phone, order_item) for phone in self.phones[start : start + count]]

    def move(self, phones, status=None, warehouse=None):
        for phone in phones:
            if status:
                phone.status_id = make.named(InventoryStatus, status).id
            if warehouse:
                phone.warehouse_id = make.named(Warehouse, warehouse).id
        db.session.commit()

    def answer(self, listing=None):
        return triple(listing or self.listing)


def triple(listing):
    quantity = quantities([listing.integration_id])[listing.id].quantity
    narrow = quantities(listings=[listing.id])[listing.id].quantity
    assert narrow == quantity, "asked about alone, a listing has the same number"
    return (quantity.available, quantity.outstanding, quantity.calculated)


def nothing(shop):
    pass


def open_order(shop):
    shop.order()


def committed(shop):
    shop.commit(shop.order())


def shipped(shop):
    shop.commit(shop.order(status="Shipped"))


def to_be_scanned(shop):
    shop.order(status="Shipped", is_to_be_scanned=True)


def cancelled_before_commit(shop):
    shop.order(status="Canceled")


def cancelled_after_commit(shop):
    shop.commit(shop.order(status="Canceled"))


def released(shop):
    for commitment in shop.commit(shop.order(status="Canceled")):
        commitment.released_at = utcnow()
    db.session.commit()


def overcommitted(shop):
    shop.commit(shop.order(3), 5)
    shop.order(2)


def one_of_three_cancelled(shop):
    shop.order(3, item={"cancelled": 1})


def wholesale(shop):
    shop.commit(shop.order(2), 2)


def unmapped(shop):
    shop.order(status=None, channel_status="held")


def unmapped_but_final(shop):
    shop.order(status=None, channel_status="lost", is_channel_status_final=True)


def amazon_fulfilled(shop):
    shop.order(is_fulfilled_by_channel=True)


def repair_and_elsewhere(shop):
    shop.move(shop.phones[:2], status="Repair")
    shop.move(shop.phones[2:5], warehouse="Elsewhere")


def committed_phone_to_repair(shop):
    shop.commit(shop.order())
    shop.move(shop.phones[:1], status="Repair")


def committed_phone_elsewhere(shop):
    shop.commit(shop.order())
    shop.move(shop.phones[:1], warehouse="Elsewhere")


def uncounted_phone_committed(shop):
    extra = make.make_item(shop.variation, warehouse="Elsewhere")
    make.commit_phone(extra, shop.order())


def set_aside(shop):
    shop.order(item={"is_set_aside": True})


def returned(shop):
    shop.order(2, item={"returned": 1})


CASES = [
    (nothing, (10, 0, 10)),
    (open_order, (10, 1, 9)),
    (committed, (9, 0, 9)),
    (shipped, (9, 0, 9)),
    (to_be_scanned, (10, 1, 9)),
    (cancelled_before_commit, (10, 0, 10)),
    (cancelled_after_commit, (9, 0, 9)),
    (released, (10, 0, 10)),
    (overcommitted, (5, 2, 3)),
    (one_of_three_cancelled, (10, 2, 8)),
    (wholesale, (8, 0, 8)),
    (unmapped, (10, 1, 9)),
    (unmapped_but_final, (10, 0, 10)),
    (amazon_fulfilled, (10, 0, 10)),
    (repair_and_elsewhere, (5, 0, 5)),
    (committed_phone_to_repair, (9, 0, 9)),
    (committed_phone_elsewhere, (9, 0, 9)),
    (uncounted_phone_committed, (10, 0, 10)),
    (set_aside, (10, 0, 10)),
    (returned, (10, 1, 9)),
]


@pytest.mark.parametrize(("arrange", "expected"), CASES, ids=[arrange.__name__ for arrange, _ in CASES])
def test_case_table(app, arrange, expected):
    shop = Shop()
    arrange(shop)
    assert shop.answer() == expected


@pytest.fixture
def shared_sku(app):
    """One SKU on two grades: four phones of A, six of B."""
    shop = Shop(phones=4)
    shop.grade_b = make.make_variation("SKU-A", grade="B")
    make.make_items(shop.grade_b, 6)
    return shop


def test_a_listing_counts_all_variations_that_share_its_sku(shared_sku):
    assert shared_sku.answer() == (10, 0, 10)


def test_a_listing_of_one_grade_counts_orders_of_the_shared_sku(shared_sku):
    listing = make.make_listing(shared_sku.integration, sku="other", variations=[shared_sku.variation])
    order_item = shared_sku.order()
    assert shared_sku.answer(listing) == (4, 1, 3)
    order_item.variation_id = shared_sku.grade_b.id
    db.session.commit()
    assert shared_sku.answer(listing) == (4, 0, 4)


def test_a_sale_counts_on_the_listing_it_was_sold_from_whatever_its_own_sku(app):
    integration = make.make_integration()
    make.make_items(make.make_variation("X"), 3)
    make.make_items(make.make_variation("Y"), 6)
    listing = make.make_listing(integration, sku="X", skus=["Y"])
    make.make_order(items=[{"sku": "X", "listing_id": listing.id}], integration=integration)
    assert triple(listing) == (6, 1, 5)


def test_a_listing_of_two_skus_adds_them(app):
    shop = Shop(phones=4)
    make.make_items(make.make_variation("SKU-B"), 6)
    listing = make.make_listing(shop.integration, skus=["SKU-A", "SKU-B"])
    shop.order(7)
    assert shop.answer(listing) == (10, 7, 3)


@pytest.mark.parametrize("is_scanned_before", [False, True])
def test_a_sku_that_appears_later_makes_its_waiting_items_known(app, is_scanned_before):
    integration = make.make_integration()
    variation = make.make_variation(None)
    phones = make.make_items(variation, 10)
    listing = make.make_listing(integration, variations=[variation])
    order = make.make_order(items=[{"sku": "NEW"}])
    if is_scanned_before:
        # The line below that a scan makes when no item wants the phone.
        db.session.add(make.OrderItem(order_id=order.id, variation_id=variation.id, ordered=1))
        db.session.commit()
        make.commit_phone(phones[0], make.order_items(order)[1])
    before = 9 if is_scanned_before else 10
    assert triple(listing) == (before, 0, before)
    db.session.execute(sa.update(ProductVariation).values(sku="NEW"))
    if is_scanned_before:  # known now, the item takes the phone from the line below
        wanting, below = make.order_items(order)
        db.session.execute(sa.update(Commitment).values(order_item_id=wanting.id))
        below.ordered = 0
    db.session.commit()
    assert triple(listing) == ((9, 0, 9) if is_scanned_before else (10, 1, 9))


def test_more_promised_than_there_is_shows_by_how_much_and_offers_nothing(app):
    shop = Shop(phones=2)
    shop.order(5)
    assert shop.answer() == (2, 5, -3)
    assert quantities()[shop.listing.id].offered == 0


def test_a_listing_that_counts_nothing_has_no_number(app):
    listing = make.make_listing(make.make_integration(), sku="unheard of")
    assert quantities()[listing.id].quantity is None


def test_the_channels_sku_does_not_connect_where_variations_are_chosen_by_hand(app):
    shop = Shop()
    shop.integration.matches_via_sku = False
    db.session.commit()
    assert quantities()[shop.listing.id].quantity is None


def test_case_of_a_sku_counts(app):
    shop = Shop()
    listing = make.make_listing(shop.integration, sku="sku-a")
    assert quantities()[listing.id].quantity is None


def test_exclusive_warehouses_do_not_count_each_others_orders(app):
    shop = Shop()
    other = make.make_integration(warehouses=["Elsewhere"], is_exclusive=True)
    make.make_item(shop.variation, warehouse="Elsewhere")
    abroad = make.make_listing(other, sku="SKU-A")
    shop.order(integration=other)
    assert shop.answer() == (10, 0, 10)
    assert shop.answer(abroad) == (1, 1, 0)
    shop.order()  # made by hand: counts everywhere
    assert shop.answer() == (10, 1, 9)
    assert shop.answer(abroad) == (1, 2, -1)


def test_settings_not_saved_yet_can_be_tried(app):
    shop = Shop()
    shop.move(shop.phones[:4], status="Processing")
    saved = load_settings()[shop.integration.id]
    processing = make.named(InventoryStatus, "Processing").id
    tried = type(saved)(
        **{name: getattr(saved, name) for name in saved.__slots__} | {"statuses": saved.statuses | {processing}}
    )
    answers = quantities(settings={shop.integration.id: tried})
    assert answers[shop.listing.id].quantity.available == 10
    assert shop.answer()[0] == 6


def test_nothing_ticked_offers_nothing(app):
    integration = make.make_integration(statuses=(), warehouses=())
    variation = make.make_variation("S")
    make.make_items(variation, 3)
    listing = make.make_listing(integration, sku="S")
    assert triple(listing) == (0, 0, 0)


def test_only_listings_that_count_a_variation_are_answered(app):
    shop = Shop()
    other = make.make_variation("SKU-B")
    listing = make.make_listing(shop.integration, sku="SKU-B")
    assert set(quantities(variations=[other.id])) == {listing.id}
    assert set(quantities(variations=[other.id, shop.variation.id])) == {listing.id, shop.listing.id}


def test_committing_a_counted_phone_to_an_item_that_lacks_one_never_moves_the_number(app):
    shop = Shop(phones=3)
    order_item = shop.order(2)
    before = shop.answer()[2]
    shop.commit(order_item)
    assert shop.answer()[2] == before
