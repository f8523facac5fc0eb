"""Shipments that came from outside: each becomes one of ours, once, whole or in part, and goes on to the channel."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.races import race
from tests.ship_world import ME, UPS, told, use_fake_channel
from tests.shipping_world import ShippingWorld
from wholecell.channels.contract import CameLine, CameShipment
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, ProductVariation, SalesOrder, Shipment, ShipmentNotice
from wholecell.services import commit, incoming_shipments, outgoing_orders, shipments
from wholecell.services.incoming_shipments import Outcome, named_carrier
from wholecell.services.refusal import Refusal
from wholecell.services.shipment_rows import State

UPS2 = "1Z5R89390357567136"


@pytest.fixture
def world(app, monkeypatch):
    use_fake_channel(monkeypatch)
    return ShippingWorld()


def came(world, order_id, tracking=UPS, **fields):
    values = {"carrier": "UPS", "service": "Ground", "shipped_at": utcnow(), **fields}
    values.setdefault("reference", world.reference(order_id))
    values.setdefault("number", "")
    return CameShipment(tracking_number=tracking, **values)


def take(world, order_id, tracking=UPS, **fields):
    return incoming_shipments.take(world.shipper_id, came(world, order_id, tracking, **fields))


def lines(world, order_id, *quantities):
    items = make.order_items(world.row(order_id))
    return [CameLine(str(item.id), "", count) for item, count in zip(items, quantities, strict=False) if count]


def states(order_id):
    return [(each.tracking_number, each.state.value, len(each.units)) for each in shipments.of_order(order_id)]


def notices():
    query = sa.select(ShipmentNotice).order_by(ShipmentNotice.id)
    return [(each.outcome, each.times) for each in db.session.scalars(query.execution_options(populate_existing=True))]


def test_a_shipment_that_came_goes_on_to_the_orders_channel_once(world):
    order_id = world.order(2)
    first = take(world, order_id, cost_cents=799)
    assert first.outcome is Outcome.ADDED and first.is_stored
    assert world.status(order_id) == "Shipped"
    assert states(order_id) == [(UPS, "waiting", 2)]
    world.run()
    assert [each.tracking_number for each in world.channel.parcels] == [UPS]
    again = take(world, order_id)
    assert (again.outcome, again.shipment_id) == (Outcome.KNOWN, first.shipment_id)
    assert states(order_id) == [(UPS, "sent", 2)] and notices() == [("added", 2)]
    assert db.session.scalar(sa.select(ShipmentNotice.cost_cents)) == 799
    assert ("shipped", None, f"UPS {UPS}") in told(order_id)


@pytest.mark.parametrize("holds", [True, False])
def test_what_left_without_a_scan_is_kept_back_until_it_is_scanned(world, holds):
    with transaction() as session:
        session.get_one(Integration, world.integration_id).holds_for_scan = holds
    whole, order_id = world.order(1), world.order(2, committed=1)
    take(world, whole, UPS2)
    take(world, order_id)
    assert not world.row(whole).is_to_be_scanned
    assert (world.status(order_id), world.row(order_id).is_to_be_scanned) == ("Shipped", holds)
    assert outgoing_orders.build(db.session(), world.settings, [order_id]) == []  # it never went there
    shipments.void(shipments.of_order(order_id)[0].id, ME, is_sure=True)
    assert (world.status(order_id), world.row(order_id).is_to_be_scanned) == ("Awaiting shipment", False)
    take(world, order_id, "1Z5R89390357567145")
    phone = make.make_item(db.session.get(ProductVariation, world.variation.id))
    commit.commit(order_id, phone.esn, ME)
    assert (world.status(order_id), world.row(order_id).is_to_be_scanned) == ("Shipped", False)


def test_one_entered_here_before_is_the_same(world):
    order_id = world.order(1)
    shipment_id = world.ship(order_id)
    taken = take(world, order_id, tracking="1z5r 8939 0357 5671 27")
    assert (taken.outcome, taken.shipment_id) == (Outcome.KNOWN, shipment_id)
    assert len(states(order_id)) == 1


@pytest.mark.parametrize("committed", [3, 0])
def test_an_order_is_shipped_when_its_last_line_has_left(world, committed):
    order_id = world.order(2, 1, committed=committed)
    assert take(world, order_id, lines=lines(world, order_id, 1)).is_stored
    assert world.status(order_id) == "Awaiting shipment"
    assert take(world, order_id, UPS2, lines=lines(world, order_id, 1, 1)).is_stored
    assert world.status(order_id) == "Shipped"
    phones = (1, 2) if committed else (0, 0)
    assert states(order_id) == [(UPS, "waiting", phones[0]), (UPS2, "waiting", phones[1])]


def test_lines_are_known_by_sku_where_they_have_no_id(world):
    order_id = world.order(1, 2)
    take(world, order_id, lines=[CameLine("", "S0", 2)])
    assert world.status(order_id) == "Awaiting shipment" and states(order_id) == [(UPS, "waiting", 2)]
    take(world, order_id, UPS2, lines=[CameLine("nonsense", "S0", 1)])
    assert world.status(order_id) == "Shipped" and len(states(order_id)) == 2


def test_a_second_parcel_without_lines_is_one_more_shipment(world):
    order_id = world.order(2)
    assert [take(world, order_id, number).outcome for number in (UPS, UPS2)] == [Outcome.ADDED] * 2
    assert states(order_id) == [(UPS, "waiting", 2), (UPS2, "waiting", 0)]


def test_a_void_before_the_channel_knew_takes_all_back(world):
    order_id = world.order(1)
    take(world, order_id)
    taken = take(world, order_id, is_voided=True)
    assert (taken.outcome, taken.words) == (Outcome.VOIDED, "")
    assert world.status(order_id) == "Awaiting shipment"
    world.run()
    assert world.channel.parcels == []
    assert take(world, order_id, is_voided=True).outcome is Outcome.KNOWN
    assert take(world, order_id).outcome is Outcome.KNOWN  # a late repetition does not bring it back
    assert notices() == [("added", 2), ("voided", 2)]
    assert take(world, order_id, UPS2).outcome is Outcome.ADDED
    assert world.status(order_id) == "Shipped"


def test_a_void_after_the_channel_knew_says_what_is_left_to_do(world):
    order_id = world.order(1)
    shipment_id = take(world, order_id).shipment_id
    world.run()
    taken = take(world, order_id, is_voided=True)
    assert (taken.outcome, taken.words) == (Outcome.VOIDED, incoming_shipments.TOLD_BEFORE)
    assert world.get(shipment_id).voided_at is not None


def test_a_void_while_the_channel_is_told_is_asked_for_again(world):
    order_id = world.order(1)
    row = world.get(take(world, order_id).shipment_id)
    row.state = State.SENDING.value
    db.session.commit()
    taken = take(world, order_id, is_voided=True)
    assert taken.outcome is Outcome.LATER and not taken.is_stored
    assert world.get(row.id).voided_at is None


def test_a_void_of_what_never_came_changes_nothing(world):
    order_id = world.order(1)
    assert take(world, order_id, is_voided=True).outcome is Outcome.KNOWN
    assert states(order_id) == []


def test_an_unknown_order_is_kept_in_the_log_once(world):
    world.order(1)
    for fields in ({"reference": "ffffffff-1"}, {"reference": f"{world.settings.prefix}-999"}, {"reference": ""}):
        for _ in range(2):
            taken = incoming_shipments.take(world.shipper_id, came(world, 0, number="nobody's", **fields))
            assert taken.outcome is Outcome.UNKNOWN and not taken.is_stored
    assert notices() == [("unknown order", 2)] * 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Shipment)) == 0


def test_another_key_is_another_store_where_we_call_the_program(world):
    order_id = world.order(1)
    fields = {"reference": "ffffffff-1", "number": world.row(order_id).number}
    db.session.execute(sa.update(Integration).where(Integration.id == world.shipper_id).values(is_by_hand=False))
    db.session.commit()
    assert take(world, order_id, **fields).outcome is Outcome.UNKNOWN and states(order_id) == []
    db.session.execute(sa.update(Integration).where(Integration.id == world.shipper_id).values(is_by_hand=True))
    db.session.commit()
    assert take(world, order_id, **fields).is_stored  # our own store's, connected anew


def test_of_two_orders_with_one_number_the_one_that_went_is_meant(world):
    first, second = world.order(1), world.order(1)
    db.session.execute(sa.update(SalesOrder).values(number="7"))
    db.session.commit()
    assert take(world, first, reference="", number="7").outcome is Outcome.UNKNOWN  # nobody can tell
    with transaction() as session:
        orders = outgoing_orders.build(session, world.settings, [second])
        outgoing_orders.note_handed(session, world.shipper_id, orders, {}, utcnow())
    taken = take(world, first, reference="", number="7")
    assert world.get(taken.shipment_id).order_id == second


def test_what_has_left_is_stored_even_where_the_channel_cannot_be_told_yet(world, monkeypatch):
    bare = world.order(1)
    assert take(world, bare, tracking="").outcome is Outcome.ADDED
    assert take(world, bare, tracking="").outcome is Outcome.KNOWN
    (row,) = shipments.of_order(bare)
    assert (row.state, row.problem) == (State.REFUSED, incoming_shipments.NO_TRACKING)
    with pytest.raises(Refusal, match="tracking number"):
        shipments.try_again(row.id, ME)
    assert world.status(bare) == "Shipped"


def test_phones_committed_later_go_along_when_it_is_tried_again(app, monkeypatch):
    use_fake_channel(monkeypatch)
    world = ShippingWorld(needs_all_phones=True)
    order_id = world.order(1, committed=0)
    shipment_id = take(world, order_id).shipment_id
    assert "Fewer phones" in world.get(shipment_id).problem
    with pytest.raises(Refusal, match="Fewer phones"):
        shipments.try_again(shipment_id, ME)
    make.commit_phone(make.make_item(world.variation), make.order_items(world.row(order_id))[0])
    shipments.try_again(shipment_id, ME)
    world.run()
    (told_of,) = world.channel.parcels
    assert len(told_of.units) == 1


def test_a_channel_of_one_parcel_hears_of_the_first(app, monkeypatch):
    use_fake_channel(monkeypatch, is_one_parcel=True)
    world = ShippingWorld()
    order_id = world.order(2)
    take(world, order_id)
    take(world, order_id, UPS2)
    assert [each[1] for each in states(order_id)] == ["waiting", "refused"]


def test_orders_of_our_own_and_by_hand_and_untold_channels(world):
    wholesale = make.make_order("Awaiting shipment", [{"sku": "S0"}], number="W-1", external_id=None)
    assert take(world, wholesale.id).is_stored
    assert states(wholesale.id) == [(UPS, "here only", 0)] and world.status(wholesale.id) == "Shipped"
    db.session.execute(sa.update(Integration).values(sends_shipments=False))
    db.session.commit()
    order_id = world.order(1)
    assert take(world, order_id, tracking="").is_stored
    assert states(order_id) == [("", "here only", 1)]
    db.session.execute(sa.update(Integration).values(sends_shipments=True, is_by_hand=True))
    db.session.commit()
    order_id = world.order(1)
    take(world, order_id)
    assert states(order_id) == [(UPS, "waiting", 1)]  # for the next file of shipments


def test_an_order_that_its_channel_ships_is_refused(world):
    order_id = world.order(1)
    db.session.execute(sa.update(SalesOrder).values(is_fulfilled_by_channel=True))
    db.session.commit()
    taken = take(world, order_id)
    assert taken.outcome is Outcome.REFUSED and "own warehouse" in taken.words
    assert notices() == [("refused", 1)]
    assert take(world, order_id, "9" * 120).outcome is Outcome.REFUSED


def test_a_date_ahead_is_now(world):
    order_id = world.order(1)
    taken = take(world, order_id, shipped_at=utcnow() + timedelta(days=90))
    assert world.get(taken.shipment_id).shipped_at <= utcnow()


def test_carriers_are_spelled_as_here():
    assert named_carrier("USPS", "Priority Mail", "") == ("USPS", "Priority Mail")
    assert named_carrier("ups_walleted", "ups_ground", "") == ("UPS", "ups_ground")
    assert named_carrier("dhl_express", "", "") == ("DHL Express", "")
    assert named_carrier("stamps_com", "First Class", UPS) == ("UPS", "First Class")  # told by the number
    assert named_carrier("Pigeons", "Slow", "") == ("Other", "Pigeons Slow")


def at_once(world):
    """The same notice twice at the same moment; gives what each was told."""
    order_id = world.order(1)
    message = came(world, order_id)
    db.session.commit()
    return order_id, race(lambda _: incoming_shipments.take(world.shipper_id, message))


def test_a_notice_told_twice_at_once_is_stored_once(world):
    order_id, results = at_once(world)
    assert sorted(each.outcome.value for each in results) == ["added", "known"], results
    assert len(states(order_id)) == 1 and notices() == [("added", 2)]


def test_without_locks_it_would_be_stored_twice(world, monkeypatch):
    """The twin: both have looked before either writes."""
    insert, barrier = shipments.insert, threading.Barrier(2)

    def late(session, *args):
        session.commit()  # gives up what was locked
        barrier.wait(10)
        return insert(session, *args)

    monkeypatch.setattr(shipments, "insert", late)
    order_id, _ = at_once(world)
    assert len(states(order_id)) == 2
