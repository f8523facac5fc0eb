from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import (
    commit_phone,
    make_integration,
    make_item,
    make_listing,
    make_order,
    make_product,
    make_variation,
    named,
    order_items,
    save,
)
from wholecell.db import db, utcnow
from wholecell.models import Customer, SalesOrderStatus, Shipment
from wholecell.services import keyset, order_state, orders_export, orders_page
from wholecell.services.customers import key_of
from wholecell.services.keyset import Cursor
from wholecell.services.order_filter import ALL, CHIPS, OPEN, SHIP_BY, UNMAPPED, OrderFilter, open_orders
from wholecell.services.orders_page import find, tab_counts
from wholecell.services.refusal import Refusal

DAY = datetime(2026, 3, 10, 12, tzinfo=UTC)


def numbers(cursor=None, **wanted):
    return [row.facts.number for row in find(OrderFilter(**{"tab": ALL, **wanted}), cursor or Cursor()).page.rows]


def make_customer(name):
    return save(Customer(name=name, name_key=key_of(name)))


def test_a_row_shows_what_is_wanted_and_what_is_committed(session):
    variation = make_variation("X-1", "B", ["CG"], make_product("iPhone 11"))
    order = make_order(
        items=[{"sku": "X-1", "ordered": 3, "cancelled": 1}, {"sku": "NOBODY", "title": "A phone", "ordered": 2}],
        number="112-88",
        customer_id=make_customer("Renee Dalton").id,
        currency="USD",
        total_cents=86_200,
    )
    known, _unknown = order_items(order)
    commit_phone(make_item(variation), known)
    save(Shipment(order_id=order.id, carrier="UPS", tracking_number="1Z1", state="sent"))
    save(Shipment(order_id=order.id, carrier="UPS", tracking_number="1Z2", state="refused"))
    save(Shipment(order_id=order.id, carrier="UPS", tracking_number="1Z3", state="sent", voided_at=utcnow()))
    (row,) = find(OrderFilter(tab=ALL), Cursor()).page.rows
    assert (row.facts.number, row.buyer, row.facts.status) == ("112-88", "Renee Dalton", "Awaiting shipment")
    assert (row.wanted, row.live, row.lacking, row.is_over) == (4, 1, 3, False)
    first, second = row.items
    assert (first.what.name, first.what.damages, first.is_unknown) == ("iPhone 11 64GB Black", ["CG"], False)
    assert (second.what, second.name, second.is_unknown) == (None, "A phone", True)
    assert (row.parcels.all, row.parcels.sent, row.parcels.refused) == (2, 1, 1)


def test_one_items_surplus_does_not_hide_what_another_lacks(session):
    variation = make_variation("X-1")
    order = make_order(items=[{"sku": "X-1"}, {"sku": "X-1"}])
    for _ in range(2):
        commit_phone(make_item(variation), order_items(order)[0])
    (row,) = find(OrderFilter(), Cursor()).page.rows
    assert (row.wanted, row.live, row.lacking, row.is_over) == (2, 2, 1, True)


def test_an_item_sold_from_a_connected_listing_is_known(session):
    variation = make_variation()
    listing = make_listing(make_integration(), variations=[variation], is_connected=True)
    make_order(items=[{"sku": "THEIRS", "listing_id": listing.id, "title": "Their words"}])
    (row,) = find(OrderFilter(), Cursor()).page.rows
    assert (row.items[0].is_unknown, row.items[0].name) == (False, "Their words")


def test_several_variations_of_one_sku_are_all_named(session):
    product = make_product("iPhone 12")
    make_variation("SHARED", "A", product=product)
    make_variation("SHARED", "B", product=product)
    make_order(items=[{"sku": "SHARED"}])
    (row,) = find(OrderFilter(), Cursor()).page.rows
    assert [each.grade for each in row.items[0].known] == ["A", "B"]


def pages_of(sort, monkeypatch):
    monkeypatch.setattr(keyset, "SIZE", 3)
    wanted, cursor, seen = OrderFilter(tab=ALL, sort=sort), Cursor(), []
    while True:
        page = find(wanted, cursor).page
        seen.append([row.facts.number for row in page.rows])
        if page.next is None:
            break
        cursor = Cursor(before=page.next)
    back = [seen[-1]]
    while page.previous is not None:
        page = find(wanted, Cursor(after=page.previous)).page
        back.append([row.facts.number for row in page.rows])
    return seen, back[::-1]


def test_pages_follow_each_other_by_the_time_orders_were_placed(session, monkeypatch):
    times = [3, 1, 2, 2, 5, 4, 2, 0]
    for index, hours in enumerate(times):
        make_order(number=f"{hours}{index}", placed_at=DAY + timedelta(hours=hours))
    seen, back = pages_of("newest", monkeypatch)
    assert sum(seen, []) == ["54", "45", "30", "26", "23", "22", "11", "07"]
    assert [len(page) for page in seen] == [3, 3, 2]
    assert back == seen


def test_the_soonest_to_ship_come_first_and_those_without_a_time_last(session, monkeypatch):
    for index, hours in enumerate([3, None, 1, None, 2, None, None]):
        make_order(number=str(index), ship_by=None if hours is None else DAY + timedelta(hours=hours))
    seen, back = pages_of(SHIP_BY, monkeypatch)
    assert sum(seen, []) == ["2", "4", "0", "6", "5", "3", "1"]
    assert back == seen


def test_a_page_takes_as_many_statements_for_many_orders_as_for_few(session, count_queries):
    variation = make_variation("X-1")

    def fill(count):
        for _ in range(count):
            order = make_order(items=[{"sku": "X-1", "ordered": 2}, {"sku": "Y"}])
            commit_phone(make_item(variation), order_items(order)[0])
            save(Shipment(order_id=order.id, carrier="UPS", tracking_number="1Z1", state="sent"))

    def statements():
        with count_queries() as seen:
            find(OrderFilter(), Cursor())
            tab_counts(OrderFilter(), [1, 2])
        return len(seen)

    fill(2)
    few = statements()
    fill(40)
    assert statements() == few
    assert few <= 9


def test_counting_tabs_searches_once_and_not_for_what_is_too_broad(session, count_queries, monkeypatch):
    make_order(number="A-1", customer_id=make_customer("Renee").id, items=[{"sku": "X"}])
    make_order(number="A-2", status="Shipped", customer_id=make_customer("Rene").id)
    with count_queries() as seen:
        counts = tab_counts(OrderFilter(tab=ALL, text="rene"), [])
    assert sum("customer" in statement for statement in seen) == 1
    assert (counts["tab open"], counts["tab all"], counts["chip uncommitted"]) == (1, 2, 1)
    counts = tab_counts(OrderFilter(tab=ALL, customer="nobody"), [])
    assert not any(counts.values())
    monkeypatch.setattr(orders_page, "MOST_SEARCHED", 1)
    assert tab_counts(OrderFilter(tab=ALL, text="rene"), []) == {}


def test_tabs_are_open_each_status_unmapped_and_all(session):
    shipped, waiting = named(SalesOrderStatus, "Shipped").id, named(SalesOrderStatus, "Awaiting shipment").id
    make_order(number="OPEN")
    make_order(number="GONE", status="Shipped")
    make_order(number="HELD", status="Shipped", is_to_be_scanned=True)
    make_order(number="NEW", status=None)
    make_order(number="OVER", status=None, is_channel_status_final=True)
    assert numbers(tab=OPEN) == ["NEW", "HELD", "OPEN"]
    assert numbers(tab=str(shipped)) == ["HELD", "GONE"]
    assert numbers(tab=UNMAPPED) == ["OVER", "NEW"]
    assert len(numbers(tab=ALL)) == 5
    counts = tab_counts(OrderFilter(), [shipped, waiting])
    assert [counts[f"tab {tab}"] for tab in (OPEN, shipped, waiting, UNMAPPED, ALL)] == [3, 2, 1, 2, 5]


def test_open_here_is_open_everywhere(session):
    for status in ("Draft", "On hold", "Awaiting shipment", "Shipped", None):
        for is_held in (True, False):
            for is_final in (True, False):
                make_order(status=status, is_to_be_scanned=is_held, is_channel_status_final=is_final)
    order = orders_page.SalesOrder
    one = set(db.session.scalars(orders_page.sa.select(order.id).where(order.id.in_(open_orders()))))
    other = set(db.session.scalars(orders_page.sa.select(order.id).where(order_state.is_open())))
    assert one == other and 0 < len(one) < 20


def test_chips_are_the_work_there_is(session):
    variation = make_variation("X-1")
    make_order(number="LACKS", items=[{"sku": "X-1"}], ship_by=DAY + timedelta(hours=1))
    make_order(number="LATER", items=[{"sku": "X-1"}], ship_by=DAY + timedelta(days=3))
    make_order(number="UNKNOWN", items=[{"sku": "NOBODY", "ordered": 0}])
    make_order(number="ACCEPT", is_to_accept=True)
    make_order(number="PACKED", status="Shipped", is_to_accept=True)
    make_order(number="SCAN", status="Shipped", is_to_be_scanned=True)
    make_order(number="ASKED", is_cancel_asked=True)
    make_order(number="ERASED", erased_at=DAY)
    make_order(number="STOPPED", status="Completed", is_cancel_asked=True)
    for more in ({"items": [{"sku": "X-1"}], "ship_by": DAY}, {"items": [{"sku": "NOBODY"}], "is_cancel_asked": True}):
        make_order(is_fulfilled_by_channel=True, **more)  # nothing about it is ours to do
    over, free = (
        make_order(number="OVER", items=[{"sku": "X-1"}]),
        make_order(number="FREE", items=[{"sku": "X-1", "cancelled": 1}], status="Completed"),
    )
    for order in (over, over, free):
        commit_phone(make_item(variation), order_items(order)[0])
    make_order(number="DONE", items=[{"sku": "X-1"}], status="Shipped", ship_by=DAY)
    expected = {
        "today": ["LACKS"],
        "uncommitted": ["LATER", "LACKS"],
        "unknown": ["UNKNOWN"],
        "accept": ["PACKED", "ACCEPT"],
        "scan": ["SCAN"],
        "cancel": ["ASKED"],
        "erased": ["ERASED"],
        "over": ["OVER"],
        "release": ["FREE"],
    }
    assert set(expected) == set(CHIPS)
    assert numbers(tab=OPEN, chip="release") == ["FREE"]  # cancelled orders are not open
    assert numbers(tab=OPEN, chip="accept") == ["PACKED", "ACCEPT"]  # its shipment waits for our yes
    for chip, wanted in expected.items():
        assert numbers(chip=chip, today_ends=DAY + timedelta(hours=12)) == wanted, chip
    counts = tab_counts(OrderFilter(tab=ALL, today_ends=DAY + timedelta(hours=12)), [])
    assert {chip: counts[f"chip {chip}"] for chip in CHIPS} == {chip: len(each) for chip, each in expected.items()}


def test_filters_narrow_the_list(session):
    shop = make_integration(name="Shop A")
    make_order(number="A", integration=shop, placed_at=DAY, ship_by=DAY + timedelta(days=2))
    dalton = make_customer("Renée Dalton")
    make_order(number="B", channel="Wholesale", customer_id=dalton.id, placed_at=DAY + timedelta(days=1))
    make_order(number="C", ship_name="Owen Castellano", placed_at=DAY + timedelta(days=2))
    assert numbers(integration_id=shop.id) == ["A"]
    assert numbers(channel="Wholesale") == ["B"]
    assert numbers(customer="renée dal") == ["B"]
    assert numbers(customer="castellano") == ["C"]
    assert numbers(customer_id=dalton.id) == ["B"]
    assert numbers(placed_from=DAY + timedelta(hours=1)) == ["C", "B"]
    assert numbers(placed_before=DAY + timedelta(hours=1)) == ["A"]
    assert numbers(ship_before=DAY + timedelta(days=3)) == ["A"]
    assert orders_page.sources() == ([(shop.id, "Shop A", "backmarket")], ["Wholesale"])


def test_orders_are_found_by_all_that_stands_on_them(session):
    integration = make_integration()
    order = make_order(
        number="112-4485719-0938601",
        external_id="EXT-9",
        integration=integration,
        items=[{"sku": "IP-11 64"}, {"variation_id": make_variation("CHOSEN-1").id}],
        customer_id=make_customer("Renee Dalton").id,
        ship_name="R. Dalton-Smith",
    )
    make_order(number="OTHER", items=[{"sku": "ELSE"}])
    phone, past = make_item(make_variation(), hex_id="ABC123"), make_item(make_variation(), hex_id="DEF456")
    commit_phone(phone, order_items(order)[0])
    released = commit_phone(past, order_items(order)[0])
    released.released_at = utcnow()
    save(released)
    save(Shipment(order_id=order.id, carrier="UPS", tracking_number="1Z84F7Y20391147265", state="sent"))
    esn = phone.esn
    for text in (
        "112-4485719-0938601",
        " 112-4485719-0938601\n",
        "EXT-9",
        "ext-9",
        esn,
        f"{esn[:2]} {esn[2:8]} {esn[8:14]} {esn[14:]}",
        past.esn,
        "abc123",
        "1Z84F7Y20391147265",
        "1z84 f7y2 0391 1472 65",
        "IP-11 64",
        "CHOSEN-1",
        "dalton",
        "Dalton renee",
        "dalton-smith",
    ):
        assert numbers(text=text) == ["112-4485719-0938601"], text
    assert numbers(text="112-4485719") == []


def test_a_pasted_list_comes_in_its_order_and_names_what_is_missing(session):
    for number in ("A-100", "A-200", "A-300"):
        make_order(number=number)
    found = find(OrderFilter(tab=ALL, text="A-300\nA-999\na-100"), Cursor())
    assert [row.facts.number for row in found.page.rows] == ["A-300", "A-100"]
    assert (found.missing, found.asked) == (["A-999"], 3)


def test_too_long_a_list_is_refused(session):
    with pytest.raises(Refusal, match="at most 500"):
        find(OrderFilter(text="\n".join(f"A-{number}" for number in range(501))), Cursor())


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "a" * 3000, "😀", "-", "x y z " * 30])
def test_odd_searches_find_nothing_and_do_not_fail(session, text):
    make_order(number="A", customer_id=make_customer("Renee").id)
    assert numbers(text=text) == []


def test_the_whole_filter_is_selected_oldest_first(session):
    later, first = make_order(placed_at=DAY + timedelta(days=1)), make_order(placed_at=DAY)
    make_order(status="Shipped")
    assert orders_page.selected_ids(OrderFilter()) == [first.id, later.id]


def test_the_export_has_a_row_an_item_and_is_safe_in_a_spreadsheet(session, monkeypatch):
    monkeypatch.setattr(orders_export, "CHUNK", 2)
    customer = make_customer("=HYPERLINK(1)")
    order = make_order(
        number="A-1",
        items=[{"sku": "+X", "ordered": 2, "price_cents": 950}, {"title": "@home"}],
        customer_id=customer.id,
        total_cents=1_900,
        placed_at=DAY,
    )
    commit_phone(make_item(make_variation()), order_items(order)[0])
    for number in ("A-2", "A-3"):
        make_order(number=number)
    make_order(number="GONE", status="Shipped")
    lines = list(orders_export.export(OrderFilter()))
    assert [line[0] for line in lines] == ["Order", "A-1", "A-1", "A-2", "A-3"]
    row = dict(zip(lines[0], lines[1], strict=True))
    assert (row["Customer"], row["SKU"], row["Price"], row["Total of order"]) == (
        "'=HYPERLINK(1)",
        "'+X",
        "9.50",
        "19.00",
    )
    assert (row["Ordered"], row["Wanted"], row["Committed"], row["Uncommitted"]) == ("2", "2", "1", "1")
    assert row["Placed (UTC)"] == "2026-03-10 12:00:00"
    assert lines[2][lines[0].index("Item")] == "'@home"
