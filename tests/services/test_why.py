"""Why is this not syncing? Every line says what is true now, and the number is opened up beside it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME, World
from wholecell.db import db, utcnow
from wholecell.models import Integration, SalesOrderStatus, Work
from wholecell.services import listing_page, listings, offers, variation_search, why
from wholecell.services.limits import Limits
from wholecell.services.recompute import Cause
from wholecell.services.why import Fix
from wholecell.services.work import Kind


@pytest.fixture
def world(app):
    """One armed integration, one listing with 3 phones, nothing wrong."""
    world = World(count=1, stock=3)
    world.settle()
    return world


def load(world):
    db.session.remove()
    return listing_page.load(world.listing().id)


def wrong(world):
    return [check for check in why.checks(load(world)) if not check.is_fine]


def only(world):
    (check,) = wrong(world)
    return check


def of_integration(world, **values):
    db.session.execute(sa.update(Integration).where(Integration.id == world.integration.id).values(values))
    db.session.commit()


def test_all_is_fine(world):
    assert wrong(world) == []
    said = {check.text for check in why.checks(load(world))}
    assert {"Imported", "Login works", "Connected", "Quantity sync is on", "Integration is armed"} <= said


@pytest.mark.parametrize(
    ("values", "text", "fix"),
    [
        ({"armed_at": None}, "Integration is not armed", Fix.PREVIEW),
        ({"pushes_quantities": False}, "Quantity sync is off", Fix.SETTINGS),
        ({"login_refused_at": utcnow(), "login_problem": "Bad token"}, "Login refused", Fix.LOGIN),
    ],
)
def test_what_is_wrong_with_the_integration(world, values, text, fix):
    of_integration(world, **values)
    assert (only(world).text, only(world).fix) == (text, fix)


@pytest.mark.parametrize(
    ("values", "text", "fix"),
    [
        ({"state": "ended"}, "Ended on Back Market", Fix.CHANNEL),
        ({"state": "needs attention", "state_reason": "Photo"}, "Back Market wants you to look at it", Fix.CHANNEL),
        ({"is_pushable": False}, "Back Market keeps this number itself", Fix.CHANNEL),
        ({"held": "zero", "last_offered": 0, "cause": "bulk edit"}, "The guard holds its fall to 0", Fix.PREVIEW),
        ({"is_number_unknown": True}, "The last answer did not arrive", Fix.PUSHES),
        ({"more_shown": 2, "last_imported": 9}, "Another tool writes to Back Market too?", Fix.CHANNEL),
        ({"tries": 2, "less_shown": 1, "last_imported": 1}, "Back Market shows 1 instead of 3", Fix.CHANNEL),
    ],
)
def test_what_is_wrong_with_the_listing(world, values, text, fix):
    world.set(**values)
    check = only(world)
    assert (check.text, check.fix) == (text, fix)


def test_what_the_channel_ships_itself_is_told_in_one_sentence(world, channel_has):
    channel_has(fulfilled_by_channel="FBX")
    world.set(is_pushable=False, state="needs attention", rejected_at=utcnow(), is_number_unknown=True)
    check = only(world)
    assert check.text == "Back Market ships it from its own stock (FBX)"
    assert "no number is sent" in check.detail
    world.set(state="active", state_reason="It is an auction.")
    check = only(world)
    assert (check.text, check.detail) == ("Back Market keeps this number itself", "It is an auction.")


def test_the_channels_own_words_of_a_refusal(world):
    words = {"rejected_words": "Listing not found", "rejected_advice": "Look there."}
    world.set(rejected_at=utcnow(), rejected_number=3, **words)
    check = only(world)
    assert (check.text, check.detail, check.quote, check.fix) == (
        "Back Market refused 3",
        "Look there.",
        "Listing not found",
        Fix.TRY_AGAIN,
    )


def test_sending_waits_and_says_until_when(world):
    until = utcnow() + timedelta(minutes=5)
    db.session.execute(
        sa.update(Work)
        .where(Work.kind == Kind.PUSH_QUANTITIES)
        .values(not_before=until, not_before_reason="Too many calls.")
    )
    db.session.commit()
    assert (only(world).text, only(world).quote, only(world).at) == ("Sending waits", "Too many calls.", until)


def test_a_rise_that_waits_for_orders_says_so(world):
    told = lambda: [check.text for check in why.checks(load(world)) if "next look at orders" in check.text]  # noqa: E731
    make.make_item(world.variations[0])
    world.change(Cause.SCAN, 0, status="Available", count=0)
    offers.compute_all()
    assert told() == [], "without an import of orders nothing waits"
    of_integration(world, imports_orders=True)
    assert told() == ["4 instead of 3 waits for the next look at orders"]
    of_integration(world, orders_imported_from=utcnow() + timedelta(seconds=1))
    assert told() == []


def test_phones_that_do_not_count(world):
    make.make_item(world.variations[0], status="Processing")
    assert wrong(world) == [], "others of it are counted, so this is no problem"
    make.make_item(world.variations[0], warehouse=None)
    assert only(world).text == "1 of its phones have no warehouse"


def test_all_phones_in_a_status_that_is_not_ticked(app):
    world = World(count=1, stock=0)
    make.make_items(world.variations[0], 2, status="Processing")
    check = only(world)
    assert (check.text, check.detail, check.fix) == (
        "2 of its phones are in a status that is not ticked",
        "2 in Processing",
        Fix.SETTINGS,
    )


def test_nothing_ticked(app):
    world = World(count=1, stock=1, statuses=(), armed=False)
    assert "No status is ticked" in [check.text for check in wrong(world)]


def test_a_status_of_finished_orders_that_counts_as_open(world):
    shipped = sa.update(SalesOrderStatus).where(SalesOrderStatus.title == "Shipped")
    db.session.execute(shipped.values(counts_as_open=True))
    db.session.commit()
    assert (only(world).text, only(world).fix) == ("Shipped counts as open", Fix.ORDER_STATUSES)


def test_not_connected_names_near_misses(app):
    one = make.make_integration(armed=True)
    make.make_variation("IP11-64-BK")
    listing = make.make_listing(one, "ip11 64 bk")
    (check,) = [each for each in why.checks(listing_page.load(listing.id)) if each.fix is Fix.CONNECT]
    assert check.detail == "ip11 64 bk is not in the catalog, but nearly: IP11-64-BK."


def test_still_offers_what_nobody_follows(world):
    listings.choose(world.listing().id, ["no such SKU"], [], ME)
    offers.compute_requested()
    texts = [check.text for check in wrong(world)]
    assert "No longer followed, still offers 3" in texts


def test_the_number_opened_up(world):
    make.make_item(world.variations[0], status="Repair")
    make.make_item(world.variations[0], warehouse="Outlet")
    taken = make.make_item(world.variations[0])
    order = make.make_order(items=[{"sku": "S0"}, {"sku": "S0", "ordered": 2}], channel="Walmart")
    make.commit_phone(taken, make.order_items(order)[0])
    page = load(world)
    assert (page.offer.quantity.available, page.offer.quantity.outstanding) == (3, 2)
    assert [(each.number, each.channel, each.units) for each in page.orders] == [(order.number, "Walmart", 2)]
    assert (sum(page.left.statuses.values()), sum(page.left.warehouses.values()), page.left.committed) == (1, 1, 1)
    assert [(each.sku, each.available) for each in page.counted] == [("S0", 3)]
    assert len(page.phones) == 3
    assert [push.outcome for push in page.pushes] == ["accepted"] * len(page.pushes)


@pytest.mark.parametrize(
    ("limits", "calculated", "steps"),
    [
        (Limits(), 9, []),
        (Limits(percentage=50, safety_quantity=2, maximum_quantity=4), 10, ["× 50 %", "− 2", "≤ 4"]),
        (Limits(zero_out_threshold=3), 3, ["≤ 3"]),
        (Limits(zero_out_threshold=3), 4, []),
    ],
)
def test_steps_between_calculated_and_offered(limits, calculated, steps):
    found = listing_page.limit_steps(limits, calculated)
    assert [f"{step.sign} {step.value}".replace("\N{NO-BREAK SPACE}", " ") for step in found] == steps


def test_variations_to_choose_from(world):
    make.make_order(items=[{"sku": "S0", "ordered": 2}])
    rule = load(world).rule
    (found,) = variation_search.search("iphone black", rule)
    assert (found.sku, found.available, found.wanted) == ("S0", 3, 2)
    assert variation_search.search("galaxy", rule) == variation_search.search("  ", rule) == []


def test_queries_of_the_page_are_fixed(world, count_queries):
    def queries():
        db.session.remove()
        with count_queries() as statements:
            assert listing_page.load(key)
        return len(statements)

    key = world.listing().id
    make.make_order(items=[{"sku": "S0"}])
    few = queries()
    make.make_items(world.variations[0], 20, status="Processing")
    for _ in range(20):
        make.make_order(items=[{"sku": "S0"}])
    assert queries() == few


def test_a_listing_that_does_not_exist(app):
    assert listing_page.load(1) is None
