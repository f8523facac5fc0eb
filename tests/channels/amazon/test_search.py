"""Listings read by search and by name: what changed, and quantities."""

from datetime import UTC, datetime

import pytest
import responses

from tests.channels.amazon.adapter import ITEMS, answer_token, connect, problem_of
from tests.channels.amazon.payloads import errors, found, item
from wholecell.channels.contract import CredentialsError, ListingState

SINCE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
OTHER = {"marketplaceId": "A2EUQ1WTGCTBG2", "asin": "B00OTHER00", "status": ["BUYABLE"], "itemName": "Other"}


def changed(answers, *items, **more):
    answer_token(answers)
    answers.get(ITEMS, json=found(*items, **more))
    return [listing for page in connect().changed_listings(SINCE) for listing in page.listings]


def summary(**fields):
    return [OTHER, {**item(1)["summaries"][0], **fields}]


class TestChanges:
    def test_it_is_asked_as_documented(self, answers):
        changed(answers, item(1))
        assert answers.calls[1].request.params == {
            "marketplaceIds": "ATVPDKIKX0DER",
            "pageSize": "20",
            "lastUpdatedAfter": "2026-03-01T09:30:00Z",
            "includedData": "summaries,offers,fulfillmentAvailability,relationships,issues",
        }

    def test_a_listing_in_our_words(self, answers):
        offers = [
            {"marketplaceId": "A2EUQ1WTGCTBG2", "offerType": "B2C", "price": {"currencyCode": "CAD", "amount": "1"}},
            {"marketplaceId": "ATVPDKIKX0DER", "offerType": "B2B", "price": {"currencyCode": "USD", "amount": "2"}},
            *item(1)["offers"],
        ]
        (listing,) = changed(answers, item(1, summaries=summary(), offers=offers))
        assert (listing.external_id, listing.sku, listing.title) == ("SKU-1", "SKU-1", 'iPhone 12 64GB 6.1" Black')
        assert (listing.price_cents, listing.currency, listing.quantity) == (22999, "USD", 5)
        assert (listing.state, listing.channel_state) == (ListingState.ACTIVE, "Buyable, Discoverable")
        assert (listing.detail, listing.other_ids) == ("Refurbished", {"asin": "B000000001"})

    @pytest.mark.parametrize(
        ("status", "quantity", "state"),
        [
            (["BUYABLE"], 5, ListingState.ACTIVE),
            (["DISCOVERABLE"], 0, ListingState.OUT_OF_STOCK),
            ([], 0, ListingState.OUT_OF_STOCK),
            (["DISCOVERABLE"], 5, ListingState.NEEDS_ATTENTION),
            (["SOMETHING_NEW"], 5, ListingState.NEEDS_ATTENTION),
            (None, 5, ListingState.NEEDS_ATTENTION),
        ],
    )
    def test_states(self, answers, status, quantity, state):
        (listing,) = changed(answers, item(1, quantity, summaries=summary(status=status)))
        assert listing.state is state
        assert bool(listing.state_reason) == (state is ListingState.NEEDS_ATTENTION)

    def test_what_holds_it_back_is_told_in_amazons_words(self, answers):
        issues = [
            {"code": "1", "severity": "WARNING", "message": "No image"},
            {"code": "2", "severity": "ERROR", "message": "'size' is required but not supplied."},
        ]
        (listing,) = changed(answers, item(1, summaries=summary(status=[]), issues=issues))
        assert listing.state_reason == "'size' is required but not supplied."

    def test_all_blocks_may_be_missing(self, answers):
        (listing,) = changed(answers, {"sku": "A"})
        assert (listing.sku, listing.quantity, listing.price_cents, listing.title) == ("A", None, None, "")
        assert listing.state is ListingState.NEEDS_ATTENTION

    def test_what_amazon_ships_is_not_ours_to_push(self, answers):
        both = [{"fulfillmentChannelCode": "DEFAULT", "quantity": 3}, {"fulfillmentChannelCode": "AMAZON_NA"}]
        alone = both[1:]
        listings = changed(answers, item(1, fulfillmentAvailability=both), item(2, fulfillmentAvailability=alone))
        assert [(each.pushable, each.quantity) for each in listings] == [(False, None)] * 2

    def test_parents_of_variations_are_not_for_sale(self, answers):
        family = [{"type": "VARIATION", "childSkus": ["SKU-2"]}]
        related = [{"marketplaceId": "ATVPDKIKX0DER", "relationships": family}]
        parent = item(1, offers=[], fulfillmentAvailability=[], relationships=related)
        sold = item(2, relationships=related)
        assert [each.sku for each in changed(answers, parent, sold)] == ["SKU-2"]

    def test_a_row_without_a_sku_is_told(self, answers):
        answer_token(answers)
        rows = [item(1), item(2, sku=None), item(3, sku="\ud800"), item(4, sku=".."), item(5, sku="a\x00")]
        answers.get(ITEMS, json=found(*rows))
        (page,) = connect().changed_listings(SINCE)
        assert ([each.sku for each in page.listings], len(page.unreadable)) == (["SKU-1"], 4)

    def test_pages_are_read_to_the_end_with_the_same_question(self, answers):
        answer_token(answers)
        second = responses.matchers.query_param_matcher({"pageToken": "t2"}, strict_match=False)
        answers.get(ITEMS, json=found(item(2), count=2), match=[second])
        answers.get(ITEMS, json=found(item(1), count=2, token="t2"))
        pages = list(connect().changed_listings(SINCE))
        assert [(page.page, page.total, page.listings[0].sku) for page in pages] == [(1, 2, "SKU-1"), (2, 2, "SKU-2")]
        first, following = (call.request.params for call in answers.calls[1:])
        assert following == {**first, "pageToken": "t2"}

    @pytest.mark.parametrize(("count", "is_read"), [(1000, True), (1001, False), (None, False), ("many", False)])
    def test_more_than_amazon_lets_be_read_is_none(self, answers, count, is_read):
        answer_token(answers)
        answers.get(ITEMS, json={**found(item(1)), "numberOfResults": count})
        assert (connect().changed_listings(SINCE) is not None) == is_read

    def test_going_in_circles_ends(self, answers):
        answer_token(answers)
        answers.get(ITEMS, json=found(item(1), count=1000, token="again"))
        assert len(list(connect().changed_listings(SINCE))) <= 51

    def test_refused_all_is_to_be_read(self, answers):
        answer_token(answers)
        answers.get(ITEMS, json=errors("InvalidInput", "Bad date"), status=400)
        assert connect().changed_listings(SINCE) is None

    def test_an_answer_that_is_none(self, answers):
        answer_token(answers)
        answers.get(ITEMS, json=errors("X", "Not now"))
        assert "Not now" in problem_of(lambda: connect().changed_listings(SINCE)).message


def identifiers(*skus):
    return responses.matchers.query_param_matcher(
        {"identifiers": ",".join(skus), "identifiersType": "SKU"}, strict_match=False
    )


class TestReadings:
    def test_20_in_a_call_by_their_skus(self, answers):
        answer_token(answers)
        skus = [f"SKU-{number}" for number in range(21)]
        answers.get(ITEMS, json=found(*(item(number) for number in range(20))), match=[identifiers(*skus[:20])])
        answers.get(f"{ITEMS}/SKU-20", json=item(20, 3))
        readings = list(connect().quantities(skus))
        assert [reading.external_id for reading in readings] == skus
        assert [reading.quantity for reading in readings] == [5] * 20 + [3]
        assert len(answers.calls) == 3

    def test_the_number_read_is_the_one_we_write(self, answers):
        answer_token(answers)
        available = [{"fulfillmentChannelCode": "DEFAULT", "quantity": 4}]
        submitted = {"fulfillment_availability": [{"fulfillment_channel_code": "DEFAULT", "quantity": 9}]}
        answers.get(f"{ITEMS}/SKU-1", json=item(1, fulfillmentAvailability=available, attributes=submitted))
        assert next(connect().quantities(["SKU-1"])).quantity == 4
        assert "attributes" not in answers.calls[1].request.params["includedData"]

    def test_what_a_search_leaves_out_is_asked_for_alone(self, answers):
        answer_token(answers)
        answers.get(ITEMS, json=found(item(1), item(9)))
        answers.get(f"{ITEMS}/SKU-2", json=item(2, 0))
        answers.get(f"{ITEMS}/SKU-3", json=errors("NOT_FOUND", "No"), status=404)
        readings = list(connect().quantities(["SKU-1", "SKU-2", "SKU-3"]))
        assert [(each.quantity, each.state) for each in readings] == [
            (5, ListingState.ACTIVE),
            (0, ListingState.OUT_OF_STOCK),
            (None, ListingState.ENDED),
        ]

    def test_a_sku_with_a_comma_is_asked_for_alone(self, answers):
        answer_token(answers)
        answers.get(f"{ITEMS}/A%2CB", json=item(1, sku="A,B"))
        answers.get(ITEMS, json=found(item(1), item(2)), match=[identifiers("SKU-1", "SKU-2")])
        readings = list(connect().quantities(["SKU-1", "A,B", "SKU-2"]))
        assert [(each.external_id, each.quantity) for each in readings] == [("SKU-1", 5), ("A,B", 5), ("SKU-2", 5)]

    def test_a_search_that_is_refused_leaves_each_alone(self, answers):
        answer_token(answers)
        answers.get(ITEMS, json=errors("InvalidInput", "identifiers"), status=400)
        answers.get(f"{ITEMS}/SKU-1", json=item(1))
        answers.get(f"{ITEMS}/SKU-2", json=errors("InvalidInput", "Bad SKU"), status=400)
        good, odd = connect().quantities(["SKU-1", "SKU-2"])
        assert (good.quantity, odd.quantity, odd.state) == (5, None, ListingState.NEEDS_ATTENTION)
        assert "Bad SKU" in odd.state_reason

    @pytest.mark.parametrize("body", ["", "<html>", "[]", '{"sku": "SKU-9"}'])
    def test_an_answer_about_another_is_none(self, answers, body):
        answer_token(answers)
        answers.get(f"{ITEMS}/SKU-1", body=body)
        assert next(connect().quantities(["SKU-1"])).state is ListingState.NEEDS_ATTENTION

    def test_refused_they_all_are(self, answers):
        answer_token(answers)
        answers.get(f"{ITEMS}/SKU-1", json=errors("Unauthorized", "No"), status=403)
        problem_of(lambda: list(connect().quantities(["SKU-1"])), CredentialsError)

    def test_amazons_own_stock_shows_no_number(self, answers):
        answer_token(answers)
        answers.get(f"{ITEMS}/SKU-1", json=item(1, fulfillmentAvailability=[{"fulfillmentChannelCode": "AMAZON_NA"}]))
        reading = next(connect().quantities(["SKU-1"]))
        assert (reading.quantity, reading.state) == (None, ListingState.ACTIVE)
