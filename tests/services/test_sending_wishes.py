"""Orders accepted and lines cancelled at the channel, and shipments that wait for that."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.ship_world import CUT, ME, ShipWorld, told, use_fake_channel, wants
from wholecell.channels.contract import TemporaryError
from wholecell.db import db
from wholecell.models import OrderItem, RecomputeRequest, SalesOrder
from wholecell.services import sending, shipments
from wholecell.services.shipments import State


@pytest.fixture
def world(app, monkeypatch):
    use_fake_channel(monkeypatch)
    return ShipWorld()


class TestAccepting:
    def test_orders_are_accepted_when_somebody_says_so(self, world):
        order_id = world.order(is_to_accept=True)
        assert not wants()
        shipments.ask_accept([order_id], ME)
        assert wants()
        run = world.run()
        order = world.order_row(order_id)
        assert world.channel.accepted == [order.external_id]
        assert (order.is_to_accept, order.accept_wanted_at, order.accept_problem) == (False, None, "")
        assert ("accepted", None, None) in told(order_id)
        assert order.channel_status == "3"  # the order it answered with is kept as an import would
        assert run.counts == {"accepted": 1}
        assert not wants()

    def test_a_refusal_is_kept_and_can_be_asked_again(self, world):
        order_id = world.order(is_to_accept=True)
        external_id = world.order_row(order_id).external_id
        world.channel.order_refusals[external_id] = "too late"
        shipments.ask_accept([order_id], ME)
        world.run()
        order = world.order_row(order_id)
        assert (order.is_to_accept, order.accept_wanted_at) == (True, None)
        assert order.accept_problem == "too late. Put it right there, then press Try again."
        assert not wants()
        world.channel.order_refusals.clear()
        assert shipments.ask_accept([order_id], ME) == 1
        world.run()
        assert (world.order_row(order_id).is_to_accept, world.order_row(order_id).accept_problem) == (False, "")

    def test_an_accept_that_was_cut_is_not_sent_twice(self, world):
        order_id = world.order(is_to_accept=True)
        shipments.ask_accept([order_id], ME)
        world.channel.order_errors = [CUT]
        world.run()
        assert world.order_row(order_id).accept_wanted_at
        world.no_waiting()
        world.run()
        assert len(world.channel.accepted) == 1
        assert not world.order_row(order_id).is_to_accept

    def test_one_that_the_channel_cannot_answer_holds_up_no_parcel_of_another_order(self, world):
        waiting = world.order(is_to_accept=True)
        shipments.ask_accept([waiting], ME)
        parcel = world.ship(world.order())
        world.channel.order_errors = [TemporaryError("Internal error")]
        run = world.run()
        assert world.get(parcel).state == State.SENT
        assert world.order_row(waiting).accept_wanted_at
        assert (run.state, run.problem) == ("failed", "Internal error")

    def test_a_parcel_waits_for_the_accept_and_goes_in_the_same_run(self, world):
        order_id = world.order(is_to_accept=True)
        key = world.ship(order_id)
        assert not wants()
        world.run()
        assert (world.get(key).state, world.channel.parcels) == (State.WAITING, [])
        shipments.ask_accept([order_id], ME)
        world.run()
        assert world.get(key).state == State.SENT

    def test_a_parcel_that_came_too_early_goes_once_an_import_shows_it_accepted(self, world):
        order_id = world.order()
        external_id = world.order_row(order_id).external_id
        world.channel.change_order(external_id, is_to_accept=True)  # we do not know that yet
        key = world.ship(order_id)
        run = world.run()
        assert (run.state, world.get(key).state) == ("done", State.WAITING)
        assert world.order_row(order_id).is_to_accept
        assert shipments.of_order(order_id)[0].problem == "It is sent as soon as the order is accepted."
        assert not wants()
        world.channel.accept(external_id)
        world.order_row(order_id).is_to_accept = False  # as an import writes it
        db.session.commit()
        assert wants()
        world.run()
        assert world.get(key).state == State.SENT


class TestCancelling:
    def test_a_line_is_cancelled_there(self, world):
        order_id = world.order(1, 1)
        first, _ = make.order_items(db.session.get(SalesOrder, order_id))
        shipments.ask_cancel(first.id, ME)
        assert wants()
        world.run()
        assert world.channel.cancelled == [(world.order_row(order_id).external_id, "1")]
        item = db.session.get(OrderItem, first.id, populate_existing=True)
        assert (item.cancel_wanted_at, item.cancel_problem) == (None, "")
        assert ("line cancelled", "S0", None) in told(order_id)
        assert item.cancelled == 1
        assert not wants()

    def test_a_refused_cancel_is_kept_and_can_be_asked_again(self, world):
        order_id = world.order()
        (item,) = make.order_items(db.session.get(SalesOrder, order_id))
        world.channel.order_refusals[world.order_row(order_id).external_id] = "shipped already"
        shipments.ask_cancel(item.id, ME)
        world.run()
        item = db.session.get(OrderItem, item.id, populate_existing=True)
        assert item.cancel_problem.startswith("shipped already")
        assert not wants()
        world.channel.order_refusals.clear()
        shipments.ask_cancel(item.id, ME)
        world.run()
        assert len(world.channel.cancelled) == 1

    def test_accepts_go_before_cancels_and_those_before_parcels(self, world):
        calls = []
        to_accept, to_cancel, to_ship = world.order(is_to_accept=True), world.order(), world.order()
        world.ship(to_ship)
        (item,) = make.order_items(db.session.get(SalesOrder, to_cancel))
        shipments.ask_cancel(item.id, ME)
        shipments.ask_accept([to_accept], ME)
        names = {world.order_row(key).external_id: key for key in (to_accept, to_cancel, to_ship)}
        world.channel.before_call = lambda external_id: calls.append(names[external_id])
        world.run()
        assert calls == [to_accept, to_cancel, to_ship]

    def test_the_numbers_it_touches_are_computed_again(self, world):
        order_id = world.order(1, committed=0)
        (item,) = make.order_items(db.session.get(SalesOrder, order_id))
        variation_id = world.variation.id
        shipments.ask_cancel(item.id, ME)
        world.run()
        assert variation_id in set(db.session.scalars(sa.select(RecomputeRequest.variation_id)))


def test_an_answer_that_cannot_be_stored_is_left_to_the_import(world, monkeypatch):
    def fail(*_args):
        raise ValueError("a value that no column holds")

    monkeypatch.setattr(sending, "save_orders", fail)
    order_id = world.order(is_to_accept=True)
    shipments.ask_accept([order_id], ME)
    assert world.run().state == "done"
    assert not world.order_row(order_id).is_to_accept
    assert not wants()
