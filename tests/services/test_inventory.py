import pytest
import sqlalchemy as sa

from tests.factories import (
    commit_phone,
    make_item,
    make_items,
    make_order,
    make_product,
    make_user,
    make_variation,
    named,
    order_items,
)
from tests.races import race
from wholecell.db import db, transaction
from wholecell.models import (
    ChangeBatch,
    Condition,
    Event,
    Grade,
    InventoryItem,
    InventoryStatus,
    Location,
    ProductVariation,
    RecomputeRequest,
    Warehouse,
)
from wholecell.services import inventory, item_changes, undo
from wholecell.services.events import SYSTEM, Actor
from wholecell.services.inventory import Bulk, ItemEdit, change_many
from wholecell.services.receiving import NewItem, receive_many, scan_in
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal, StaleEdit


def status(name):
    return named(InventoryStatus, name).id


def grade(name):
    return named(Grade, name).id


def shelf(name="A1", warehouse="Main warehouse"):
    return named(Location, name, warehouse_id=named(Warehouse, warehouse).id)


def row(item):
    db.session.expire_all()
    return db.session.get(InventoryItem, item.id)


def lines(item):
    query = sa.select(Event.kind, Event.old, Event.new).where(Event.subject == "item", Event.subject_id == item.id)
    return [tuple(each) for each in db.session.execute(query.order_by(Event.id))]


def requests():
    return [
        tuple(each) for each in db.session.execute(sa.select(RecomputeRequest.variation_id, RecomputeRequest.cause))
    ]


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def form(item, **changes):
    values = {
        "status_id": item.status_id,
        "warehouse_id": item.warehouse_id,
        "location_id": item.location_id,
        "grade_id": db.session.get(ProductVariation, item.variation_id).grade_id,
        "condition_ids": frozenset(),
        "cost_cents": item.cost_cents,
    }
    return ItemEdit(**{**values, **changes})


def test_one_edit_writes_a_line_for_each_field_that_changed(session):
    item = make_item(make_variation())
    a1 = shelf()
    assert inventory.edit(item.id, 1, form(item, status_id=status("Repair"), location_id=a1.id, cost_cents=950), SYSTEM)
    assert lines(item) == [("status", "Available", "Repair"), ("location", None, "A1"), ("cost", None, "9.50")]
    assert (row(item).location_id, row(item).cost_cents, row(item).version) == (a1.id, 950, 2)
    assert requests() == [(item.variation_id, Cause.ITEM)]


def test_an_edit_that_changes_nothing_leaves_no_trace(session):
    item = make_item(make_variation())
    assert not inventory.edit(item.id, 1, form(item), SYSTEM)
    assert lines(item) == requests() == []
    assert row(item).version == 1


def test_a_cost_or_a_shelf_moves_no_number(session):
    item = make_item(make_variation())
    inventory.edit(item.id, 1, form(item, cost_cents=1, location_id=shelf().id), SYSTEM)
    assert requests() == []


def test_of_two_edits_of_one_state_the_second_is_refused(session):
    item = make_item(make_variation())
    edits = [form(item, status_id=status("Repair")), form(item, status_id=status("Incoming"))]
    results = race(lambda index: inventory.edit(item.id, 1, edits[index], SYSTEM))
    assert sorted(type(each).__name__ for each in results) == ["StaleEdit", "bool"]
    assert len(lines(item)) == 1


def test_an_edit_of_a_phone_that_is_gone_is_refused(session):
    item = make_item(make_variation())
    key, change = item.id, form(item)
    inventory.delete(key, SYSTEM)
    with pytest.raises(StaleEdit, match="changed by somebody else while you were editing"):
        inventory.edit(key, 1, change, SYSTEM)


def test_a_regrade_finds_or_makes_the_variation_and_asks_for_both(session):
    item = make_item(make_variation(product=make_product("iPhone 11")))
    before = item.variation_id
    cracked = session.scalar(sa.select(Condition.id).where(Condition.code == "CG"))
    inventory.edit(item.id, 1, form(item, grade_id=grade("B"), condition_ids=frozenset([cracked])), SYSTEM)
    after = row(item).variation_id
    assert session.get(ProductVariation, after).condition_codes == "CG"
    assert lines(item) == [("regraded", "A", "B CG")]
    assert {key for key, _cause in requests()} == {before, after}


def test_a_bulk_move_leaves_out_phones_that_are_there_already(session):
    items = make_items(make_variation(), 3)
    a1 = shelf()
    inventory.edit(items[0].id, 1, form(items[0], location_id=a1.id), SYSTEM)
    done = change_many([each.id for each in items], Bulk(location_id=a1.id), SYSTEM, "Move to A1")
    assert done.changed == 2
    assert {row(each).location_id for each in items} == {a1.id}


def test_a_bulk_change_that_changes_nothing_has_no_batch(session):
    item = make_item(make_variation())
    assert change_many([item.id], Bulk(status_id=item.status_id), SYSTEM, "x").batch_id is None
    assert count(ChangeBatch) == 0


def test_a_move_to_another_warehouse_takes_the_phone_off_its_shelf(session):
    item = make_item(make_variation(), location=shelf())
    other = named(Warehouse, "Other")
    change_many([item.id], Bulk(warehouse_id=other.id), SYSTEM, "Move")
    assert (row(item).warehouse_id, row(item).location_id) == (other.id, None)
    assert lines(item) == [("warehouse", "Main warehouse", "Other"), ("location", "A1", None)]


def test_a_bulk_change_is_a_guarded_cause_and_one_batch(session):
    items = make_items(make_variation(), 2)
    done = change_many([each.id for each in items], Bulk(status_id=status("Repair")), SYSTEM, "To Repair")
    assert requests() == [(items[0].variation_id, Cause.BULK)]
    assert set(session.scalars(sa.select(Event.batch_id))) == {done.batch_id}


def test_a_bulk_change_takes_a_fixed_number_of_statements(session, count_queries):
    items = [each.id for each in make_items(make_variation(), 60)]

    def run(some, name):
        with count_queries() as statements:
            change_many(some, Bulk(status_id=status(name), grade_id=grade("C")), SYSTEM, "x")
        return len(statements)

    run(items[:1], "Repair")  # makes the variation
    assert run(items[1:11], "Repair") == run(items[11:], "Repair")


def test_each_phone_may_get_its_own_cost(session):
    items = make_items(make_variation(), 12)
    with transaction() as s:
        item_changes.apply(s, SYSTEM, {each.id: {"cost_cents": i} for i, each in enumerate(items)}, Cause.UPLOAD)
    assert [row(each).cost_cents for each in items] == list(range(12))
    assert {row(each).version for each in items} == {2}


def bulk(items, **change):
    return change_many([each.id for each in items], Bulk(**change), SYSTEM, "Bulk")


def test_an_undo_sets_everything_back(session):
    item = make_item(make_variation(), location=shelf())
    other = named(Warehouse, "Other")
    before = (item.status_id, item.warehouse_id, item.location_id, item.variation_id)
    done = bulk([item], status_id=status("Repair"), warehouse_id=other.id, grade_id=grade("D"))
    undone = undo.undo(done.batch_id, SYSTEM)
    now = row(item)
    assert (now.status_id, now.warehouse_id, now.location_id, now.variation_id) == before
    assert undone.sentence == "Taken back on 1 phone."
    assert len(requests()) == 4


def test_an_undo_leaves_what_was_changed_since_and_says_so(session):
    items = make_items(make_variation(), 4)
    done = bulk(items, status_id=status("Repair"))
    inventory.edit(items[0].id, 2, form(row(items[0]), status_id=status("Incoming")), SYSTEM)
    inventory.delete(items[1].id, SYSTEM)
    assert undo.undo(done.batch_id, SYSTEM).sentence == (
        "Taken back on 2 phones. Left as they are: 1 changed again since, 1 deleted since."
    )
    assert row(items[0]).status_id == status("Incoming")
    assert row(items[2]).status_id == status("Available")


def test_a_move_is_taken_back_whole_or_not_at_all(session):
    item = make_item(make_variation(), location=shelf())
    other = named(Warehouse, "Other")
    done = bulk([item], location_id=shelf("O1", "Other").id)
    second = shelf("O2", "Other")
    inventory.edit(item.id, 2, form(row(item), location_id=second.id), SYSTEM)
    assert undo.undo(done.batch_id, SYSTEM).skipped == {undo.CHANGED: 1}
    assert (row(item).warehouse_id, row(item).location_id) == (other.id, second.id)


def test_an_undo_whose_old_status_is_gone_says_so(session):
    extra = named(InventoryStatus, "Quarantine")
    item = make_item(make_variation(), status="Quarantine")
    done = bulk([item], status_id=status("Repair"))
    session.delete(session.get(InventoryStatus, extra.id))
    session.commit()
    assert undo.undo(done.batch_id, SYSTEM).sentence.endswith("Left as they are: 1 whose old value is gone.")


def test_a_batch_is_taken_back_once(session):
    done = bulk([make_item(make_variation())], status_id=status("Repair"))
    results = race(lambda _index: undo.undo(done.batch_id, SYSTEM))
    assert sorted(type(each).__name__ for each in results) == ["Refusal", "Undone"]
    with pytest.raises(Refusal, match="taken back already"):
        undo.undo(done.batch_id, SYSTEM)
    with pytest.raises(Refusal, match="no such change"):
        undo.undo(999, SYSTEM)


def test_an_undo_can_be_taken_back_too(session):
    item = make_item(make_variation())
    undo.undo(bulk([item], status_id=status("Repair")).batch_id, SYSTEM)
    newest = session.scalars(sa.select(ChangeBatch).order_by(ChangeBatch.id.desc())).first()
    undo.undo(newest.id, SYSTEM)
    assert row(item).status_id == status("Repair")


def received_batch(*esns):
    variation = make_variation()
    warehouse = named(Warehouse, "Main warehouse").id
    with transaction() as s:
        batch = inventory.open_batch(s, SYSTEM, "Sheet")
        items = [NewItem(esn, variation.id, status("Available"), warehouse) for esn in esns]
        receive_many(s, SYSTEM.within(batch), items, Cause.UPLOAD)
        return batch.id


def test_an_undo_takes_received_phones_out_but_not_those_used_since(session):
    batch = received_batch("FIRST", "SECOND", "THIRD")
    first, second = session.scalars(sa.select(InventoryItem).order_by(InventoryItem.id).limit(2))
    bulk([first], status_id=status("Repair"))
    commit_phone(second, order_items(make_order(items=[{"variation_id": second.variation_id}]))[0])
    assert undo.undo(batch, SYSTEM).sentence == (
        "Taken back on 1 phone. Left as they are: 1 changed again since, 1 on an order."
    )
    assert set(session.scalars(sa.select(InventoryItem.esn))) == {"FIRST", "SECOND"}


def test_a_phone_that_was_on_an_order_is_not_deleted(session):
    item = make_item(make_variation(), esn="SERIAL1")
    order = make_order(number="112-88", items=[{"variation_id": item.variation_id}])
    commit_phone(item, order_items(order)[0])
    with pytest.raises(Refusal, match="SERIAL1 stays, because it was committed to order 112-88. If you no longer"):
        inventory.delete(item.id, SYSTEM)
    assert row(item) is not None


def test_a_deleted_phone_leaves_its_timeline(session):
    item = make_item(make_variation(), esn="SERIAL1", hex_id="ABCDEF")
    key, variation = item.id, item.variation_id
    inventory.delete(key, SYSTEM)
    assert count(InventoryItem) == 0
    line = session.scalars(sa.select(Event)).one()
    assert (line.subject_id, line.kind, line.old, line.new) == (key, "deleted", "SERIAL1 ABCDEF", None)
    assert requests() == [(variation, Cause.ITEM)]


def scanned(actor, esn="SCAN1"):
    item = NewItem(esn, make_variation().id, status("Available"), named(Warehouse, "Main warehouse").id)
    return scan_in(item, actor).item_id


def test_a_person_takes_back_the_own_last_scan(session):
    me = Actor(make_user().id, "scan")
    assert inventory.undo_scan(scanned(me), me) == "SCAN1"
    assert count(InventoryItem) == 0
    with pytest.raises(Refusal, match="not here any more"):
        inventory.undo_scan(1, me)


def test_not_somebody_elses_scan_nor_one_changed_since(session):
    me, other = Actor(make_user().id, "scan"), Actor(make_user("other@example.com").id, "scan")
    key = scanned(me)
    with pytest.raises(Refusal, match="changed or taken in by somebody else"):
        inventory.undo_scan(key, other)
    change_many([key], Bulk(status_id=status("Repair")), SYSTEM, "x")
    with pytest.raises(Refusal, match="changed or taken in by somebody else"):
        inventory.undo_scan(key, me)
