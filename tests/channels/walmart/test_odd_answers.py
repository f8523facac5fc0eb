"""Answers of which one value, anywhere, is something else than documented: read all the same, or refused in words."""

import copy
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.channels.walmart.payloads import charge, errors, inventories, item, items, line, node, order, orders, status
from tests.channels.walmart.payloads import stock as stock_row
from wholecell.channels.contract import ListingState, QuantityChange
from wholecell.channels.http import Response
from wholecell.channels.walmart import answers, feeds, listing_mapping, parcels
from wholecell.channels.walmart import orders as mapping
from wholecell.channels.walmart.values import UnreadableError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.sampled_from([Decimal("1.5"), Decimal("1e400"), Decimal("-0.004"), "\x00", "\ud800", "2026-99-99", "1" * 400]),
    st.text(max_size=8),
    st.just([]),
    st.just({}),
    st.just([[{}]]),
    st.just({"": {"a": [None]}}),
)
PARTLY = [status("Shipped", "1", trackingNumber="N"), status("Created", "1")]
ORDER = order(7, line("1", *PARTLY, quantity="2", charges=[charge("PRODUCT", 5, 1), charge("SHIPPING", 2)]))
ORDER |= {"orderSummary": {"totalAmount": {"currencyAmount": 5, "currencyUnit": "USD"}}}
ITEM = item("A", unpublishedReasons={"reason": ["x"]}, variantGroupInfo={"groupingAttributes": [{"value": "Blue"}]})
FEED = {"feedStatus": "PROCESSED", "itemsReceived": 1, "itemsSucceeded": 1}
FEED |= {"itemDetails": {"itemIngestionStatus": [{"sku": "A", "ingestionStatus": "DATA_ERROR"}]}}


def places(value, path=()):
    """The ways to every value within another."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*path, key))


def changed(value):
    """The value with one of those within it replaced."""

    def put(drawn):
        path, odd = drawn
        if not path:
            return odd
        found = copy.deepcopy(value)
        place = found
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = odd
        return found

    return st.tuples(st.sampled_from(list(places(value))), VALUES).map(put)


def storable(found):
    return all(text.encode() and "\x00" not in text for text in found if text)


@given(changed(orders(ORDER, cursor="?c")))
def test_orders(answer):
    try:
        found = mapping.page(answer, 1, NOW, "SellerFulfilled")
    except UnreadableError:
        return
    for each in found.page.orders:
        assert each.external_id and each.status
        assert storable([each.external_id, each.number, each.status, each.currency, *each.notes])
        for one in each.lines:
            assert storable([one.external_id, one.sku, one.title])
            assert 0 <= one.cancelled + one.shipped <= one.ordered
            assert one.price_cents is None or one.price_cents >= 0


@given(changed({"order": ORDER}))
def test_orders_told_of(answer):
    try:
        seen = parcels.read(answer)
    except UnreadableError:
        return
    assert all(each.to_leave >= 0 for each in seen.lines)


@given(changed(items(ITEM, total=1, cursor="c")))
def test_items(answer):
    try:
        found = listing_mapping.listing_page(listing_mapping.item_page(answer), 1, {})
    except UnreadableError:
        return
    for each in found.listings:
        assert storable([each.external_id, each.title, each.channel_state, each.state_reason, each.detail])
        assert each.state in ListingState


@given(changed(inventories(stock_row("A", node(4, 3)), cursor="c")))
def test_inventories(answer):
    try:
        stocks, _ = listing_mapping.stock_page(answer, NOW)
    except UnreadableError:
        return
    assert all(each.quantity is None or each.quantity >= 0 for each in stocks.values())


@given(changed(FEED))
def test_files(answer):
    try:
        found = feeds.feed(answer)
    except UnreadableError:
        return
    change = QuantityChange("A", "A", 1, is_fall=False)
    assert all(result is None or result.external_id == "A" for result in (feeds.result(x, change) for x in found.items))


@given(changed(errors("X", "Words")))
def test_errors(answer):
    told = answers.said(Response(400, {}, "", answer))
    assert storable([told.code, told.words])
