"""Orders on their way to a program that ships them and that we call: which are due, answers, crashes, changes."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.ship_world import ME, UPS, use_fake_channel
from tests.shipping_world import ShippingWorld
from wholecell.channels.contract import CameShipment, SentOrder, Stage, TemporaryError
from wholecell.db import db, transaction, utcnow
from wholecell.models import HandedOrder, Integration, SalesOrder, SalesOrderStatus, ShippingSettings, SyncRun, Work
from wholecell.services import (
    backup,
    incoming_shipments,
    order_changes,
    outgoing_due,
    outgoing_sending,
    shipments,
    sync,
    work,
)
from wholecell.services.events import record
from wholecell.services.refusal import Refusal
from wholecell.services.work import Kind


class Program:
    """A shipping program in memory: keeps each order under its key, and answers as it is told."""

    def __init__(self):
        self.there, self.calls, self.refused, self.broken = {}, [], {}, None
        self.meanwhile = lambda: None  # what happens here during the call

    def check(self):
        return ()

    def send_orders(self, orders):
        self.calls.append([(each.order_id, each.stage) for each in orders])
        for each in orders:
            words = self.refused.get(each.order_id, "")
            if not words:
                self.there[each.reference] = each
            self.meanwhile()
            if self.broken == each.order_id:
                raise TemporaryError("It cut the connection.", maybe_applied=True)
            yield SentOrder(each.order_id, "" if words else f"X{each.order_id}", words, "Look there." if words else "")

    def shipments(self, since):
        yield from ()


class World(ShippingWorld):
    """The program is called by us, and orders are sent."""

    def __init__(self):
        super().__init__()
        self.program = Program()
        with transaction() as session:
            session.get_one(Integration, self.shipper_id).is_by_hand = False
            session.get_one(ShippingSettings, self.shipper_id).sends_orders = True
            work.ensure_rows(session, self.shipper_id)

    def due(self):
        db.session.remove()
        return outgoing_due.due_orders(db.session(), self.settings, 100)

    def send(self):
        db.session.remove()
        sync.run_work(self.shipper_id, Kind.SEND_ORDERS, None, opener=lambda _: self.program)
        db.session.remove()

    def handed(self, order_id):
        return db.session.get(HandedOrder, (self.shipper_id, order_id), populate_existing=True)

    def note(self, order_id):
        """Something is written on its timeline that changes nothing of what goes along."""
        with transaction() as session:
            record(session, ME, "order", order_id, "note")

    def change(self, order_id):
        with transaction() as session:
            order = session.get(SalesOrder, order_id)
            order.ship_service = f"{order.ship_service}!"
            record(session, ME, "order", order_id, "shipping service")

    def no_waiting(self):
        db.session.execute(sa.update(Work).values(not_before=None, lease=None, lease_until=None))
        db.session.commit()

    def set_status(self, order_id, title, *, is_open=False):
        status = make.named(SalesOrderStatus, title, counts_as_open=is_open, allows_commitment=is_open)
        order_changes.set_status([order_id], status.id, ME, is_sure=True)


@pytest.fixture
def world(app, monkeypatch):
    use_fake_channel(monkeypatch)
    return World()


def test_what_is_new_goes_and_what_changed_goes_again(world):
    first, second = world.order(1), world.order(2)
    world.order(1, ship_city="")  # whose address is not whole
    assert world.due() == [first, second]
    world.send()
    assert world.program.calls == [[(first, Stage.PAID), (second, Stage.PAID)]]
    assert (world.handed(first).external_id, world.handed(first).stage) == (f"X{first}", "paid")
    world.send()
    assert world.due() == [] and len(world.program.calls) == 1
    world.change(second)
    world.set_status(first, "Canceled")
    world.send()
    assert sorted(world.program.calls[1]) == [(first, Stage.CANCELLED), (second, Stage.PAID)]
    assert world.program.there[world.reference(first)].external_id == f"X{first}"
    run = db.session.scalar(sa.select(SyncRun).order_by(SyncRun.id.desc()).limit(1))
    assert (run.kind, run.state, run.counts["sent"]) == ("send-orders", "done", 2)


def test_what_changes_nothing_of_it_is_not_sent(world):
    order_id = world.order(1)
    world.send()
    world.note(order_id)
    assert world.due() == [order_id]
    world.send()
    assert world.due() == [] and len(world.program.calls) == 1


def test_nothing_goes_unless_a_person_switched_it_on(world):
    world.order(1)
    assert outgoing_due.has_to_send(world.shipper_id)
    with transaction() as session:
        backup.settle(["k" * 44])  # a restored copy sends nothing by itself
        assert not session.get_one(ShippingSettings, world.shipper_id).sends_orders
    assert not outgoing_due.has_to_send(world.shipper_id)
    world.send()
    assert world.program.calls == []


def test_a_refused_order_waits_with_its_words_until_it_changes_or_a_person_tries_again(world):
    bad, good = world.order(1), world.order(1)
    world.program.refused[bad] = "Country must be two letters."
    world.send()
    assert (world.handed(bad).problem, world.handed(bad).handed_at) == ("Country must be two letters.", None)
    assert world.handed(good).handed_at is not None
    assert world.due() == []
    with pytest.raises(Refusal):
        outgoing_due.try_again(world.shipper_id, good, ME)
    outgoing_due.try_again(world.shipper_id, bad, ME)
    assert world.due() == [bad]
    world.send()
    assert world.handed(bad).problem and world.due() == []
    world.program.refused.clear()
    world.change(bad)
    world.send()
    assert (world.handed(bad).problem, world.handed(bad).external_id) == ("", f"X{bad}")


def test_an_order_that_was_not_answered_goes_again_and_is_there_once(world):
    first, second = world.order(1), world.order(1)
    world.program.broken = second
    world.send()
    assert len(world.program.there) == 2  # it is there, only nobody said so
    assert world.handed(first).handed_at and world.handed(second) is None
    assert world.due() == [second]
    world.program.broken = None
    world.no_waiting()
    world.send()
    assert world.program.calls[1] == [(second, Stage.PAID)]
    assert len(world.program.there) == 2 and world.due() == []


class KilledError(BaseException):
    """The process dies: nothing catches this."""


def died(world, monkeypatch):
    """A run whose process dies once the program has the orders, before the answers are kept."""

    def die(*_args):
        raise KilledError

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(outgoing_sending, "_keep", die)
        world.send()
    db.session.rollback()
    world.no_waiting()


def is_told_of_the_change(world, monkeypatch):
    """Whether an order whose first going died reaches the program with what was changed afterwards."""
    order_id = world.order(1)
    died(world, monkeypatch)
    world.program.there.clear()  # it never arrived
    world.send()
    return world.reference(order_id) in world.program.there


def test_a_process_that_dies_before_the_answers_are_kept_loses_no_order(world, monkeypatch):
    assert is_told_of_the_change(world, monkeypatch)


def test_twin_an_order_noted_before_the_call_is_lost_with_the_process(world, monkeypatch):
    send = outgoing_sending._send

    def noted_first(run, connector, batch):
        with transaction() as session:
            for order in batch.orders:
                outgoing_sending._note(session, run.integration_id, None, order, batch.lines[order.order_id])
        send(run, connector, batch)

    monkeypatch.setattr(outgoing_sending, "_send", noted_first)
    monkeypatch.setattr(World, "order", lambda self, *units: noted(self, *units))
    assert not is_told_of_the_change(world, monkeypatch)


def noted(world, *units):
    order_id = ShippingWorld.order(world, *units)
    world.note(order_id)
    return order_id


def changed_during_the_call(world):
    """An order is changed while it is being sent; gives whether it goes once more."""
    order_id = noted(world, 1)
    world.program.meanwhile = lambda: world.change(order_id)
    world.send()
    world.program.meanwhile = lambda: None
    return world.due() == [order_id]


def test_a_change_made_during_the_call_goes_with_the_next(world):
    assert changed_during_the_call(world)


def test_twin_a_line_looked_up_with_the_answer_hides_the_change(world, monkeypatch):
    note = outgoing_sending._note

    def with_the_newest_line(session, integration_id, row, order, line, answer=None):
        newest = outgoing_sending.outgoing_orders.last_changes(session, [order.order_id])[order.order_id][0]
        note(session, integration_id, row, order, newest, answer)

    monkeypatch.setattr(outgoing_sending, "_note", with_the_newest_line)
    assert not changed_during_the_call(world)


def test_what_it_shipped_itself_is_not_told_back_but_what_left_otherwise_is(world):
    theirs, ours, never = world.order(1), world.order(1), world.order(1, status="Shipped")
    world.send()
    came = CameShipment(world.reference(theirs), "", "UPS", "Ground", UPS, None)
    taken = incoming_shipments.take(world.shipper_id, came)
    world.ship(ours, tracking="1Z5R89390357567136")
    world.send()
    assert world.program.calls[1:] == [[(ours, Stage.SHIPPED)]]
    assert world.due() == [] and world.handed(never) is None
    world.change(theirs)
    world.send()
    assert world.due() == [] and len(world.program.calls) == 2  # it takes no change any more
    shipments.void(taken.shipment_id, ME, is_sure=True)  # the label was voided: it is to be shipped again
    world.send()
    assert world.program.calls[2:] == [[(theirs, Stage.PAID)]]


def test_orders_go_in_hundreds_with_few_queries(world, monkeypatch):
    monkeypatch.setattr(outgoing_sending, "AT_ONCE", 3)
    ids = [world.order(1) for _ in range(7)]
    world.send()
    assert [[key for key, _ in call] for call in world.program.calls] == [ids[:3], ids[3:6], ids[6:]]
    settings = world.settings
    with make.QueryCounter() as queries:
        assert outgoing_due.due_orders(db.session(), settings, 100) == []
    assert len(queries) == 2


def test_lines_of_long_ago_are_not_looked_at_again(world):
    order_id = world.order(1)
    world.send()
    world.note(order_id)
    with transaction() as session:
        assert outgoing_due.last_settled_line(session, utcnow()) == 0  # a long transaction may still add lines before
        last = outgoing_due.last_settled_line(session, utcnow() + timedelta(hours=1))
        session.get_one(ShippingSettings, world.shipper_id).sent_until = last
    assert last > 0 and world.due() == []
