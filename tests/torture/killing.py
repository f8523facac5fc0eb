"""Kill the seller's process at random moments of its work, start it again, and at the end look at what is left."""

import multiprocessing
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tests import factories as make
from tests.torture import ledger, seller
from tests.torture.market import Buyers, Market
from tests.torture.stalls import hosts_by_kind
from wholecell.channels import discover
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, InventoryItem, InventoryStatus, RecomputeRequest, Warehouse, Work
from wholecell.services import apps, due, integrations, offers, recompute, sync, work
from wholecell.services.events import Actor
from wholecell.services.recompute import Cause
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

ME = Actor()
TARGETS = (Kind.IMPORT_ORDERS, Kind.PUSH_QUANTITIES)
PATIENCE = 20.0  # seconds in which work of a kind must begin
REST = 900.0  # seconds in which all must be quiet after the last kill
LONGEST_LIFE = 0.8  # seconds into a run at most before the kill falls


@dataclass(frozen=True)
class Plan:
    """How much torture."""

    kills: int
    orders: int
    listings: int  # at each stall
    stock: int  # phones of each SKU
    hidden: float = 6.0  # seconds until a late order shows, at most; well within what is read again
    seed: int = 1


class Torture:
    """One seller on one database. `environ` is that of its processes, `app` this process's own on the same."""

    def __init__(self, app, environ, plan):
        self.plan, self._environ, self._random = plan, environ, random.Random(plan.seed)
        self._vault = Vault(app.extensions["wholecell"].credentials_keys)
        self.market = Market([f"SKU-{n:04d}" for n in range(plan.listings)], plan.stock, plan.hidden, plan.seed)
        self._start = multiprocessing.get_context("forkserver")
        self._start.set_forkserver_preload(["tests.torture.warm"])
        self._problems = Path(environ["WHOLECELL_DATA_DIR"]) / "problems.log"
        self.kills, self.refused_clicks = Counter(), 0
        self._process = None
        self._seen = set()  # leases that processes left behind when they were killed

    # Before anything happens.

    def set_up(self):
        """Phones on the shelf, the logins connected, their listings imported, armed."""
        self._stock()
        for stall in self.market.stalls:
            if stall.app:
                apps.save(discover()[stall.kind], stall.app, self._vault, ME)
            row = integrations.add(stall.kind, stall.name, stall.login, self._vault, ME)
            with transaction() as session:
                session.get_one(Integration, row.id).imports_orders = True
            sync.run_work(row.id, Kind.IMPORT_LISTINGS, self._vault, opener=self._open)
            integrations.arm(row.id, ME)
        offers.compute_all()
        self.ids = list(db.session.scalars(sa.select(Integration.id)))
        db.session.remove()

    def _stock(self):
        rows = []
        for sku in self.market.skus:
            variation_id = make.make_variation(sku).id
            numbers = range(len(rows), len(rows) + self.plan.stock)
            rows += [{"variation_id": variation_id, "esn": make.imei(n), "hex_id": f"{n:06X}"} for n in numbers]
        same = {
            "status_id": make.named(InventoryStatus, "Available").id,
            "warehouse_id": make.named(Warehouse, "Main warehouse").id,
        }
        with transaction() as session:
            session.execute(
                sa.insert(InventoryItem), [{**row, **same, "esn_reversed": row["esn"][::-1]} for row in rows]
            )
            recompute.request_all(session, Cause.SCAN, ME)

    def _open(self, integration):
        app = next(each.app for each in self.market.stalls if each.kind == integration.kind)
        login = {**app, **integration.login, **self._vault.open(integration.secrets)}
        state = seller.WideState(integration.id, integration.kind, integration.login_version, self._vault)
        address = hosts_by_kind(self.market.hosts)[integration.kind][login["platform"]]
        return discover()[integration.kind].connect(login, address, state)

    # The torture.

    def run(self, say=lambda line: None):
        """Kill as often as planned while orders come in; then let one process come to rest. Gives the faults."""
        began = time.monotonic()
        buyers = Buyers(self.market, pause=0.01)
        buyers.start()
        try:
            for number in range(1, self.plan.kills + 1):
                buyers.allow(round(self.plan.orders * number / self.plan.kills))
                self._live_and_die(lets_imports_end=number % 10 == 0)
                if number % 20 == 0:
                    say(f"{number} kills, {self.market.orders} orders, {time.monotonic() - began:.0f} s")
            self._start_process()  # which raises again what was cancelled, or the last buyers may find nothing on sale
            buyers.finish(within=REST)
            self.seconds = time.monotonic() - began
            self._rest()
            self.seconds_to_rest = time.monotonic() - began - self.seconds
        finally:
            self._kill()
        return ledger.faults(self.market, self._problems.read_text())

    def _start_process(self):
        self._process = self._start.Process(
            target=seller.run,
            args=(self._environ, hosts_by_kind(self.market.hosts), str(self._problems)),
            daemon=True,
        )
        self._process.start()

    def _live_and_die(self, lets_imports_end):
        """Start the process, wait until it does the one kind of work or the other, and a moment later kill it.

        One in ten may first read all orders, or the mark up to which they were read would never move.
        """
        self._start_process()
        if lets_imports_end:
            self._wait_for(lambda since: not self._unread(since), utcnow())
        kind = self._random.choice(TARGETS)
        ends = time.monotonic() + PATIENCE
        self._ask_for_orders()
        while not any(each[1] == kind for each in self._leases() - self._seen):
            assert self._process.is_alive(), "the process died by itself"
            assert time.monotonic() < ends, f"no {kind} began in {PATIENCE:g} s"
            self._ask_for_orders()
            time.sleep(0.005)
        time.sleep(self._random.uniform(0, LONGEST_LIFE))
        self._kill()
        left = self._leases() - self._seen
        self._seen |= left
        self.kills[" and ".join(sorted({each[1] for each in left})) or "between two runs"] += 1

    def _kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def _leases(self):
        query = sa.select(Work.integration_id, Work.kind, Work.lease).where(Work.lease.is_not(None))
        found = {tuple(row) for row in db.session.execute(query)}
        db.session.rollback()
        return found

    def _ask_for_orders(self):
        """What the Import orders button does, whenever no import is asked for."""
        asked = sa.select(Work.wanted_at).where(Work.kind == Kind.IMPORT_ORDERS)
        waits = db.session.scalars(asked).all()
        db.session.rollback()
        if None not in waits:
            return
        try:
            for integration_id in self.ids:
                work.ask(integration_id, Kind.IMPORT_ORDERS, ME)
        except sa.exc.OperationalError:  # a click that no writer let in between within SQLite's five seconds
            db.session.rollback()
            self.refused_clicks += 1

    def _rest(self):
        """Wait until the engine itself has nothing left to do, after imports begun when the last order had shown."""
        time.sleep(self.plan.hidden)
        for _ in range(2):  # what the first import raises waits for the second
            self._wait_for(self._is_done_since, utcnow())
        self._wait_for(lambda _: not self._leases(), None)

    def _wait_for(self, is_done, since):
        ends = time.monotonic() + REST
        while not is_done(since):
            assert self._process.is_alive(), "the process died by itself"
            assert time.monotonic() < ends, f"no rest in {REST:g} s"
            time.sleep(0.1)

    def _is_done_since(self, since):
        """Whether all orders were read since then, all requests computed, and all numbers sent."""
        if self._unread(since):
            return False
        waits = (
            db.session.scalar(sa.select(sa.func.count(RecomputeRequest.id)))
            or due.integrations_with_due(utcnow())
            or self._leases()
        )
        db.session.rollback()
        return not waits

    def _unread(self, since):
        """Whether some integration's orders were not read since then; if so they are asked for."""
        unread = sa.or_(Integration.orders_imported_from.is_(None), Integration.orders_imported_from < since)
        found = db.session.scalar(sa.select(sa.func.count(Integration.id)).where(unread))
        db.session.rollback()
        if found:
            self._ask_for_orders()
        return bool(found)
