import pytest
import sqlalchemy as sa

from tests.factories import make_integration, make_item, make_variation, named, save
from wholecell.db import db
from wholecell.models import (
    Condition,
    Event,
    Grade,
    InventoryStatus,
    Location,
    ProductVariation,
    RecomputeRequest,
    Warehouse,
    integration_statuses,
)
from wholecell.services import list_kinds, lists
from wholecell.services.events import SYSTEM
from wholecell.services.list_kinds import KINDS, choices, entries, find_location
from wholecell.services.refusal import Refusal

STATUSES, WAREHOUSES, LOCATIONS, GRADES, CONDITIONS = (
    KINDS[key] for key in ("statuses", "warehouses", "locations", "grades", "conditions")
)


def status(name):
    return named(InventoryStatus, name).id


def main():
    return named(Warehouse, "Main warehouse").id


def names(kind):
    return [entry.name for entry in entries(kind)]


def add(kind, name, **details):
    return lists.create(kind, SYSTEM, name, **details)


def last_event():
    row = db.session.scalars(sa.select(Event).order_by(Event.id.desc())).first()
    return row.kind, row.old, row.new


def test_an_entry_is_added_at_the_end_and_on_the_timeline(session):
    add(STATUSES, "  Quality   check ", color="orange")
    assert names(STATUSES)[-1] == "Quality check"
    assert entries(STATUSES)[-1].detail == "orange"
    assert last_event() == ("status added", None, "Quality check")


def test_no_integration_ticks_a_new_status_or_warehouse(session):
    make_integration()
    new = add(STATUSES, "Quarantine")
    add(WAREHOUSES, "Outlet")
    assert not session.scalar(sa.select(sa.exists().where(integration_statuses.c.status_id == new)))
    assert not session.scalar(sa.select(sa.exists(sa.select(RecomputeRequest))))


@pytest.mark.parametrize(
    ("kind", "name", "details", "says"),
    [
        (STATUSES, " ", {}, "The status needs a name"),
        (GRADES, "x" * 41, {}, "longer than 40 characters"),
        (STATUSES, "available", {}, "already a status named Available"),
        (GRADES, "b+", {}, r"already a grade named B\+"),
        (CONDITIONS, "Cracks", {"code": "c-g"}, "1 to 10 letters and digits"),
        (CONDITIONS, "Cracks", {"code": ""}, "1 to 10 letters and digits"),
        (CONDITIONS, "Cracks", {"code": "cg"}, "CG is already the code of Cracked glass"),
        (LOCATIONS, "A1", {}, "Choose the warehouse"),
    ],
)
def test_what_cannot_be_added_is_refused_with_the_reason(session, kind, name, details, says):
    with pytest.raises(Refusal, match=says):
        add(kind, name, **details)


def test_location_names_are_unique_over_all_warehouses(session):
    other = add(WAREHOUSES, "Other")
    add(LOCATIONS, "A1", warehouse_id=main())
    with pytest.raises(Refusal, match="already a location named A1"):
        add(LOCATIONS, "a1", warehouse_id=other)
    assert entries(LOCATIONS)[0].detail == "Main warehouse"


def test_a_location_is_found_by_scanning_its_name(session):
    key = add(LOCATIONS, "N-A1-03", warehouse_id=main())
    assert find_location(" n-a1-03 ") == key
    assert find_location("  ") is None
    with pytest.raises(Refusal, match="There is no location B9: scan another one"):
        find_location("B9")
    lists.set_archived(LOCATIONS, SYSTEM, key, True)
    with pytest.raises(Refusal, match="There is no location N-A1-03"):
        find_location("N-A1-03")


def test_a_rename_moves_no_number(session):
    lists.change(STATUSES, SYSTEM, status("Repair"), "Workshop", color="red")
    assert last_event() == ("status renamed", "Repair", "Workshop")
    assert not session.scalar(sa.select(sa.exists(sa.select(RecomputeRequest))))
    lists.change(STATUSES, SYSTEM, status("Workshop"), "workshop")  # its own name is not taken
    with pytest.raises(Refusal, match="is gone"):
        lists.change(STATUSES, SYSTEM, 999, "x")


def test_a_new_code_is_written_on_every_variation_that_has_it(session):
    first, second = make_variation(conditions=["CG", "BB"]), make_variation(conditions=["BB"])
    key = session.scalar(sa.select(Condition.id).where(Condition.code == "CG"))
    lists.change(CONDITIONS, SYSTEM, key, "Cracked glass", code="aa")
    assert session.get(ProductVariation, first.id).condition_codes == "AA+BB"
    assert session.get(ProductVariation, second.id).condition_codes == "BB"


def test_entries_are_put_in_order(session):
    wanted = [entry.id for entry in entries(GRADES)][::-1]
    lists.reorder(GRADES, wanted)
    assert names(GRADES) == ["D", "C", "B", "B+", "A"]
    lists.move(GRADES, wanted[0], 1)
    assert names(GRADES) == ["C", "D", "B", "B+", "A"]
    lists.move(GRADES, wanted[-1], 1)
    lists.move(GRADES, 999, 1)
    assert names(GRADES) == ["C", "D", "B", "B+", "A"]


def test_an_archived_entry_is_offered_no_more_and_can_come_back(session):
    key = status("Vendor RMA")
    make_item(make_variation(), status="Vendor RMA")
    lists.set_archived(STATUSES, SYSTEM, key, True)
    assert "Vendor RMA" not in [name for _key, name in choices(STATUSES)]
    assert names(STATUSES)[-1] == "Vendor RMA"
    assert last_event()[0] == "status archived"
    lists.set_archived(STATUSES, SYSTEM, key, False)
    assert "Vendor RMA" in [name for _key, name in choices(STATUSES)]


@pytest.mark.parametrize(
    ("kind", "make", "says"),
    [
        (STATUSES, lambda: make_item(make_variation()).status_id, "1 phone uses Available, so it cannot be deleted"),
        (WAREHOUSES, lambda: make_item(make_variation(), status="Repair").warehouse_id, "1 phone uses Main warehouse"),
        (GRADES, lambda: make_variation(grade="B").grade_id, "1 variation uses B, .* Merge it into another grade, or"),
    ],
)
def test_an_entry_in_use_is_not_deleted(session, kind, make, says):
    with pytest.raises(Refusal, match=says):
        lists.delete(kind, SYSTEM, make())


def test_a_location_a_warehouse_and_a_condition_in_use_are_not_deleted(session):
    other = add(WAREHOUSES, "Other")
    shelf = save(Location(name="O1", warehouse_id=other))
    with pytest.raises(Refusal, match="1 location uses Other"):
        lists.delete(WAREHOUSES, SYSTEM, other)
    make_item(make_variation(conditions=["CG"]), warehouse="Other", location=shelf)
    with pytest.raises(Refusal, match="1 phone uses O1"):
        lists.delete(LOCATIONS, SYSTEM, shelf.id)
    with pytest.raises(Refusal, match="1 variation uses Cracked glass"):
        lists.delete(CONDITIONS, SYSTEM, named(Condition, "Cracked glass").id)


def test_an_unused_entry_is_deleted_with_its_ticks(session):
    make_integration(statuses=("Available", "Repair"))
    key = status("Repair")
    lists.delete(STATUSES, SYSTEM, key)
    assert "Repair" not in names(STATUSES)
    assert last_event() == ("status deleted", "Repair", None)
    assert not session.scalar(sa.select(sa.exists().where(integration_statuses.c.status_id == key)))


@pytest.mark.parametrize("kind", [STATUSES, WAREHOUSES, GRADES])
def test_the_last_entry_stays(session, kind):
    last, *others = [entry.id for entry in entries(kind)]
    for each in others:
        lists.delete(kind, SYSTEM, each)
    with pytest.raises(Refusal, match=f"The last {kind.word} cannot be deleted"):
        lists.delete(kind, SYSTEM, last)
    with pytest.raises(Refusal, match=f"The last {kind.word} cannot be archived"):
        lists.set_archived(kind, SYSTEM, last, True)


def test_a_list_takes_two_queries_however_long_it_is(session, count_queries):
    for number in range(30):
        save(Grade(name=f"G{number}"))
    with count_queries() as seen:
        assert len(list_kinds.entries(GRADES)) == 35
    assert len([each for each in seen if each.startswith("SELECT")]) == 2
