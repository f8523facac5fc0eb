import pytest
import sqlalchemy as sa

from tests.factories import (
    commit_phone,
    make_integration,
    make_item,
    make_items,
    make_listing,
    make_order,
    make_product,
    make_variation,
    order_items,
)
from wholecell.models import Grade
from wholecell.services import catalog_page
from wholecell.services.catalog_page import VariationFilter, find, tab_counts
from wholecell.services.refusal import Refusal


def rows(**wanted):
    return find(VariationFilter(**wanted)).rows


def skus(**wanted):
    return [row.sku for row in rows(**wanted)]


def test_variations_come_by_the_names_of_their_products(session):
    second = make_product("iPhone 12")
    make_variation("C", product=second)
    make_variation("B", product=make_product("iPhone 11", color="White"))
    make_variation("A", product=make_product("iPhone 11", color="Black"))
    make_variation("D", grade="B", product=second)
    assert skus() == ["A", "B", "C", "D"]


def test_pages_follow_each_other_across_variations_of_one_product(session):
    products = [make_product(f"iPhone {number}") for number in (11, 12, 13)]
    for product in products:
        for grade in ("A", "B", "C"):
            make_variation(product=product, grade=grade)
    seen, after = [], None
    while True:
        page = find(VariationFilter(), after, 2)
        seen += [row.id for row in page.rows]
        assert page.has_previous == (after is not None)
        after = page.next
        if after is None:
            break
    assert seen == [row.id for row in rows()]
    assert len(seen) == 9


def test_a_cursor_whose_variation_is_gone_begins_again(session):
    make_variation("A")
    assert [row.sku for row in find(VariationFilter(), 999).rows] == ["A"]


def test_phones_are_counted_by_status_and_committed_ones_apart(session):
    variation = make_variation()
    items = make_items(variation, 3)
    make_item(variation, status="Repair")
    make_item(make_variation())
    commit_phone(items[0], order_items(make_order(items=[{}]))[0])
    row = catalog_page.one(variation.id)
    assert [(each.name, each.count) for each in row.phones] == [("Available", 2), ("Repair", 1)]
    assert (row.committed, row.phone_count) == (1, 4)


def test_listings_are_counted_once_however_they_are_connected(session):
    integration = make_integration()
    variation = make_variation("X")
    make_listing(integration, sku="X")
    make_listing(integration, sku="X", skus=["X"], variations=[variation])
    make_listing(integration, sku="X", skus=["OTHER"])  # follows what a person chose instead
    make_listing(integration, sku="X", state="ended")
    make_listing(make_integration(matches_via_sku=False), sku="X")
    make_listing(integration, sku="", variations=[variation])
    assert catalog_page.one(variation.id).listings == 3


def test_each_tab_holds_its_variations(session):
    integration = make_integration()
    make_item(make_variation("STOCKED"))
    make_variation(None)
    make_variation("SHARED")
    make_variation("SHARED")
    make_listing(integration, sku="STOCKED")
    assert skus(tab="phones") == ["STOCKED"]
    assert skus(tab="no-sku") == [None]
    assert skus(tab="shared") == ["SHARED", "SHARED"]
    assert skus(tab="no-listing") == [None, "SHARED", "SHARED"]
    assert tab_counts(VariationFilter()) == {"all": 4, "phones": 1, "no-sku": 1, "shared": 2, "no-listing": 3}
    assert {row.sharing for row in rows(tab="shared")} == {2}


def test_filters_narrow_the_list(session):
    make_variation("A1", product=make_product("Pixel 7", manufacturer="Google"))
    make_variation("A2", product=make_product("iPhone 11"))
    make_variation("A3", grade="B", product=make_product("iPhone 12"))
    grade = session.scalar(sa.select(Grade.id).where(Grade.name == "B"))
    assert skus(manufacturer="Google") == ["A1"]
    assert skus(model="iPhone 11") == ["A2"]
    assert skus(grade_id=grade) == ["A3"]
    assert catalog_page.manufacturers() == ["Apple", "Google"]
    assert catalog_page.models("Apple") == ["iPhone 11", "iPhone 12"]


def test_words_are_found_in_every_field_and_the_sku(session):
    make_variation("IP11-X", product=make_product("iPhone 11", variant="A2111", color="Rose Gold", network="Sprint"))
    make_variation("OTHER", product=make_product("Galaxy S22", manufacturer="Samsung", variant="SM-S901U1"))
    for text in ("iphone rose", "apple 64gb", "a2111", "sprint", "ip11-x", "IP11"):
        assert skus(text=text) == ["IP11-X"], text
    assert skus(text="iphone galaxy") == []
    assert skus(text="100%") == skus(text="_") == []


def test_pasted_skus_are_matched_exactly(session):
    for sku in ("X-1", "X-10", "Y 2", "Z-3"):
        make_variation(sku)
    assert set(skus(text="X-1\nY 2\nnot here")) == {"X-1", "Y 2"}
    assert set(skus(text="X-1, Z-3")) == {"X-1", "Z-3"}
    assert set(skus(text="X-1 Z-3")) == {"X-1", "Z-3"}
    with pytest.raises(Refusal, match="at most 500 at once"):
        find(VariationFilter(text="\n".join(f"S{number}" for number in range(501))))


def test_fifty_rows_take_as_many_statements_as_ten(session, count_queries):
    integration = make_integration()

    def add(count):
        for _ in range(count):
            variation = make_variation()
            make_item(variation)
            make_listing(integration, variations=[variation])

    def statements():
        with count_queries() as seen:
            find(VariationFilter())
            tab_counts(VariationFilter())
        return len(seen)

    add(10)
    few = statements()
    add(40)
    assert statements() == few
