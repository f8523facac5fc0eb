"""What is added to the number sent for a channel that itself subtracts its own open orders."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from tests import factories as make
from tests.order_cases import CaseWorld
from tests.order_moves import ME
from tests.push_world import World
from tests.ship_world import parcel, use_fake_channel
from wholecell.db import db, transaction, utcnow
from wholecell.models import ChangeBatch, Event, Integration, Listing, OrderItem
from wholecell.services import (
    due,
    guard,
    integrations,
    offers,
    order_items,
    recompute,
    settings_effect,
    settings_undo,
    shipments,
)
from wholecell.services.availability import quantities
from wholecell.services.integrations import settings_of
from wholecell.services.limits import Limits
from wholecell.services.recompute import Cause
from wholecell.services.rule_settings import load_settings
from wholecell.services.work import Kind

WHY = "It takes what its open orders hold off the number it is given."


@pytest.fixture
def world(app, channel_has):
    """Ten phones on one listing of an integration that adds its own open orders."""
    channel_has(keeps_back_own_orders=WHY)
    world = CaseWorld()
    world.set(adds_own_orders=True)
    return world


def answer(world, listing_id=None):
    """Calculated, what its own open orders add, and the number sent; checks that changes asked for it."""
    calculated = world.numbers(listing_id)[2]
    offer = quantities()[listing_id or world.listing_id]
    narrow = quantities(listings=[offer.listing_id])[offer.listing_id]
    assert narrow == offer, "asked about alone, a listing has the same number"
    (variation, *_) = offer.variations
    assert quantities(variations=[variation])[offer.listing_id] == offer
    return calculated, offer.own_orders, offer.offered


def nothing(world):
    pass


def an_order(world):
    world.sells()


def committed(world):
    world.scan(world.sells())


def over_here_and_not_there(world):
    order = world.sells()
    world.scan(order)
    world.set_status(order, "Shipped")


def shipped_there(world):
    world.scan(world.sells())
    world.says("shipped", shipped=1)


def shipped_there_and_held_for_scan(world):
    world.sells()
    world.says("shipped", shipped=1)


def one_of_three_shipped(world):
    world.scan(world.sells(3), 3)
    world.says("3", is_final=False, shipped=1)


def one_of_three_cancelled(world):
    world.sells(3)
    world.says("3", is_final=False, cancelled=1)


def cancelled(world):
    world.sells()
    world.says("cancelled", cancelled=1)


def cancelled_after_commit(world):
    world.scan(world.sells())
    world.says("cancelled", cancelled=1)


def not_paid_yet(world):
    world.sells(status="10")


def a_word_nobody_knows(world):
    world.sells(status="held")


def shipped_by_the_channel(world):
    world.sells(is_fulfilled_by_channel=True)


def wholesale(world):
    world.order_by_hand(world.variations[0], 2)


def more_than_there_is(world):
    world.sells(12)


def a_phone_too_many(world):
    world.scan(world.sells(), 2)  # an extra line, which the channel's order does not have


CASES = [
    (nothing, (10, 0, 10)),
    (an_order, (9, 1, 10)),
    (committed, (9, 1, 10)),
    (over_here_and_not_there, (9, 1, 10)),
    (shipped_there, (9, 0, 9)),
    (shipped_there_and_held_for_scan, (9, 0, 9)),
    (one_of_three_shipped, (7, 2, 9)),
    (one_of_three_cancelled, (8, 2, 10)),
    (cancelled, (10, 0, 10)),
    (cancelled_after_commit, (9, 0, 9)),
    (not_paid_yet, (9, 1, 10)),
    (a_word_nobody_knows, (9, 0, 9)),
    (shipped_by_the_channel, (10, 0, 10)),
    (wholesale, (8, 0, 8)),
    (more_than_there_is, (-2, 12, 12)),
    (a_phone_too_many, (8, 1, 9)),
]


@pytest.mark.parametrize(("arrange", "expected"), CASES, ids=[arrange.__name__ for arrange, _ in CASES])
def test_case_table(world, arrange, expected):
    arrange(world)
    assert answer(world) == expected


@pytest.mark.parametrize(("arrange", "expected"), CASES, ids=[arrange.__name__ for arrange, _ in CASES])
def test_switched_off_nothing_is_added(world, arrange, expected):
    world.set(adds_own_orders=False)
    arrange(world)
    assert answer(world) == (expected[0], 0, max(expected[0], 0))


LIMITS = [
    (Limits(zero_out_threshold=9), (9, 1, 1)),
    (Limits(percentage=50), (9, 1, 5)),
    (Limits(safety_quantity=20), (9, 1, 1)),
    (Limits(maximum_quantity=4), (9, 1, 5)),
]


@pytest.mark.parametrize(("limits", "expected"), LIMITS)
def test_limits_say_what_may_be_sold_in_addition(world, limits, expected):
    world.set(**{name: getattr(limits, name) for name in limits.__slots__})
    world.sells()
    assert answer(world) == expected


def test_a_listings_own_limits_leave_room_for_its_orders_too(world):
    db.session.execute(sa.update(Listing).values(zero_out_threshold=50))
    db.session.commit()
    world.sells()
    assert answer(world) == (9, 1, 1)


@pytest.mark.parametrize("has_phones", [True, False])
def test_what_the_channel_was_told_of_is_kept_back_no_more_before_it_says_so(world, monkeypatch, has_phones):
    use_fake_channel(monkeypatch)
    order = world.sells(2)
    done = world.scan(order, 2) if has_phones else []
    assert answer(world) == (8, 2, 10)
    chosen = [each.commitment_id for each in done[:1]]
    shipments.add(order.id, parcel(*chosen), ME, is_sure=True)
    world.set_status(order, "Awaiting shipment")
    assert answer(world) == (8, 2, 10), "the channel does not know yet"
    told = []
    world.channel.before_call = lambda _: told.append(answer(world)[1])
    world.run(Kind.SEND_SHIPMENTS)
    left = 1 if has_phones else 0
    assert told in ([], [left])
    assert answer(world) == (8, left, 8 + left)
    world.says("3", is_final=False, shipped=2 - left)
    assert answer(world) == (8, left, 8 + left)


def test_a_shipment_the_channel_refused_is_kept_back_again(world, monkeypatch):
    use_fake_channel(monkeypatch)
    order = world.sells()
    (done,) = world.scan(order)
    shipments.add(order.id, parcel(done.commitment_id), ME, is_sure=True)
    world.channel.order_refusals["1"] = "No such carrier"
    world.run(Kind.SEND_SHIPMENTS)
    assert answer(world) == (9, 1, 10)


def test_only_the_listing_that_was_sold_is_told_more(world):
    twin = make.make_listing(world.integration, sku="S0", external_id="L8").id
    elsewhere = make.make_listing(make.make_integration(adds_own_orders=True), sku="S0").id
    world.settle()
    world.sells(listing_ids={"listing_id": "700"})
    assert answer(world) == (9, 1, 10)
    assert answer(world, twin) == (9, 0, 9)
    assert answer(world, elsewhere) == (9, 0, 9)


def test_a_line_given_another_variation_by_hand_stays_with_its_listing(world):
    other = make.make_variation("OTHER")
    make.make_items(other, 4)
    order = world.sells()
    order_items.connect_item(make.order_items(order)[0].id, other.id, ME)
    assert answer(world) == (10, 1, 11)
    world.says("shipped", shipped=1)
    assert answer(world) == (10, 0, 10)


@pytest.mark.parametrize("is_chosen", [False, True])
def test_a_line_of_no_known_listing_counts_where_its_candidates_do(world, is_chosen):
    grade_b = make.make_variation("S1", grade="B").id
    make.make_items(make.make_variation("S1", grade="A"), 2)
    db.session.execute(sa.update(Listing).values(sku="gone"))
    listing = make.make_listing(world.integration, external_id="L9", skus=["S1"]).id
    world.settle()
    order = world.sells(2, sku="S1")
    db.session.execute(sa.update(OrderItem).values(listing_id=None))
    db.session.commit()
    if is_chosen:
        order_items.connect_item(make.order_items(order)[0].id, grade_b, ME)
    assert answer(world, listing) == (0, 2, 2)


def test_an_order_moves_no_number_and_asks_for_nothing_to_wait(app, channel_has):
    channel_has(keeps_back_own_orders=WHY)
    world = World(imports_orders=True, adds_own_orders=True)
    world.settle()
    world.channel.put_order("1", [("1", "S0", 1)])
    sent = list(world.channel.pushed)
    for _ in range(2):  # the second one knows that the first has begun since the order
        world.run(Kind.IMPORT_ORDERS)
        offers.compute_all()
    assert world.listing().last_offered == 3
    assert {each.reason for each in due.due_listings(world.integration.id, utcnow())} <= {due.Reason.ORDER}
    world.settle()
    assert world.channel.shows("L0") == 3
    assert world.channel.pushed[len(sent) :] in ([], [("L0", 3)])


def test_switching_it_on_is_seen_before_it_is_saved_and_can_be_undone(world):
    world.sells(2)
    assert answer(world)[2] == 10
    world.set(adds_own_orders=False)
    world.settle()
    old = settings_of(world.integration)
    new = replace(old, rule=replace(old.rule, adds_own_orders=True))
    effect = settings_effect.effect_of(old, new)
    assert (effect.rises, effect.falls) == (1, 0)
    integrations.save_settings(world.integration_id, new, ME)
    assert answer(world) == (8, 2, 10)
    line = db.session.scalar(sa.select(Event).where(Event.kind == "channel subtracts its own open orders"))
    assert (line.old, line.new) == ("off", "on")
    settings_undo.undo(db.session.scalar(sa.select(sa.func.max(ChangeBatch.id))), ME)
    assert answer(world) == (8, 0, 8)


def test_undoing_what_was_saved_before_the_setting_existed_leaves_it(world):
    now = settings_of(world.integration)
    off = replace(now.rule, limits=Limits(maximum_quantity=3))
    integrations.save_settings(world.integration_id, replace(now, rule=off), ME)
    with transaction() as session:
        batch = session.scalar(sa.select(ChangeBatch))
        batch.before = {key: value for key, value in batch.before.items() if key not in ("adds_own_orders", "kind")}
        key = batch.id
    settings_undo.undo(key, ME)
    assert load_settings()[world.integration_id] == now.rule


def test_the_guard_looks_at_rises_that_come_from_the_switch(app, channel_has):
    channel_has(keeps_back_own_orders=WHY)
    world = World(count=6, stock=2)
    for index in range(6):
        item = {"sku": f"S{index}", "external_line_id": "1", "listing_id": world.listing(index).id}
        make.make_order(None, [item], integration=world.integration, channel_status="3")
    with transaction() as session:
        recompute.request_all(session, Cause.REGULAR, ME)
    world.settle()
    assert world.listing().last_synced == 1
    now = settings_of(db.session.get(Integration, world.integration.id))
    on = replace(now, rule=replace(now.rule, adds_own_orders=True))
    integrations.save_settings(world.integration.id, on, ME)
    assert world.settle() is None
    assert guard.held_on(world.integration.id).rises == 6
    assert world.listing().last_offered == 2


def test_one_more_query_and_only_where_one_adds(world, count_queries):
    world.sells()
    db.session.remove()
    with count_queries() as statements:
        quantities()
    assert len(statements) <= 7
    world.set(adds_own_orders=False)
    db.session.remove()
    with count_queries() as statements:
        quantities()
    assert len(statements) <= 6


def test_its_orders_are_found_through_indexes(world):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the plan asked for here is SQLite's")
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, sql, values, *_: asked.append((sql, values)))
    for narrow in ({}, {"listings": [world.listing_id]}):
        asked.clear()
        quantities(**narrow)
        (own,) = [each for each in asked if "external_line_id IS NOT NULL" in each[0]]
        connection = db.session.connection()
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {own[0]}", own[1])]
        assert not [row for row in plan if row.startswith("SCAN")], plan
        assert any("ix_sales_order_integration_id_channel_status" in row for row in plan) or narrow, plan
