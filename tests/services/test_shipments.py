"""Adding and voiding shipments: what is asked, what is refused, and what follows for the order and its numbers."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.ship_world import ME, UPS, ShipWorld, parcel, told, use_fake_channel
from wholecell.channels.contract import Meaning, OrderWord
from wholecell.db import db, utcnow
from wholecell.models import (
    Commitment,
    Event,
    Integration,
    OrderItem,
    RecomputeRequest,
    SalesOrder,
    SalesOrderStatus,
    StatusMapping,
)
from wholecell.services import shipments
from wholecell.services.refusal import AsksFirst, Refusal
from wholecell.services.shipments import State

WORDS = (
    OrderWord("9", "Processed", Meaning.SHIPPED, "Shipped"),
    OrderWord("x", "Cancelled", Meaning.CANCELLED, "Canceled"),
)


@pytest.fixture
def world(app, monkeypatch):
    use_fake_channel(monkeypatch, order_words=WORDS)
    return ShipWorld()


@pytest.fixture
def one_parcel(app, monkeypatch):
    use_fake_channel(monkeypatch, is_one_parcel=True)
    return ShipWorld()


def hand_made(count=1, committed=1):
    variation = make.make_variation("S0")
    order = make.make_order("Awaiting shipment", [{"sku": "S0", "ordered": count}], channel="Wholesale")
    (item,) = make.order_items(order)
    for _ in range(committed):
        make.commit_phone(make.make_item(variation), item)
    return order.id


def asked(order_id, new):
    with pytest.raises(AsksFirst) as caught:
        shipments.add(order_id, new, ME)
    assert shipments.of_order(order_id) == []
    return str(caught.value)


def refused(order_id, new, *, is_sure=True):
    with pytest.raises(Refusal) as caught:
        shipments.add(order_id, new, ME, is_sure=is_sure)
    assert not isinstance(caught.value, AsksFirst)
    return str(caught.value)


def test_a_parcel_of_all_phones_ships_the_order_and_waits_for_the_channel(world):
    order_id = world.order(2)
    phones = world.phones(order_id)
    key = shipments.add(order_id, parcel(*phones, tracking=" 1z 5r8 939 03 5756 7127"), ME)
    (row,) = shipments.of_order(order_id)
    assert (row.id, row.carrier, row.service, row.tracking_number, row.state) == (key, "UPS", "Ground", UPS, "waiting")
    assert row.tracking_url == f"https://www.ups.com/track?tracknum={UPS}"
    assert [unit.commitment_id for unit in row.units] == phones
    assert world.status(order_id) == "Shipped"
    assert told(order_id) == [("status", "Awaiting shipment", "Shipped"), ("shipped", None, f"UPS {UPS}")]
    on_phones = db.session.execute(sa.select(Event.kind, Event.new).where(Event.subject == "item")).all()
    assert on_phones == [("shipped", world.order_row(order_id).number)] * 2


def test_the_numbers_it_touches_are_computed_again_in_its_name(world):
    order_id = world.order(1)
    world.ship(order_id)
    rows = db.session.execute(sa.select(RecomputeRequest.variation_id, RecomputeRequest.order_id)).all()
    assert rows == [(world.variation.id, order_id)]


@pytest.mark.parametrize("why", ["by hand", "switched off", "channel cannot"])
def test_what_no_channel_is_told_of_stays_here(app, monkeypatch, why):
    if why == "channel cannot":
        use_fake_channel(monkeypatch, connect=None)
    else:
        use_fake_channel(monkeypatch)
    world = ShipWorld(sends_shipments=why != "switched off")
    order_id = hand_made() if why == "by hand" else world.order()
    key = world.ship(order_id, tracking="" if why == "by hand" else UPS)
    assert world.get(key).state == State.HERE_ONLY
    assert world.status(order_id) == "Shipped"


def test_the_status_map_says_which_status_shipped_is(world):
    completed = make.named(SalesOrderStatus, "Completed").id
    make.save(StatusMapping(integration_id=world.integration_id, word="9", status_id=completed))
    order_id = world.order()
    world.ship(order_id)
    assert world.status(order_id) == "Completed"


def test_an_order_that_is_past_shipping_keeps_its_status(world):
    order_id = world.order(status="Completed")
    world.ship(order_id)
    assert world.status(order_id) == "Completed"


def test_an_order_whose_word_is_not_mapped_becomes_shipped(world):
    order_id = world.order(status=None)
    world.ship(order_id)
    assert world.status(order_id) == "Shipped"


def test_units_without_a_phone_are_asked_about_because_numbers_rise(world):
    order_id = world.order(3, committed=1)
    new = parcel(*world.phones(order_id))
    assert asked(order_id, new).startswith("2 units have no phone committed.")
    assert world.status(order_id) == "Awaiting shipment"
    shipments.add(order_id, new, ME, is_sure=True)
    assert world.status(order_id) == "Shipped"


def test_nothing_is_asked_when_more_parcels_follow_and_the_order_stays_open(world):
    order_id = world.order(3, committed=1)
    shipments.add(order_id, parcel(*world.phones(order_id), more_follow=True), ME)
    assert world.status(order_id) == "Awaiting shipment"


def test_an_order_stays_open_until_the_last_phone_is_in_a_parcel(world):
    order_id = world.order(2)
    first, second = world.phones(order_id)
    shipments.add(order_id, parcel(first), ME)
    assert world.status(order_id) == "Awaiting shipment"
    assert world.phones(order_id) == [second]
    shipments.add(order_id, parcel(second, tracking="1Z8V92A70367203024"), ME)
    assert world.status(order_id) == "Shipped"
    assert [[u.commitment_id for u in row.units] for row in shipments.of_order(order_id)] == [[first], [second]]


def test_an_order_without_any_phone_ships_after_a_question(world):
    order_id = world.order(1, committed=0)
    assert "1 unit has no phone committed" in asked(order_id, parcel())
    shipments.add(order_id, parcel(), ME, is_sure=True)
    assert shipments.of_order(order_id)[0].units == ()


def test_an_odd_number_is_asked_about_and_kept(world):
    order_id = world.order()
    new = parcel(*world.phones(order_id), tracking="1Z5R89390357567128")
    assert "check digit does not fit" in asked(order_id, new)
    shipments.add(order_id, new, ME, is_sure=True)
    assert shipments.of_order(order_id)[0].tracking_number == "1Z5R89390357567128"


def test_an_order_the_channel_cancelled_is_asked_about(world):
    order_id = world.order(channel_status="x")
    assert "says of this order: Cancelled." in asked(order_id, parcel(*world.phones(order_id)))


def test_the_carrier_is_guessed_from_the_number(world):
    order_id = world.order()
    world.ship(order_id, carrier="")
    assert shipments.of_order(order_id)[0].carrier == "UPS"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tracking": "  "}, "wants a tracking number"),
        ({"tracking": "X" * 101}, "101 characters"),
        ({"carrier": "Pigeon"}, "Pigeon is not in the list"),
        ({"carrier": "", "tracking": "HELLO"}, "Choose the carrier"),
        ({"tracking_url": "javascript:alert(1)"}, "must be a web address"),
        ({"tracking_url": "https://a.example/" + "x" * 500}, "must be a web address"),
        ({"shipped_at": datetime(2999, 1, 1, tzinfo=UTC)}, "more than a month ahead"),
    ],
)
def test_what_no_carrier_can_use_is_refused(world, fields, words):
    order_id = world.order()
    assert words in refused(order_id, parcel(*world.phones(order_id), **fields))


def test_the_same_number_twice_on_one_order_is_refused(world):
    order_id = world.order(2)
    first, second = world.phones(order_id)
    shipments.add(order_id, parcel(first), ME)
    assert refused(order_id, parcel(second)) == f"{UPS} is on this order already."
    other = world.order()
    assert world.ship(other)  # two orders in one shipment


def test_phones_of_others_and_packed_ones_are_refused(world):
    mine, other = world.order(2), world.order()
    first, second = world.phones(mine)
    assert "One of the phones is not on this order" in refused(mine, parcel(*world.phones(other)))
    shipments.add(mine, parcel(first), ME)
    assert "in another shipment" in refused(mine, parcel(first, second, tracking="1Z8V92A70367203024"))
    db.session.get(Commitment, second).released_at = utcnow()
    db.session.commit()
    assert "not on this order" in refused(mine, parcel(second, tracking="1Z8V92A70367203024"))


def test_a_parcel_names_its_phones(world):
    order_id = world.order()
    assert refused(order_id, parcel()) == "Choose the phones that are in this shipment."
    world.ship(order_id)
    assert "in a shipment already" in refused(order_id, parcel(tracking="1Z8V92A70367203024"))


def test_one_parcel_channels_take_one_with_all_phones(one_parcel):
    order_id = one_parcel.order(2)
    first, second = one_parcel.phones(order_id)
    assert "must hold all its phones" in refused(order_id, parcel(first))
    key = one_parcel.ship(order_id)
    assert "Void the other shipment first" in refused(order_id, parcel(tracking="1Z8V92A70367203024"))
    shipments.void(key, ME)
    one_parcel.ship(order_id, tracking="1Z8V92A70367203024")
    assert [bool(row.voided_at) for row in shipments.of_order(order_id)] == [True, False]


def test_orders_that_the_channel_ships_and_lost_orders_are_refused(world):
    order_id = world.order(is_fulfilled_by_channel=True)
    assert "from its own warehouse" in refused(order_id, parcel(*world.phones(order_id)))
    assert "not here any more" in refused(12345, parcel())


def test_voiding_the_only_parcel_puts_the_order_back(world):
    order_id = world.order(2)
    phones = world.phones(order_id)
    key = world.ship(order_id)
    shipments.void(key, ME)
    assert world.status(order_id) == "Awaiting shipment"
    assert world.phones(order_id) == phones
    assert told(order_id)[2:] == [
        ("shipment voided", f"UPS {UPS}", None),
        ("status", "Shipped", "Awaiting shipment"),
    ]
    with pytest.raises(Refusal, match="voided already"):
        shipments.void(key, ME)


@pytest.mark.parametrize("since", ["another shipment", "set to Completed", "shipped before"])
def test_voiding_leaves_a_status_that_is_not_its_own(world, since):
    order_id = world.order(2, status="Shipped" if since == "shipped before" else "Awaiting shipment")
    first, second = world.phones(order_id)
    key = shipments.add(order_id, parcel(first), ME)
    kept = shipments.add(order_id, parcel(second, tracking="1Z8V92A70367203024"), ME)
    expected = "Shipped"
    if since != "another shipment":
        shipments.void(kept, ME)
    if since == "set to Completed":
        expected = "Completed"
        make.named(SalesOrderStatus, "Completed")
        world.order_row(order_id).status_id = make.named(SalesOrderStatus, "Completed").id
        db.session.commit()
    shipments.void(key, ME)
    assert world.status(order_id) == expected


def test_voiding_what_the_channel_knows_asks_first_and_what_is_under_way_waits(world):
    order_id = world.order()
    key = world.ship(order_id)
    world.get(key).state = State.SENT
    db.session.commit()
    with pytest.raises(AsksFirst, match="knows of this shipment already"):
        shipments.void(key, ME)
    shipments.void(key, ME, is_sure=True)
    other = world.ship(world.order())
    world.get(other).state = State.SENDING
    db.session.commit()
    with pytest.raises(Refusal, match="being sent"):
        shipments.void(other, ME, is_sure=True)


def test_only_refused_parcels_are_tried_again(world):
    key = world.ship(world.order())
    with pytest.raises(Refusal, match="was not refused"):
        shipments.try_again(key, ME)
    row = world.get(key)
    row.state, row.problem, row.advice = State.REFUSED, "No.", "Do."
    db.session.commit()
    shipments.try_again(key, ME)
    assert (world.get(key).state, world.get(key).problem) == (State.WAITING, "")


def test_a_parcel_of_an_order_to_accept_says_what_it_waits_for(world):
    order_id = world.order(is_to_accept=True)
    world.ship(order_id)
    assert shipments.of_order(order_id)[0].problem == "It is sent as soon as the order is accepted."


def test_the_rows_take_two_queries(world, count_queries):
    order_id = world.order(3)
    for number, key in enumerate(world.phones(order_id)):
        shipments.add(order_id, parcel(key, carrier="Other", tracking=f"N{number}"), ME)
    db.session.remove()
    with count_queries() as statements:
        assert len(shipments.of_order(order_id)) == 3
    assert len([each for each in statements if each.startswith("SELECT")]) == 2


def test_accept_is_asked_once_and_for_orders_that_wait_alone(world):
    waits, accepted, by_hand = world.order(is_to_accept=True), world.order(), hand_made()
    assert shipments.ask_accept([waits, accepted, by_hand], ME) == 1
    assert shipments.ask_accept([waits], ME) == 0
    assert world.order_row(waits).accept_wanted_at
    assert told(waits) == [("accept asked for", None, None)]


def test_a_line_is_cancelled_on_request(world):
    order_id = world.order(1, 2)
    first, second = make.order_items(db.session.get(SalesOrder, order_id))
    shipments.ask_cancel(first.id, ME)
    assert db.session.get(OrderItem, first.id, populate_existing=True).cancel_wanted_at
    assert told(order_id) == [("line to cancel", None, "S0")]
    with pytest.raises(Refusal, match="being told"):
        shipments.ask_cancel(first.id, ME)
    db.session.get(OrderItem, second.id).cancelled = 2
    db.session.commit()
    with pytest.raises(Refusal, match="Nothing of this line is left"):
        shipments.ask_cancel(second.id, ME)


def test_lines_that_no_channel_knows_are_not_cancelled_there(world):
    (item,) = make.order_items(db.session.get(SalesOrder, hand_made()))
    with pytest.raises(Refusal, match="not on a channel's order"):
        shipments.ask_cancel(item.id, ME)
    with pytest.raises(Refusal, match="not on the order any more"):
        shipments.ask_cancel(12345, ME)


def test_dates_of_yesterday_are_kept(world):
    yesterday = utcnow() - timedelta(days=1)
    order_id = world.order()
    world.ship(order_id, shipped_at=yesterday)
    assert shipments.of_order(order_id)[0].shipped_at == yesterday
    assert db.session.get(Integration, world.integration_id).sends_shipments
