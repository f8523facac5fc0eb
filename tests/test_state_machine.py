"""Stock, orders, phones, parcels, pushes, sales, crashes and misbehaviors in any order: at rest nothing is wrong."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.conftest import SERVER
from tests.engine_world import EngineWorld
from wholecell.sandbox import Sandbox
from wholecell.services import order_import, push, sending_parcels
from wholecell.services.recompute import Cause
from wholecell.services.work import Kind

LISTINGS = 2
index = st.integers(0, LISTINGS - 1)
pick = st.integers(0, 5)
# What a process does not live to do, and during which work.
DEATHS = (
    ("_call", push, None),
    ("answer", push, None),
    ("_finish", order_import, Kind.IMPORT_ORDERS),
    ("_sent", sending_parcels, Kind.SEND_SHIPMENTS),
)
WIRE = ("cut_before", "cut_after", "broken_json", "status", "edge_html", "bare_string")
STORE = ("forgotten", "shown_late", "late_write")
STUBBORN = ("capped", "rounded", "forgotten")


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


def machine(sandbox, monkeypatch):
    """The machine's class, bound to this test's app and sandbox."""

    class Engine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.world = EngineWorld(sandbox, listings=LISTINGS)

        @initialize(sold=st.lists(st.integers(0, LISTINGS), min_size=2, max_size=5), moved=st.lists(pick, max_size=6))
        def orders_there_are(self, sold, moved):
            for at in sold:
                self.world.sell(at)
            self.world.import_orders()
            for pick in moved:
                self.world.moves_on(pick)

        @rule(at=index)
        def receive_a_phone(self, at):
            self.world.receive(self.world.variations[at])

        @rule(pick=st.integers(0, 5), status=st.sampled_from(["Repair", "Available"]), bulk=st.booleans())
        def change_a_status(self, pick, status, bulk):
            items = self.world.items()
            if items:
                self.world.set_status(items[pick % len(items)], status, Cause.BULK if bulk else Cause.ITEM)

        @rule(at=st.integers(0, LISTINGS), hidden=st.sampled_from([0, 0, 600]))
        def somebody_buys(self, at, hidden):
            self.world.sell(at, hidden)

        @rule()
        def a_buyer_cancels(self):
            for order in self.world.shop.visible_orders("backmarket"):
                if any(order.may_cancel(line) for line in order.lines):
                    self.world.shop.cancel_line("backmarket", order.id)
                    return

        @rule()
        def orders_are_imported(self):
            self.world.import_orders()

        @precondition(lambda self: self.world.orders())
        @rule(pick=pick, steps=st.integers(1, 3), tells=st.booleans())
        def an_order_moves_on(self, pick, steps, tells):
            for _ in range(steps):
                self.world.moves_on(pick)
            if tells:
                self.world.tell_the_channel()

        @precondition(lambda self: self.world.orders())
        @rule(pick=pick, at=st.integers(0, LISTINGS))
        def any_phone_is_scanned(self, pick, at):
            self.world.scan_any(pick, [*self.world.variations, self.world.loose][at])

        @precondition(lambda self: self.world.live())
        @rule(pick=pick, all_unwanted=st.booleans())
        def phones_are_released(self, pick, all_unwanted):
            (self.world.release_unwanted if all_unwanted else self.world.release)(pick)

        @precondition(lambda self: self.world.live())
        @rule(pick=pick, status=st.sampled_from(["Repair", "Available"]))
        def a_phone_comes_back(self, pick, status):
            self.world.phone_comes_back(pick, status)

        @rule()
        def the_unknown_sku_is_written_in_the_catalog(self):
            self.world.catalog_the_unknown()

        @rule(at=st.none() | st.sampled_from(DEATHS))
        def the_process_ends(self, at):
            if at is None:
                self.world.restart()
            else:
                self.world.killed(monkeypatch, *at)

        @rule()
        def the_scheduler_looks(self):
            self.world.look()

        @rule()
        def numbers_are_read_back(self):
            self.world.run(Kind.REPAIR)

        @rule(minutes=st.sampled_from([1, 16, 61]))
        def time_passes(self, minutes):
            self.world.advance(minutes)

        @rule(at=index, quantity=st.integers(0, 6))
        def another_tool_writes(self, at, quantity):
            self.world.shop.push("backmarket", self.world.remote(at).id, quantity)

        @rule(kind=st.sampled_from(WIRE), path=st.sampled_from(["/ws/listings/", "/ws/orders/"]))
        def a_call_will_fail(self, kind, path):
            self.world.shop.faults.add(kind, method="POST", path=path, status=429 if kind == "status" else 500)

        @rule(kind=st.sampled_from(STORE))
        def a_write_will_go_wrong(self, kind):
            self.world.shop.faults.add(kind, seconds=600)

        @precondition(lambda self: not any(f.times is None for f in self.world.shop.faults))
        @rule(kind=st.sampled_from(STUBBORN), at=index)
        def a_listing_turns_stubborn(self, kind, at):
            self.world.shop.faults.add(kind, sku=self.world.skus[at], times=None, number=2)

        @invariant()
        def at_most_what_was_there_is_offered(self):
            assert all(self.world.remote(i).quantity >= 0 for i in range(LISTINGS))

        @invariant()
        def no_phone_is_committed_twice(self):
            assert self.world.committed_twice() == []

        def teardown(self):
            stubborn = [fault for fault in self.world.shop.faults if fault.times is None]
            self.world.shop.faults.clear()
            for fault in stubborn:
                self.world.shop.faults.add(fault.kind, sku=fault.sku, times=None, number=fault.number)
            self.world.quiet()
            assert self.world.faults_at_rest() == []
            assert self.world.miscounted() == []
            assert self.world.not_as_there() == []
            assert self.world.waiting_below() == []
            assert self.world.untold() == []
            calls = self.world.quantity_calls()
            for _ in range(50):
                self.world.look()
            assert self.world.quantity_calls() == calls, "at rest nothing more is sent"

    return Engine


def test_no_number_is_silently_wrong_at_rest(app, sandbox, monkeypatch):
    run_state_machine_as_test(
        machine(sandbox, monkeypatch),
        settings=settings(
            max_examples=8 if SERVER else 15,  # a round trip for each of thousands of statements
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_online_only_a_sold_out_listing_comes_back_by_itself(app, sandbox):
    from wholecell.db import db
    from wholecell.models import Integration

    world = EngineWorld(sandbox, listings=1, stock=1, imports_orders=False)
    db.session.get(Integration, world.integration_id).imports_online_only = True
    db.session.commit()
    shown = [world.remote(0).quantity]
    world.set_status(world.items()[0], "Unavailable")
    world.look()
    for _ in range(2):
        world.run(Kind.IMPORT_LISTINGS)
        world.look()
    shown.append(world.remote(0).quantity)
    world.receive(world.variations[0])
    world.look()
    assert [*shown, world.remote(0).quantity] == [1, 0, 1]
