"""What would be sent: the table, its totals, and the likely cause of each 0."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME, World
from wholecell.db import db
from wholecell.models import Listing
from wholecell.services import integrations, preview
from wholecell.services.work import Kind


@pytest.fixture
def one(app):
    return make.make_integration()


def listing(one, sku, shown, stock=0, **where):
    variation = make.make_variation(sku)
    make.make_items(variation, stock, **where)
    return make.make_listing(one, sku, title=sku, last_imported=shown)


def kinds(one):
    return {row.title: row.kind for row in preview.preview_of(one.id).rows}


def test_each_listing_is_of_one_kind_and_totals_add_up(one):
    listing(one, "zero", 4)
    listing(one, "lower", 4, 2)
    listing(one, "higher", 1, 5)
    listing(one, "same", 3, 3)
    make.make_listing(one, "unknown", title="unconnected", last_imported=7)
    make.make_listing(one, "gone", title="gone", state="ended", last_imported=1)
    looked_at = listing(one, "left", 2, 9)
    db.session.execute(sa.update(Listing).where(Listing.id == looked_at.id).values(state="needs attention"))
    db.session.commit()
    found = preview.preview_of(one.id)
    assert kinds(one) == {
        "zero": "zero",
        "lower": "lower",
        "higher": "higher",
        "same": "same",
        "unconnected": "unconnected",
        "left": "left",
    }
    assert [row.kind for row in found.of("change")] == ["zero", "lower", "higher"]
    assert (found.now, found.would_be, found.to_send, found.active) == (12, 10, 3, 4)
    assert not found.problem


@pytest.mark.parametrize(
    ("prepare", "words", "kind"),
    [
        (lambda v: make.make_items(v, 4, status="Processing"), "4 phones, all in Processing", "status"),
        (lambda v: make.make_item(v, warehouse="Outlet"), "1 phone in Outlet, not ticked", "warehouse"),
        (
            lambda v: [make.make_item(v, status="Repair"), make.make_item(v, warehouse="Outlet")],
            "1 phone in Outlet, not ticked",
            "warehouse",
        ),
        (
            lambda v: [make.make_items(v, 2, status="Repair"), make.make_item(v, warehouse="Outlet")],
            "2 phones in Repair",
            "status",
        ),
        (lambda v: make.make_items(v, 2, warehouse=None), "2 phones without a warehouse", "homeless"),
        (lambda v: None, "no phone left", "none"),
    ],
)
def test_likely_cause_of_a_zero(one, prepare, words, kind):
    variation = make.make_variation("A1")
    prepare(variation)
    make.make_listing(one, "A1", last_imported=3)
    ((cause, units),) = preview.preview_of(one.id).causes
    assert (cause.words, cause.kind, units) == (words, kind, 1)


def test_zero_because_of_orders_commitments_and_limits(one):
    make.make_item(make.make_variation("orders"))
    make.make_order(items=[{"sku": "orders", "ordered": 3}])
    taken = make.make_item(make.make_variation("taken"))
    order = make.make_order(items=[{"sku": "taken"}])
    make.commit_phone(taken, make.order_items(order)[0])
    make.make_item(make.make_variation("few"))
    for sku in ("orders", "taken"):
        make.make_listing(one, sku, title=sku, last_imported=2)
    make.make_listing(one, "few", title="few", last_imported=2, zero_out_threshold=1)
    words = {row.title: row.words for row in preview.preview_of(one.id).rows}
    assert words == {
        "orders": "1 available − 3 outstanding",
        "taken": "1 phone, all committed",
        "few": "1 calculated, the limits leave 0",
    }


def test_nothing_ticked_cannot_be_armed(app):
    assert preview.preview_of(make.make_integration(statuses=()).id).problem.startswith("No status is ticked")
    assert preview.preview_of(make.make_integration(warehouses=()).id).problem.startswith("No warehouse is ticked")


def test_arming_sends_the_number_of_listings_it_said(app):
    world = World(count=4, stock=3, shown=1, armed=False)
    world.channel.set("L0", quantity=3)
    world.run(Kind.IMPORT_LISTINGS)
    said = preview.preview_of(world.integration.id).to_send
    integrations.arm(world.integration.id, ME)
    world.settle()
    assert len(world.channel.pushed) == said == 3
    assert preview.preview_of(world.integration.id).to_send == 0


def test_queries_do_not_grow_with_rows(one, count_queries):
    db.session.expunge(one)

    def queries():
        db.session.remove()
        with count_queries() as statements:
            preview.preview_of(one.id)
        return len(statements)

    for number in range(10):
        listing(one, f"A{number}", 2)
    few = queries()
    for number in range(40):
        listing(one, f"B{number}", 2)
    assert queries() == few
