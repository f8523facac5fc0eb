"""A buyer who wants to be forgotten: nothing about them stays, in no row, and on SQLite in no byte of its files."""

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import flask
import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.order_moves import ME
from tests.order_world import VAULT, OrderWorld
from wholecell import jobs
from wholecell.channels.contract import RemoteAddress, UnreadableOrder
from wholecell.db import Base, db, is_sqlite, transaction, utcnow
from wholecell.models import (
    Commitment,
    Customer,
    ErasedBuyer,
    ErasureNotice,
    HandedOrder,
    Integration,
    OrderImportError,
    OrderNote,
    SalesOrder,
    Shipment,
    Upload,
    UploadRow,
)
from wholecell.services import erased_buyers, erasure, order_changes, order_errors, order_saving, today_orders
from wholecell.services.commit import commit

HOME = RemoteAddress(
    "Zoë Quillfeather", "Quillworks", "Quince Row 17", "Attic 9", "Quedlinburg", "", "06484", "DE", "+49 3946 555"
)
BUYER, EMAIL, KIND = "quill_z", "zoe@quill.example", "backmarket"
PERSONAL = {BUYER, EMAIL, "Quillfeather", "Quillworks", "Quince Row", "Attic 9", "Quedlinburg", "06484", "3946 555"}
PERSONAL |= {"Zora Oldname", "ring twice at the green door"}


@pytest.fixture
def world(app):
    """An order of the buyer with everything that may hang on one, and one of somebody else with the same name."""
    world = OrderWorld(count=1)
    world.press()  # the first import takes open orders only
    address = {"ship_to": replace(HOME, name="Zora Oldname"), "buyer": BUYER, "email": EMAIL}
    world.channel.put_order("1", **address, notes=["The buyer writes: ring twice at the green door"])
    world.channel.put_order("2", ship_to=RemoteAddress(name="Bob Builder", street="Side St 2"), buyer="bob_b")
    world.press()
    world.channel.change_order("1", ship_to=HOME)
    world.press()
    order = world.order()
    customer = db.session.get(Customer, order.customer_id)
    customer.email, customer.phone = EMAIL, HOME.phone
    order.accept_problem = "No such house: Quince Row 17"
    db.session.add(Shipment(order_id=order.id, carrier="DHL", tracking_number="T1", state="refused", problem=EMAIL))
    shipper = make.make_integration()
    said = {"problem": "Quince Row 17 is no address", "advice": "Correct Quince Row 17."}
    db.session.add(HandedOrder(integration_id=shipper.id, order_id=order.id, **said))
    db.session.commit()
    order_changes.add_note(order.id, "Zoë Quillfeather: ring twice at the green door", ME)
    commit(order.id, db.session.scalar(sa.select(make.InventoryItem.esn).limit(1)), ME)
    return world


def a_sheet():
    upload = make.save(Upload(kind="phones", filename="a.csv", state="applied", mapping={"esn": 0, "color": 1}))
    cells = ["350000000000001", "Quillworks", "sold to ZOE@quill.example", "Zoë Quillfeather", "an attic"]
    make.save(UploadRow(upload_id=upload.id, number=2, cells=cells))
    return upload.id


def refused(world, number, words):
    with transaction() as session:
        row = UnreadableOrder(number, "It has no lines.", f'{{"buyer": "{words}"}}')
        order_errors.note(session, world.integration_id, [row], VAULT)


def told_in_rows():
    """Which personal texts stand in some row of some table."""
    db.session.rollback()
    db.session.expire_all()
    rows = [row for table in Base.metadata.sorted_tables for row in db.session.execute(sa.select(table))]
    text = "\n".join(str(tuple(row)) for row in rows)
    db.session.rollback()
    return {each for each in PERSONAL if each in text}


def told_in_files():
    """Which stand in the database's files, once its log was taken into it."""
    db.session.remove()
    path = Path(db.engine.url.database)
    checkpoint = sqlite3.connect(path)
    assert checkpoint.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    checkpoint.close()
    held = b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    return {each for each in PERSONAL if each.encode() in held}


def forget(buyer=BUYER, notice="n1"):
    erasure.receive(KIND, notice, [buyer, "user-id-1"])
    return erasure.erase_waiting(VAULT)


def test_nothing_personal_stays_and_everything_else_does(world):
    assert told_in_rows() == PERSONAL
    if is_sqlite():
        assert told_in_files() == PERSONAL
    before, events = world.order(), world.events()
    kept = {
        column: getattr(before, column)
        for column in ("number", "total_cents", "placed_at", "status_id", "channel_status", "currency", "ship_by")
    }
    items = [(item.sku, item.ordered, item.price_cents) for item in world.items()]
    assert forget(BUYER.upper()) == 1
    assert told_in_rows() == set()
    if is_sqlite():
        assert told_in_files() == set()
    after = world.order()
    assert {column: getattr(after, column) for column in kept} == kept
    assert after.erased_at is not None
    assert [(item.sku, item.ordered, item.price_cents) for item in world.items()] == items
    assert world.count(Commitment) == 1
    assert world.events() == [*events, "erased"]
    other = world.order("2")
    assert (other.ship_name, other.buyer, other.erased_at) == ("Bob Builder", "bob_b", None)
    assert set(db.session.scalars(sa.select(Customer.name).where(~Customer.is_channel))) == {"Bob Builder"}


@pytest.mark.parametrize("is_secure", [True, False])
def test_it_is_sqlite_that_clears_what_is_deleted(world, is_secure):
    if not is_sqlite():
        pytest.skip("PostgreSQL clears with VACUUM")
    db.session.remove()
    db.engine.dispose()
    sa.event.listen(db.engine, "connect", lambda c, _: c.execute(f"PRAGMA secure_delete={int(is_secure)}"))
    forget()
    assert bool(told_in_files()) is not is_secure


def test_a_notice_is_done_once_and_names_nobody_afterwards(world):
    assert erasure.receive(KIND, "n1", [BUYER])
    assert not erasure.receive(KIND, "n1", [BUYER])
    assert erasure.receive("another", "n1", [BUYER])  # another channel's buyer may bear the same name
    assert (erasure.is_waiting(), erasure.erase_waiting(VAULT), erasure.is_waiting()) == (True, 1, False)
    assert not erasure.receive(KIND, "n1", [BUYER])
    assert forget(notice="n2") == 0
    assert [
        (row.names, row.orders, row.done_at is None)
        for row in db.session.scalars(sa.select(ErasureNotice).order_by(ErasureNotice.id))
    ] == [([], orders, False) for orders in (1, 0, 0)]
    assert world.events().count("erased") == 1


def test_no_later_reading_brings_anything_back(world):
    world.channel.put_order("4")  # a payment that is pending: the channel does not tell yet whose it is
    world.press()
    forget()
    said = {"ship_to": HOME, "buyer": BUYER, "email": EMAIL, "notes": ["ring twice at the green door"]}
    world.channel.change_order("1", **said, status="10")
    world.channel.put_order("3", **said)  # read before the notice came, or told late
    world.channel.change_order("4", **said)
    world.press()
    assert world.order().channel_status == "10"
    assert world.order("3").erased_at is not None and world.order("4").erased_at is not None
    assert told_in_rows() == set()
    late = utcnow() + erased_buyers.KEPT_FOR + erased_buyers.KEPT_FOR
    with transaction() as session:
        erased_buyers.add(session, KIND, ["another"], late)
    assert world.count(ErasedBuyer) == 1


def saved_meanwhile(world, monkeypatch):
    """A page whose buyer was asked about before the job comes, and that is stored after; whether the job waited."""
    app = flask.current_app._get_current_object()
    asked, may_go, among = threading.Event(), threading.Event(), erased_buyers.among

    def slow(*args):
        found = among(*args)
        asked.set()
        may_go.wait(10)
        return found

    def run(work, *args):
        with app.app_context():
            work(*args)

    monkeypatch.setattr(erased_buyers, "among", slow)
    erasure.receive(KIND, "n1", [BUYER])
    world.channel.put_order("3", ship_to=HOME, buyer=BUYER)
    db.session.remove()
    threads = [threading.Thread(target=run, args=args) for args in ((world.press,), (erasure.erase_waiting, VAULT))]
    threads[0].start()
    assert asked.wait(10)
    threads[1].start()
    threads[1].join(0.5)
    waited = threads[1].is_alive()
    may_go.set()
    for thread in threads:
        thread.join(20)
    return waited


def test_a_page_that_is_being_saved_is_waited_for(world, monkeypatch):
    assert saved_meanwhile(world, monkeypatch)
    assert told_in_rows() == set()
    assert world.order("3").erased_at is not None


def test_without_waiting_the_page_would_bring_the_buyer_back(world, monkeypatch):
    if is_sqlite():
        pytest.skip("only one writes to SQLite at a time")
    unlocked = sa.select(Integration.id)
    monkeypatch.setattr(erasure, "hold_integrations", lambda session, _kind: session.scalars(unlocked).all())
    assert not saved_meanwhile(world, monkeypatch)
    assert {BUYER, "Quince Row"} <= told_in_rows()


def test_customers_others_share_stay_without_what_was_this_buyers(world):
    order = make.make_order(customer_id=world.order().customer_id, ship_name="Zoë Quillfeather")
    forget()
    db.session.expire_all()
    customer = db.session.get(Customer, db.session.get(SalesOrder, order.id).customer_id)
    assert (customer.name, customer.email, customer.phone) == ("Zoë Quillfeather", "", "")
    assert world.order().customer_id is None


def test_sheets_lose_the_cells_nothing_was_read_from(world):
    upload = a_sheet()
    forget()
    db.session.expire_all()
    row = db.session.get(UploadRow, (upload, 2))
    assert row.cells == ["350000000000001", "Quillworks", "", "", "an attic"]


def test_sheets_of_orders_lose_what_was_read_from_them_too(world):
    sheet = {"kind": "orders", "filename": "o.csv", "state": "applied", "mapping": {"order_id": 0, "buyer_name": 1}}
    cells = ["1", BUYER, EMAIL, "Zoë Quillfeather", "Quince Row 17", "Quedlinburg", "06484", "DE"]
    plan = {"cells": {"order_id": "1", "buyer_name": BUYER, "ship_city": "Quedlinburg"}, "status": "3"}
    others = {}
    for key, integration in ((1, world.integration_id), (2, make.make_integration().id)):
        upload = make.save(Upload(integration_id=integration, **sheet))
        others[key] = upload.id
        changes = {"address": ["", "Zoë Quillfeather, Quince Row 17"]}
        make.save(UploadRow(upload_id=upload.id, number=2, cells=cells, plan=plan, changes=changes))
    forget()
    db.session.expire_all()
    row = db.session.get(UploadRow, (others[1], 2))
    assert row.cells == ["1", "", "", "", "", "", "", "DE"]
    assert (row.plan["cells"], row.plan["status"]) == ({"order_id": "1", "buyer_name": "", "ship_city": ""}, "3")
    assert row.changes == {"address": ["", ""]}
    assert db.session.get(UploadRow, (others[2], 2)).cells[1] == BUYER  # another channel's buyer


def test_what_could_not_be_stored_is_emptied_where_it_names_the_buyer(world):
    for number, buyer in (("7", BUYER), ("8", f"{BUYER}2"), ("9", "bob_b")):
        refused(world, number, buyer)
    forget()
    errors = {row.external_id: row.payload for row in db.session.scalars(sa.select(OrderImportError))}
    assert {key: bool(payload) for key, payload in errors.items()} == {"7": False, "8": True, "9": True}


def test_an_erased_buyers_order_that_cannot_be_stored_is_not_kept_either(world, monkeypatch):
    def broken(*_args, **_more):
        raise ValueError

    forget()
    for number, buyer in (("3", BUYER), ("4", "bob_b")):
        world.channel.put_order(number, ship_to=HOME, buyer=buyer)
    monkeypatch.setattr(order_saving, "new_order", broken)
    world.press()
    rows = list(db.session.scalars(sa.select(OrderImportError).order_by(OrderImportError.external_id)))
    assert ["Quillfeather" in order_errors.payload_of(row, VAULT) for row in rows] == [False, True]


def test_an_open_order_without_its_address_needs_a_person(world):
    def rows():
        db.session.commit()
        return [each.number for each in today_orders.needs(utcnow(), utcnow()).erased.rows]

    db.session.execute(sa.delete(Shipment))
    assert rows() == []
    forget()
    assert rows() == ["1"]
    db.session.add(Shipment(order_id=world.order().id, carrier="DHL", tracking_number="T2", state="sent"))
    assert rows() == []  # it left


def test_notes_go_with_the_orders_they_are_about(world):
    order_changes.add_note(world.order("2").id, "Bob comes by himself", ME)
    forget()
    assert list(db.session.scalars(sa.select(OrderNote.text))) == ["Bob comes by himself"]


def test_the_scheduler_does_it(world, app):
    erasure.receive(KIND, "n1", [BUYER])
    db.session.remove()
    looker = jobs.Looker(app, VAULT)
    looker.look()
    looker.stop()
    assert not erasure.is_waiting()
    assert world.order().erased_at is not None
