import pytest
import sqlalchemy as sa

from tests.factories import (
    commit_phone,
    imei,
    make_item,
    make_items,
    make_order,
    make_product,
    make_variation,
    named,
    order_items,
    save,
)
from wholecell.models import Grade, InventoryStatus, Location, Warehouse
from wholecell.services import inventory_page, keyset
from wholecell.services.inventory_page import export, find, tab_counts
from wholecell.services.item_filter import ItemFilter
from wholecell.services.keyset import Cursor


def esns(cursor=None, **wanted):
    return [row.esn for row in find(ItemFilter(**wanted), cursor or Cursor()).page.rows]


def commit(item, **order):
    commit_phone(item, order_items(make_order(items=[{"variation_id": item.variation_id}], **order))[0])


def test_the_newest_phone_comes_first_with_all_that_a_row_shows(session):
    product = make_product("iPhone 11")
    make_item(make_variation(), esn="OLDER1")
    item = make_item(make_variation("X-1", "B", ["CG", "BB"], product), esn="NEWER1", cost_cents=12_100)
    commit(item, number="112-88")
    rows = find(ItemFilter(), Cursor()).page.rows
    assert [row.esn for row in rows] == ["NEWER1", "OLDER1"]
    row = rows[0]
    assert (row.name, row.grade, row.damages, row.sku) == ("iPhone 11 64GB Black", "B", ["BB", "CG"], "X-1")
    assert (row.status, row.warehouse, row.location, row.order_number) == (
        "Available",
        "Main warehouse",
        None,
        "112-88",
    )


def test_a_released_phone_is_on_no_order(session):
    item = make_item(make_variation())
    commitment = commit_phone(item, order_items(make_order(items=[{}]))[0])
    commitment.released_at = item.received_at
    save(commitment)
    assert find(ItemFilter(), Cursor()).page.rows[0].order_number is None


def test_pages_follow_each_other_in_both_directions(session, monkeypatch):
    monkeypatch.setattr(keyset, "SIZE", 3)
    monkeypatch.setattr(keyset.newest_first, "__defaults__", (3,))
    made = [item.esn for item in make_items(make_variation(), 8)][::-1]
    first = find(ItemFilter(), Cursor()).page
    second = find(ItemFilter(), Cursor(before=first.next)).page
    third = find(ItemFilter(), Cursor(before=second.next)).page
    assert [row.esn for page in (first, second, third) for row in page.rows] == made
    assert (first.previous, third.next) == (None, None)
    back = find(ItemFilter(), Cursor(after=third.previous)).page
    assert back.rows == second.rows
    assert find(ItemFilter(), Cursor(after=back.previous)).page.rows == first.rows
    assert find(ItemFilter(), Cursor(after=back.previous)).page.previous is None


def test_a_page_and_its_counts_take_as_many_statements_for_fifty_rows_as_for_ten(session, count_queries):
    def statements():
        with count_queries() as seen:
            find(ItemFilter(), Cursor())
            tab_counts(ItemFilter())
            inventory_page.one(1)
        return len(seen)

    make_items(make_variation(), 10)
    few = statements()
    for _ in range(4):
        commit(make_items(make_variation(), 10)[0])
    assert statements() == few


def test_filters_narrow_the_list(session):
    other = named(Warehouse, "Other")
    shelf = save(Location(name="O1", warehouse_id=other.id))
    a, b = make_variation(product=make_product("iPhone 11")), make_variation(grade="B")
    make_item(a, esn="AAAA1")
    make_item(a, esn="AAAA2", warehouse="Other", location=shelf)
    make_item(b, esn="BBBB1", status="Repair")
    grade = session.scalar(sa.select(Grade.id).where(Grade.name == "B"))
    assert esns(warehouse_id=other.id) == ["AAAA2"]
    assert esns(location="O1") == ["AAAA2"]
    assert esns(location="nowhere") == []
    assert esns(model="iPhone 11") == ["AAAA2", "AAAA1"]
    assert esns(grade_id=grade) == ["BBBB1"]
    assert esns(variation_id=b.id) == ["BBBB1"]
    assert esns(model="iPhone 11", grade_id=grade) == []


def test_status_tabs_leave_out_committed_phones(session):
    variation = make_variation()
    make_item(variation, esn="FREE1")
    make_item(variation, esn="FIXED1", status="Repair")
    commit(make_item(variation, esn="TAKEN1"))
    available = str(named(InventoryStatus, "Available").id)
    assert esns(tab=available) == ["FREE1"]
    assert esns(tab="committed") == ["TAKEN1"]
    counts = tab_counts(ItemFilter())
    assert (counts["all"], counts["committed"], counts[available]) == (3, 1, 1)
    assert sum(counts.values()) == 6


def test_counting_stops_just_over_the_limit(session, monkeypatch):
    monkeypatch.setattr(keyset, "COUNT_TO", 5)
    make_items(make_variation(), 9)
    counted = tab_counts(ItemFilter())["all"]
    assert keyset.shown_count(counted) == "5+"
    assert keyset.shown_count(5) == "5"


def test_a_phone_is_found_by_its_number_last_digits_label_or_sku(session):
    variation = make_variation("IP11-UNL-64")
    make_item(variation, esn=imei(7), hex_id="ABC123")
    make_item(make_variation(), esn="A10000009296F2")
    number = imei(7)
    grouped = f"{number[:2]} {number[2:8]} {number[8:14]} {number[14:]}"
    for text in (number, grouped, number[-4:], number[-9:], "abc123", "IP11-UNL-64", f" {number}\n"):
        assert esns(text=text) == [number], text
    assert esns(text="270113177609606898") == ["A10000009296F2"]
    assert esns(text=number[:4]) == []
    assert esns(text=number[-3:]) == []


def test_last_characters_next_to_others_do_not_match(session):
    for esn in ("XX1234", "XX1235", "XX123Z", "XX0234", "XXA234"):
        make_item(make_variation(), esn=esn)
    assert esns(text="1234") == ["XX1234"]
    assert esns(text="123Z") == ["XX123Z"]


def test_words_search_the_product(session):
    make_item(make_variation(product=make_product("iPhone 11", color="Rose Gold")), esn="FIRST1")
    make_item(make_variation(product=make_product("Galaxy S22")), esn="OTHER1")
    assert esns(text="iphone rose") == ["FIRST1"]
    assert esns(text="100%") == []


def test_a_pasted_list_comes_in_its_order_and_names_what_is_missing(session):
    variation = make_variation("SOLD-OUT")
    items = make_items(make_variation(), 5)
    wanted = [items[3], items[0], items[4]]
    pasted = "\n".join([*(item.esn for item in wanted), imei(999), items[1].hex_id, "SOLD-OUT"])
    found = find(ItemFilter(text=pasted), Cursor())
    assert [row.esn for row in found.page.rows] == [*(item.esn for item in wanted), items[1].esn]
    assert (found.missing, found.asked) == ([imei(999)], 6)
    assert variation.id not in {row.variation_id for row in found.page.rows}


def test_short_skus_and_skus_with_blanks_are_found_exactly(session):
    for sku in ("X-1", "X-10", "Y 2", "Z 3"):
        make_item(make_variation(sku), esn=f"OF{sku.replace(' ', '').replace('-', '')}X")
    assert esns(text="X-1") == ["OFX1X"]
    assert esns(text="Y 2") == ["OFY2X"]
    found = find(ItemFilter(text="X-1\nY 2\nNO-SUCH"), Cursor())
    assert {row.esn for row in found.page.rows} == {"OFX1X", "OFY2X"}
    assert found.missing == ["NO-SUCH"]


def test_the_export_is_the_whole_filter_and_safe_in_a_spreadsheet(session, monkeypatch):
    monkeypatch.setattr(inventory_page, "EXPORT_CHUNK", 2)
    variation = make_variation("=SUM(A1)", "B", ["CG"])
    items = make_items(variation, 5, cost_cents=950)
    make_item(make_variation(), status="Repair")
    lines = list(export(ItemFilter(variation_id=variation.id)))
    assert lines[0] == list(inventory_page.EXPORT_COLUMNS)
    assert [line[0] for line in lines[1:]] == [item.esn for item in items]
    row = dict(zip(lines[0], lines[1], strict=True))
    assert (row["SKU"], row["Damages"], row["Cost"], row["Status"]) == ("'=SUM(A1)", "CG", "9.50", "Available")


def test_the_whole_filter_is_selected(session):
    items = make_items(make_variation(), 3)
    make_item(make_variation(), status="Repair")
    available = str(named(InventoryStatus, "Available").id)
    assert set(inventory_page.selected_ids(ItemFilter(tab=available))) == {item.id for item in items}


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "a" * 3000])
def test_odd_searches_find_nothing_and_do_not_fail(session, text):
    make_item(make_variation())
    assert esns(text=text) == []
