import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import imei, make_item, make_product, make_user, make_variation, named
from tests.races import race
from wholecell.db import db, transaction, utcnow
from wholecell.models import Event, InventoryItem, InventoryStatus, Location, RecomputeRequest, Warehouse
from wholecell.services import hex_ids, receiving
from wholecell.services.events import SYSTEM, Actor
from wholecell.services.receiving import AlreadyHere, NewItem, place, receive, receive_many, scan_in
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal


def new(number=1, variation=None, **fields):
    values = {
        "variation_id": (variation or make_variation()).id,
        "status_id": named(InventoryStatus, "Available").id,
        "warehouse_id": named(Warehouse, "Main warehouse").id,
    }
    return NewItem(imei(number), **{**values, **fields})


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_a_phone_is_taken_in_with_a_label_a_timeline_and_a_request(session):
    variation = make_variation(product=make_product("iPhone 11"))
    item = session.get(InventoryItem, receive(new(1, variation, cost_cents=12_100), SYSTEM))
    assert (item.esn, item.esn_reversed, item.cost_cents) == (imei(1), imei(1)[::-1], 12_100)
    assert re.fullmatch(r"[A-F][0-9A-F]{5}", item.hex_id)
    line = session.scalars(sa.select(Event)).one()
    assert (line.subject_id, line.kind, line.new) == (item.id, "received", "iPhone 11 64GB Black Unlocked A")
    request = session.scalars(sa.select(RecomputeRequest)).one()
    assert (request.variation_id, request.cause) == (variation.id, Cause.ITEM)


def test_many_are_taken_in_by_a_fixed_number_of_statements(session, count_queries):
    variation = make_variation()

    def run(numbers):
        items = [new(number, variation) for number in numbers]
        with count_queries() as statements, transaction() as s:
            receive_many(s, SYSTEM, items, Cause.UPLOAD)
        return len(statements)

    assert run(range(10)) == run(range(10, 400))
    assert count(InventoryItem) == count(Event) == 400
    assert len(set(session.scalars(sa.select(InventoryItem.hex_id)))) == 400


def test_ids_come_back_in_the_order_given(session):
    variation = make_variation()
    items = [new(number, variation) for number in (5, 3, 9, 1)]
    with transaction() as s:
        ids = receive_many(s, SYSTEM, items, Cause.UPLOAD)
    assert [session.get(InventoryItem, key).esn for key in ids] == [imei(number) for number in (5, 3, 9, 1)]


def test_a_number_that_is_here_is_refused_naming_the_phone(session):
    variation = make_variation(product=make_product("iPhone 11"), grade="B", conditions=["CG"])
    make_item(variation, esn=imei(1), status="Repair", hex_id="ABC123")
    says = f"{imei(1)} is already here: iPhone 11 64GB Black Unlocked B CG, Repair, label ABC123. Open that phone"
    with pytest.raises(AlreadyHere, match=says):
        receive(new(1, variation), SYSTEM)
    assert count(Event) == count(RecomputeRequest) == 0


def test_of_many_the_refusal_names_each_and_none_is_taken_in(session):
    variation = make_variation()
    make_item(variation, esn=imei(1))
    make_item(variation, esn=imei(2))
    with pytest.raises(AlreadyHere) as refusal, transaction() as s:
        receive_many(s, SYSTEM, [new(n, variation) for n in (1, 2, 3)], Cause.UPLOAD)
    assert refusal.value.sentences.keys() == {imei(1), imei(2)}
    assert count(InventoryItem) == 2


def test_one_number_on_two_rows_is_refused(session):
    variation = make_variation()
    with pytest.raises(AlreadyHere, match="is there twice"), transaction() as s:
        receive_many(s, SYSTEM, [new(1, variation), new(1, variation)], Cause.UPLOAD)


def test_a_status_removed_meanwhile_is_a_sentence(session):
    with pytest.raises(Refusal, match="removed meanwhile: choose again"):
        receive(new(1, status_id=999_999), SYSTEM)


def test_of_two_who_take_in_one_phone_at_once_one_gets_it(session):
    item = new(1)
    results = race(lambda _index: receive(item, SYSTEM))
    assert sorted(type(each).__name__ for each in results) == ["AlreadyHere", "int"]
    assert count(InventoryItem) == 1


@contextmanager
def without_unique_numbers():
    """The table of phones without the constraint that refuses a second phone of one number."""
    name = next(c.name for c in InventoryItem.__table__.constraints if c.columns.keys() == ["esn"])
    if db.engine.dialect.name == "sqlite":  # it cannot drop a constraint, but this test has its own file
        sql = db.session.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'inventory_item'"))
        statements = ["DROP TABLE inventory_item", sql.replace(f"CONSTRAINT {name} UNIQUE (esn)", "CHECK (1)")]
        restore = []
    else:
        statements = [f"ALTER TABLE inventory_item DROP CONSTRAINT {name}"]
        restore = ["DELETE FROM inventory_item", f"ALTER TABLE inventory_item ADD CONSTRAINT {name} UNIQUE (esn)"]
    for statement in statements:
        db.session.execute(sa.text(statement))
    db.session.commit()
    try:
        yield
    finally:
        for statement in restore:
            db.session.execute(sa.text(statement))
        db.session.commit()


def test_without_the_unique_index_both_would_get_it(session):
    item = new(1)
    with without_unique_numbers():
        results = race(lambda _index: receive(item, SYSTEM))
        assert [type(each) for each in results] == [int, int]
        assert count(InventoryItem) == 2


def test_label_codes_that_are_taken_are_drawn_again(session, monkeypatch):
    variation = make_variation()
    make_item(variation, hex_id="AAAAAA")
    draws = iter([["AAAAAA", "BBBBBB"], ["CCCCCC"]])
    monkeypatch.setattr(receiving, "new_hex_ids", lambda _session, _count: next(draws))
    with transaction() as s:
        ids = receive_many(s, SYSTEM, [new(101, variation), new(102, variation)], Cause.UPLOAD)
    assert [session.get(InventoryItem, key).hex_id for key in ids] == ["CCCCCC", "BBBBBB"]


def test_label_codes_never_look_like_numbers(session):
    codes = hex_ids.new_hex_ids(session, 2_000)
    assert len(set(codes)) == 2_000
    assert all(re.fullmatch(r"[A-F][0-9A-F]{5}", code) for code in codes)
    assert {len(code) for code in hex_ids.new_hex_ids(session, 60_000)} == {8}


def test_the_same_scan_within_two_seconds_changes_nothing(session):
    me = Actor(make_user().id, "scan")
    first = scan_in(new(1), me)
    again = scan_in(new(1), me)
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert again.item_id == first.item_id
    assert count(InventoryItem) == 1


def test_a_later_scan_of_it_and_one_by_somebody_else_are_refused(session, monkeypatch):
    me, other = Actor(make_user().id, "scan"), Actor(make_user("other@example.com").id, "scan")
    scan_in(new(1), me)
    with pytest.raises(AlreadyHere):
        scan_in(new(1), other)
    monkeypatch.setattr(receiving, "utcnow", lambda: utcnow() + timedelta(seconds=3))
    with pytest.raises(AlreadyHere):
        scan_in(new(1), me)


def test_a_location_decides_the_warehouse(session):
    main = named(Warehouse, "Main warehouse")
    other = named(Warehouse, "Other")
    shelf = named(Location, "A1", warehouse_id=main.id)
    assert place(session, None, shelf.id) == receiving.Place(main.id, shelf.id)
    assert place(session, other.id, None) == receiving.Place(other.id, None)
    with pytest.raises(Refusal, match="in another warehouse"):
        place(session, other.id, shelf.id)
    with pytest.raises(Refusal, match="location is gone"):
        place(session, None, 999)
    with pytest.raises(Refusal, match="warehouse is gone"):
        place(session, 999, None)
