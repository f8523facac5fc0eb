"""Orders handed on: which go, why others do not, and what their lines say."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.factories import QueryCounter
from tests.shipping_world import ADDRESS, ME, ShippingWorld
from wholecell.channels.contract import Stage
from wholecell.db import db, transaction, utcnow
from wholecell.models import Customer, HandedOrder, OrderItem, SalesOrder, SalesOrderStatus
from wholecell.services import outgoing_orders, outgoing_state, shipments
from wholecell.services.shipping_settings import AddressSource, LineFormat, channel_ticks


@pytest.fixture
def world(app):
    return ShippingWorld()


def built(world, *order_ids):
    return outgoing_orders.build(db.session(), world.settings, list(order_ids))


def handed(world, *order_ids):
    with transaction() as session:
        outgoing_orders.note_handed(session, world.shipper_id, built(world, *order_ids), {}, utcnow())


def change(order_id, **fields):
    db.session.execute(sa.update(SalesOrder).where(SalesOrder.id == order_id).values(**fields))
    db.session.commit()


def test_an_order_goes_whole_with_its_phones(world):
    order_id = world.order(2, total_cents=50000, shipping_cents=900, email="ada@example.com", ship_service="2 days")
    db.session.execute(sa.update(OrderItem).values(price_cents=24550))
    db.session.commit()
    (order,) = built(world, order_id)
    assert (order.reference, order.number) == (world.reference(order_id), world.row(order_id).number)
    assert (order.channel, order.stage, order.service) == ("Backmarket", Stage.PAID, "2 days")
    assert (order.total_cents, order.shipping_cents, order.customer) == (50000, 900, "ada@example.com")
    assert order.ship_to == order.bill_to and order.ship_to.name == "Ada Byron"
    (line,) = order.lines
    assert (line.sku, line.quantity, line.price_cents) == ("S0", 2, 24550)
    assert line.name.startswith("iPhone") and line.name.endswith("64GB Black Unlocked A")
    assert len(line.esns) == 2 and order.esns == line.esns


# What is different about an order, and whether it goes.
GOES = [
    ({"channel": "Backmarket"}, True),
    ({"channel": "Back market"}, False),  # letter for letter
    ({"channel": "backmarket"}, False),
    ({"channel": ""}, False),
    ({"erased_at": utcnow()}, False),
    ({"is_fulfilled_by_channel": True}, False),
    ({"ship_name": "", "ship_company": "Byron Ltd"}, True),
    ({"ship_name": " "}, False),
    ({"ship_street": ""}, False),
    ({"ship_city": ""}, False),
    ({"ship_postal_code": ""}, False),
    ({"ship_country": ""}, False),
    ({"ship_state": ""}, True),
]


def test_an_order_goes_when_its_channel_is_ticked_and_its_address_whole(world):
    ids = [world.order(1) for _ in GOES]
    for order_id, (fields, _) in zip(ids, GOES, strict=True):
        change(order_id, **fields)
    assert [each.order_id for each in built(world, *ids)] == [
        key for key, (_, goes) in zip(ids, GOES, strict=True) if goes
    ]
    row = {**ADDRESS, "ship_company": "", "ship_city": "", "ship_country": "U"}
    assert outgoing_state.missing(row) == ["city", "country as two letters"]
    assert outgoing_state.missing({**ADDRESS, "ship_company": ""}) == []


def test_a_status_decides_and_what_went_is_followed_to_its_end(world):
    draft = world.order(1, status="Draft")  # counts as no open order and is not flagged
    went, stays = world.order(1), world.order(1, status="Shipped")
    assert [each.order_id for each in built(world, draft, went, stays)] == [went]
    handed(world, went)
    hold = make.named(SalesOrderStatus, "On hold", counts_as_open=True, allows_commitment=True)
    for status, stage in ((hold, Stage.ON_HOLD), (make.named(SalesOrderStatus, "Shipped"), Stage.SHIPPED)):
        change(went, status_id=status.id)
        assert [each.stage for each in built(world, went)] == [stage]
    canceled = make.named(SalesOrderStatus, "Canceled", counts_as_open=False, allows_commitment=False)
    change(went, status_id=canceled.id)
    (order,) = built(world, went)
    assert order.stage is Stage.CANCELLED and order.lines[0].quantity == 1  # what it was
    change(went, erased_at=utcnow())
    assert built(world, went) == []


def test_a_refused_order_was_not_handed(world):
    order_id = world.order(1, status="Draft")
    db.session.add(HandedOrder(integration_id=world.shipper_id, order_id=order_id, problem="No."))
    db.session.commit()
    assert built(world, order_id) == []


def test_units_that_were_cancelled_do_not_go(world):
    order_id = world.order(3, 1, committed=0)
    db.session.execute(sa.update(OrderItem).where(OrderItem.ordered == 3).values(cancelled=1))
    db.session.execute(sa.update(OrderItem).where(OrderItem.ordered == 1).values(cancelled=1))
    db.session.commit()
    (order,) = built(world, order_id)
    assert [each.quantity for each in order.lines] == [2]
    db.session.execute(sa.update(OrderItem).values(cancelled=OrderItem.ordered))
    db.session.commit()
    (order,) = built(world, order_id)
    assert order.stage is Stage.CANCELLED


def test_lines_are_items_or_phones_or_phones_of_a_kind(world):
    other = make.make_variation("S0", grade="B")
    order_id = world.order(4, committed=2)
    (item,) = make.order_items(world.row(order_id))
    make.commit_phone(make.make_item(other), item)
    (order,) = built(world, order_id)
    assert [each.quantity for each in order.lines] == [4] and len(order.esns) == 3
    assert order.lines[0].name == "64GB Black Unlocked"  # all that the two kinds have in common
    channels = frozenset({"Backmarket"})
    world.hand(channels=channels, line_format=LineFormat.PHONES, attributes=("grade",))
    (order,) = built(world, order_id)
    assert [each.quantity for each in order.lines] == [1, 1, 1, 1]
    assert [each.name for each in order.lines[:3]] == [f"{g} IMEI {e}" for g, e in zip("AAB", order.esns, strict=True)]
    assert order.lines[3].esns == () and len({each.line_id for each in order.lines}) == 4
    world.hand(channels=channels, line_format=LineFormat.GROUPED, attributes=("grade",))
    (order,) = built(world, order_id)
    assert [(each.name, each.quantity) for each in order.lines[:2]] == [("A", 2), ("B", 1)]
    assert sum(each.quantity for each in order.lines) == 4


def test_the_bill_goes_to_the_customer_where_the_settings_say_so(world):
    customer = make.save(Customer(name="Byron Ltd", name_key="byron ltd", email="pay@example.com", phone="5"))
    order_id = world.order(1, customer_id=customer.id, email="ada@example.com")
    world.hand(channels=frozenset({"Backmarket"}), address_source=AddressSource.CUSTOMER)
    (order,) = built(world, order_id)
    assert (order.bill_to.name, order.bill_to.phone, order.email) == ("Byron Ltd", "5", "pay@example.com")
    assert order.ship_to.name == "Ada Byron"


def test_a_shipment_here_makes_it_shipped_there(world):
    order_id = world.order(1)
    handed(world, order_id)
    world.ship(order_id)
    (order,) = built(world, order_id)
    assert order.stage is Stage.SHIPPED
    shipments.void(shipments.of_order(order_id)[0].id, ME, is_sure=True)
    (order,) = built(world, order_id)
    assert order.stage is Stage.PAID


def test_a_page_is_as_many_queries_for_fifty_orders_as_for_one(world):
    ids = [world.order(1, 1) for _ in range(5)]
    settings = world.settings
    counts = []
    for some in (ids[:1], ids):
        with QueryCounter() as statements:
            assert len(outgoing_orders.build(db.session(), settings, some)) == len(some)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10


def test_a_name_that_matches_nothing_says_what_is_meant(world):
    world.order(1)
    world.hand(channels=frozenset({"Back market", "Fair"}))
    ticks = {each.name: each for each in channel_ticks(world.settings)}
    assert ticks["Back market"].is_ticked and not ticks["Back market"].matches
    assert ticks["Back market"].meant == "Backmarket"
    assert ticks["Backmarket"].matches and not ticks["Backmarket"].is_ticked
    assert (ticks["Fair"].matches, ticks["Fair"].meant) == (False, "")
