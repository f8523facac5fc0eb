"""Which orders wait for phones, and which one comes first."""

from datetime import timedelta

import pytest

from tests import factories as make
from tests.fulfil_world import waiting_order
from wholecell.db import utcnow
from wholecell.models import Shipment
from wholecell.services import order_queue
from wholecell.services.order_queue import Packed


@pytest.fixture
def phone(app):
    return make.make_variation("S1")


def numbers(**wanted):
    return [each.number for each in order_queue.due(**wanted)]


def test_what_ships_first_comes_first_then_what_is_older(phone):
    waiting_order(phone, number="none", hours=None, age=90)
    waiting_order(phone, number="late", hours=9)
    waiting_order(phone, number="young", hours=None, age=1)
    waiting_order(phone, number="soon", hours=2)
    assert numbers() == ["soon", "late", "none", "young"]
    assert numbers(limit=2) == ["soon", "late"]


def test_skipped_orders_come_last_and_channels_are_chosen(phone):
    first = waiting_order(phone, number="a", hours=1, channel="One")
    waiting_order(phone, number="b", hours=2, channel="Two")
    waiting_order(phone, number="c", hours=3, channel="One")
    assert numbers(skipped=[first.id]) == ["b", "c", "a"]
    assert numbers(channel="One") == ["a", "c"]
    assert numbers(but=first.id) == ["b", "c"]
    assert order_queue.waiting_by_channel() == {"One": 2, "Two": 1}


@pytest.mark.parametrize(
    ("status", "fields", "waits"),
    [
        ("Awaiting shipment", {}, True),
        ("To accept", {}, True),
        ("On hold", {}, False),
        ("Draft", {}, False),
        ("Shipped", {}, False),
        ("Completed", {}, False),
        ("Completed", {"is_to_be_scanned": True}, True),
        (None, {"channel_status": "7"}, True),
        (None, {"channel_status": "9", "is_channel_status_final": True}, False),
        ("Awaiting shipment", {"is_fulfilled_by_channel": True}, False),
    ],
)
def test_only_open_orders_of_ours_that_allow_commitment_wait(phone, status, fields, waits):
    make.make_order(status, [{"variation_id": phone.id}], number="x", **fields)
    assert numbers() == (["x"] if waits else [])


def test_an_order_with_all_its_phones_or_nothing_wanted_does_not_wait(phone):
    full, cancelled = waiting_order(phone), waiting_order(phone)
    make.commit_phone(make.make_item(phone), make.order_items(full)[0])
    make.order_items(cancelled)[0].cancelled = 1
    make.db.session.commit()
    assert numbers() == []
    waiting_order(phone, number="left")
    assert numbers() == ["left"]


def test_a_number_means_the_order_that_waits_else_the_newest(phone):
    make.make_order("Completed", number="AB-1")
    waits = waiting_order(phone, number="AB-1")
    make.make_order("Completed", number="AB-1")
    assert order_queue.by_number(" ab-1 ") == waits.id
    first, last = make.make_order("Completed", number="7"), make.make_order("Completed", number="7")
    assert order_queue.by_number("7") == last.id != first.id
    for nothing in ("", "  ", "8", "x" * 300):
        assert order_queue.by_number(nothing) is None


def test_the_order_due_first_that_wants_a_phone(phone):
    other = make.make_variation("S2")
    waiting_order(other, hours=1)
    later = waiting_order(phone, hours=5, channel="One")
    sooner = waiting_order(other, phone, hours=3, channel="Two")
    assert order_queue.wants_variation(phone.id) == sooner.id
    assert order_queue.wants_variation(phone.id, "One") == later.id
    assert order_queue.wants_variation(phone.id, "Three") is None
    by_sku = make.make_order("Awaiting shipment", [{"sku": "S1"}], ship_by=utcnow())
    assert order_queue.wants_variation(phone.id) == by_sku.id
    assert order_queue.wants_variation(make.make_variation("S3").id) is None


def test_packed_counts_orders_of_the_day_and_those_that_left(phone):
    now = utcnow()
    start, end = now - timedelta(hours=2), now + timedelta(hours=6)
    waiting_order(phone, hours=3)
    make.commit_phone(make.make_item(phone), make.order_items(waiting_order(phone, hours=3))[0])
    waiting_order(phone, hours=9)
    gone = make.make_order("Shipped", [{"variation_id": phone.id}], ship_by=now)
    of_yesterday = make.make_order("Shipped", [{"variation_id": phone.id}], ship_by=now - timedelta(days=1))
    assert order_queue.packed(start, end) == Packed(1, 2)
    parcel = {"carrier": "UPS", "tracking_number": "1", "state": "here only"}
    make.save(Shipment(order_id=gone.id, **parcel))
    make.save(Shipment(order_id=of_yesterday.id, created_at=now - timedelta(days=1), **parcel))
    assert order_queue.packed(start, end) == Packed(2, 3)
