"""The short version of `make torture`, and proof that its ledger sees what it looks for."""

import os

import pytest
import sqlalchemy as sa

from tests.torture import ledger
from tests.torture.killing import Plan, Torture
from wholecell.db import db
from wholecell.models import OrderItem

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
PLAN = Plan(kills=5, orders=160, listings=24, stock=12, hidden=1.0)


@pytest.fixture
def torture(app, database_url, tmp_path):
    environ = {
        "WHOLECELL_DATA_DIR": str(tmp_path / "data"),
        "WHOLECELL_DATABASE_URL": database_url,
        "WHOLECELL_SECRET_KEY": "only-for-tests-0123456789",
        "WHOLECELL_LOG_LEVEL": "ERROR",
    }
    torture = Torture(app, environ, PLAN)
    yield torture
    torture.market.close()


def test_killed_processes_lose_no_order_and_leave_no_number_stale(torture):
    torture.set_up()
    found = torture.run()
    assert not found, vars(found)
    assert sum(torture.kills.values()) == PLAN.kills
    never_open = ledger.count_never_open(torture.market)
    assert ledger.count_orders() + never_open == torture.market.orders == PLAN.orders
    assert torture.market.late and torture.market.cancelled
    assert_the_ledger_sees(torture.market)


def assert_the_ledger_sees(market):
    """One line that is another, and one number that somebody changed: the ledger tells both."""
    item = db.session.scalar(sa.select(OrderItem).limit(1))
    item.external_line_id = "another"
    db.session.commit()
    stall = market.stalls[1]
    shop = market.shops[stall]
    listing = shop.account(stall.kind).find(sku=market.skus[0])
    shop.push(stall.kind, listing.id, market.stock + 1)
    found = ledger.faults(market)
    assert str(found) == "1 lost, 1 duplicate, 1 stale, 0 broken", vars(found)
