"""The Orders part of an integration's settings: saved, applied to orders, and taken back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME
from wholecell.db import db
from wholecell.models import (
    ChangeBatch,
    Event,
    Integration,
    Listing,
    RecomputeRequest,
    SalesOrder,
    SalesOrderStatus,
    StatusMapping,
    Work,
)
from wholecell.services import (
    availability,
    held,
    integrations,
    offers,
    order_status_list,
    settings_effect,
    status_map,
    work,
)
from wholecell.services.integrations import settings_of
from wholecell.services.work import Kind


def key(title):
    return db.session.scalar(sa.select(SalesOrderStatus.id).where(SalesOrderStatus.title == title))


def one():
    db.session.expire_all()
    return db.session.scalars(sa.select(Integration).order_by(Integration.id)).first()


def change(**fields):
    integration = one()
    now = settings_of(integration)
    integrations.save_settings(integration.id, replace(now, orders=replace(now.orders, **fields)), ME)


def wanted():
    query = sa.select(Work.wanted_at).where(Work.kind == Kind.IMPORT_ORDERS)
    return db.session.scalar(query) is not None


def status_of(number):
    db.session.expire_all()
    return db.session.scalar(
        sa.select(SalesOrderStatus.title)
        .join(SalesOrder, SalesOrder.status_id == SalesOrderStatus.id)
        .where(SalesOrder.number == number)
    )


@pytest.fixture
def shop(app):
    """An armed integration with one listing of ten phones, and an order of it for three that is to ship."""
    integration = make.make_integration(armed=True)
    work.ensure_rows(db.session(), integration.id)
    db.session.commit()
    make.make_items(make.make_variation("X"), 10)
    listing = make.make_listing(integration, "X")
    make.save(StatusMapping(integration_id=integration.id, word="3", status_id=key("Awaiting shipment")))
    item = {"sku": "X", "ordered": 3, "listing_id": listing.id}
    make.make_order("Awaiting shipment", [item], integration, number="A-1", channel_status="3")
    return listing


def offered(listing):
    return availability.quantities()[listing.id].offered


def test_every_setting_is_kept_and_told_old_and_new(shop):
    at = datetime(2026, 10, 1, 6, 30, tzinfo=UTC)
    change(
        imports=True,
        minimum_at=at,
        customer="channel name",
        holds_for_scan=False,
        accepting="on import",
        sends_shipments=False,
    )
    saved = settings_of(one()).orders
    assert (saved.imports, saved.minimum_at, saved.customer) == (True, at, "channel name")
    assert (saved.holds_for_scan, saved.accepting, saved.sends_shipments) == (False, "on import", False)
    told = {e.kind: (e.old, e.new) for e in db.session.scalars(sa.select(Event).where(Event.subject == "integration"))}
    assert told == {
        "order import": ("off", "on"),
        "minimum order date": ("none", "2026-10-01 06:30 UTC"),
        "organization type": ("shipping name", "channel name"),
        "hold for scan": ("on", "off"),
        "accepting orders": ("by hand", "on import"),
        "send shipments": ("on", "off"),
    }
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(RecomputeRequest)), "no number moves by these"


def test_the_first_import_begins_at_once_and_an_earlier_date_asks_again(shop):
    change(holds_for_scan=False)
    assert not wanted()
    change(imports=True)
    assert wanted()

    def answered():
        db.session.execute(sa.update(Work).values(wanted_at=None))
        db.session.commit()

    answered()
    change(minimum_at=datetime(2026, 10, 1, tzinfo=UTC))
    assert wanted()
    answered()
    change(minimum_at=datetime(2026, 10, 2, tzinfo=UTC))
    assert not wanted(), "a later date fetches nothing"
    change(minimum_at=datetime(2026, 9, 1, tzinfo=UTC))
    assert wanted()
    answered()
    change(imports=False, minimum_at=datetime(2026, 8, 1, tzinfo=UTC))
    assert not wanted()


def test_another_map_moves_the_orders_with_that_word(shop):
    make.make_order("On hold", [{"sku": "X"}], one(), number="A-2", channel_status="9")
    make.make_order("Packed", [{"sku": "X"}], make.make_integration(), number="B-1", channel_status="3")
    change(statuses={"3": key("Shipped")})
    assert (status_of("A-1"), status_of("A-2"), status_of("B-1")) == ("Shipped", "On hold", "Packed")
    event = db.session.scalars(sa.select(Event).where(Event.subject == "order")).one()
    assert (event.kind, event.old, event.new) == ("status", "Awaiting shipment", "Shipped")
    told = db.session.scalars(sa.select(Event).where(Event.kind == "map of Accepted, to ship")).one()
    assert (told.old, told.new) == ("Awaiting shipment", "Shipped")
    batch = db.session.scalar(sa.select(ChangeBatch.id))
    requests = db.session.scalars(sa.select(RecomputeRequest)).all()
    assert {(request.cause, request.batch_id) for request in requests} == {("statuses", batch)}
    offers.compute_requested()
    assert db.session.get(Listing, shop.id).last_offered == 8, "A-2 and B-1 want one each"


def test_an_order_moved_by_hand_stays_while_its_word_is_not_edited(shop):
    db.session.execute(sa.update(SalesOrder).values(status_id=key("Packed")))
    db.session.commit()
    change(statuses={**settings_of(one()).orders.statuses, "9": key("Shipped")})
    assert status_of("A-1") == "Packed"


def test_a_word_without_a_status_leaves_its_orders_unmapped(shop):
    change(statuses={"3": None})
    assert status_of("A-1") is None
    assert offered(shop) == 7, "nothing is dropped: it counts as open"


def test_the_effect_of_a_map_is_shown_and_does_not_stay(shop):
    other = make.make_integration(name="Other", armed=True)
    make.make_listing(other, "X")
    now = settings_of(one())
    new = replace(now, orders=replace(now.orders, statuses={"3": key("Shipped")}))
    effect = settings_effect.effect_of(now, new)
    assert (effect.rises, effect.connected, effect.elsewhere) == (1, 1, 1)
    assert status_of("A-1") == "Awaiting shipment"
    assert settings_of(one()) == now
    assert settings_effect.effect_of(now, replace(now, orders=replace(now.orders, holds_for_scan=False))) is None


def test_an_undo_puts_map_and_orders_back(shop):
    change(statuses={"3": key("Shipped")})
    assert offered(shop) == 10
    assert "as they were" in held.undo_batch(db.session.scalar(sa.select(ChangeBatch.id)), ME)
    assert settings_of(one()).orders.statuses == {"3": key("Awaiting shipment")}
    assert status_of("A-1") == "Awaiting shipment"
    assert offered(shop) == 7


def test_an_undo_leaves_words_whose_status_is_gone_without_one(shop):
    draft = key("Draft")
    change(statuses={"3": draft})
    change(statuses={"3": key("Packed"), "9": key("Shipped")})
    order_status_list.delete(draft, ME)
    held.undo_batch(db.session.scalar(sa.select(ChangeBatch.id).order_by(ChangeBatch.id.desc())), ME)
    assert settings_of(one()).orders.statuses == {"3": None, "9": key("Shipped")}


def test_map_rows_list_the_channels_words_then_those_only_orders_carry(shop):
    make.make_order(None, [{"sku": "X"}], one(), number="A-2", channel_status="mystery")
    rows = {row.word: row for row in status_map.map_rows(one(), settings_of(one()).orders.statuses)}
    assert [*rows][:3] == ["0", "10", "1"] and [*rows][-1] == "mystery"
    assert (rows["3"].status_id, rows["3"].is_new, rows["3"].orders) == (key("Awaiting shipment"), False, 1)
    assert (rows["1"].status_id, rows["1"].is_new) == (key("To accept"), True), "suggested"
    assert (rows["cancelled"].status_id, rows["cancelled"].wants_canceled) == (None, True)
    assert (rows["mystery"].means, rows["mystery"].status_id, rows["mystery"].orders) == (None, None, 1)


def test_canceled_is_added_and_chosen_where_it_is_wanted(shop):
    make.make_order(None, [{"sku": "X"}], one(), number="A-2", channel_status="cancelled")
    assert status_map.choose_canceled(one().id, ME) == 3
    saved = settings_of(one()).orders.statuses
    assert saved == {"3": key("Awaiting shipment"), **dict.fromkeys(("8", "cancelled", "refunded"), key("Canceled"))}
    assert status_of("A-2") == "Canceled"
    assert status_map.choose_canceled(one().id, ME) == 0


def test_contradictions_of_a_map(shop):
    found = status_map.contradictions(one().kind, {"3": key("Shipped"), "shipped": key("Packed"), "1": None})
    assert [(label, title) for label, title, _ in found] == [("Accepted, to ship", "Shipped"), ("Shipped", "Packed")]
