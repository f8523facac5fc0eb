"""The conditions that lists, tabs and Today share, each against orders that meet it and neighbours that do not."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from wholecell.db import db
from wholecell.models import OrderItem, SalesOrder
from wholecell.services import order_state


def numbers(condition):
    return set(db.session.scalars(sa.select(SalesOrder.number).where(condition)))


@pytest.mark.parametrize(
    ("fields", "is_open"),
    [
        ({"status": "Awaiting shipment"}, True),
        ({"status": "Shipped"}, False),
        ({"status": "Shipped", "is_to_be_scanned": True}, True),
        ({"status": None}, True),
        ({"status": None, "is_channel_status_final": True}, False),
    ],
)
def test_open_orders(app, fields, is_open):
    make.make_order(number="N", **fields)
    assert (numbers(order_state.is_open()) == {"N"}) is is_open


@pytest.mark.parametrize(
    ("fields", "phones", "states"),
    [
        ({"ordered": 2}, 1, {"has_uncommitted"}),
        ({"ordered": 1}, 1, set()),
        ({"ordered": 1}, 2, {"is_overcommitted"}),
        ({"ordered": 2, "cancelled": 1}, 1, set()),
        ({"ordered": 1, "cancelled": 1}, 1, {"is_overcommitted", "wants_release"}),
        ({"ordered": 1, "refunded_before_shipping": 1}, 1, {"is_overcommitted", "wants_release"}),
        ({"ordered": 1, "returned": 1}, 0, set()),
        ({"ordered": 1, "cancelled": 3}, 0, set()),
        ({"ordered": 1, "is_set_aside": True}, 0, set()),
    ],
)
def test_units_wanted_and_committed(app, fields, phones, states):
    variation = make.make_variation("S")
    order = make.make_order(number="N", items=[{"sku": "S", **fields}])
    (item,) = make.order_items(order)
    for phone in make.make_items(variation, phones):
        make.commit_phone(phone, item)
    names = ("has_uncommitted", "is_overcommitted", "wants_release")
    assert {name for name in names if numbers(getattr(order_state, name)())} == states


def test_an_item_is_known_by_choice_by_sku_or_by_the_listing_it_was_sold_from(app):
    variation = make.make_variation("S")
    integration = make.make_integration()
    connected = make.make_listing(integration, is_connected=True)
    loose = make.make_listing(integration)
    make.make_order(
        items=[
            {"title": "chosen", "variation_id": variation.id},
            {"title": "sku", "sku": "S"},
            {"title": "listing", "sku": "X", "listing_id": connected.id},
            {"title": "loose", "sku": "X", "listing_id": loose.id},
            {"title": "nothing"},
            {"title": "extra", "is_extra": True},
            {"title": "aside", "is_set_aside": True},
        ]
    )
    query = sa.select(OrderItem.title).where(order_state.is_unknown_sku())
    assert set(db.session.scalars(query)) == {"loose", "nothing"}
