"""Every example answer of Walmart's documents goes through the mapping."""

import json
from datetime import UTC, datetime

import pytest

from tests.channels.walmart.payloads import examples_of
from wholecell.channels.contract import ListingState
from wholecell.channels.http import parse_json
from wholecell.channels.walmart import feeds, listing_mapping, orders, parcels
from wholecell.channels.walmart.calls import scopes_missing
from wholecell.channels.walmart.statuses import WORDS

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def read(operation, payload):
    """What our mapping makes of an example; fails for an operation nobody thought of."""
    match operation:
        case "getAllItems":
            page = listing_mapping.listing_page(listing_mapping.item_page(payload), 1, {})
            assert not page.unreadable
            assert len(page.listings) == len(payload["ItemResponse"])
            assert all(each.title and each.external_id for each in page.listings)
            assert {each.state for each in page.listings} <= set(ListingState)
            return page
        case "getAnItem":
            (row,) = payload["ItemResponse"]
            return listing_mapping.listing(listing_mapping.single_item(payload, row["sku"]), None)
        case "getInventory" | "updateInventoryForAnItem":
            assert listing_mapping.amount_of(payload, payload["sku"]) == 10
        case "getMultiNodeInventoryForAllSkuAndAllShipNodes":
            stocks, cursor = listing_mapping.stock_page(payload, NOW)
            assert stocks
            return cursor
        case "getMultiNodeInventoryForSkuAndAllShipnodes":
            assert listing_mapping.stock(payload, NOW).nodes
        case "updateBulkInventory":
            assert "@" in feeds.feed_id(payload)
        case "getFeedItemStatus":
            assert feeds.feed(payload).state is feeds.FeedState.DONE
        case "getAllOrders" | "getAllReleasedOrders":
            found = orders.page(payload, 1, NOW, orders.SELLER)
            assert found.cursor.startswith("?limit=10&hasMoreElements=true")
            assert not found.page.unreadable
            assert len(found.page.orders) == len(payload["list"]["elements"]["order"]) > 0
            for each in found.page.orders:
                check(each)
        case "getAnOrder" | "acknowledgeOrders" | "cancelOrderLines" | "shippingUpdates":
            (found,) = orders.single(payload, "x", NOW).orders
            check(found)
            assert [each.id for each in parcels.read(payload).lines] == [each.external_id for each in found.lines]
        case "getTokenDetail":
            assert scopes_missing(payload["scopes"]) == ["feeds"]
        case "tokenAPI":
            assert payload["expires_in"] == 900
        case "updateMultiNodeInventory" | "getAllFeedStatuses" | "getCountByStatus":
            pass  # calls that are not made
        case _:
            pytest.fail(f"{operation} has an example that nothing reads")
    return None


def check(order):
    assert order.status in {each.word for each in WORDS}
    assert order.placed_at and order.ship_by and order.changed_at
    assert (order.ship_to.country, order.currency) == ("US", "USD")
    assert order.number != order.external_id
    assert order.total_cents is not None
    assert all(each.ordered and each.sku and each.external_id for each in order.lines)


@pytest.mark.parametrize("document", ["authentication", "feeds", "inventory", "items", "orders"])
def test_examples_are_read(document):
    found = list(examples_of(document))
    assert found
    for operation, status, payload in found:
        assert status == "200"
        read(operation, parse_json(json.dumps(payload)))
