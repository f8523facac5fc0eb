"""Unknown items that become known by themselves: a SKU in the catalog, a listing that appears or is connected."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.order_world import OrderWorld
from wholecell.db import db, transaction
from wholecell.models import Commitment, Event, Listing, OrderItem
from wholecell.services import commit, extra_lines, integrations, listings, offers, skus
from wholecell.services.events import Actor
from wholecell.services.recompute import Cause
from wholecell.services.work import Kind

ME = Actor()


@pytest.fixture
def world(app):
    """An order for an unknown SKU, with a phone committed on the line below."""
    made = OrderWorld(count=1)
    made.spare = make.make_variation(None).id
    phone = make.make_item(db.session.get(make.ProductVariation, made.spare))
    made.channel.put_order("1", [("11", "NEW", 1)])
    made.press()
    commit.commit(made.order().id, phone.esn, ME)
    offers.compute_all()
    return made


def places(world):
    """Phones on the line of the channel's order, and below."""
    rows = db.session.execute(
        sa.select(OrderItem.is_extra, sa.func.count())
        .join(Commitment, Commitment.order_item_id == OrderItem.id)
        .where(Commitment.released_at.is_(None), OrderItem.order_id == world.order().id)
        .group_by(OrderItem.is_extra)
    )
    return {("below" if is_extra else "line"): count for is_extra, count in rows}


def numbers():
    offers.compute_all()
    return {row.external_id: row.last_offered for row in db.session.scalars(sa.select(Listing))}


def test_before_the_cure_the_phone_waits_below(world):
    assert places(world) == {"below": 1}


def test_a_sku_given_to_a_variation_moves_the_phone_up(world):
    skus.set_sku(world.spare, "NEW", ME)
    assert places(world) == {"line": 1}
    assert "moved up" in world.events()


def test_without_moving_up_the_phone_stays_below_and_the_number_is_too_small(world, monkeypatch):
    """The twin: what the test above sees is due to the move alone."""
    monkeypatch.setattr(extra_lines, "move_extras", lambda *_: 0)
    skus.set_sku(world.spare, "NEW", ME)
    assert places(world) == {"below": 1}


def test_a_sku_that_is_uploaded_moves_it_too(world):
    with transaction() as session:
        skus.set_skus(session, ME, {world.spare: "NEW"}, Cause.UPLOAD)
    assert places(world) == {"line": 1}


def test_a_listing_that_appears_and_is_connected_makes_it_known(world):
    world.channel.put("L9", sku="NEW", quantity=1)
    world.run(Kind.IMPORT_LISTINGS)
    listing = db.session.scalar(sa.select(Listing).where(Listing.external_id == "L9"))
    assert world.items()[0].listing_id == listing.id
    assert places(world) == {"below": 1}
    listings.choose(listing.id, [], [world.spare], ME)
    assert places(world) == {"line": 1}


def test_connecting_a_listing_counts_its_orders_everywhere_and_disconnecting_takes_them_off(world):
    first = world.variations[0]
    world.channel.put("L9", sku="NEW2", quantity=1)
    world.channel.put_order("2", [("1", "NEW2", 1)])
    world.run(Kind.IMPORT_LISTINGS)
    world.press()
    assert numbers()["L0"] == 3
    listing = db.session.scalar(sa.select(Listing).where(Listing.external_id == "L9"))
    listings.choose(listing.id, [], [first], ME)
    assert numbers()["L0"] == 2, "its order now wants this variation"
    listings.choose(listing.id, [], [world.spare], ME)
    assert numbers()["L0"] == 3


def test_a_listing_whose_sku_changes_there_takes_its_orders_along(world):
    other = make.make_variation("T1").id
    make.make_items(db.session.get(make.ProductVariation, other), 2)
    world.channel.put("L8", sku="T1", quantity=1)
    world.channel.put("L9", sku="NEW2", quantity=1)
    world.channel.put_order("2", [("1", "NEW2", 1)])
    world.run(Kind.IMPORT_LISTINGS)
    world.press()
    assert numbers()["L8"] == 2
    world.channel.set("L9", sku="T1")
    world.run(Kind.IMPORT_LISTINGS)
    assert numbers()["L8"] == 1
    world.channel.set("L9", sku="elsewhere")
    world.run(Kind.IMPORT_LISTINGS)
    assert numbers()["L8"] == 2


def test_a_line_the_channel_adds_takes_the_phone_from_below(world):
    known = make.make_variation("KNOWN")
    phone = make.make_item(known)
    phone_id = phone.id
    commit.commit(world.order().id, phone.esn, ME)
    assert places(world) == {"below": 2}
    world.channel.put_order("x", [("11", "NEW", 1), ("12", "KNOWN", 1)])
    world.channel.change_order("1", lines=world.channel.orders_there.pop("x").lines)
    world.press()
    assert places(world) == {"below": 1, "line": 1}
    lines = sa.select(Event.kind).where(Event.subject == "item", Event.subject_id == phone_id)
    assert "moved up" in db.session.scalars(lines).all()


def test_matching_by_sku_switched_off_frees_other_channels_from_its_orders(world):
    second = make.make_integration(name="Second")
    make.make_listing(second, variations=[db.session.get(make.ProductVariation, world.variations[0])])
    world.channel.put("L9", sku="S0", quantity=1, other_ids={"listing_id": "799"})
    world.run(Kind.IMPORT_LISTINGS)
    world.channel.put_order("2", [("1", "gone", 1)])
    world.press()
    world.change_line("2", listing_ids={"listing_id": "799"})
    world.press()
    other = sa.select(Listing.last_offered).where(Listing.integration_id == second.id)
    numbers()
    assert db.session.scalar(other) == 2
    now = integrations.settings_of(world.integration)
    integrations.save_settings(world.integration_id, replace(now, rule=replace(now.rule, matches_via_sku=False)), ME)
    numbers()
    db.session.expire_all()
    assert db.session.scalar(other) == 3
