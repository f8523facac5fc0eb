"""What orders need a person for."""

from datetime import timedelta

import pytest

from tests import factories as make
from tests.fulfil_world import fill_needs, parcel, waiting_order
from wholecell.db import db, utcnow
from wholecell.models import OrderImportError
from wholecell.services import today_orders
from wholecell.services.today_orders import SHOWN, ShipToday


@pytest.fixture
def shop(app):
    return make.make_integration(name="Shop EU")


@pytest.fixture
def phone(app):
    return make.make_variation("S1", product=make.make_product("iPhone XR"))


def needs(hours=12):
    db.session.commit()
    db.session.expire_all()
    now = utcnow()
    return today_orders.needs(now + timedelta(hours=hours), now)


def test_nothing_needs_a_person(app):
    found = needs()
    assert found.count == 0 and found.ship_today == ShipToday(0, 0, 0)


def test_what_is_oversold_with_the_orders_that_want_it(shop, phone):
    make.make_item(phone)
    first, second = waiting_order(phone, age=5), waiting_order(phone, phone, age=2)
    (short,) = needs().oversold.rows
    assert (short.units, short.sku) == (2, "S1")
    assert [(each.id, each.units) for each in short.orders] == [(first.id, 1), (second.id, 2)]


def test_a_packed_order_that_was_never_accepted_is_still_to_be_accepted(shop, phone):
    """Its shipment waits for our yes, and the channel cancels what nobody accepts."""
    make.make_order("Shipped", integration=shop, is_to_accept=True)
    assert [each.units for each in needs().to_accept] == [1]


def test_orders_to_accept_by_integration(shop, phone):
    other = make.make_integration(name="Shop US")
    now = utcnow()
    for age, problem in ((3, ""), (1, "Too late")):
        waiting_order(phone, integration=shop, is_to_accept=True, age=age, accept_problem=problem)
    waiting_order(phone, integration=other, is_to_accept=True, age=2)
    waiting_order(phone, integration=shop, is_to_accept=True, accept_wanted_at=now)
    one, two = needs().to_accept
    assert (one.integration_id, one.units, one.problem) == (shop.id, 2, "Too late")
    assert timedelta(hours=2.9) < now - one.oldest_at and one.first_by > now
    assert (two.integration_id, two.units) == (other.id, 1)
    assert needs().count == 4, "the three, and their phones are oversold"


def test_orders_that_ship_today_and_what_they_lack(phone):
    full = waiting_order(phone, hours=2)
    make.commit_phone(make.make_item(phone), make.order_items(full)[0])
    waiting_order(phone, phone, hours=-3)
    waiting_order(phone, hours=30)
    waiting_order(phone, hours=1, is_fulfilled_by_channel=True)
    assert needs().ship_today == ShipToday(orders=2, late=1, lacking=2)


def test_orders_to_be_scanned(phone, shop):
    order = make.make_order(
        "Completed", [{"variation_id": phone.id, "ordered": 2}], integration=shop, is_to_be_scanned=True
    )
    (row,) = needs().to_scan.rows
    assert (row.order_id, row.kind, row.units) == (order.id, shop.kind, 2)


def test_unknown_items_of_open_orders_with_their_likely_match(phone, shop):
    order = make.make_order("Awaiting shipment", [{"sku": "S1-A", "ordered": 2}, {"sku": "s1 "}, {"sku": "S1"}])
    make.make_order("Completed", [{"sku": "ELSE"}])
    make.make_order("Awaiting shipment", [{"sku": "GONE", "cancelled": 1}])
    make.make_order("Awaiting shipment", [{"sku": "THEIRS"}], is_fulfilled_by_channel=True)
    found = needs().unknown
    assert [(each.order_id, each.sku, each.units) for each in found.rows] == [
        (order.id, "S1-A", 2),
        (order.id, "s1 ", 1),
    ]
    assert found.rows[1].likely.variation_id == phone.id


def test_parcels_the_channel_refused_in_its_words(phone, shop):
    order = waiting_order(phone, integration=shop)
    refused = parcel(order, advice="Check the number")
    parcel(order, "sent", tracking_number="2")
    parcel(order, voided_at=utcnow(), tracking_number="3")
    (row,) = needs().refused.rows
    assert (row.shipment_id, row.number, row.problem, row.advice) == (
        refused.id,
        order.number,
        "No such order",
        "Check the number",
    )


def test_orders_that_could_not_be_stored(shop):
    for key, dismissed in (("1", None), ("2", None), ("3", utcnow())):
        make.save(
            OrderImportError(integration_id=shop.id, external_id=key, reason="It has no lines", dismissed_at=dismissed)
        )
    (row,) = needs().import_errors
    assert (row.integration_id, row.units, row.reason) == (shop.id, 2, "It has no lines")
    assert needs().count == 2


def test_words_that_no_status_stands_for(shop, phone):
    for word in ("7", "7", "8"):
        make.make_order(None, [{"variation_id": phone.id}], integration=shop, channel_status=word)
    rows = needs().unmapped
    assert [(each.integration_id, each.word, each.units) for each in rows] == [(shop.id, "7", 2), (shop.id, "8", 1)]
    assert not any(each.is_final for each in rows)


def test_a_word_the_channel_calls_final_is_not_said_to_count_as_open(shop, phone):
    make.make_order(
        None, [{"variation_id": phone.id}], integration=shop, channel_status="over", is_channel_status_final=True
    )
    assert [(each.word, each.is_final) for each in needs().unmapped] == [("over", True)]


def test_phones_to_release_and_phones_that_no_longer_fit(phone):
    cancelled = waiting_order(phone)
    held = make.make_item(phone)
    make.commit_phone(held, make.order_items(cancelled)[0])
    make.order_items(cancelled)[0].cancelled = 1
    regraded = make.make_item(make.make_variation("S2"))
    wrong = waiting_order(phone)
    make.commit_phone(regraded, make.order_items(wrong)[0])
    found = needs()
    (release,) = found.to_release.rows
    assert (release.order.order_id, [each.esn for each in release.phones]) == (cancelled.id, [held.esn])
    assert [each.esn for each in found.misfits.rows] == [regraded.esn]


def test_as_many_queries_for_few_as_for_many_and_lists_are_cut(shop, count_queries):
    def queries():
        db.session.commit()
        with count_queries() as seen:
            needs()
        return len(seen)

    fill_needs(shop, 1)
    few = queries()
    fill_needs(shop, SHOWN + 1)
    assert queries() == few <= 26
    found = needs()
    for each in (found.refused, found.to_scan, found.unknown, found.to_release, found.misfits, found.erased):
        assert (len(each.rows), each.count) == (SHOWN, SHOWN + 2)
    assert found.import_errors[0].units == SHOWN + 2


def test_orders_the_buyer_asks_to_cancel_while_they_are_here(shop, phone):
    asked = waiting_order(phone, integration=shop, is_cancel_asked=True)
    left = waiting_order(phone, integration=shop, is_cancel_asked=True)
    parcel(left, "sent")
    waiting_order(phone, integration=shop, is_cancel_asked=True, is_fulfilled_by_channel=True)
    make.make_order("Shipped", integration=shop, is_cancel_asked=True)
    found = needs()
    assert [(each.order_id, each.kind) for each in found.cancel_asked.rows] == [(asked.id, "backmarket")]
    assert found.count - found.oversold.count == 1
