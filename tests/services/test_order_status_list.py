"""Order statuses: what may be done to them, and that numbers follow *counts as open*."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME
from wholecell.channels.contract import Meaning
from wholecell.db import db
from wholecell.models import ChangeBatch, Event, RecomputeRequest, SalesOrder, SalesOrderStatus, StatusMapping
from wholecell.services import availability, held, order_status_list, status_words
from wholecell.services.order_status_list import Status
from wholecell.services.refusal import Refusal


def key(title):
    return db.session.scalar(sa.select(SalesOrderStatus.id).where(SalesOrderStatus.title == title))


def titles():
    return [row.status.title for row in order_status_list.rows()]


def offered(listing):
    return availability.quantities()[listing.id].offered


@pytest.fixture
def shelf(app):
    """Ten phones on one listing, and an order for three in Packed that has none yet."""
    variation = make.make_variation("X")
    make.make_items(variation, 10)
    listing = make.make_listing(make.make_integration(armed=True), "X", title="Black phone")
    make.make_order("Packed", [{"sku": "X", "ordered": 3}], number="A-1", channel="Shop")
    return listing


def test_a_status_is_added_at_the_end(app):
    order_status_list.add(Status(" Waiting  for parts ", "orange", counts_as_open=True), ME)
    assert titles()[-1] == "Waiting for parts"
    row = db.session.get(SalesOrderStatus, key("Waiting for parts"))
    assert (row.color, row.counts_as_open, row.allows_commitment) == ("orange", True, False)


@pytest.mark.parametrize(
    ("title", "words"),
    [("", "needs a title"), ("x" * 61, "longer than 60"), ("shipped", "already a status titled Shipped")],
)
def test_titles_that_are_refused(app, title, words):
    with pytest.raises(Refusal, match=words):
        order_status_list.add(Status(title), ME)
    with pytest.raises(Refusal, match=words):
        order_status_list.change(key("Packed"), Status(title), ME)


def test_canceled_is_added_once(app):
    order_status_list.add_canceled(ME)
    order_status_list.add_canceled(ME)
    assert titles().count("Canceled") == 1
    row = db.session.get(SalesOrderStatus, key("Canceled"))
    assert not row.counts_as_open and not row.allows_commitment and not row.syncs_to_shipstation


def test_a_new_title_or_color_moves_no_number(shelf):
    status_id = key("Packed")
    now = order_status_list.get(status_id)
    order_status_list.change(status_id, replace(now, title="Boxed", color="red"), ME)
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(RecomputeRequest))
    event = db.session.scalars(sa.select(Event).where(Event.kind == "order status changed")).one()
    assert (event.old, event.new) == (
        "Packed (blue, open, allows commitment, goes to ShipStation)",
        "Boxed (red, open, allows commitment, goes to ShipStation)",
    )


def test_the_effect_of_counts_as_open_is_shown_and_does_not_stay(shelf):
    status_id = key("Packed")
    closed = replace(order_status_list.get(status_id), counts_as_open=False)
    effect = order_status_list.effect_of_change(status_id, closed, ME)
    assert [(each.title, each.old, each.new) for each in effect.listings] == [("Black phone", 7, 10)]
    assert [(number, channel) for _, number, channel in effect.orders] == [("A-1", "Shop")]
    assert (effect.order_count, effect.all_orders) == (1, 1)
    assert order_status_list.get(status_id).counts_as_open
    assert offered(shelf) == 7


def test_an_effect_without_orders_is_none(shelf):
    status_id = key("On hold")
    closed = replace(order_status_list.get(status_id), counts_as_open=False)
    assert order_status_list.effect_of_change(status_id, closed, ME) is None


def test_an_order_that_has_its_phones_moves_nothing(shelf):
    order = db.session.scalars(sa.select(SalesOrder)).one()
    (item,) = make.order_items(order)
    for phone in db.session.scalars(sa.select(make.InventoryItem).limit(3)).all():
        make.commit_phone(phone, item)
    status_id = key("Packed")
    effect = order_status_list.effect_of_change(status_id, Status("Packed"), ME)
    assert (effect.listings, effect.orders, effect.order_count, effect.all_orders) == ([], [], 0, 1)


def test_counts_as_open_asks_for_every_number_and_can_be_taken_back(shelf):
    status_id = key("Packed")
    order_status_list.change(status_id, replace(order_status_list.get(status_id), counts_as_open=False), ME)
    request = db.session.scalars(sa.select(RecomputeRequest)).one()
    assert (request.cause, request.listing_id, request.variation_id) == ("statuses", None, None)
    assert offered(shelf) == 10
    order_status_list.change(status_id, replace(order_status_list.get(status_id), color="red"), ME)
    batch = db.session.scalar(sa.select(ChangeBatch.id))
    assert request.batch_id == batch
    assert held.undo_batch(batch, ME) == "The settings are as they were before."
    assert offered(shelf) == 7
    assert order_status_list.get(status_id).color == "red", "what else changed since stays"
    with pytest.raises(Refusal, match="taken back already"):
        held.undo_batch(batch, ME)


def test_statuses_are_put_in_order(app):
    order_status_list.move(key("Packed"), -1)
    assert titles().index("Packed") == 3
    order_status_list.move(key("Draft"), -1)
    assert titles()[0] == "Draft"
    order_status_list.move(999, 1)


def test_only_an_unused_status_is_deleted(shelf):
    order_status_list.delete(key("Draft"), ME)
    assert "Draft" not in titles()
    with pytest.raises(Refusal, match="1 order uses Packed, so it cannot be deleted. Merge it"):
        order_status_list.delete(key("Packed"), ME)
    one = make.make_integration()
    make.save(StatusMapping(integration_id=one.id, word="9", status_id=key("Shipped")))
    with pytest.raises(Refusal, match="1 word of channels uses Shipped"):
        order_status_list.delete(key("Shipped"), ME)


def test_the_last_status_stays(app):
    for title in titles()[1:]:
        order_status_list.delete(key(title), ME)
    with pytest.raises(Refusal, match="last status"):
        order_status_list.delete(key("Draft"), ME)


def test_a_merge_moves_orders_and_words(shelf):
    one = make.make_integration()
    packed, shipped = key("Packed"), key("Shipped")
    make.save(StatusMapping(integration_id=one.id, word="3", status_id=packed))
    effect = order_status_list.effect_of_merge(packed, shipped, ME)
    assert [(each.old, each.new) for each in effect.listings] == [(7, 10)]
    assert "Packed" in titles()
    assert order_status_list.merge(packed, shipped, ME) == 1
    assert "Packed" not in titles()
    order = db.session.scalars(sa.select(SalesOrder)).one()
    assert order.status_id == shipped
    assert db.session.scalars(sa.select(StatusMapping.status_id)).one() == shipped
    event = db.session.scalars(sa.select(Event).where(Event.subject == "order")).one()
    assert (event.kind, event.old, event.new) == ("status", "Packed", "Shipped")
    assert offered(shelf) == 10


@pytest.mark.parametrize("into", ["Packed", "gone"])
def test_merges_that_are_refused(shelf, into):
    with pytest.raises(Refusal):
        order_status_list.merge(key("Packed"), key(into) or 999, ME)
    assert "Packed" in titles()


@pytest.mark.parametrize(
    ("means", "counts_as_open", "words"),
    [
        (Meaning.SHIPPED, True, "counts as open"),
        (Meaning.CANCELLED, True, "counts as open"),
        (Meaning.REFUNDED, True, "counts as open"),
        (Meaning.WAITING, False, "does not count as open"),
        (Meaning.TO_SHIP, False, "does not count as open"),
        (Meaning.SHIPPED, False, None),
        (Meaning.TO_SHIP, True, None),
        (None, True, None),
    ],
)
def test_a_flag_that_contradicts_the_channel(means, counts_as_open, words):
    said = status_words.contradiction(means, "Ours", counts_as_open)
    assert words in said if words else said == ""
