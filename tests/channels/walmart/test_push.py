"""Quantities sent one by one, and what goes in a file."""

import json

import pytest

from tests.channels.walmart.adapter import INVENTORY, answer_token, connect, problem_of, sku
from tests.channels.walmart.payloads import errors, inventory
from tests.channels.walmart.told import fall, push, rise
from wholecell.channels.contract import Outcome, QuantityChange
from wholecell.channels.walmart import pushing
from wholecell.channels.walmart.pushing import FEED_FROM, FEED_LINES


@pytest.fixture
def shop(answers):
    answer_token(answers)
    return connect()


class TestSinglePush:
    def test_request_is_as_documented(self, shop, answers):
        answers.put(INVENTORY, json=inventory(sku(1), 4))
        push(shop, rise(1, 4))
        request = answers.calls[-1].request
        assert request.url == f"{INVENTORY}?sku={sku(1)}"
        assert request.headers["Content-Type"] == "application/json"
        assert json.loads(request.body) == inventory(sku(1), 4)

    @pytest.mark.parametrize(
        ("name", "coded"),
        [
            ("a/b", "a%2Fb"),
            ("50% off", "50%25%20off"),
            ("a+b", "a%2Bb"),
            ("#1", "%231"),
            ('it\'s "it"', "it%27s%20%22it%22"),
            ("é", "%C3%A9"),
        ],
    )
    def test_sku_is_encoded_in_the_query_and_plain_in_the_body(self, shop, answers, name, coded):
        answers.put(INVENTORY, json=inventory(name, 4))
        (result,) = push(shop, QuantityChange(name, name, 4, is_fall=False))
        request = answers.calls[-1].request
        assert request.url == f"{INVENTORY}?sku={coded}"
        assert json.loads(request.body)["sku"] == name
        assert (result.external_id, result.outcome) == (name, Outcome.ACCEPTED)

    @pytest.mark.parametrize(("amount", "stored"), [(4, 4), ("4", 4), (3, 3), (0, 0)])
    def test_the_number_that_comes_back_is_what_is_stored(self, shop, answers, amount, stored):
        answers.put(INVENTORY, json=inventory(sku(1), amount))
        (result,) = push(shop, rise(1, 4))
        assert (result.outcome, result.stored, result.quantity) == (Outcome.ACCEPTED, stored, 4)
        assert result.answer == f"Walmart shows {stored}."

    @pytest.mark.parametrize("body", ["", "{}", "<html>", '{"sku": "OTHER", "quantity": {"amount": 4}}'])
    def test_200_without_the_number_proves_nothing(self, shop, answers, body):
        answers.put(INVENTORY, body=body)
        assert problem_of(lambda: push(shop, rise(1))).maybe_applied

    @pytest.mark.parametrize("status", [200, 400, 422])
    def test_refusal_keeps_the_words_whatever_the_status(self, shop, answers, status):
        answers.put(INVENTORY, json=errors("INVALID_AMOUNT", "Amount is too large"), status=status)
        (result,) = push(shop, rise(1))
        assert (result.outcome, result.answer, result.gone) == (Outcome.REJECTED, "Amount is too large", False)
        assert "Seller Center" in result.advice

    def test_unknown_or_unpublished_sku_is_not_gone_for_good(self, shop, answers):
        answers.put(INVENTORY, json=errors("CONTENT_NOT_FOUND.GMP_INVENTORY_API", "Not found"), status=404)
        (result,) = push(shop, rise(1))
        assert (result.outcome, result.gone) == (Outcome.REJECTED, False)
        assert "Import the listings" in result.advice

    @pytest.mark.parametrize("status", [200, 400, 520])
    def test_walmarts_own_fault_leaves_the_number_unknown(self, shop, answers, status):
        answers.put(INVENTORY, json=errors("SYSTEM_ERROR.GMP_INVENTORY_API", category="SYSTEM"), status=status)
        assert problem_of(lambda: push(shop, rise(1))).maybe_applied

    def test_a_hint_beside_the_number_is_no_refusal(self, shop, answers):
        answers.put(INVENTORY, json=inventory(sku(1), 4) | errors("NOTE", "Slow today", severity="INFO"))
        assert push(shop, rise(1, 4))[0].outcome is Outcome.ACCEPTED

    def test_xml_refusal(self, shop, answers):
        body = "<errors><error><code>BAD</code><description>Wrong unit</description></error></errors>"
        answers.put(INVENTORY, body=body, status=400)
        assert push(shop, rise(1))[0].answer == "Wrong unit"


class TestPlan:
    def test_falls_first_and_each_change_alone(self, shop):
        changes = [rise(1), fall(2), rise(3), fall(4, 2)]
        assert [list(group) for group in shop.plan(changes)] == [[fall(2)], [fall(4, 2)], [rise(1)], [rise(3)]]

    def test_few_rises_go_alone(self, shop):
        groups = list(shop.plan([rise(n) for n in range(FEED_FROM - 1)]))
        assert {len(group) for group in groups} == {1}

    def test_a_first_fill_goes_in_files_and_falls_alone_before(self, shop):
        groups = list(shop.plan([*(rise(n) for n in range(FEED_LINES + 3)), fall(-1)]))
        assert [len(group) for group in groups] == [1, FEED_LINES, 3]
        assert groups[0] == [fall(-1)]

    def test_falls_never_go_in_files(self, shop):
        groups = list(shop.plan([fall(n) for n in range(FEED_FROM + 1)]))
        assert {len(group) for group in groups} == {1}

    def test_nothing_to_send(self, shop):
        assert list(shop.plan([])) == []
        assert push(shop) == []

    def test_a_file_stays_far_below_the_limit_of_size(self, shop):
        longest = [QuantityChange(f"{n:050}", "", 99_999, is_fall=False) for n in range(FEED_LINES)]
        (group,) = shop.plan(longest)
        assert len(pushing.feeds.file_of(group).data) < 5_000_000
