import pytest
import sqlalchemy as sa

from tests.factories import (
    make_integration,
    make_item,
    make_items,
    make_listing,
    make_order,
    make_product,
    make_variation,
    named,
    order_items,
    save,
)
from wholecell.db import db
from wholecell.models import (
    ChangeBatch,
    Condition,
    Event,
    Grade,
    InventoryItem,
    InventoryStatus,
    ListingVariation,
    Location,
    OrderItem,
    ProductVariation,
    RecomputeRequest,
    Warehouse,
    integration_statuses,
)
from wholecell.services import availability, merges, skus
from wholecell.services.events import SYSTEM
from wholecell.services.list_kinds import KINDS
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal


def key(model, name):
    return named(model, name).id


def merge(kind, source, target):
    return merges.merge(KINDS[kind], source, target, SYSTEM)


def merge_grades(source, target):
    return merge("grades", key(Grade, source), key(Grade, target))


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def fresh(row):
    db.session.expire_all()
    return db.session.get(type(row), row.id)


def offered():
    db.session.expire_all()
    return {listing: offer.offered for listing, offer in availability.quantities().items()}


def test_a_merged_status_gives_its_phones_a_line_and_asks_for_all_numbers(session):
    repair, available = key(InventoryStatus, "Repair"), key(InventoryStatus, "Available")
    items = make_items(make_variation(), 2, status="Repair")
    make_integration(statuses=("Repair",))
    assert merge("statuses", repair, available) == 2
    assert {fresh(item).status_id for item in items} == {available}
    assert session.get(InventoryStatus, repair) is None
    assert not session.scalar(sa.select(sa.exists().where(integration_statuses.c.status_id == repair)))
    lines = session.execute(sa.select(Event.kind, Event.old, Event.new).order_by(Event.id)).all()
    assert lines == [("status", "Repair", "Available")] * 2 + [("status merged", "Repair", "Available")]
    assert session.scalars(sa.select(ChangeBatch.title)).all() == ["Merge status Repair into Available"]
    everything = session.scalars(sa.select(RecomputeRequest).where(RecomputeRequest.variation_id.is_(None))).one()
    assert everything.cause == Cause.MERGE


def test_the_effect_names_the_listings_and_changes_nothing(session):
    available, repair = key(InventoryStatus, "Available"), key(InventoryStatus, "Repair")
    variation, other = make_variation("X"), make_variation("Y")
    make_items(variation, 3)
    make_items(variation, 2, status="Repair")
    make_item(other)
    armed = make_integration(armed=True, name="Armed")
    preview = make_integration(statuses=("Repair",), name="Preview")
    first = make_listing(armed, sku="X", title="First")
    second = make_listing(preview, sku="X", title="Second")
    make_listing(armed, sku="Y")
    make_listing(armed, sku="not connected")
    before = offered()
    effect = merges.effect(KINDS["statuses"], repair, available, SYSTEM)
    assert [(e.listing_id, e.integration, e.is_armed, e.old, e.new) for e in effect] == [
        (first.id, "Armed", True, 3, 5),
        (second.id, "Preview", False, 2, 0),
    ]
    assert offered() == before
    assert count(Event) == count(ChangeBatch) == count(RecomputeRequest) == 0
    merge("statuses", repair, available)
    after = offered()
    assert (after[first.id], after[second.id]) == (5, 0)


def test_the_effect_of_a_merge_that_would_be_refused_is_its_reason(session):
    with pytest.raises(Refusal, match="Choose another status"):
        merges.effect(KINDS["statuses"], key(InventoryStatus, "Repair"), key(InventoryStatus, "Repair"), SYSTEM)
    with pytest.raises(Refusal, match="is gone"):
        merge("statuses", 999, key(InventoryStatus, "Repair"))


def test_a_merged_warehouse_hands_over_its_locations(session):
    main, other = key(Warehouse, "Main warehouse"), key(Warehouse, "Other")
    shelf = save(Location(name="O1", warehouse_id=other))
    item = make_item(make_variation(), warehouse="Other", location=shelf)
    merge("warehouses", other, main)
    assert fresh(shelf).warehouse_id == fresh(item).warehouse_id == main
    assert fresh(item).location_id == shelf.id


def test_a_location_merged_into_another_warehouse_takes_its_phones_there(session):
    main, other = key(Warehouse, "Main warehouse"), key(Warehouse, "Other")
    here, there = save(Location(name="A1", warehouse_id=main)), save(Location(name="O1", warehouse_id=other))
    item = make_item(make_variation(), location=here)
    merge("locations", here.id, there.id)
    assert (fresh(item).location_id, fresh(item).warehouse_id) == (there.id, other)


def test_a_grade_whose_variations_meet_nobody_just_changes_them(session):
    variation = make_variation("X", grade="B+", conditions=["CG"])
    assert merge_grades("B+", "B") == 0
    assert (fresh(variation).grade_id, fresh(variation).sku) == (key(Grade, "B"), "X")
    assert count(ProductVariation) == 1


def test_variations_that_meet_become_one_with_all_that_hung_on_them(session):
    product = make_product()
    keep = make_variation(None, "B", product=product, price_cents=None)
    gone = make_variation(None, "B+", product=product, price_cents=9_900)
    skus.set_sku(gone.id, "X", SYSTEM)
    item = make_item(gone)
    listing = make_listing(make_integration(), variations=[gone])
    both = make_listing(make_integration(), variations=[gone, keep])
    order = make_order(items=[{"variation_id": gone.id}])
    gone_id = gone.id
    assert merge_grades("B+", "B") == 1
    session.expire_all()
    assert session.get(ProductVariation, gone_id) is None
    row = session.get(ProductVariation, keep.id)
    assert (row.sku, row.unique_sku, row.price_cents) == ("X", "X", 9_900)
    assert session.get(InventoryItem, item.id).variation_id == keep.id
    choices = session.execute(sa.select(ListingVariation.listing_id, ListingVariation.variation_id)).all()
    assert set(choices) == {(listing.id, keep.id), (both.id, keep.id)}
    assert session.get(OrderItem, order_items(order)[0].id).variation_id == keep.id
    line = session.execute(sa.select(Event.old, Event.new).where(Event.subject == "item")).one()
    assert line == ("B+", "B")


def test_different_skus_that_would_meet_are_refused_and_nothing_changes(session):
    product = make_product("iPhone 11")
    make_variation("X", "B", product=product)
    make_variation("Y", "B+", product=product)
    says = (
        r"would become one but carry different SKUs: iPhone 11 64GB Black Unlocked B \(X\) and "
        r"iPhone 11 64GB Black Unlocked B\+ \(Y\)\. Take one SKU off"
    )
    with pytest.raises(Refusal, match=says):
        merge_grades("B+", "B")
    with pytest.raises(Refusal, match="different SKUs"):
        merges.effect(KINDS["grades"], key(Grade, "B+"), key(Grade, "B"), SYSTEM)
    assert count(ProductVariation) == 2
    assert session.scalar(sa.select(Grade.id).where(Grade.name == "B+"))


def test_a_shared_sku_is_no_clash(session):
    skus.set_uniqueness(False, SYSTEM)
    product = make_product()
    keep = make_variation("X", "B", product=product)
    make_variation("X", "B+", product=product)
    merge_grades("B+", "B")
    assert fresh(keep).sku == "X"
    assert count(ProductVariation) == 1


def test_merged_conditions_become_one_code_on_each_variation(session):
    product = make_product()
    alone = make_variation(None, "A", ["SB"])
    pair = make_variation(None, "B", ["DP", "SB"], product)
    single = make_variation(None, "B", ["DP"], product)
    item = make_item(pair)
    merge("conditions", key(Condition, "Screen burn"), key(Condition, "Dead pixels"))
    assert fresh(alone).condition_codes == "DP"
    assert fresh(item).variation_id == single.id
    assert count(ProductVariation) == 2


def test_three_variations_that_meet_become_one(session):
    product = make_product()
    make_item(make_variation(None, "C", ["SB"], product))
    make_item(make_variation(None, "C", ["SB", "DP"], product))
    make_item(make_variation(None, "C", ["DP"], product))
    merge("conditions", key(Condition, "Screen burn"), key(Condition, "Dead pixels"))
    assert len(set(session.scalars(sa.select(InventoryItem.variation_id)))) == 1
    assert session.scalars(sa.select(ProductVariation.condition_codes)).all() == ["DP"]
