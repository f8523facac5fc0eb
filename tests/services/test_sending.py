"""What channels are told about orders, and what each answer means, against a marketplace in memory."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.ship_world import CUT, ME, UPS, ShipWorld, parcel, told, use_fake_channel, wants
from wholecell import jobs
from wholecell.channels.contract import CredentialsError, TemporaryError
from wholecell.db import db, utcnow
from wholecell.models import Commitment, Integration, InventoryItem, OrderItem, SalesOrder, SyncRun, Work
from wholecell.services import sending_parcels, shipments, sync, work
from wholecell.services.shipments import State
from wholecell.services.work import Kind

OTHER = "1Z8V92A70367203024"
BUSY = TemporaryError("Too many calls.", retry_after=3600)


@pytest.fixture
def world(app, monkeypatch):
    use_fake_channel(monkeypatch)
    return ShipWorld()


def esns(order_id):
    query = sa.select(InventoryItem.esn).join(Commitment).join(OrderItem).where(OrderItem.order_id == order_id)
    return list(db.session.scalars(query.order_by(Commitment.id)))


class DiedError(BaseException):
    """The process is killed: nothing catches this."""


class TestParcels:
    def test_a_parcel_reaches_the_channel_with_its_phones(self, world):
        order_id = world.order(2, 1)
        key = world.ship(order_id)
        assert wants()
        run = world.run()
        (sent,) = world.channel.parcels
        assert (sent.carrier, sent.service, sent.tracking_number) == ("UPS", "Ground", UPS)
        assert (sent.lines, sent.may_be_there, sent.number) == ({"1": 2, "2": 1}, False, key)
        assert [unit.esn for unit in sent.units] == esns(order_id)
        assert [unit.line_id for unit in sent.units] == ["1", "1", "2"]
        row = world.get(key)
        assert (row.state, row.problem) == (State.SENT, "") and row.sent_at
        assert all(unit.esn_sent_at for unit in shipments.of_order(order_id)[0].units)
        assert told(order_id)[-1] == ("shipment sent", None, UPS)
        assert (run.state, run.counts) == ("done", {"sent": 1})
        assert not wants()

    def test_numbers_of_phones_stay_here_where_the_channel_does_not_take_them(self, app, monkeypatch):
        use_fake_channel(monkeypatch, takes_esn=False)
        world = ShipWorld()
        world.ship(world.order())
        world.run()
        assert world.channel.parcels[0].units == []

    def test_a_refused_number_is_written_on_its_phone(self, world):
        order_id = world.order(2)
        first, second = esns(order_id)
        world.channel.refused_esns[second] = "imei is not valid"
        world.ship(order_id)
        world.run()
        units = shipments.of_order(order_id)[0].units
        assert [(bool(u.esn_sent_at), u.esn_problem) for u in units] == [(True, ""), (False, "imei is not valid")]
        assert ("phone's number refused", second, "imei is not valid") in told(order_id)

    def test_a_phone_on_a_line_below_travels_unnamed(self, world):
        order_id = world.order()
        extra = make.save(OrderItem(order_id=order_id, ordered=1, is_extra=True, variation_id=world.variation.id))
        make.commit_phone(make.make_item(world.variation), extra)
        world.ship(order_id)
        world.run()
        assert world.channel.parcels[0].lines == {"1": 1}
        problems = [unit.esn_problem for unit in shipments.of_order(order_id)[0].units]
        assert problems == ["", "This phone is on a line that is not on the channel's order."]

    def test_several_parcels_carry_their_own_units(self, world):
        order_id = world.order(3)
        one, two, three = world.phones(order_id)
        shipments.add(order_id, parcel(one, two), ME)
        shipments.add(order_id, parcel(three, tracking=OTHER), ME)
        world.run()
        assert [(p.tracking_number, p.lines) for p in world.channel.parcels] == [(UPS, {"1": 2}), (OTHER, {"1": 1})]

    def test_one_parcel_holds_all_that_is_wanted_scanned_or_not(self, app, monkeypatch):
        use_fake_channel(monkeypatch, is_one_parcel=True)
        world = ShipWorld()
        world.ship(world.order(2, 1, committed=1))
        world.ship(world.order(2, committed=0), tracking=OTHER)
        world.run()
        assert [p.lines for p in world.channel.parcels] == [{"1": 2, "2": 1}, {"1": 2}]

    def test_a_parcel_without_a_line_of_the_channel_is_not_sent(self, world):
        order_id = world.order(committed=0)
        (item,) = make.order_items(db.session.get(SalesOrder, order_id))
        item.is_set_aside = True
        db.session.commit()
        key = world.ship(order_id)
        world.run()
        assert (world.get(key).state, world.channel.parcels) == (State.REFUSED, [])
        assert "No line of the channel's order" in world.get(key).problem

    def test_a_voided_parcel_is_not_sent(self, world):
        key = world.ship(world.order())
        shipments.void(key, ME)
        assert not wants()
        world.run()
        assert world.channel.parcels == []

    def test_nothing_is_sent_while_sending_is_switched_off(self, world):
        world.ship(world.order())
        db.session.execute(sa.update(Integration).values(sends_shipments=False))
        db.session.commit()
        assert not wants()
        world.run()
        assert world.channel.parcels == []


class TestAnswers:
    def test_a_refusal_is_kept_in_the_channels_words_until_tried_again(self, world):
        order_id = world.order()
        external_id = world.order_row(order_id).external_id
        world.channel.order_refusals[external_id] = "shipper is unknown"
        key = world.ship(order_id)
        world.run()
        row = world.get(key)
        assert (row.state, row.problem) == (State.REFUSED, "shipper is unknown")
        assert row.advice == "Put it right there, then press Try again."
        assert told(order_id)[-1] == ("shipment refused", UPS, "shipper is unknown")
        assert not wants()
        world.channel.order_refusals.clear()
        shipments.try_again(key, ME)
        assert wants()
        world.run()
        assert (world.get(key).state, world.get(key).problem) == (State.SENT, "")

    def test_one_refused_parcel_does_not_hold_up_the_others(self, world):
        first, second = world.order(), world.order()
        world.channel.order_refusals[world.order_row(first).external_id] = "No."
        one, two = world.ship(first), world.ship(second, tracking=OTHER)
        run = world.run()
        assert [world.get(key).state for key in (one, two)] == [State.REFUSED, State.SENT]
        assert run.counts == {"refused": 1, "sent": 1}

    def test_a_limit_leaves_it_waiting_as_long_as_asked(self, world):
        key = world.ship(world.order())
        world.channel.order_errors = [BUSY]
        run = world.run()
        assert (run.state, run.problem, world.get(key).state) == ("failed", "Too many calls.", State.WAITING)
        row = db.session.get(Work, (world.integration_id, Kind.SEND_SHIPMENTS))
        assert row.not_before > utcnow() + timedelta(minutes=59)
        assert not wants()

    def test_a_refused_login_leaves_it_waiting(self, world):
        key = world.ship(world.order())
        world.channel.order_errors = [CredentialsError("The token was refused.")]
        world.run()
        assert world.get(key).state == State.WAITING
        assert not wants()

    def test_one_order_the_channel_cannot_answer_does_not_hold_up_the_others(self, world):
        keys = [world.ship(world.order(), tracking=number) for number in (UPS, OTHER, "1Z879E930346834440")]
        world.channel.order_errors = [replace_error(CUT, False)]
        run = world.run()
        assert [world.get(key).state for key in keys] == [State.WAITING, State.SENT, State.SENT]
        assert (run.state, run.problem) == ("failed", CUT.message)

    def test_two_that_are_never_answered_hold_up_no_other_kind_and_nothing_for_ever(self, world):
        orders = [world.order(is_to_accept=True, accept_wanted_at=utcnow()) for _ in range(4)]
        key = world.ship(world.order())
        bad = {world.order_row(each).external_id for each in orders[1:3]}
        world.channel.before_call = lambda order_id: never_answered(order_id in bad)
        world.run()
        assert world.get(key).state == State.SENT
        world.no_waiting()
        world.run()
        assert [world.order_row(each).is_to_accept for each in orders] == [False, True, True, False]

    def test_a_channel_that_is_down_is_not_asked_for_each(self, world):
        keys = [world.ship(world.order(), tracking=number) for number in (UPS, OTHER, "1Z879E930346834440")]
        world.channel.order_errors = [replace_error(CUT, False)] * 3
        world.run()
        assert len(world.channel.order_errors) == 1
        assert {world.get(key).state for key in keys} == {State.WAITING}


def replace_error(error, maybe_applied):
    return TemporaryError(error.message, maybe_applied=maybe_applied)


def never_answered(is_bad):
    if is_bad:
        raise replace_error(CUT, False)


class TestNotTwice:
    """The channel would take a shipment twice; only reading back before repeating keeps that from happening."""

    @pytest.fixture(params=[True, False], ids=["guarded", "without reading back"])
    def reads_back(self, request, monkeypatch):
        if not request.param:
            plain = sending_parcels._parcel
            monkeypatch.setattr(
                sending_parcels,
                "_parcel",
                lambda *args: (lambda p: replace(p, remote=replace(p.remote, may_be_there=False)))(plain(*args)),
            )
        return request.param

    def once(self, world, reads_back):
        """The twin without the guard tells it a second time."""
        world.no_waiting()
        world.run()
        assert len(world.channel.parcels) == (1 if reads_back else 2)

    def test_cut_after_it_was_applied(self, world, reads_back):
        order_id = world.order()
        key = world.ship(order_id)
        world.channel.order_errors = [CUT]
        world.run()
        assert (world.get(key).state, world.get(key).problem) == (State.SENDING, CUT.message)
        self.once(world, reads_back)
        assert (world.get(key).state, world.get(key).problem) == (State.SENT, "")
        if reads_back:
            assert told(order_id)[-1] == ("shipment found at the channel", None, UPS)
            assert all(unit.esn_sent_at for unit in shipments.of_order(order_id)[0].units)

    def test_killed_between_the_yes_and_our_commit(self, world, reads_back, monkeypatch):
        key = world.ship(world.order())
        with monkeypatch.context() as patch:
            patch.setattr(sending_parcels, "_sent", die)
            with pytest.raises(DiedError):
                world.run()
        db.session.rollback()
        assert world.get(key).state == State.SENDING
        assert len(world.channel.parcels) == 1
        self.once(world, reads_back)
        assert world.get(key).state == State.SENT

    def test_a_limit_on_the_second_try_keeps_what_is_unknown(self, world, reads_back):
        world.ship(world.order())
        world.channel.order_errors = [CUT]
        world.run()
        world.channel.before_call = lambda _: (_ for _ in ()).throw(BUSY)
        world.no_waiting()
        world.run()
        world.channel.before_call = None
        self.once(world, reads_back)

    def test_an_answer_after_another_run_took_over_is_read_back(self, world, reads_back):
        key = world.ship(world.order())

        def take_over(_):
            db.session.execute(sa.update(Work).values(lease="another", lease_until=utcnow() - timedelta(minutes=1)))
            db.session.commit()
            world.channel.before_call = None

        world.channel.before_call = take_over
        world.run()
        assert world.get(key).state == State.SENDING
        self.once(world, reads_back)
        assert world.get(key).state == State.SENT

    def test_killed_before_the_call_it_is_sent(self, world, monkeypatch):
        key = world.ship(world.order())
        world.channel.before_call = die
        with pytest.raises(DiedError):
            world.run()
        db.session.rollback()
        assert world.get(key).state == State.SENDING
        world.channel.before_call = None
        world.no_waiting()
        world.run()
        assert (len(world.channel.parcels), world.get(key).state) == (1, State.SENT)


def die(*_args):
    raise DiedError


class TestRuns:
    def test_a_channel_that_can_do_nothing_of_it_is_left_alone(self, world):
        world.ship(world.order())
        db.session.remove()
        sync.run_work(world.integration_id, Kind.SEND_SHIPMENTS, None, opener=lambda _: object())
        assert db.session.scalar(sa.select(SyncRun.state)) == "done"

    def test_no_transaction_is_open_during_a_call(self, world):
        world.ship(world.order())
        seen = []
        world.channel.before_call = lambda _: seen.append(db.session().in_transaction())
        world.run()
        assert seen == [False]

    def test_two_runners_send_it_once(self, world, app):
        world.ship(world.order())
        inside, go_on = threading.Event(), threading.Event()

        def hold(_):
            inside.set()
            assert go_on.wait(10)

        world.channel.before_call = hold

        def other():
            with app.app_context():
                world.run()

        thread = threading.Thread(target=other)
        thread.start()
        assert inside.wait(10)
        assert not wants()
        assert sync.run_work(world.integration_id, Kind.SEND_SHIPMENTS, None, opener=lambda _: world.channel) is None
        go_on.set()
        thread.join(10)
        assert len(world.channel.parcels) == 1

    def test_a_stop_leaves_the_rest_waiting(self, world):
        keys = [world.ship(world.order(), tracking=number) for number in (UPS, OTHER)]

        def stop(_):
            run_id = db.session.scalar(sa.select(SyncRun.id).order_by(SyncRun.id.desc()).limit(1))
            db.session.commit()
            work.ask_stop(run_id)

        world.channel.before_call = stop
        assert world.run().state == "stopped"
        assert [world.get(key).state for key in keys] == [State.SENT, State.WAITING]

    def test_what_waits_is_found_by_its_small_indexes(self, world):
        if db.engine.dialect.name != "sqlite":
            pytest.skip("the plan of an empty table on PostgreSQL says nothing")
        query = sa.select(Work.integration_id).where(jobs.is_wanted(utcnow()))
        text = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
        plan = " ".join(row[-1] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")))
        for name in ("ix_sales_order_to_accept", "ix_order_item_to_cancel", "ix_shipment_unsent"):
            assert name in plan
        assert "SCAN sales_order" not in plan.replace("SCAN sales_order USING INDEX ix_sales_order_to_accept", "")
